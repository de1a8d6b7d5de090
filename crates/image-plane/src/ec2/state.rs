//! What EC2 keeps in each Region.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;
use std::sync::Arc;
use std::time::Duration;

use super::ancestry::Birth;
use super::fleets::Fleet;
use super::image::Image;
use super::instance::{Instance, VolumeRecord};
use super::launch_templates::LaunchTemplate;
use super::recycle_bin::{Binned, Placed};
use super::snapshot::{Snapshot, SnapshotState};
use super::spot_fleets::SpotFleet;
use super::spot_requests::SpotRequest;
use super::tags::Tags;
use super::usage_reports::UsageReport;
use crate::ids::{
    AccountId, FleetId, ImageId, InstanceId, LaunchTemplateId, SnapshotId, SpotFleetId, SpotRequestId, UsageReportId,
    VolumeId,
};
use crate::region::Region;
use crate::time::Time;
use crate::world::versioned::Versioned;

/// EC2, Region by Region. An image of one account is known to the others of its Region, so Regions are the unit.
#[derive(Debug, Default)]
pub(crate) struct Ec2 {
    regions: BTreeMap<Region, Plane>,
}

impl Ec2 {
    pub(crate) fn plane(&mut self, region: Region) -> &mut Plane {
        self.regions.entry(region).or_default()
    }

    pub(crate) fn get(&self, region: Region) -> Option<&Plane> {
        self.regions.get(&region)
    }

    pub(crate) fn planes(&self) -> impl Iterator<Item = (Region, &Plane)> {
        self.regions.iter().map(|(region, plane)| (*region, plane))
    }
}

/// One Region of EC2.
#[derive(Debug, Default)]
pub(crate) struct Plane {
    images: BTreeMap<ImageId, Box<Versioned<Image>>>,
    /// The images of each account, the just deregistered too, as long as a stale reader may see them.
    owned: BTreeMap<AccountId, BTreeSet<ImageId>>,
    names: BTreeMap<(AccountId, Arc<str>), ImageId>,
    /// Every image there ever was.
    births: BTreeMap<ImageId, Birth>,
    /// Deregistered images that an id still finds.
    gone: BTreeMap<ImageId, Grave>,
    snapshots: BTreeMap<SnapshotId, Box<Versioned<Snapshot>>>,
    owned_snapshots: BTreeMap<AccountId, BTreeSet<SnapshotId>>,
    pub(crate) volumes: BTreeMap<VolumeId, VolumeRecord>,
    pub(crate) instances: BTreeMap<InstanceId, Versioned<Instance>>,
    pub(crate) launch_templates: BTreeMap<LaunchTemplateId, Versioned<LaunchTemplate>>,
    // Read as they are: what stale readers get wrong shows in the instances and templates these are made of.
    pub(crate) fleets: BTreeMap<FleetId, Fleet>,
    pub(crate) spot_fleets: BTreeMap<SpotFleetId, SpotFleet>,
    pub(crate) spot_requests: BTreeMap<SpotRequestId, SpotRequest>,
    pub(crate) usage_reports: BTreeMap<UsageReportId, Versioned<UsageReport>>,
    /// Why the next report on the use of these images ends in an error, because a test asked for it.
    pub(crate) spoiled_reports: BTreeMap<ImageId, &'static str>,
    /// Which images EC2 does not know where it is asked what names them, because a test asked for it.
    pub(crate) unknown_to_references: BTreeSet<ImageId>,
    pub(crate) image_bin: BTreeMap<ImageId, Binned<Image>>,
    pub(crate) snapshot_bin: BTreeMap<SnapshotId, Binned<Snapshot>>,
    pub(crate) bin_rules: BTreeMap<AccountId, Vec<Placed>>,
    /// Tags an account put on what another account owns: its own view of it.
    pub(crate) foreign_tags: BTreeMap<(AccountId, ImageId), Tags>,
    /// Accounts that asked to block making images public, and when, as long as it has no effect yet.
    pub(super) public_blocks: BTreeMap<AccountId, Time>,
    copying: BTreeMap<AccountId, BTreeSet<SnapshotId>>,
    /// What DeregisterImage answers instead of deleting these, because a test asked for it.
    pub(crate) spoiled_deletions: BTreeMap<SnapshotId, &'static str>,
    /// Client tokens of what is made once: what they asked for and what they got.
    pub(crate) tokens: BTreeMap<(AccountId, String), TokenUse>,
}

/// What is left of a deregistered image.
#[derive(Clone, Debug)]
struct Grave {
    owner: AccountId,
    name: Arc<str>,
}

/// A call that carried this token before.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct TokenUse {
    /// The request, to tell a repetition from a mistake.
    pub(crate) request: String,
    pub(crate) made: Made,
}

/// What a call with a token made.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Made {
    Image(ImageId),
    Instances(Vec<InstanceId>),
    LaunchTemplate(LaunchTemplateId),
    LaunchTemplateVersion(LaunchTemplateId, u64),
    Fleet(FleetId),
    SpotFleet(SpotFleetId),
    SpotRequests(Vec<SpotRequestId>),
    UsageReport(UsageReportId),
}

impl Plane {
    // Images

    pub(crate) fn image(&self, id: ImageId) -> Option<&Image> {
        self.images.get(&id).and_then(|image| image.now())
    }

    /// The image as a reader sees it whose view is as old as this.
    pub(crate) fn image_seen(&self, id: ImageId, as_of: Time) -> Option<&Image> {
        self.images.get(&id).and_then(|image| image.seen(as_of))
    }

    /// What is remembered of an image, one that is gone too.
    pub(crate) fn birth(&self, id: ImageId) -> Option<Birth> {
        self.births.get(&id).copied()
    }

    /// Remembers an image that is long gone.
    pub(crate) fn remember(&mut self, id: ImageId, birth: Birth) {
        self.births.insert(id, birth);
    }

    pub(crate) fn edit_image(&mut self, id: ImageId, at: Time, lag: Duration) -> Option<&mut Image> {
        self.images.get_mut(&id)?.edit(at, lag)
    }

    pub(crate) fn insert_image(&mut self, id: ImageId, image: Image, at: Time, lag: Duration) {
        for snapshot in image.snapshots().collect::<Vec<_>>() {
            if let Some(snapshot) = self.edit_snapshot(snapshot, at, lag) {
                // Most snapshots have one image for ever.
                snapshot.images.reserve_exact(1);
                snapshot.images.push(id);
            }
        }
        self.owned.entry(image.owner).or_default().insert(id);
        self.names.insert((image.owner, image.name.clone()), id);
        self.gone.remove(&id);
        self.births.insert(id, Birth::of(&image));
        if let Some(known) = self.images.get_mut(&id) {
            known.replace(image, at, lag);
        } else {
            let image = if lag.is_zero() {
                Versioned::settled(image)
            } else {
                Versioned::created(image, at, lag)
            };
            self.images.insert(id, Box::new(image));
        }
    }

    /// Takes an image off the books. Stale readers see it on, ids find its grave.
    pub(crate) fn remove_image(&mut self, id: ImageId, at: Time, lag: Duration) -> Option<Image> {
        let image = self.images.get_mut(&id)?.remove(at, lag)?;
        let grave = Grave {
            owner: image.owner,
            name: image.name.clone(),
        };
        self.gone.insert(id, grave);
        for snapshot in image.snapshots().collect::<Vec<_>>() {
            if let Some(snapshot) = self.edit_snapshot(snapshot, at, lag) {
                snapshot.images.retain(|user| *user != id);
            }
        }
        Some(image)
    }

    /// Forgets a removed image that no stale reader can see any more; only now is its name free again.
    pub(crate) fn forget_image(&mut self, id: ImageId) {
        if self.image(id).is_some() {
            return;
        }
        self.images.remove(&id);
        if let Some(Grave { owner, name }) = self.gone.get(&id) {
            if let Some(owned) = self.owned.get_mut(owner) {
                owned.remove(&id);
            }
            let name = (*owner, name.clone());
            if self.names.get(&name) == Some(&id) {
                self.names.remove(&name);
            }
        }
    }

    /// Forgets that the id was ever given.
    pub(crate) fn forget_grave(&mut self, id: ImageId) {
        self.gone.remove(&id);
    }

    /// The owner of a deregistered image whose id is still known.
    pub(crate) fn grave(&self, id: ImageId) -> Option<AccountId> {
        self.gone.get(&id).map(|grave| grave.owner)
    }

    pub(crate) fn image_named(&self, owner: AccountId, name: &str) -> Option<ImageId> {
        self.names.get(&(owner, name.into())).copied()
    }

    /// The next ids after `after`, of these owners, or of everybody.
    pub(crate) fn image_ids(
        &self,
        owners: Option<&BTreeSet<AccountId>>,
        after: Option<ImageId>,
        most: usize,
    ) -> Vec<ImageId> {
        match owners {
            None => self
                .images
                .range((beyond(after), Bound::Unbounded))
                .map(|(id, _)| *id)
                .take(most)
                .collect(),
            Some(owners) => merge(owners.iter().filter_map(|owner| self.owned.get(owner)), after, most),
        }
    }

    pub(crate) fn images(&self) -> impl Iterator<Item = (ImageId, &Image)> {
        self.images.iter().filter_map(|(id, image)| Some((*id, image.now()?)))
    }

    /// How many images count against the quota: available, pending, disabled, and those in the bin.
    pub(crate) fn image_count(&self, owner: AccountId) -> usize {
        let live = self.owned.get(&owner).map_or(0, BTreeSet::len);
        live + self
            .image_bin
            .values()
            .filter(|binned| binned.item.owner == owner)
            .count()
    }

    // Snapshots

    pub(crate) fn snapshot(&self, id: SnapshotId) -> Option<&Snapshot> {
        self.snapshots.get(&id).and_then(|snapshot| snapshot.now())
    }

    pub(crate) fn snapshot_seen(&self, id: SnapshotId, as_of: Time) -> Option<&Snapshot> {
        self.snapshots.get(&id).and_then(|snapshot| snapshot.seen(as_of))
    }

    pub(crate) fn edit_snapshot(&mut self, id: SnapshotId, at: Time, lag: Duration) -> Option<&mut Snapshot> {
        self.snapshots.get_mut(&id)?.edit(at, lag)
    }

    pub(crate) fn insert_snapshot(&mut self, id: SnapshotId, snapshot: Snapshot, at: Time, lag: Duration) {
        self.owned_snapshots.entry(snapshot.owner).or_default().insert(id);
        if snapshot.copied && snapshot.state == SnapshotState::Pending {
            self.copying.entry(snapshot.owner).or_default().insert(id);
        }
        if let Some(known) = self.snapshots.get_mut(&id) {
            known.replace(snapshot, at, lag);
        } else {
            let snapshot = if lag.is_zero() {
                Versioned::settled(snapshot)
            } else {
                Versioned::created(snapshot, at, lag)
            };
            self.snapshots.insert(id, Box::new(snapshot));
        }
    }

    pub(crate) fn remove_snapshot(&mut self, id: SnapshotId, at: Time, lag: Duration) -> Option<Snapshot> {
        self.snapshots.get_mut(&id)?.remove(at, lag)
    }

    /// How many copies into this Region the account has under way.
    pub(crate) fn copies_in_flight(&self, owner: AccountId) -> usize {
        self.copying.get(&owner).map_or(0, BTreeSet::len)
    }

    /// A copy is no longer under way.
    pub(crate) fn copy_ended(&mut self, owner: AccountId, id: SnapshotId) {
        if let Some(copying) = self.copying.get_mut(&owner) {
            copying.remove(&id);
        }
    }

    /// Forgets a removed snapshot that no stale reader can see any more.
    pub(crate) fn forget_snapshot(&mut self, owner: AccountId, id: SnapshotId) {
        if self.snapshot(id).is_none() {
            self.snapshots.remove(&id);
            if let Some(owned) = self.owned_snapshots.get_mut(&owner) {
                owned.remove(&id);
            }
        }
    }

    /// The next ids after `after`, of these owners, or of everybody.
    pub(crate) fn snapshot_ids(
        &self,
        owners: Option<&BTreeSet<AccountId>>,
        after: Option<SnapshotId>,
        most: usize,
    ) -> Vec<SnapshotId> {
        match owners {
            None => self
                .snapshots
                .range((beyond(after), Bound::Unbounded))
                .map(|(id, _)| *id)
                .take(most)
                .collect(),
            Some(owners) => merge(
                owners.iter().filter_map(|owner| self.owned_snapshots.get(owner)),
                after,
                most,
            ),
        }
    }

    #[cfg(test)]
    pub(crate) fn snapshots(&self) -> impl Iterator<Item = (SnapshotId, &Snapshot)> {
        self.snapshots
            .iter()
            .filter_map(|(id, snapshot)| Some((*id, snapshot.now()?)))
    }
}

fn beyond<I>(after: Option<I>) -> Bound<I> {
    after.map_or(Bound::Unbounded, Bound::Excluded)
}

/// The smallest `most` ids beyond `after` out of several ordered sets.
fn merge<'a, I: Ord + Copy + 'a>(sets: impl Iterator<Item = &'a BTreeSet<I>>, after: Option<I>, most: usize) -> Vec<I> {
    let mut ids: Vec<I> = sets
        .flat_map(|set| set.range((beyond(after), Bound::Unbounded)).take(most))
        .copied()
        .collect();
    ids.sort_unstable();
    ids.truncate(most);
    ids
}
