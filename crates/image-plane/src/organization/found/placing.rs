//! From the description of an image to the image in the world.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::super::{Architecture, Claim, Made, Placement, Protection, State};
use super::Founding;
use crate::ec2::ancestry::Birth;
use crate::ec2::place::NewImage;
use crate::ec2::recycle_bin::{BinKind, BinRule, Binned};
use crate::ec2::tags::Tags;
use crate::ec2::{self, Due};
use crate::ids::{AccountId, ImageId};
use crate::region::Region;
use crate::world::{self, Target};

const GIB: u32 = 8;
const RETENTION: Duration = Duration::from_hours(30 * 24);

/// Tags by release, maker, claim and whether to keep: the images of a release have them together.
type SharedTags = BTreeMap<(Option<usize>, Made, Claim, bool), Tags>;

impl Founding<'_> {
    pub(super) fn place_all(&mut self) {
        let mut tags = BTreeMap::new();
        for place in 0..self.made.placements.len() {
            self.place_one(place, &mut tags);
        }
    }

    /// Puts an image into the world that was written down after the others.
    pub(super) fn place(&mut self, place: usize) {
        self.place_one(place, &mut BTreeMap::new());
    }

    fn place_one(&mut self, place: usize, tags: &mut SharedTags) {
        let placement = self.made.placements[place].clone();
        if placement.state == State::Deregistered && !self.leaves_something(place, &placement) {
            let birth = Birth::at(placement.created, self.source(&placement));
            self.world
                .ec2
                .plane(placement.home.region)
                .remember(placement.ami, birth);
            return;
        }
        let image = self.image(&placement, tags);
        self.world.place_image(placement.home, image);
        if let Some(remembered) = self.haunted.get_mut(&place) {
            *remembered = self.world.remembered_image(placement.home.region, placement.ami);
        }
        self.bury(place, &placement);
    }

    /// Whether more is left of a deregistered image than the memory of it.
    fn leaves_something(&self, place: usize, placement: &Placement) -> bool {
        let orphaned = |snapshot| self.made.orphans.iter().any(|orphan| orphan.snapshot == snapshot);
        self.haunted.contains_key(&place) || placement.snapshots.iter().any(|snapshot| orphaned(*snapshot))
    }

    fn image(&mut self, placement: &Placement, tags: &mut SharedTags) -> NewImage {
        let key = (
            placement.release,
            placement.made,
            placement.claim.clone(),
            placement.kept,
        );
        let tags = tags.entry(key).or_insert_with(|| self.tags(placement)).clone();
        let mut image = NewImage::named("")
            .common_name(Arc::clone(&placement.name))
            .common_tags(tags)
            .id(placement.ami)
            .created(placement.created)
            .volumes(placement.snapshots.iter().map(|_| (GIB, None)))
            .snapshot_ids(placement.snapshots.iter().copied().map(Some));
        let release = placement.release.map(|release| &self.made.releases[release]);
        if release.is_some_and(|release| release.architecture == Architecture::Arm) {
            image = image.arm64();
        }
        if &*placement.name == "linux-base-arm64" {
            image = image.arm64();
        }
        if let Some((source, region)) = self.source(placement) {
            image = image.copied_from(source, region);
        }
        if let Some(at) = placement.last_launched {
            image = image.launched_at(at);
        }
        image = match placement.state {
            State::Available | State::InBin { .. } | State::Deregistered => {
                image.shared_with(self.shared_with(placement))
            }
            State::Deprecated { since } => image.deprecated_at(since).shared_with(self.shared_with(placement)),
            State::Disabled => image.disabled(),
            State::Pending => image.pending(),
            State::Failed => image.failed("Copy image failed with an internal error."),
        };
        image = match placement.protection {
            Protection::Off => image,
            Protection::On => image.protected(),
            Protection::Until(at) => image.protected_until(at),
        };
        match placement.made {
            Made::Built | Made::Copied | Made::Hand => image,
            Made::Backup => image.backup(),
            Made::Marketplace => image.marketplace(),
            Made::Outsider => image.public(),
        }
    }

    fn tags(&self, placement: &Placement) -> Tags {
        let release = placement.release.map(|release| &self.made.releases[release]);
        let mut tags: Vec<(&str, &str)> = Vec::new();
        match (&placement.claim, release) {
            (Claim::Own, Some(release)) => {
                tags.push(("image-steward:family", &self.made.families[release.family].name));
            }
            (Claim::Other(family), _) => tags.push(("image-steward:family", family)),
            (Claim::Own | Claim::None, _) => {}
        }
        match (placement.made, release) {
            (Made::Built | Made::Copied, Some(release)) => {
                tags.push(("CreatedBy", "EC2 Image Builder"));
                tags.push(("Ec2ImageBuilderArn", &release.arn));
            }
            (Made::Hand, None) => tags.extend([("app", "legacy"), ("stack", "app")]),
            _ => {}
        }
        if placement.kept {
            tags.push(("keep", "true"));
        }
        tags.into_iter().collect()
    }

    /// What it was copied from.
    fn source(&self, placement: &Placement) -> Option<(ImageId, Region)> {
        if placement.made == Made::Built {
            return None;
        }
        let hub = self.settings.hub;
        let original = self.lines.of_release(placement.release?, hub)?;
        Some((self.made.placements[original].ami, hub.region))
    }

    /// Who else may launch it: what the hub owns is the audience's too.
    fn shared_with(&self, placement: &Placement) -> Vec<AccountId> {
        let ours = matches!(placement.made, Made::Built | Made::Copied);
        let release = placement
            .release
            .filter(|_| ours && placement.home.account == self.settings.hub.account);
        let family = release.map(|release| &self.made.families[self.made.releases[release].family]);
        family.map_or_else(Vec::new, |family| family.audience.clone())
    }

    /// Takes an image that is gone off the books again, but for what it leaves.
    fn bury(&mut self, at: usize, placement: &Placement) {
        let until = match placement.state {
            State::Deregistered => None,
            State::InBin { until } => Some(until),
            _ => return,
        };
        let (home, ami, now) = (placement.home, placement.ami, self.made.founded);
        let Target { account, region } = home;
        let plane = self.world.ec2.plane(region);
        let Some(item) = plane.remove_image(ami, now, Duration::ZERO) else {
            return;
        };
        plane.forget_image(ami);
        if self.haunted.contains_key(&at) {
            let due = world::Due::Ec2(Due::ForgetGrave { target: home, id: ami });
            self.world.plan(ec2::retire::GRAVE, due);
        } else {
            plane.forget_grave(ami);
        }
        let plane = self.world.ec2.plane(region);
        if let Some(exits) = until {
            let entered = exits - RETENTION;
            plane.image_bin.insert(ami, Binned { item, entered, exits });
            self.world
                .set_bin_rules(home, vec![BinRule::of(BinKind::Image, RETENTION)]);
            let due = world::Due::Ec2(Due::ImageLeavesBin { target: home, id: ami });
            self.world.plan(exits.since(now), due);
            return;
        }
        for snapshot in &placement.snapshots {
            let left = self.made.orphans.iter().any(|orphan| orphan.snapshot == *snapshot);
            if !left {
                plane.remove_snapshot(*snapshot, now, Duration::ZERO);
                plane.forget_snapshot(account, *snapshot);
            }
        }
    }
}
