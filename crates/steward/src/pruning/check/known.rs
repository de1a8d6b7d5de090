use std::collections::BTreeSet;

use super::Checking;
use super::milliseconds::{HOUR, at};
use crate::evidence::Said;

/// Whether who uses images is known wherever the family's releases can reach.
pub(super) fn is_known(checking: &Checking<'_>) -> bool {
    let now = at(checking.now);
    let mut read = BTreeSet::new();
    for evidence in &checking.facts.evidence {
        read.insert(evidence.target);
        let waived = evidence.waiver.as_ref().is_some_and(|waiver| at(waiver.until) > now);
        let complete = evidence.sources.iter().all(|source| {
            source.last.as_ref().is_some_and(|last| {
                let age = now - at(last.as_of);
                matches!(last.said, Said::Complete(_)) && (0..=HOUR).contains(&age)
            })
        });
        if !waived && (evidence.sources.is_empty() || !complete) {
            return false;
        }
    }
    let mut images = checking.images.values();
    images.all(|(_, placement)| placement.unmanaged.is_some() || read.contains(&placement.target))
}
