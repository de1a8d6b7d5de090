use std::fmt;
use std::str::FromStr;

use jiff::Unit;

use crate::ParseError;
use crate::text::{padded, string_form};

/// A point in time, in UTC and to the millisecond, from 1970 to 9999: `2026-01-18T17:50:56.000Z`.
///
/// It is read from RFC 3339 ending in `Z`, with or without a fraction, and always printed with three digits of it, so
/// that printed times sort as text, and look like EC2's own. Finer digits are cut off when read: a time in the record
/// is never later than what was said.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(jiff::Timestamp);

string_form!(Timestamp, "time");

impl Timestamp {
    /// The start of 1970: the first there is.
    pub const EPOCH: Self = Self(jiff::Timestamp::UNIX_EPOCH);

    /// The point this many milliseconds after the start of 1970.
    pub fn from_millisecond(millisecond: i64) -> Result<Self, TimestampError> {
        let error = |problem| ParseError::new(&millisecond.to_string(), problem);
        let time = jiff::Timestamp::from_millisecond(millisecond).map_err(|_| error(TimestampProblem::NoSuchTime))?;
        Self::not_before_1970(time).map_err(error)
    }

    /// Milliseconds since the start of 1970.
    pub fn as_millisecond(self) -> i64 {
        self.0.as_millisecond()
    }

    /// The same point for calendars and time zones.
    pub fn to_jiff(self) -> jiff::Timestamp {
        self.0
    }

    /// The point this much later, to the millisecond; none past the end of 9999.
    pub fn checked_add(self, length: impl Into<std::time::Duration>) -> Option<Self> {
        let later = self
            .0
            .checked_add(jiff::SignedDuration::try_from(length.into()).ok()?)
            .ok()?;
        Self::not_before_1970(later).ok()
    }

    /// The point this much later, or the last there is.
    pub fn saturating_add(self, length: impl Into<std::time::Duration>) -> Self {
        self.checked_add(length)
            .or_else(|| Self::not_before_1970(jiff::Timestamp::MAX).ok())
            .unwrap_or(self)
    }

    /// The point this much earlier, to the millisecond; none before 1970.
    pub fn checked_sub(self, length: impl Into<std::time::Duration>) -> Option<Self> {
        let earlier = self
            .0
            .checked_sub(jiff::SignedDuration::try_from(length.into()).ok()?)
            .ok()?;
        Self::not_before_1970(earlier).ok()
    }

    /// How long after another point this one is; none if it is before it.
    pub fn checked_since(self, earlier: Self) -> Option<std::time::Duration> {
        self.0.duration_since(earlier.0).try_into().ok()
    }

    fn not_before_1970(time: jiff::Timestamp) -> Result<Self, TimestampProblem> {
        if time < jiff::Timestamp::UNIX_EPOCH {
            return Err(TimestampProblem::Before1970);
        }
        // Nearly always: what is already whole need not be rounded, which takes longer than all the rest.
        if time.subsec_nanosecond() % 1_000_000 == 0 {
            return Ok(Self(time));
        }
        let cut = jiff::TimestampRound::new()
            .smallest(Unit::Millisecond)
            .mode(jiff::RoundMode::Floor);
        time.round(cut).map(Self).map_err(|_| TimestampProblem::NoSuchTime)
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        padded(f, format_args!("{:.3}", self.0))
    }
}

impl FromStr for Timestamp {
    type Err = TimestampError;

    fn from_str(text: &str) -> Result<Self, TimestampError> {
        parse(text).map_err(|problem| ParseError::new(text, problem))
    }
}

fn parse(text: &str) -> Result<Timestamp, TimestampProblem> {
    let (seconds, fraction_and_zone) = text
        .split_at_checked("2026-01-18T17:50:56".len())
        .ok_or(TimestampProblem::Form)?;
    let digits_stand_where_they_must = seconds
        .bytes()
        .zip("0000-00-00T00:00:00".bytes())
        .all(|(found, wanted)| {
            if wanted == b'0' {
                found.is_ascii_digit()
            } else {
                found == wanted
            }
        });
    if !digits_stand_where_they_must {
        return Err(TimestampProblem::Form);
    }
    let zone = match fraction_and_zone.strip_prefix('.') {
        None => fraction_and_zone,
        Some(fraction) => {
            let zone = fraction.trim_start_matches(|c: char| c.is_ascii_digit());
            if !(1..=9).contains(&(fraction.len() - zone.len())) {
                return Err(TimestampProblem::Form);
            }
            zone
        }
    };
    if zone != "Z" {
        return Err(TimestampProblem::NotUtc);
    }
    let time: jiff::Timestamp = text.parse().map_err(|_| TimestampProblem::NoSuchTime)?;
    // Leap seconds read as the second before.
    if !time.to_string().starts_with(seconds) {
        return Err(TimestampProblem::NoSuchTime);
    }
    Timestamp::not_before_1970(time)
}

/// Why a text, or a number of milliseconds, is not a time.
pub type TimestampError = ParseError<TimestampProblem>;

/// What is wrong with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TimestampProblem {
    /// Not RFC 3339.
    #[error("is no time, must be as in 2026-01-18T17:50:56Z")]
    Form,
    /// Another offset from UTC, or none.
    #[error("is not in UTC, must end in Z, as in 2026-01-18T17:50:56Z")]
    NotUtc,
    /// Well formed, but no day or second that clocks show.
    #[error("names a time that does not exist")]
    NoSuchTime,
    /// Older than any image: a clock that was never set, or a date that stands for none.
    #[error("is before 1970, must be a date that was meant")]
    Before1970,
}

#[cfg(test)]
mod tests {
    use std::time::Duration as Length;

    use proptest::prelude::*;

    use super::*;
    use crate::Duration;
    use crate::testing::{assert_prints_back, assert_refused, assert_serde, mutated, timestamps};

    fn time(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn a_time_prints_with_milliseconds() {
        let cases = [
            ("2026-01-18T17:50:56Z", "2026-01-18T17:50:56.000Z"),
            ("2026-01-18T17:50:56.1Z", "2026-01-18T17:50:56.100Z"),
            ("2026-01-18T17:50:56.120Z", "2026-01-18T17:50:56.120Z"),
            ("2026-01-18T17:50:56.123999999Z", "2026-01-18T17:50:56.123Z"),
            ("1970-01-01T00:00:00Z", "1970-01-01T00:00:00.000Z"),
            ("9999-12-30T22:00:00Z", "9999-12-30T22:00:00.000Z"),
        ];
        for (text, printed) in cases {
            assert_eq!(time(text).to_string(), printed);
        }
    }

    #[test]
    fn a_bad_time_is_refused_with_what_would_be_right() {
        let form = "is no time, must be as in 2026-01-18T17:50:56Z";
        let zone = "is not in UTC, must end in Z, as in 2026-01-18T17:50:56Z";
        let cases = [
            ("", form),
            ("2026-01-18", form),
            ("2026-01-18 17:50:56Z", form),
            ("2026-01-18t17:50:56Z", form),
            ("Jul 28, 2026 1:13:45 AM", form),
            ("20260118T175056Z", form),
            ("2026-01-18T17:50:5６Z", form),
            ("2026-01-18T17:50:56.Z", form),
            ("2026-01-18T17:50:56.1234567890Z", form),
            ("+002026-01-18T17:50:56Z", form),
            ("2026-01-18T17:50:56", zone),
            ("2026-01-18T17:50:56z", zone),
            ("2026-01-18T17:50:56.5", zone),
            ("2026-01-18T18:50:56+01:00", zone),
            ("2026-01-18T17:50:56+00:00", zone),
            ("2026-01-18T17:50:56Z[Europe/Berlin]", zone),
            ("2026-02-29T00:00:00Z", "names a time that does not exist"),
            ("2026-13-01T00:00:00Z", "names a time that does not exist"),
            ("2026-01-01T24:00:00Z", "names a time that does not exist"),
            ("2016-12-31T23:59:60Z", "names a time that does not exist"),
            ("9999-12-31T23:59:59Z", "names a time that does not exist"),
            (
                "1969-12-31T23:59:59.999Z",
                "is before 1970, must be a date that was meant",
            ),
            ("0001-01-01T00:00:00Z", "is before 1970, must be a date that was meant"),
        ];
        for (text, message) in cases {
            assert_refused::<Timestamp>(&[(text, &format!("{text:?} {message}"))]);
        }
    }

    #[test]
    fn a_time_is_a_number_of_milliseconds() {
        assert_eq!(
            Timestamp::from_millisecond(1_768_758_656_120),
            Ok(time("2026-01-18T17:50:56.120Z"))
        );
        assert_eq!(time("2026-01-18T17:50:56.120Z").as_millisecond(), 1_768_758_656_120);
        assert_eq!(
            time("2026-01-18T17:50:56.120Z").to_jiff().as_millisecond(),
            1_768_758_656_120
        );
        let refused = [-1, i64::MAX].map(|number| Timestamp::from_millisecond(number).unwrap_err().to_string());
        assert_eq!(refused[0], r#""-1" is before 1970, must be a date that was meant"#);
        assert_eq!(refused[1], r#""9223372036854775807" names a time that does not exist"#);
    }

    #[test]
    fn time_is_added_and_taken_away_only_within_bounds() {
        let midnight = time("2026-03-01T00:00:00Z");
        assert_eq!(
            midnight.checked_sub(Duration::days(1)),
            Some(time("2026-02-28T00:00:00Z"))
        );
        assert_eq!(
            midnight.checked_add(Duration::hours(36)),
            Some(time("2026-03-02T12:00:00Z"))
        );
        assert_eq!(
            midnight.checked_add(Length::from_micros(1999)),
            Some(time("2026-03-01T00:00:00.001Z"))
        );
        assert_eq!(time("1970-01-01T00:00:01Z").checked_sub(Duration::seconds(2)), None);
        assert_eq!(time("9999-12-30T00:00:00Z").checked_add(Duration::days(1)), None);
        assert_eq!(midnight.checked_add(Length::MAX), None);
        assert_eq!(
            midnight.saturating_add(Duration::hours(36)),
            time("2026-03-02T12:00:00Z")
        );
        assert_eq!(midnight.saturating_add(Length::MAX), time("9999-12-30T22:00:00.999Z"));
        assert_eq!(midnight.checked_sub(Length::MAX), None);
    }

    #[test]
    fn nothing_is_a_negative_time_ago() {
        let [before, after] = ["2026-03-01T00:00:00Z", "2026-03-01T00:00:00.250Z"].map(time);
        assert_eq!(after.checked_since(before), Some(Length::from_millis(250)));
        assert_eq!(after.checked_since(after), Some(Length::ZERO));
        assert_eq!(before.checked_since(after), None);
    }

    #[test]
    fn a_time_travels_as_its_string() {
        assert_serde::<Timestamp>("2026-01-18T17:50:56.120Z", "2026-01-18", "time");
    }

    proptest! {
        #[test]
        fn every_time_with_milliseconds_prints_back(text in timestamps()) {
            assert_prints_back::<Timestamp>(&text);
        }

        #[test]
        fn printed_times_sort_as_text(a in timestamps(), b in timestamps()) {
            prop_assert_eq!(time(&a).cmp(&time(&b)), a.cmp(&b));
        }

        #[test]
        fn a_mutated_time_is_refused_or_prints_the_same_point(text in mutated(timestamps())) {
            if let Ok(read) = text.parse::<Timestamp>() {
                prop_assert!(read.to_string().starts_with(&text[..19]));
                assert_prints_back::<Timestamp>(&read.to_string());
            }
        }

        #[test]
        fn taking_away_undoes_adding(text in timestamps(), days in any::<u16>()) {
            let start = time(&text);
            if let Some(end) = start.checked_add(Duration::days(days)) {
                prop_assert_eq!(end.checked_sub(Duration::days(days)), Some(start));
                prop_assert_eq!(end.checked_since(start), Some(Duration::days(days).length()));
            }
        }
    }
}
