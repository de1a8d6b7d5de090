use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;

use crate::ParseError;
use crate::text::{padded, string_form};

/// The longest there is, so that adding one to any date of this era stays within what a calendar can show.
const MOST_DAYS: u64 = 1_000_000;

/// A length of time as manifests write it: a whole number and `s`, `m`, `h`, `d` or `w`, such as `30d`.
///
/// It prints as it was written and compares by length: `24h` equals `1d`. A day is 24 hours; months and years, which have
/// no fixed length, do not exist.
#[derive(Clone, Copy)]
pub struct Duration {
    count: u64,
    unit: Unit,
}

string_form!(Duration, "duration");

#[derive(Clone, Copy)]
enum Unit {
    Second,
    Minute,
    Hour,
    Day,
    Week,
}

impl Unit {
    const ALL: [Self; 5] = [Self::Second, Self::Minute, Self::Hour, Self::Day, Self::Week];

    const fn letter(self) -> char {
        match self {
            Self::Second => 's',
            Self::Minute => 'm',
            Self::Hour => 'h',
            Self::Day => 'd',
            Self::Week => 'w',
        }
    }

    const fn seconds(self) -> u64 {
        match self {
            Self::Second => 1,
            Self::Minute => 60,
            Self::Hour => 60 * 60,
            Self::Day => 24 * 60 * 60,
            Self::Week => 7 * 24 * 60 * 60,
        }
    }
}

impl Duration {
    /// `<count>s`.
    pub const fn seconds(count: u16) -> Self {
        Self {
            count: count as u64,
            unit: Unit::Second,
        }
    }

    /// `<count>m`.
    pub const fn minutes(count: u16) -> Self {
        Self {
            count: count as u64,
            unit: Unit::Minute,
        }
    }

    /// `<count>h`.
    pub const fn hours(count: u16) -> Self {
        Self {
            count: count as u64,
            unit: Unit::Hour,
        }
    }

    /// `<count>d`.
    pub const fn days(count: u16) -> Self {
        Self {
            count: count as u64,
            unit: Unit::Day,
        }
    }

    /// How long it is, for arithmetic.
    pub const fn length(self) -> std::time::Duration {
        std::time::Duration::from_secs(self.in_seconds())
    }

    // Cannot overflow: at most MOST_DAYS.
    const fn in_seconds(self) -> u64 {
        self.count * self.unit.seconds()
    }
}

impl From<Duration> for std::time::Duration {
    fn from(duration: Duration) -> Self {
        duration.length()
    }
}

impl PartialEq for Duration {
    fn eq(&self, other: &Self) -> bool {
        self.in_seconds() == other.in_seconds()
    }
}

impl Eq for Duration {}

impl Ord for Duration {
    fn cmp(&self, other: &Self) -> Ordering {
        self.in_seconds().cmp(&other.in_seconds())
    }
}

impl PartialOrd for Duration {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Hash for Duration {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.in_seconds().hash(state);
    }
}

impl fmt::Display for Duration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        padded(f, format_args!("{}{}", self.count, self.unit.letter()))
    }
}

impl FromStr for Duration {
    type Err = DurationError;

    fn from_str(text: &str) -> Result<Self, DurationError> {
        parse(text).map_err(|problem| ParseError::new(text, problem))
    }
}

fn parse(text: &str) -> Result<Duration, DurationProblem> {
    if text == "never" {
        return Err(DurationProblem::Never);
    }
    let number_end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(number_end);
    if number.is_empty() {
        return Err(DurationProblem::Form);
    }
    let unit = match unit {
        "" => return Err(DurationProblem::NoUnit),
        "y" | "M" | "mo" => return Err(DurationProblem::Calendar),
        unit => Unit::ALL
            .into_iter()
            .find(|known| unit.chars().eq([known.letter()]))
            .ok_or(DurationProblem::Form)?,
    };
    if number.len() > 1 && number.starts_with('0') {
        return Err(DurationProblem::LeadingZero);
    }
    // A number beyond 64 bits is as much too long as one within.
    let count: u64 = number.parse().unwrap_or(u64::MAX);
    if count > MOST_DAYS * Unit::Day.seconds() / unit.seconds() {
        return Err(DurationProblem::TooLong);
    }
    Ok(Duration { count, unit })
}

/// Why a text is not a duration.
pub type DurationError = ParseError<DurationProblem>;

/// What is wrong with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DurationProblem {
    /// Not one whole number and one unit.
    #[error("is no duration, must be a whole number and s, m, h, d or w, as in 30d")]
    Form,
    /// A bare number could mean anything.
    #[error("has no unit, must end in s, m, h, d or w, as in 30d")]
    NoUnit,
    /// Months and years differ in length.
    #[error("is in months or years, must be in days or weeks, as in 30d")]
    Calendar,
    /// Such as `07d`.
    #[error("starts with 0, must be as in 7d")]
    LeadingZero,
    /// Longer than any date can bear.
    #[error("is too long, must be at most {MOST_DAYS}d")]
    TooLong,
    /// A ladder may end with this word; a length it is not.
    #[error("is no length of time, must be as in 30d")]
    Never,
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use proptest::prelude::*;

    use super::*;
    use crate::testing::{assert_prints_back, assert_refused, assert_serde, assert_survives, mutated};

    fn duration(text: &str) -> Duration {
        text.parse().unwrap()
    }

    #[test]
    fn durations_compare_by_length() {
        let sorted = ["0d", "90s", "15m", "23h", "1d", "25h", "6d", "1w", "8d", "1000000d"].map(duration);
        assert!(sorted.is_sorted_by(|a, b| a < b));
    }

    #[test]
    fn the_same_length_written_twice_is_equal_and_prints_as_written() {
        for [a, b] in [["24h", "1d"], ["7d", "1w"], ["60s", "1m"], ["0s", "0w"]] {
            assert_eq!(duration(a), duration(b));
            assert_eq!(HashSet::from([duration(a), duration(b)]).len(), 1);
            assert_prints_back::<Duration>(a);
            assert_prints_back::<Duration>(b);
        }
    }

    #[test]
    fn durations_in_code_are_those_in_manifests() {
        let made = [
            Duration::seconds(90),
            Duration::minutes(15),
            Duration::hours(24),
            Duration::days(30),
        ];
        assert_eq!(made.map(|made| made.to_string()), ["90s", "15m", "24h", "30d"]);
        assert_eq!(std::time::Duration::from(duration("2w")).as_secs(), 14 * 24 * 60 * 60);
    }

    #[test]
    fn a_bad_duration_is_refused_with_what_would_be_right() {
        let form = "is no duration, must be a whole number and s, m, h, d or w, as in 30d";
        let calendar = "is in months or years, must be in days or weeks, as in 30d";
        let cases = [
            ("", form),
            ("d", form),
            ("-5d", form),
            ("+5d", form),
            ("1.5h", form),
            ("30 d", form),
            ("30D", form),
            ("30days", form),
            ("1h30m", form),
            ("P30D", form),
            ("３d", form),
            ("30", "has no unit, must end in s, m, h, d or w, as in 30d"),
            ("0", "has no unit, must end in s, m, h, d or w, as in 30d"),
            ("6mo", calendar),
            ("6M", calendar),
            ("1y", calendar),
            ("07d", "starts with 0, must be as in 7d"),
            ("1000001d", "is too long, must be at most 1000000d"),
            ("142858w", "is too long, must be at most 1000000d"),
            ("86400000001s", "is too long, must be at most 1000000d"),
            ("99999999999999999999999s", "is too long, must be at most 1000000d"),
            ("never", "is no length of time, must be as in 30d"),
        ];
        for (text, message) in cases {
            assert_refused::<Duration>(&[(text, &format!("{text:?} {message}"))]);
        }
        assert_prints_back::<Duration>("86400000000s");
    }

    #[test]
    fn a_duration_travels_as_its_string() {
        assert_serde::<Duration>("30d", "never", "duration");
    }

    fn durations() -> impl Strategy<Value = String> {
        "(0|[1-9][0-9]{0,4})[smhdw]"
    }

    proptest! {
        #[test]
        fn every_duration_prints_back(text in durations()) {
            assert_prints_back::<Duration>(&text);
        }

        #[test]
        fn a_mutated_duration_is_refused_or_prints_back(text in mutated(durations())) {
            assert_survives::<Duration>(&text);
        }
    }
}
