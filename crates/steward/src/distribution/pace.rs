//! When something is looked at again.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::{Duration, Timestamp};

/// What is under way, or has just gone wrong, is looked at again with the next sweep.
pub(crate) const NEXT_SWEEP: Duration = Duration::minutes(4);
const HOUR: Duration = Duration::hours(1);
/// Launch permissions can be read one image at a time only.
const DAY: Duration = Duration::hours(24);
/// What does not come right is looked at after these, the last again and again.
const LATER: [Duration; 6] = [
    NEXT_SWEEP,
    Duration::minutes(10),
    Duration::minutes(30),
    HOUR,
    Duration::hours(3),
    Duration::hours(6),
];

const HOUR_IN_MILLISECONDS: i64 = 3_600_000;

/// When something is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum When {
    /// It is.
    Now,
    /// From then on.
    At(Timestamp),
    /// Not before something else changes.
    Never,
}

impl When {
    /// Whether it is due by this time.
    pub fn has_come(self, now: Timestamp) -> bool {
        match self {
            Self::Now => true,
            Self::At(due) => due <= now,
            Self::Never => false,
        }
    }
}

/// How often it is looked at what stands as it should, and at least at what does not come right.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pace {
    /// With each sweep, and what does not come right hourly: what is tried again fails each time, and is told each time; but
    /// what people launch from must not stay broken for longer once the cause is gone.
    EachSweep,
    /// Hourly, the same.
    Hourly,
    /// Daily.
    Daily,
    /// Daily, of which there may be thousands: what is due in the course of an hour is due when that begins, so that sweeps go
    /// through all of them once an hour at most.
    DailyTogether,
}

impl Pace {
    const fn rests(self) -> Duration {
        match self {
            Self::EachSweep => NEXT_SWEEP,
            Self::Hourly => HOUR,
            Self::Daily | Self::DailyTogether => DAY,
        }
    }

    fn later(self, tries: u32) -> Duration {
        let before = usize::try_from(tries.saturating_sub(1)).unwrap_or(usize::MAX);
        let later = LATER[before.min(LATER.len() - 1)];
        match self {
            Self::EachSweep | Self::Hourly => later.min(HOUR),
            Self::Daily | Self::DailyTogether => later,
        }
    }

    /// When that is over, from then on.
    fn over(self, at: Timestamp, wait: Duration) -> When {
        // At the end of all calendars nothing is put off.
        let Some(due) = at.checked_add(wait) else {
            return When::Now;
        };
        match self {
            Self::DailyTogether if wait > HOUR => {
                let into_the_hour = due.as_millisecond().rem_euclid(HOUR_IN_MILLISECONDS);
                let hour = Timestamp::from_millisecond(due.as_millisecond() - into_the_hour);
                When::At(hour.unwrap_or(due))
            }
            Self::EachSweep | Self::Hourly | Self::Daily | Self::DailyTogether => When::At(due),
        }
    }
}

/// How something stood when it was last looked at, as far as it says when to look again.
pub(crate) struct Looked {
    /// When that was.
    pub(crate) at: Timestamp,
    /// Whether there was nothing left to do.
    pub(crate) settled: bool,
    /// Whether something only took its time.
    pub(crate) under_way: bool,
    /// How often in a row it was neither.
    pub(crate) tries: u32,
}

impl Looked {
    /// When it is to be looked at again.
    pub(crate) fn again(&self, pace: Pace) -> When {
        let Self {
            at,
            settled,
            under_way,
            tries,
        } = self;
        let wait = match (settled, under_way) {
            (true, _) => pace.rests(),
            (false, true) => NEXT_SWEEP,
            (false, false) => pace.later(*tries),
        };
        pace.over(*at, wait)
    }
}

/// A day after a moment.
pub(super) fn a_day_after(at: Timestamp) -> When {
    Pace::Daily.over(at, DAY)
}

/// What something was when a worker last looked, and when to look again by that: all that sweeps read of what there may be
/// hundreds of thousands of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LastLook {
    /// What was to be there, as digests tell one state from another.
    pub what: String,
    /// Whether there was nothing left to do.
    pub settled: bool,
    /// Whether something was done that is to be read back.
    pub under_way: bool,
    /// When.
    pub looked: Timestamp,
    /// How often in a row it was neither settled nor under way.
    pub tries: u32,
}

impl LastLook {
    /// When it is to be looked at again, where this is to be there.
    pub(crate) fn again(&self, what: &str, pace: Pace) -> When {
        let Self {
            what: was,
            settled,
            under_way,
            looked,
            tries,
        } = self;
        if was != what {
            return When::Now;
        }
        let looked = Looked {
            at: *looked,
            settled: *settled,
            under_way: *under_way,
            tries: *tries,
        };
        looked.again(pace)
    }
}

/// In one piece, as sweeps read it.
impl fmt::Display for LastLook {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            what,
            settled,
            under_way,
            looked,
            tries,
        } = self;
        let flag = |is: &bool| if *is { '+' } else { '-' };
        write!(f, "{looked} {}{} {tries} {what}", flag(settled), flag(under_way))
    }
}

impl FromStr for LastLook {
    type Err = NotALook;

    fn from_str(text: &str) -> Result<Self, NotALook> {
        let read = || {
            let mut parts = text.splitn(4, ' ');
            let (looked, flags, tries, what) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
            let (settled, under_way) = match flags {
                "++" => (true, true),
                "+-" => (true, false),
                "-+" => (false, true),
                "--" => (false, false),
                _ => return None,
            };
            Some(Self {
                what: what.to_owned(),
                settled,
                under_way,
                looked: looked.parse().ok()?,
                tries: tries.parse().ok()?,
            })
        };
        read().ok_or(NotALook)
    }
}

/// It says of no look when that was, and what came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("it says of no look when that was, and what came of it")]
pub struct NotALook;

/// The same of what nobody may have looked at yet.
pub(crate) fn look_again(last: Option<&LastLook>, what: &str, pace: Pace) -> When {
    last.map_or(When::Now, |last| last.again(what, pace))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_look_is_written_in_one_piece_and_read_back_and_anything_else_is_none() {
        let looks = [(true, true), (true, false), (false, true), (false, false)].map(|(settled, under_way)| LastLook {
            what: String::from("4c5f and more"),
            settled,
            under_way,
            looked: "2026-01-18T17:50:56.001Z".parse().unwrap(),
            tries: 12,
        });
        for look in looks {
            assert_eq!(look.to_string().parse(), Ok(look));
        }
        for wrong in [
            "",
            "2026-01-18T17:50:56Z +- 0",
            "2026-01-18T17:50:56Z + 0 a",
            "now +- 0 a",
            "2026-01-18T17:50:56Z +- x a",
        ] {
            assert_eq!(wrong.parse::<LastLook>(), Err(NotALook), "{wrong}");
        }
    }
}
