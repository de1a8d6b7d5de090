use std::collections::BTreeSet;

use super::{Checking, Invariant};
use crate::pruning::{Place, Unmanaged};

/// Whether people are told of all that failed builds left behind and that is not ours, and of nothing else.
pub(super) fn check_left_behind(checking: &mut Checking<'_>) {
    let mut told = BTreeSet::new();
    for left in &checking.plan.left_behind {
        let known = checking.images.get(&(left.ami, left.target));
        let is_so = known.is_some_and(|(release, image)| {
            let failed = release.release == left.release && release.place == Place::LeftByFailedBuild;
            failed && is_of_build(image.unmanaged.as_ref())
        });
        if !is_so || !told.insert((left.ami, left.target)) {
            checking.says(Invariant::Once, Some(left.ami), "is told as left behind, and is not");
        }
    }
    for release in &checking.facts.releases {
        for image in &release.placements {
            let is_left = release.place == Place::LeftByFailedBuild && is_of_build(image.unmanaged.as_ref());
            if is_left && !told.contains(&(image.ami, image.target)) {
                checking.says(Invariant::Once, Some(image.ami), "is left behind, and nobody is told");
            }
        }
    }
}

const fn is_of_build(unmanaged: Option<&Unmanaged>) -> bool {
    matches!(unmanaged, Some(Unmanaged::NotOurs(_) | Unmanaged::Unowned))
}
