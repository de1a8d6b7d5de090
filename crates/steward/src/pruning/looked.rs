use std::collections::BTreeSet;

use super::evidence::TargetEvidence;
use super::placement::{PlacementSeen, Use, UsedBy};
use crate::evidence::{Hop, ReportedUser};
use crate::{Duration, Target, Timestamp};

/// What is written down as of a moment is done, or known to others, up to so much later: no function runs longer.
const WRITES: Duration = Duration::minutes(15);

/// Where a family's evidence was read, and how long ago at most. What a person does without is not among it.
#[derive(Clone, Debug, Default)]
pub(super) struct Looked {
    at: BTreeSet<Target>,
    /// What was read the longest ago.
    oldest: Option<(Timestamp, Target)>,
}

impl Looked {
    /// By all that is known, of which nothing is wrong.
    pub(super) fn of(evidence: &[TargetEvidence], now: Timestamp) -> Self {
        let needed = || {
            let is_waived = |of: &TargetEvidence| of.waiver.as_ref().is_some_and(|waiver| waiver.holds(now));
            evidence.iter().filter(move |of| !is_waived(of))
        };
        let read = needed().flat_map(|of| of.sources.iter().map(|source| (source, of.target)));
        let read = read.filter_map(|(source, target)| Some((source.last.as_ref()?.as_of, target)));
        Self {
            at: needed().map(|of| of.target).collect(),
            oldest: read.min(),
        }
    }

    /// What was read last before something was there to be seen; none: all was read since.
    pub(super) fn before(&self, there: Timestamp) -> Option<(Timestamp, Target)> {
        self.oldest.filter(|(as_of, _)| *as_of < there)
    }

    /// Whether all was read after what was written down as of this moment.
    pub(super) fn is_since(&self, moment: Timestamp) -> bool {
        let done = moment.saturating_add(WRITES);
        self.oldest.is_none_or(|(as_of, _)| as_of > done)
    }

    /// Whether a use is told of by somebody else although its own account was asked there: that knows better.
    pub(super) fn knows_better(&self, seen: &Use) -> bool {
        let UsedBy::Way(way) = &seen.by else { return false };
        match way.path.first() {
            Some(Hop::Reported {
                account,
                by: ReportedUser::Instances | ReportedUser::LaunchTemplates,
                ..
            }) => self.at.contains(&Target::new(*account, seen.seen_in.region())),
            Some(_) | None => false,
        }
    }
}

impl PlacementSeen {
    /// Since when it can be seen that somebody uses it.
    pub(super) fn there_since(&self) -> Option<Timestamp> {
        let known = self.found.map(|found| found.saturating_add(WRITES));
        self.created.at().max(known)
    }
}
