//! Which keys encrypt what EC2 makes of a snapshot, and whether its maker may use them.

use super::ebs_defaults;
use super::image::{Device, ImageState, Volume};
use super::visibility::may_launch;
use crate::ids::{AccountId, ImageId};
use crate::kms::{self, KeyArn};
use crate::region::Region;
use crate::world::{Caller, Target, World};

/// What whoever uses EBS encryption must be allowed with a key. AWS does not say which of it the key of a source needs and
/// which that of a copy: here each needs all.
const USE: [&str; 6] = [
    "kms:CreateGrant",
    "kms:Decrypt",
    "kms:DescribeKey",
    "kms:GenerateDataKeyWithoutPlaintext",
    "kms:ReEncryptFrom",
    "kms:ReEncryptTo",
];

/// Whether somebody may encrypt and decrypt volumes and snapshots with a key, and it works.
pub(crate) fn may_use(world: &World, caller: &Caller, key: &str) -> bool {
    kms::may_use(world, caller, key, "ec2", &USE)
}

/// The key a request names, if it can encrypt here: one of this Region. EBS's own comes into being by its name.
pub(super) fn named(world: &mut World, target: Target, name: &str) -> Option<KeyArn> {
    if name == kms::DEFAULT_ALIAS {
        return Some(kms::default_key(world, target));
    }
    resolve(world, target, name)
}

/// As [`named`], where the default key was made before, if it was.
pub(super) fn resolve(world: &World, target: Target, name: &str) -> Option<KeyArn> {
    let key = world.keys.resolve(target, name)?;
    let home = world.keys.get(&key)?.home;
    (home.region == target.region).then_some(key)
}

/// An image's devices as they start in an account: what a stranger's snapshot had encrypted, the account's own default
/// key encrypts.
pub(crate) fn at_home(world: &mut World, target: Target, mut devices: Box<[Device]>) -> Box<[Device]> {
    for device in &mut devices {
        if let Volume::Ebs {
            snapshot: Some(snapshot),
            key: key @ Some(_),
            ..
        } = &mut device.volume
        {
            let plane = world.ec2.get(target.region);
            let found = plane.and_then(|plane| plane.snapshot(*snapshot));
            if found.is_some_and(|found| found.owner != target.account) {
                *key = Some(ebs_defaults::default_key(world, target));
            }
        }
    }
    devices
}

/// A key for which volumes for these devices cannot be made: the caller must be able to use those of the snapshots they
/// start from, and their own.
pub(crate) fn unusable(world: &World, caller: &Caller, devices: &[Device]) -> Option<KeyArn> {
    let plane = world.ec2.get(caller.target.region);
    let keys = devices.iter().flat_map(|device| match &device.volume {
        Volume::Ebs { snapshot, key, .. } => {
            let snapshot = snapshot.and_then(|id| plane?.snapshot(id));
            [snapshot.and_then(|snapshot| snapshot.key.clone()), key.clone()]
        }
        Volume::Instance(_) => [None, None],
    });
    let mut keys = keys.flatten();
    keys.find(|key| !may_use(world, caller, key))
}

/// Why an account cannot launch an image.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Unlaunchable {
    /// There is none of this id that the account can see.
    NoImage,
    /// It is in this state.
    State(String),
    /// The account may not use this key of its snapshots, or the key does not work.
    Key(KeyArn),
}

impl World {
    /// Whether an account, as a whole, can launch an image of a Region at this moment: it sees it, it is available, and
    /// the keys of its snapshots can be used. What its roles may do besides is not asked.
    pub fn can_launch(&self, account: AccountId, region: Region, image: ImageId) -> Result<(), Unlaunchable> {
        let found = self.ec2.get(region).and_then(|plane| plane.image(image));
        let image = found.filter(|image| may_launch(self, image, account));
        let image = image.ok_or(Unlaunchable::NoImage)?;
        if image.state != ImageState::Available {
            return Err(Unlaunchable::State(image.state.to_string()));
        }
        let reader = Caller::of_account(Target { account, region });
        let mut devices = image.devices.clone();
        if image.owner != account {
            // Its own default key, which its volumes will have, needs no asking.
            let keys = devices.iter_mut().filter_map(|device| match &mut device.volume {
                Volume::Ebs { key, .. } => Some(key),
                Volume::Instance(_) => None,
            });
            keys.for_each(|key| *key = None);
        }
        match unusable(self, &reader, &devices) {
            Some(key) => Err(Unlaunchable::Key(key)),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests;
