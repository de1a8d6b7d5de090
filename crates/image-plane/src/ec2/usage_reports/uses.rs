//! Counting who uses an image, in every account of a Region.

use std::collections::{BTreeMap, BTreeSet};

use super::super::referrer::Referrer;
use crate::ids::{AccountId, ImageId};
use crate::region::Region;
use crate::world::World;
use crate::world::versioned::Versioned;

/// What a report is about.
#[derive(Debug)]
pub(super) struct Scope {
    pub(super) image: ImageId,
    pub(super) types: BTreeSet<Referrer>,
    /// None: every account.
    pub(super) accounts: BTreeSet<AccountId>,
    pub(super) depth: usize,
}

/// How many resources of each type use the image in each account that uses it, the owner's own among them: AWS says "other
/// accounts" of the reports, and "the accounts using the AMI" of what is in them.
///
/// Instances count in any state, as references do. A launch template counts once, however many of its versions name the
/// image, and only where they do by its id. Whether the account may still launch the image is not asked.
pub(super) fn uses(world: &World, region: Region, scope: &Scope) -> BTreeMap<(AccountId, Referrer), u64> {
    let launched_by = world.now - world.settings.instance_use_lag;
    let made_by = world.now - world.settings.template_use_lag;
    let image = scope.image.to_string();
    let plane = world.ec2.get(region).into_iter();
    let instances = plane.clone().flat_map(|plane| plane.instances.values());
    let instances = instances
        .filter_map(Versioned::now)
        .filter(|instance| instance.image == scope.image && instance.launched <= launched_by)
        .map(|instance| (instance.owner, Referrer::Instance));
    let templates = plane.flat_map(|plane| plane.launch_templates.values());
    let templates = templates
        .filter_map(Versioned::now)
        .filter(|template| template.images(scope.depth, made_by).any(|named| named == image))
        .map(|template| (template.owner, Referrer::LaunchTemplate));
    let mut uses = BTreeMap::new();
    for (account, referrer) in instances.chain(templates) {
        let asked_for = scope.accounts.is_empty() || scope.accounts.contains(&account);
        if asked_for && scope.types.contains(&referrer) {
            *uses.entry((account, referrer)).or_insert(0) += 1;
        }
    }
    uses
}
