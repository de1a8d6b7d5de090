use std::collections::BTreeSet;

use super::blocked::{Doubt, Trouble};
use super::evidence::{LastRead, SourceRead, TargetEvidence, Waiver};
use super::facts::PruningFacts;
use crate::evidence::Said;
use crate::{Duration, Target, Timestamp};

/// Evidence that is older than this is no evidence of now.
pub const FRESH: Duration = Duration::hours(1);

/// All that is wrong with the evidence of a family, the worst first.
pub(super) fn troubles(facts: &PruningFacts, now: Timestamp) -> Vec<Trouble> {
    let mut troubles = BTreeSet::new();
    for TargetEvidence {
        target,
        sources,
        waiver,
    } in &facts.evidence
    {
        if waiver.as_ref().is_some_and(|waiver| waiver.holds(now)) {
            continue;
        }
        let target = *target;
        if sources.is_empty() {
            troubles.insert(never(target));
        }
        let doubted = sources.iter().filter_map(|SourceRead { source, last }| {
            let source = Some(source.clone());
            let doubt = doubt(last.as_ref(), now)?;
            Some(Trouble { doubt, target, source })
        });
        troubles.extend(doubted);
    }
    let read: BTreeSet<Target> = facts.evidence.iter().map(|evidence| evidence.target).collect();
    let owners: BTreeSet<Target> = facts
        .releases
        .iter()
        .flat_map(super::ReleaseFacts::managed)
        .map(|placement| placement.target)
        .collect();
    troubles.extend(owners.difference(&read).map(|target| never(*target)));
    troubles.into_iter().collect()
}

fn never(target: Target) -> Trouble {
    Trouble {
        doubt: Doubt::Never,
        target,
        source: None,
    }
}

fn doubt(last: Option<&LastRead>, now: Timestamp) -> Option<Doubt> {
    let Some(LastRead { as_of, said }) = last else {
        return Some(Doubt::Never);
    };
    match (said, now.checked_since(*as_of)) {
        (Said::Unread(why), _) => Some(Doubt::Unread(why.clone())),
        (_, None) => Some(Doubt::Ahead(*as_of)),
        (_, Some(age)) if age > FRESH.length() => Some(Doubt::Stale(*as_of)),
        (Said::Implausible { count, usual }, _) => Some(Doubt::Implausible {
            count: *count,
            usual: *usual,
        }),
        (Said::Complete(_), Some(_)) => None,
    }
}

impl Waiver {
    /// Whether it still does.
    pub fn holds(&self, now: Timestamp) -> bool {
        now < self.until
    }
}
