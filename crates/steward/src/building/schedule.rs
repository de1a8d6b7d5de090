use std::sync::LazyLock;

use jiff::tz::TimeZoneDatabase;

use crate::Timestamp;
use crate::manifest::{Schedule, TimeZone};

/// Those of the machine it runs on may be older.
static ZONES: LazyLock<TimeZoneDatabase> = LazyLock::new(TimeZoneDatabase::bundled);
/// So many days back a schedule is looked through: who slept for longer builds what is due next.
const DAYS: usize = 366;

/// When a schedule was due last, after one moment and not after another. What is due in the hour that the clocks skip is due
/// when they have; what is due in the hour that comes twice is due the first time.
pub(super) fn last_due(schedule: &Schedule, after: Timestamp, until: Timestamp) -> Option<Timestamp> {
    let Schedule {
        cron,
        timezone,
        always: _,
    } = schedule;
    let zone = zone(timezone)?;
    let today = until.to_jiff().to_zoned(zone.clone()).date();
    let first = after.to_jiff().to_zoned(zone.clone()).date();
    let days = today.series(jiff::Span::new().days(-1)).take(DAYS);
    // What the clocks move may be due on the day after its own.
    let days = days.take_while(|day| first.yesterday().is_ok_and(|before| *day >= before));
    let due = days.filter(|day| cron.is_on(*day)).flat_map(|day| {
        let times: Vec<_> = cron.times().rev().map(|time| day.to_datetime(time)).collect();
        times
    });
    let mut due = due.filter_map(|at| {
        let at = zone.to_ambiguous_timestamp(at).compatible().ok()?;
        Timestamp::from_millisecond(at.as_millisecond()).ok()
    });
    due.find(|at| *at <= until).filter(|at| *at > after)
}

/// A time zone, as this program brings it with it.
pub(super) fn zone(name: &TimeZone) -> Option<jiff::tz::TimeZone> {
    ZONES.get(&name.to_string()).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schedule(cron: &str, timezone: &str) -> Schedule {
        Schedule {
            cron: cron.parse().unwrap(),
            timezone: timezone.parse().unwrap(),
            always: true,
        }
    }

    #[track_caller]
    fn assert_due(cron: &str, timezone: &str, (after, until): (&str, &str), due: Option<&str>) {
        let found = last_due(
            &schedule(cron, timezone),
            after.parse().unwrap(),
            until.parse().unwrap(),
        );
        assert_eq!(found, due.map(|due| due.parse().unwrap()), "{cron} {after} {until}");
    }

    #[test]
    fn the_last_time_counts_however_many_passed() {
        let monday = "0 4 ? * MON *";
        assert_due(
            monday,
            "UTC",
            ("2026-11-23T03:59:00Z", "2026-11-23T04:00:00Z"),
            Some("2026-11-23T04:00:00Z"),
        );
        assert_due(monday, "UTC", ("2026-11-23T04:00:00Z", "2026-11-23T04:05:00Z"), None);
        assert_due(monday, "UTC", ("2026-11-23T03:00:00Z", "2026-11-23T03:59:59Z"), None);
        assert_due(
            monday,
            "UTC",
            ("2026-10-01T00:00:00Z", "2026-11-22T00:00:00Z"),
            Some("2026-11-16T04:00:00Z"),
        );
        assert_due(
            monday,
            "Europe/Berlin",
            ("2026-11-23T02:00:00Z", "2026-11-23T04:00:00Z"),
            Some("2026-11-23T03:00:00Z"),
        );
        assert_due(
            "0 4 1 1 ? *",
            "UTC",
            ("2026-01-02T00:00:00Z", "2027-01-01T06:00:00Z"),
            Some("2027-01-01T04:00:00Z"),
        );
    }

    #[test]
    fn what_is_due_in_the_hour_that_is_skipped_is_due_when_it_is_over() {
        // At 2:00 of 2027-03-28 it is 3:00 in Berlin.
        let half_past_two = "30 2 ? * * *";
        let night = ("2027-03-27T12:00:00Z", "2027-03-28T12:00:00Z");
        assert_due(half_past_two, "Europe/Berlin", night, Some("2027-03-28T01:30:00Z"));
    }

    #[test]
    fn what_is_due_in_the_hour_that_comes_twice_is_due_once() {
        // At 3:00 of 2026-10-25 it is 2:00 in Berlin once more.
        let half_past_two = "30 2 ? * * *";
        let first = Some("2026-10-25T00:30:00Z");
        assert_due(
            half_past_two,
            "Europe/Berlin",
            ("2026-10-24T12:00:00Z", "2026-10-25T00:40:00Z"),
            first,
        );
        assert_due(
            half_past_two,
            "Europe/Berlin",
            ("2026-10-25T00:30:00Z", "2026-10-25T12:00:00Z"),
            None,
        );
    }

    #[test]
    fn a_schedule_that_never_comes_round_is_never_due() {
        assert_due(
            "0 4 31 2 ? *",
            "UTC",
            ("2020-01-01T00:00:00Z", "2026-11-23T00:00:00Z"),
            None,
        );
    }
}
