//! The model's own time: milliseconds since 1970, UTC. It never reads a real clock; a [`Clock`] is handed in.

use std::fmt;
use std::ops::{Add, Sub};
use std::sync::Mutex;
use std::time::Duration;

use jiff::Timestamp;

/// One instant, to the millisecond, as AWS prints it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Time(i64);

impl Time {
    /// The instant so many milliseconds after 1970.
    #[must_use]
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    /// Milliseconds since 1970.
    #[must_use]
    pub const fn millis(self) -> i64 {
        self.0
    }

    /// Parses RFC 3339 (`2026-01-18T17:50:56.000Z`); `None` for anything else.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        text.parse::<Timestamp>().ok().map(|t| Self(t.as_millisecond()))
    }

    /// `earlier` subtracted, zero when `earlier` is later.
    #[must_use]
    pub fn since(self, earlier: Self) -> Duration {
        Duration::from_millis(u64::try_from(self.0 - earlier.0).unwrap_or(0))
    }

    /// Rounded to the nearest minute, as EC2 rounds deprecation times.
    #[must_use]
    pub fn nearest_minute(self) -> Self {
        Self((self.0 + 30_000).div_euclid(60_000) * 60_000)
    }

    /// As Image Builder writes dates in its SNS message: `Jul 28, 2026 1:13:45 AM`.
    #[must_use]
    pub fn sns_style(self) -> String {
        self.timestamp().strftime("%b %-d, %Y %-I:%M:%S %p").to_string()
    }

    /// Without milliseconds, as EventBridge writes times: `2026-01-18T17:50:56Z`.
    #[must_use]
    pub fn to_seconds(self) -> String {
        self.timestamp().strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
    }

    /// Seconds since 1970 with their milliseconds, as JSON 1.1 writes times.
    #[must_use]
    pub fn epoch_seconds(self) -> f64 {
        let (seconds, millis) = (self.0.div_euclid(1000), self.0.rem_euclid(1000));
        let seconds = f64::from(u32::try_from(seconds).unwrap_or_default());
        seconds + f64::from(u16::try_from(millis).unwrap_or_default()) / 1000.0
    }

    /// As HTTP's `Date` has it: `Sun, 18 Jan 2026 17:50:56 GMT`.
    #[must_use]
    pub fn http_style(self) -> String {
        self.timestamp().strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
    }

    fn timestamp(self) -> Timestamp {
        Timestamp::from_millisecond(self.0).unwrap_or(Timestamp::UNIX_EPOCH)
    }
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The civil date by hand: a page of a thousand images prints thousands of times, and `strftime` dominated it.
        let (days, millis) = (self.0.div_euclid(86_400_000), self.0.rem_euclid(86_400_000));
        let (year, month, day) = civil(days);
        let (seconds, millis) = (millis / 1000, millis % 1000);
        write!(
            f,
            "{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}.{millis:03}Z",
            seconds / 3600,
            seconds / 60 % 60,
            seconds % 60
        )
    }
}

/// Year, month and day of a day count since 1970 (Howard Hinnant's `civil_from_days`).
fn civil(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let of_era = shifted.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 {
        shifted_month + 3
    } else {
        shifted_month - 9
    };
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

impl Add<Duration> for Time {
    type Output = Self;

    fn add(self, duration: Duration) -> Self {
        Self(
            self.0
                .saturating_add(i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)),
        )
    }
}

impl Sub<Duration> for Time {
    type Output = Self;

    fn sub(self, duration: Duration) -> Self {
        Self(
            self.0
                .saturating_sub(i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)),
        )
    }
}

/// Says what time it is. The world asks at every call, so that it moves with whatever time its caller lives in.
pub trait Clock: Send + Sync + fmt::Debug {
    /// The time now. May stand still, may jump; the world never goes back.
    fn now(&self) -> Time;
}

/// tokio's clock on top of a starting date: virtual where tokio's is paused, real elsewhere, and movable.
#[derive(Debug)]
pub struct TokioClock {
    epoch: Time,
    start: tokio::time::Instant,
    moved: Mutex<Duration>,
}

impl TokioClock {
    /// A clock that reads `epoch` now. Call it within a tokio runtime.
    #[must_use]
    pub fn starting_at(epoch: Time) -> Self {
        Self {
            epoch,
            start: tokio::time::Instant::now(),
            moved: Mutex::new(Duration::ZERO),
        }
    }

    /// Jumps ahead, for a real-time server whose builds should not take real minutes.
    pub fn jump(&self, by: Duration) {
        let mut moved = self.moved.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        *moved = moved.saturating_add(by);
    }
}

impl Clock for TokioClock {
    fn now(&self) -> Time {
        let moved = *self.moved.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        self.epoch + self.start.elapsed().saturating_add(moved)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_prints_as_aws_prints_it_and_parses_back() {
        for text in [
            "2026-01-18T17:50:56.000Z",
            "2000-02-29T00:00:00.001Z",
            "1970-01-01T00:00:00.000Z",
            "2100-12-31T23:59:59.999Z",
        ] {
            assert_eq!(Time::parse(text).map(|t| t.to_string()).as_deref(), Some(text));
        }
    }

    #[test]
    fn a_printed_time_agrees_with_the_calendar_library_for_every_day_of_400_years() {
        for day in 0..146_097_i64 {
            let time = Time::from_millis(day * 86_400_000 + 12_345_678);
            assert_eq!(
                time.to_string(),
                time.timestamp().strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string()
            );
        }
    }

    #[test]
    fn the_sns_message_writes_dates_without_leading_zeros() {
        let time = Time::parse("2026-07-28T01:13:45Z").unwrap();
        assert_eq!(time.sns_style(), "Jul 28, 2026 1:13:45 AM");
    }

    #[test]
    fn deprecation_rounds_to_the_nearest_minute() {
        let at = |s| Time::parse(s).unwrap().nearest_minute().to_string();
        assert_eq!(at("2026-07-28T01:13:29Z"), "2026-07-28T01:13:00.000Z");
        assert_eq!(at("2026-07-28T01:13:30Z"), "2026-07-28T01:14:00.000Z");
    }

    #[tokio::test(start_paused = true)]
    async fn a_clock_jumps_as_far_as_it_is_told_and_no_jump_is_too_far() {
        let clock = TokioClock::starting_at(Time::from_millis(0));
        clock.jump(Duration::from_mins(1));
        assert_eq!(clock.now(), Time::from_millis(60_000));
        clock.jump(Duration::MAX);
        clock.jump(Duration::MAX);
        assert!(clock.now() > Time::from_millis(60_000));
    }
}
