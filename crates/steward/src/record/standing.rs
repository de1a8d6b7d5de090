use crate::{AmiState, Duration, Timestamp};

/// EC2 is eventually consistent: what changed behind our back is believed once two looks this far apart agree.
const APART: Duration = Duration::minutes(5);

/// A doubt that nobody looked at for so long is no first look any more.
const STALE: Duration = Duration::minutes(30);

/// What the record holds of an image's state.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// Its state, as two looks agreed, or as the first look said.
    pub state: AmiState,
    /// What a later look said instead, until another agrees.
    pub doubt: Option<Doubt>,
}

/// Another state, seen once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Doubt {
    /// Which.
    pub state: AmiState,
    /// Since when.
    pub since: Timestamp,
}

/// What a look adds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Nothing: it is as the record says, or too soon to tell.
    Nothing,
    /// It is in doubt from now on.
    Doubt(Doubt),
    /// The doubt was one stale look.
    NoDoubt,
    /// Two looks agree on another state.
    Changed(AmiState),
}

/// Decides what a look at an image adds to what is known of its state. An image that EC2 does not know is `Deregistered`.
pub fn decide_standing(known: Standing, seen: AmiState, now: Timestamp) -> Verdict {
    // Between two states it says nothing, and a deregistered one may be listed for a while.
    let seen = match seen {
        AmiState::Pending | AmiState::Transient => return Verdict::Nothing,
        AmiState::Invalid => AmiState::Deregistered,
        seen => seen,
    };
    let Standing { state, doubt } = known;
    match doubt {
        None if seen == state => Verdict::Nothing,
        Some(_) if seen == state => Verdict::NoDoubt,
        Some(doubt) if seen == doubt.state && !is_past(doubt.since, STALE, now) => {
            if is_apart(doubt.since, now) {
                Verdict::Changed(seen)
            } else {
                Verdict::Nothing
            }
        }
        None | Some(_) => Verdict::Doubt(Doubt {
            state: seen,
            since: now,
        }),
    }
}

/// Whether so much time has passed since then.
fn is_past(since: Timestamp, time: Duration, now: Timestamp) -> bool {
    since.checked_add(time).is_some_and(|end| end <= now)
}

/// Whether two looks are far enough apart to agree on what changed.
pub(super) fn is_apart(since: Timestamp, now: Timestamp) -> bool {
    is_past(since, APART, now)
}

/// Whether a doubt that is listed, and that its placement knows nothing of, can be forgotten.
pub fn is_forgotten(since: Timestamp, now: Timestamp) -> bool {
    is_past(since, STALE, now)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(time: &str) -> Timestamp {
        format!("2026-01-18T{time}Z").parse().unwrap()
    }

    fn available(doubt: Option<(AmiState, &str)>) -> Standing {
        Standing {
            state: AmiState::Available,
            doubt: doubt.map(|(state, since)| Doubt {
                state,
                since: at(since),
            }),
        }
    }

    #[test]
    fn one_look_that_differs_is_a_doubt_and_a_second_five_minutes_later_a_fact() {
        let gone = AmiState::Deregistered;
        let doubt = Doubt {
            state: gone,
            since: at("12:00:00"),
        };
        assert_eq!(
            decide_standing(available(None), gone, at("12:00:00")),
            Verdict::Doubt(doubt)
        );
        let doubted = available(Some((gone, "12:00:00")));
        assert_eq!(decide_standing(doubted, gone, at("12:04:59.999")), Verdict::Nothing);
        assert_eq!(decide_standing(doubted, gone, at("12:05:00")), Verdict::Changed(gone));
    }

    #[test]
    fn a_doubt_that_nobody_looked_at_for_long_begins_anew() {
        let doubted = available(Some((AmiState::Deregistered, "12:00:00")));
        let anew = Doubt {
            state: AmiState::Deregistered,
            since: at("12:30:00"),
        };
        assert_eq!(
            decide_standing(doubted, AmiState::Deregistered, at("12:29:59.999")),
            Verdict::Changed(AmiState::Deregistered)
        );
        assert_eq!(
            decide_standing(doubted, AmiState::Deregistered, at("12:30:00")),
            Verdict::Doubt(anew)
        );
    }

    #[test]
    fn a_look_that_sees_what_is_known_ends_a_doubt() {
        let doubted = available(Some((AmiState::Disabled, "12:00:00")));
        assert_eq!(
            decide_standing(doubted, AmiState::Available, at("12:09:00")),
            Verdict::NoDoubt
        );
        assert_eq!(
            decide_standing(available(None), AmiState::Available, at("12:09:00")),
            Verdict::Nothing
        );
    }

    #[test]
    fn a_third_state_is_a_doubt_of_its_own() {
        let doubted = available(Some((AmiState::Disabled, "12:00:00")));
        let other = Doubt {
            state: AmiState::Deregistered,
            since: at("12:09:00"),
        };
        assert_eq!(
            decide_standing(doubted, AmiState::Deregistered, at("12:09:00")),
            Verdict::Doubt(other)
        );
    }

    #[test]
    fn one_that_is_between_two_states_says_nothing_and_an_invalid_one_is_gone() {
        for between in [AmiState::Pending, AmiState::Transient] {
            assert_eq!(
                decide_standing(available(None), between, at("12:00:00")),
                Verdict::Nothing
            );
        }
        let doubted = available(Some((AmiState::Deregistered, "12:00:00")));
        let gone = decide_standing(doubted, AmiState::Invalid, at("12:10:00"));
        assert_eq!(gone, Verdict::Changed(AmiState::Deregistered));
    }

    #[test]
    fn a_clock_that_runs_backwards_believes_nothing_sooner() {
        let doubted = available(Some((AmiState::Disabled, "12:00:00")));
        assert_eq!(
            decide_standing(doubted, AmiState::Disabled, at("11:00:00")),
            Verdict::Nothing
        );
    }
}
