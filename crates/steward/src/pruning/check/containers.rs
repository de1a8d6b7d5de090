use std::collections::{BTreeMap, BTreeSet};

use super::{Checking, Invariant};
use crate::pruning::{ContainerVerdict, JudgedContainer, Makes, PruningPlan};
use crate::{ContainerImage, ReleaseId};

/// Whether each container image is listed once, what would go is what nothing keeps, and of a family that makes them nothing is done.
pub(super) fn check_containers(checking: &mut Checking<'_>) {
    let (facts, plan) = (checking.facts, checking.plan);
    let mut there: BTreeMap<&ContainerImage, ReleaseId> = BTreeMap::new();
    for release in &facts.releases {
        there.extend(release.containers.iter().map(|seen| (&seen.image, release.release)));
    }
    let mut listed = BTreeSet::new();
    for JudgedContainer {
        container,
        release,
        verdict,
    } in &plan.containers
    {
        let image = &container.image;
        if !listed.insert(image) {
            checking.says(Invariant::Once, None, format!("{image} is listed twice"));
        }
        if there.get(image) != Some(release) {
            checking.says(
                Invariant::Once,
                None,
                format!("{image} is listed, and not of {release}"),
            );
        }
        let judged = checking.releases.get(release);
        let is_free = judged.is_some_and(|judged| judged.reasons.as_ref().is_some_and(Vec::is_empty));
        if matches!(verdict, ContainerVerdict::WouldGo { .. }) && !is_free {
            checking.says(Invariant::Wanted, None, format!("{image} would go, and is to stay"));
        }
    }
    for image in there.into_keys().filter(|image| !listed.contains(image)) {
        checking.says(Invariant::Once, None, format!("{image} is not listed"));
    }
    if facts.makes == Makes::Images {
        return;
    }
    let PruningPlan {
        family: _,
        steps,
        expendable,
        kept: _,
        blocked: _,
        orphans: _,
        left_behind: _,
        containers: _,
        newly,
        cleared,
        to_announce,
        orphans_to_announce,
        troubles: _,
        waived: _,
        over_share,
    } = plan;
    let done = [
        (steps.len(), "is done"),
        (expendable.len(), "goes"),
        (newly.len(), "becomes expendable"),
        (cleared.len(), "is expendable no more"),
        (usize::from(over_share.is_some()), "waits for a person"),
        (to_announce.len() + orphans_to_announce.len(), "is announced"),
    ];
    for (_, what) in done.into_iter().filter(|(count, _)| *count > 0) {
        checking.says(Invariant::Containers, None, format!("something {what}"));
    }
}
