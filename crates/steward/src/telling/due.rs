//! Whether a release is told of now.

use crate::{Duration, Timestamp};

/// What could not be sent for so long is no news any more.
const TRIED_FOR: Duration = Duration::hours(24);

/// All that is known when it is decided whether to tell of a release that nobody was told of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TellingFacts {
    /// Since when it is usable.
    pub usable: Timestamp,
    /// When its build was started, where that is known.
    pub built: Option<Timestamp>,
    /// When the family's first manifest was applied.
    pub kept_since: Option<Timestamp>,
    /// Whether a newer one of its architecture is usable.
    pub is_superseded: bool,
    /// Whether it is revoked, by what it came from too.
    pub is_revoked: bool,
    /// The time.
    pub now: Timestamp,
}

/// What is to be done about a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Telling {
    /// It is to be sent.
    Now,
    /// Not while the release is revoked.
    Wait,
    /// It was tried for too long.
    GiveUp,
    /// There is nothing to tell.
    Never,
}

/// Decides whether to tell of a release. Whoever begins to keep a family that has built for years is told of its newest release
/// alone.
pub fn decide_telling(facts: TellingFacts) -> Telling {
    let TellingFacts {
        usable,
        built,
        kept_since,
        is_superseded,
        is_revoked,
        now,
    } = facts;
    let is_history = built.zip(kept_since).is_none_or(|(built, kept)| built < kept);
    if is_history && is_superseded {
        return Telling::Never;
    }
    let in_time = usable.checked_add(TRIED_FOR).is_none_or(|until| now < until);
    match (in_time, is_revoked) {
        (true, true) => Telling::Wait,
        (true, false) => Telling::Now,
        (false, true) => Telling::Never,
        (false, false) => Telling::GiveUp,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(hour: i64) -> Timestamp {
        Timestamp::from_millisecond(1_770_000_000_000 + hour * 3_600_000).unwrap()
    }

    fn facts(now: i64) -> TellingFacts {
        TellingFacts {
            usable: at(2),
            built: Some(at(1)),
            kept_since: Some(at(0)),
            is_superseded: false,
            is_revoked: false,
            now: at(now),
        }
    }

    #[test]
    fn a_release_is_told_of_within_a_day_and_given_up_then() {
        assert_eq!(decide_telling(facts(2)), Telling::Now);
        assert_eq!(decide_telling(facts(25)), Telling::Now);
        assert_eq!(decide_telling(facts(26)), Telling::GiveUp);
    }

    #[test]
    fn nobody_is_told_to_use_what_is_revoked_and_nobody_is_missed_for_it() {
        let revoked = |now| TellingFacts {
            is_revoked: true,
            ..facts(now)
        };
        assert_eq!(decide_telling(revoked(25)), Telling::Wait);
        assert_eq!(decide_telling(revoked(26)), Telling::Never);
    }

    #[test]
    fn of_what_was_built_before_the_family_was_kept_only_the_newest_is_told_of() {
        for (built, is_superseded, told) in [
            (Some(at(-1)), true, Telling::Never),
            (None, true, Telling::Never),
            (Some(at(-1)), false, Telling::Now),
            (Some(at(0)), true, Telling::Now),
            (Some(at(1)), true, Telling::Now),
        ] {
            let facts = TellingFacts {
                built,
                is_superseded,
                ..facts(3)
            };
            assert_eq!(decide_telling(facts), told, "{facts:?}");
        }
        // Where nobody knows since when it is kept, it could be history.
        let facts = TellingFacts {
            kept_since: None,
            is_superseded: true,
            ..facts(3)
        };
        assert_eq!(decide_telling(facts), Telling::Never);
    }
}
