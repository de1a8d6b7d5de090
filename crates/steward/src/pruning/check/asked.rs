use std::collections::HashSet;

use super::milliseconds::at;
use crate::evidence::{Hop, ReportedUser};
use crate::pruning::{BuildTime, PlacementSeen, TargetEvidence, Use, UsedBy};
use crate::{Target, Timestamp};

/// No function is at work for longer: what it writes down as of its start is known by then.
const AT_WORK: i128 = 15 * 60_000;

/// The targets that were asked and whose word counts.
pub(super) struct Asked {
    targets: HashSet<Target>,
    /// When the source was that was read the longest ago.
    oldest: Option<i128>,
}

impl Asked {
    pub(super) fn of(evidence: &[TargetEvidence], now: Timestamp) -> Self {
        let mut asked = Self {
            targets: HashSet::new(),
            oldest: None,
        };
        for of in evidence {
            if of.waiver.as_ref().is_some_and(|waiver| waiver.until > now) {
                continue;
            }
            asked.targets.insert(of.target);
            for last in of.sources.iter().filter_map(|source| source.last.as_ref()) {
                let read = at(last.as_of);
                asked.oldest = Some(asked.oldest.map_or(read, |oldest| oldest.min(read)));
            }
        }
        asked
    }

    /// Whether somebody was asked last before this.
    fn any_before(&self, moment: i128) -> bool {
        self.oldest.is_some_and(|oldest| oldest < moment)
    }

    /// Whether somebody was asked last before what came to pass then was surely done.
    pub(super) fn any_before_done(&self, moment: i128) -> bool {
        self.any_before(moment + AT_WORK + 1)
    }

    /// Whether somebody was asked last before an image was there and known.
    pub(super) fn knows_not(&self, image: &PlacementSeen) -> bool {
        let made = match image.created {
            BuildTime::At(made) => Some(at(made)),
            BuildTime::Absent | BuildTime::Unparseable(_) => None,
        };
        let found = image.found.map(|found| at(found) + AT_WORK);
        [made, found].into_iter().flatten().any(|since| self.any_before(since))
    }

    /// Whether a use is of an account that was asked itself, and told by a report.
    pub(super) fn is_second_hand(&self, seen: &Use) -> bool {
        let UsedBy::Way(way) = &seen.by else { return false };
        let Some(Hop::Reported { account, by, .. }) = way.path.first() else {
            return false;
        };
        let is_asked = self.targets.contains(&Target::new(*account, seen.seen_in.region()));
        is_asked && !matches!(by, ReportedUser::Other(_))
    }
}
