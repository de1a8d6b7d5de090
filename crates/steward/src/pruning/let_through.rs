use std::fmt;

use serde::{Deserialize, Serialize};

use super::plan::{PruningPlan, number};
use crate::{Duration, Timestamp};

/// What a person let through holds for so long.
const HOLDS: Duration = Duration::hours(24);
/// A clock that is further ahead than this says nothing of when that is over.
const AHEAD: Duration = Duration::hours(1);

/// What a person let through although it is more than a manifest allows at once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LetThrough {
    /// What tells those releases from any others.
    pub digest: String,
    /// Who did.
    pub who: String,
    /// When, by that person's clock.
    pub at: Timestamp,
    /// By which version of the family's manifest it is more.
    #[serde(default)]
    pub manifest: u32,
    /// The digest of the plan that was shown and asked for; none: nobody wrote it down.
    #[serde(default)]
    pub plan: Option<String>,
}

/// That what is planned is not what a person was shown and asked for: something changed in between.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NotAsked {
    asked: String,
    planned: String,
}

impl LetThrough {
    /// That a plan is another than the one that was asked for; none: it is that one, or nobody wrote down which.
    pub fn is_not(&self, plan: &PruningPlan) -> Option<NotAsked> {
        let asked = self.plan.as_deref().filter(|asked| *asked != plan.digest())?;
        Some(NotAsked {
            asked: number(asked).to_owned(),
            planned: plan.number(),
        })
    }

    /// Whether it still does: for a day, and as long as that version of the manifest holds.
    pub fn holds(&self, manifest: u32, now: Timestamp) -> bool {
        let is_over = now >= self.at.saturating_add(HOLDS);
        let is_ahead = self.at > now.saturating_add(AHEAD);
        self.manifest == manifest && !is_over && !is_ahead
    }
}

impl fmt::Display for NotAsked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { asked, planned } = self;
        write!(
            f,
            "asked for the plan {asked}, planned {planned}: something changed in between, and what is done is what any sweep would do"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_let_through_lapses_after_a_day_and_with_its_manifest() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let given = LetThrough {
            digest: String::from("0123456789ab"),
            who: String::from("ann"),
            at: at("2026-01-02T08:00:00Z"),
            manifest: 3,
            plan: None,
        };
        let holds = |now: &str| given.holds(3, at(now));
        assert!(holds("2026-01-02T08:00:00Z"));
        assert!(holds("2026-01-03T07:59:59.999Z"));
        assert!(!holds("2026-01-03T08:00:00Z"));
        for other in [0, 2, 4] {
            assert!(!given.holds(other, given.at), "{other}");
        }
        // A person's clock may be ahead, but not so far that nobody knows when the day is over.
        assert!(holds("2026-01-02T07:00:00Z"));
        assert!(!holds("2026-01-02T06:59:59.999Z"));
    }

    #[test]
    fn what_was_let_through_for_no_manifest_in_particular_holds_for_none() {
        let before = "{\"digest\":\"0123456789ab\",\"who\":\"ann\",\"at\":\"2026-01-02T08:00:00Z\"}";
        let given: LetThrough = serde_json::from_str(before).unwrap();
        assert!(!given.holds(1, given.at));
    }
}
