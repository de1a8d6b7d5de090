use std::collections::HashMap;

use super::lists::{List, Listed, ListsOf};
use super::{Checking, Invariant};
use crate::ReleaseId;
use crate::pruning::ExpendableSince;

/// Whether what the record is to note, and what people are to be told, is so.
pub(super) fn check_notes(checking: &mut Checking<'_>, listed: &Listed, lists: &ListsOf) {
    for ami in &checking.plan.to_announce {
        let mut goes = listed
            .iter()
            .filter(|((of, _), list)| of == ami && **list != List::Kept);
        if goes.next().is_none() {
            checking.says(Invariant::Once, Some(*ami), "is told to go, and does not");
        }
    }
    let since: HashMap<ReleaseId, ExpendableSince> = checking
        .facts
        .releases
        .iter()
        .map(|release| (release.release, release.since))
        .collect();
    let none = Vec::new();
    for release in &checking.plan.newly {
        let of = lists.get(release).unwrap_or(&none);
        let goes = of.iter().any(|list| *list != List::Kept);
        if !goes || since.get(release) != Some(&ExpendableSince::NotYet) {
            checking.says(Invariant::Once, None, format!("{release} is not newly expendable"));
        }
    }
    for release in &checking.plan.cleared {
        let of = lists.get(release).unwrap_or(&none);
        let stays = of.iter().all(|list| *list == List::Kept);
        if !stays || !matches!(since.get(release), Some(ExpendableSince::Recorded(_))) {
            checking.says(
                Invariant::Once,
                None,
                format!("{release} was not expendable, or still is"),
            );
        }
    }
}
