use std::collections::{HashMap, HashSet};

use super::{Checking, Invariant};
use crate::pruning::{Effect, PruningPlan};
use crate::{AmiId, Target};

/// In which list an image is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum List {
    Expendable,
    Kept,
    Blocked,
}

/// Whether every image is listed once, as what it is, and what is done agrees with where it is listed.
pub(super) fn check_lists(checking: &mut Checking<'_>) {
    let PruningPlan {
        family,
        steps,
        expendable,
        kept,
        blocked,
        orphans: _,
        left_behind: _,
        containers: _,
        newly: _,
        cleared: _,
        to_announce: _,
        orphans_to_announce: _,
        troubles: _,
        waived: _,
        over_share: _,
    } = checking.plan;
    if *family != checking.facts.family {
        checking.says(Invariant::Once, None, format!("the plan is of {family}"));
    }
    let expendable = expendable
        .iter()
        .map(|entry| (entry.ami, entry.target, entry.release, List::Expendable));
    let kept = kept
        .iter()
        .map(|entry| (entry.ami, entry.target, entry.release, List::Kept));
    let blocked = blocked
        .iter()
        .map(|entry| (entry.ami, entry.target, entry.release, List::Blocked));
    let mut listed: HashMap<(AmiId, Target), List> = HashMap::new();
    for (ami, target, release, list) in expendable.chain(kept).chain(blocked) {
        if listed.insert((ami, target), list).is_some() {
            checking.says(Invariant::Once, Some(ami), "is listed twice");
        }
        match checking.images.get(&(ami, target)) {
            Some((of, _)) if of.release == release => {}
            Some(_) => checking.says(Invariant::Once, Some(ami), "is listed under another release"),
            None => checking.says(Invariant::Once, Some(ami), "is listed, and nobody knows it"),
        }
    }
    let releases = &checking.facts.releases;
    for placement in releases.iter().flat_map(|release| &release.placements) {
        if !listed.contains_key(&(placement.ami, placement.target)) {
            checking.says(Invariant::Once, Some(placement.ami), "is not listed");
        }
    }
    let mut touched = HashSet::new();
    for step in steps {
        let (ami, target, wanted) = match &step.effect {
            Effect::Restore { ami, target, from: _ } => (*ami, *target, List::Kept),
            Effect::Deprecate { ami, target }
            | Effect::Disable { ami, target }
            | Effect::Deregister {
                ami,
                target,
                snapshots: _,
            } => (*ami, *target, List::Expendable),
            Effect::DeprecateOutput(_) | Effect::DeleteOutput(_) => continue,
        };
        if listed.get(&(ami, target)) != Some(&wanted) {
            checking.says(
                Invariant::Once,
                Some(ami),
                "is listed as something else than what is done to it",
            );
        }
        if !touched.insert((ami, target)) {
            checking.says(Invariant::Once, Some(ami), "takes two steps");
        }
    }
}
