//! The copy that EC2 makes for a release: asked again with the same token it answers with that one, there or not.

use serde::{Deserialize, Serialize};

use crate::{AmiId, Duration, Timestamp};

/// Two looks so far apart that do not find a copy agree that it is gone.
const AGREE: Duration = Duration::minutes(5);
/// What nobody has seen yet may be listed late; after so long it is not.
const LISTED_BY: Duration = Duration::hours(1);

/// No copy takes longer.
pub(super) const GOES_ON: Duration = Duration::days(1);

/// A copy that EC2 said it makes, or that was found there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MadeCopy {
    /// Which.
    pub ami: AmiId,
    /// When that was first known.
    pub since: Timestamp,
    /// Whether a look has found it.
    pub seen: bool,
    /// From when on looks do not find it.
    pub missed: Option<Timestamp>,
}

impl MadeCopy {
    /// As EC2 answers: with one that is known already where the token was.
    pub fn answered(before: Option<Self>, ami: AmiId, now: Timestamp) -> Self {
        let fresh = Self {
            ami,
            since: now,
            seen: false,
            missed: None,
        };
        before.filter(|before| before.ami == ami).unwrap_or(fresh)
    }

    /// As a look finds it.
    pub fn found(before: Option<Self>, ami: AmiId, now: Timestamp) -> Self {
        Self {
            seen: true,
            missed: None,
            ..Self::answered(before, ami, now)
        }
    }

    /// After a look that does not find it.
    pub fn missing(self, now: Timestamp) -> Self {
        Self {
            missed: self.missed.or(Some(now)),
            ..self
        }
    }

    /// Whether EC2 may be at it still, for all that is known while nobody can look.
    pub fn may_go_on(self, now: Timestamp) -> bool {
        self.since.checked_add(GOES_ON).is_none_or(|until| now < until)
    }

    /// Whether looks agree that it is gone: the next copy is another attempt. One that is only listed late is not.
    pub fn is_gone(self, now: Timestamp) -> bool {
        let Self {
            ami: _,
            since,
            seen,
            missed,
        } = self;
        let past = |from: Timestamp, wait| from.checked_add(wait).is_some_and(|until| until <= now);
        missed.is_some_and(|missed| past(missed, AGREE)) && (seen || past(since, LISTED_BY))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const START: i64 = 1_770_000_000_000;

    fn at(minutes: i64) -> Timestamp {
        Timestamp::from_millisecond(START + minutes * 60_000).unwrap()
    }

    fn ami(n: u64) -> AmiId {
        format!("ami-{n:017x}").parse().unwrap()
    }

    #[test]
    fn a_copy_that_was_seen_is_gone_once_two_looks_five_minutes_apart_do_not_find_it() {
        let copy = MadeCopy::found(None, ami(1), at(0));
        assert!(!copy.is_gone(at(100_000)));
        let missed = copy.missing(at(10));
        assert!(!missed.is_gone(at(10)));
        let again = missed.missing(at(14));
        assert!(!again.is_gone(at(14)));
        assert!(missed.missing(at(15)).is_gone(at(15)));
        // It was not listed for a while.
        let back = MadeCopy::found(Some(missed), ami(1), at(12));
        assert_eq!(back, copy);
        assert!(!back.missing(at(16)).is_gone(at(16)));
    }

    #[test]
    fn a_copy_that_nobody_has_seen_is_listed_late_for_an_hour_and_then_gone() {
        let copy = MadeCopy::answered(None, ami(1), at(0));
        let missed = copy.missing(at(5)).missing(at(59));
        assert!(!missed.is_gone(at(59)));
        assert!(missed.is_gone(at(60)));
        // Who looks for the first time then has no second look to agree with.
        assert!(!copy.missing(at(60)).is_gone(at(60)));
    }

    #[test]
    fn a_copy_may_go_on_for_a_day_while_nobody_can_look() {
        let copy = MadeCopy::answered(None, ami(1), at(0));
        assert!(copy.may_go_on(at(24 * 60 - 1)));
        assert!(!copy.may_go_on(at(24 * 60)));
    }

    #[test]
    fn an_answer_with_the_same_copy_tells_nothing_new_and_one_with_another_begins_anew() {
        let seen = MadeCopy::found(None, ami(1), at(0)).missing(at(5));
        assert_eq!(MadeCopy::answered(Some(seen), ami(1), at(9)), seen);
        let other = MadeCopy::answered(Some(seen), ami(2), at(9));
        assert_eq!(other, MadeCopy::answered(None, ami(2), at(9)));
        assert!(!other.is_gone(at(20)));
    }
}
