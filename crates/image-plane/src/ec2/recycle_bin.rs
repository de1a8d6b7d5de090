//! The Recycle Bin: what a retention rule catches is kept for a while, unshared and out of use, and can come back.

use std::time::Duration;

use super::Due;
use super::image::Image;
use super::snapshot::Snapshot;
use super::tags::Tags;
use crate::ids::{ImageId, SnapshotId};
use crate::time::Time;
use crate::world::{self, Target, World};

/// Something deleted that can still come back.
#[derive(Clone, Debug)]
pub(crate) struct Binned<T> {
    pub(crate) item: T,
    pub(crate) entered: Time,
    pub(crate) exits: Time,
}

/// A retention rule of an account and Region.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BinRule {
    /// Which kind of resource.
    pub kind: BinKind,
    /// How long it is kept, in whole days.
    pub retention: Duration,
    /// Only resources with one of these tags; empty for all.
    pub tags: Vec<TagOfRule>,
    /// Of a rule for all, not those with one of these tags.
    pub except: Vec<TagOfRule>,
    /// Whether it is still being made, and catches nothing.
    pub pending: bool,
}

/// A tag as a rule names it: its key and its value.
pub type TagOfRule = (String, String);

/// A rule as its target has it.
#[derive(Clone, Debug)]
pub(crate) struct Placed {
    pub(crate) id: String,
    pub(crate) rule: BinRule,
}

/// The kinds the bin takes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum BinKind {
    /// `EC2_IMAGE`.
    Image,
    /// `EBS_SNAPSHOT`.
    Snapshot,
}

const DAY: u64 = 24 * 60 * 60;

impl BinRule {
    /// A rule for all resources of a kind.
    #[must_use]
    pub const fn of(kind: BinKind, retention: Duration) -> Self {
        Self {
            kind,
            retention,
            tags: Vec::new(),
            except: Vec::new(),
            pending: false,
        }
    }

    pub(crate) const fn days(&self) -> u64 {
        self.retention.as_secs() / DAY
    }

    fn catches(&self, kind: BinKind, tags: &Tags) -> bool {
        let one_of = |named: &[TagOfRule]| named.iter().any(|(key, value)| tags.get(key) == Some(value));
        let is_meant = if self.tags.is_empty() {
            !one_of(&self.except)
        } else {
            one_of(&self.tags)
        };
        self.kind == kind && !self.pending && is_meant
    }
}

impl World {
    /// Sets the retention rules of a target.
    pub fn set_bin_rules(&mut self, target: Target, rules: Vec<BinRule>) {
        let placed = (1..).zip(rules).map(|(number, rule): (u32, _)| Placed {
            id: format!("{number:011}"),
            rule,
        });
        let rules = &mut self.ec2.plane(target.region).bin_rules;
        rules.insert(target.account, placed.collect());
    }
}

/// The rules of a target, by their ids.
pub(crate) fn rules(world: &World, target: Target) -> &[Placed] {
    let plane = world.ec2.get(target.region);
    let rules = plane.and_then(|plane| plane.bin_rules.get(&target.account));
    rules.map_or(&[], Vec::as_slice)
}

/// The longest retention of the rules that match.
fn retention(world: &World, target: Target, kind: BinKind, tags: &Tags) -> Option<Duration> {
    let rules = rules(world, target).iter().map(|placed| &placed.rule);
    let matching = rules.filter(|rule| rule.catches(kind, tags));
    matching.map(|rule| rule.retention).max()
}

/// Puts a deregistered image into the bin, where a rule catches it.
pub(crate) fn take_image(world: &mut World, target: Target, id: ImageId, image: Image) {
    if let Some(kept) = retention(world, target, BinKind::Image, &image.tags) {
        let binned = Binned {
            item: image,
            entered: world.now,
            exits: world.now + kept,
        };
        world.ec2.plane(target.region).image_bin.insert(id, binned);
        world.plan(kept, world::Due::Ec2(Due::ImageLeavesBin { target, id }));
    }
}

/// Puts a deleted snapshot into the bin, where a rule catches it.
pub(crate) fn take_snapshot(world: &mut World, target: Target, id: SnapshotId, snapshot: Snapshot) {
    if let Some(kept) = retention(world, target, BinKind::Snapshot, &snapshot.tags) {
        let binned = Binned {
            item: snapshot,
            entered: world.now,
            exits: world.now + kept,
        };
        world.ec2.plane(target.region).snapshot_bin.insert(id, binned);
        world.plan(kept, world::Due::Ec2(Due::SnapshotLeavesBin { target, id }));
    }
}

/// The image's time in the bin may be over: restored and binned again, it has a later one.
pub(crate) fn image_leaves(world: &mut World, target: Target, id: ImageId) {
    let now = world.now;
    let bin = &mut world.ec2.plane(target.region).image_bin;
    if bin.get(&id).is_some_and(|binned| binned.exits <= now) {
        bin.remove(&id);
    }
}

/// The snapshot's time in the bin may be over.
pub(crate) fn snapshot_leaves(world: &mut World, target: Target, id: SnapshotId) {
    let now = world.now;
    let bin = &mut world.ec2.plane(target.region).snapshot_bin;
    if bin.get(&id).is_some_and(|binned| binned.exits <= now) {
        bin.remove(&id);
    }
}
