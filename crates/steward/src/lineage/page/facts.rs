use std::collections::BTreeSet;
use std::fmt::Write as _;

use crate::text::plural;
use crate::{AccountId, AmiId, AmiState, Findings, Target};

/// What a card shows of a release besides what the graph itself says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Facts {
    /// Its images.
    pub placements: Vec<PlacedImage>,
    /// What was found in it; none where nobody looked.
    pub findings: Option<Findings>,
    /// How many things were seen to use its images.
    pub used: usize,
}

/// An image of a release.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PlacedImage {
    /// Where.
    pub target: Target,
    /// Which.
    pub ami: AmiId,
    /// Its state when it was looked at.
    pub state: AmiState,
    /// Whether pruning deprecated it.
    pub deprecated: bool,
    /// Whether Image Builder or we made it; else another hand did.
    pub managed: bool,
}

impl Facts {
    /// Those that were not deregistered.
    pub(super) fn images(&self) -> impl Iterator<Item = &PlacedImage> {
        self.placements.iter().filter(|placed| !placed.state.is_gone())
    }

    /// In the order in which they are listed.
    pub(super) fn sorted(&self) -> Vec<PlacedImage> {
        let mut placements = self.placements.clone();
        placements.sort_by_key(|placed| (placed.target, placed.ami));
        placements
    }

    /// `3 images in 2 accounts, 4 uses`; none where there never was one.
    pub(super) fn said(&self) -> Option<String> {
        if self.placements.is_empty() {
            return None;
        }
        let there: Vec<&PlacedImage> = self.images().collect();
        if there.is_empty() {
            let gone = self.placements.len();
            return Some(format!("{gone} image{}, deregistered", plural(gone)));
        }
        let accounts: BTreeSet<AccountId> = there.iter().map(|placed| placed.target.account()).collect();
        let mut said = format!(
            "{} image{} in {} account{}",
            there.len(),
            plural(there.len()),
            accounts.len(),
            plural(accounts.len())
        );
        if self.used > 0 {
            let _ = write!(said, ", {} use{}", self.used, plural(self.used));
        }
        Some(said)
    }
}

/// `2 critical, 5 high`, or that there are none.
pub(super) fn found(findings: Findings) -> String {
    let Findings {
        all,
        critical,
        high,
        medium,
    } = findings;
    let counts = [
        (critical, "critical"),
        (high, "high"),
        (medium, "medium"),
        (all.saturating_sub(critical + high + medium), "other"),
    ];
    let said: Vec<String> = counts
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, word)| format!("{count} {word}"))
        .collect();
    if said.is_empty() {
        return String::from("no findings");
    }
    said.join(", ")
}

/// Whether somebody should do something.
pub(super) const fn is_bad(findings: Findings) -> bool {
    findings.critical > 0 || findings.high > 0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lineage::page::testing::placed;

    #[test]
    fn a_card_counts_the_images_that_are_there_and_says_when_all_are_gone() {
        let mut facts = Facts {
            placements: vec![
                placed(1, "111122223333", AmiState::Available),
                placed(2, "111122223333", AmiState::Disabled),
                placed(3, "444455556666", AmiState::Deregistered),
            ],
            used: 1,
            ..Facts::default()
        };
        assert_eq!(facts.said().as_deref(), Some("2 images in 1 account, 1 use"));
        facts.placements.drain(..2);
        assert_eq!(facts.said().as_deref(), Some("1 image, deregistered"));
        assert_eq!(Facts::default().said(), None);
    }

    #[test]
    fn findings_are_told_worst_first_and_none_is_told_too() {
        let findings = Findings {
            all: 12,
            critical: 2,
            high: 0,
            medium: 1,
        };
        assert_eq!(found(findings), "2 critical, 1 medium, 9 other");
        assert_eq!(found(Findings::default()), "no findings");
        assert!(is_bad(findings) && !is_bad(Findings::default()));
    }
}
