//! Days and hours, hour by hour.

use std::sync::LazyLock;

use jiff::tz::TimeZone;

use super::HOUR;
use crate::manifest::{Freeze, ReasonKind, Schedule};

/// Those of the families here.
static BERLIN: LazyLock<TimeZone> = LazyLock::new(|| TimeZone::get("Europe/Berlin").unwrap());

fn local(zone: &crate::manifest::TimeZone, at: i64) -> jiff::civil::DateTime {
    let at = jiff::Timestamp::from_millisecond(at).unwrap();
    if *zone == crate::manifest::TimeZone::utc() {
        return TimeZone::UTC.to_datetime(at);
    }
    assert_eq!(zone.to_string(), "Europe/Berlin");
    BERLIN.to_datetime(at)
}

/// Whether nothing is built for such a reason at that moment.
pub(super) fn is_frozen(freezes: &[Freeze], kind: ReasonKind, at: i64) -> bool {
    freezes.iter().any(|freeze| {
        let today = local(&freeze.timezone, at).date();
        !freeze.except.contains(&kind) && freeze.from.date() <= today && today <= freeze.to.date()
    })
}

/// The first moment from then on at which something is. Days begin and end at whole hours here.
pub(super) fn thaws(freezes: &[Freeze], kind: ReasonKind, from: i64) -> i64 {
    let mut at = from;
    while is_frozen(freezes, kind, at) {
        at = (at / HOUR + 1) * HOUR;
    }
    at
}

/// When it was due last, after one moment and not after another. Times of a day are whole and half hours.
pub(super) fn last_due(schedule: &Schedule, after: i64, until: i64) -> Option<i64> {
    let (cron, zone) = (schedule.cron.to_string(), &schedule.timezone);
    let words: Vec<&str> = cron.split(' ').collect();
    let [minute, hour] = [0, 1].map(|at| words[at].parse::<i8>().unwrap());
    let is_on = |day: jiff::civil::Date| words[4] == "?" || day.weekday() == jiff::civil::Weekday::Monday;
    let mut at = until / (HOUR / 2) * (HOUR / 2);
    while at > after {
        let (here, earlier) = (local(zone, at), local(zone, at - HOUR));
        let is_time = here.minute() == minute && is_on(here.date());
        // An hour that comes twice is the first of the two, one that is skipped is over in the next.
        let is_first = here.hour() == hour && earlier.hour() != hour;
        let is_over = here.hour() == hour + 1 && earlier.hour() + 2 == here.hour();
        if is_time && (is_first || is_over) {
            return Some(at);
        }
        at -= HOUR / 2;
    }
    None
}
