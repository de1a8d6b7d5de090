//! When a pipeline would run by itself: the expression, its time zone, and what would switch it off.

use std::ops::RangeInclusive;

use serde::{Deserialize, Serialize};

use super::check;
use super::errors::invalid;
use crate::wire::error::ApiError;

/// The schedule of a pipeline, kept and shown: nothing runs on it.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Schedule {
    #[serde(rename = "scheduleExpression")]
    expression: Option<String>,
    timezone: Option<String>,
    pipeline_execution_start_condition: Option<String>,
    auto_disable_policy: Option<AutoDisable>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct AutoDisable {
    failure_count: u32,
}

impl Schedule {
    /// Refuses what no build could ever run by, and sets the defaults.
    pub(crate) fn check(&mut self) -> Result<(), ApiError> {
        check_expression(self.expression.as_deref().unwrap_or_default())?;
        check_timezone(self.timezone.get_or_insert_with(|| String::from("UTC")))?;
        let conditions = [
            "EXPRESSION_MATCH_AND_DEPENDENCY_UPDATES_AVAILABLE",
            "EXPRESSION_MATCH_ONLY",
        ];
        let condition = self
            .pipeline_execution_start_condition
            .get_or_insert_with(|| conditions[0].to_owned());
        check::one_of("schedule.pipelineExecutionStartCondition", condition, &conditions)?;
        if self
            .auto_disable_policy
            .as_ref()
            .is_some_and(|policy| !(1..=10).contains(&policy.failure_count))
        {
            return Err(invalid(
                "schedule.autoDisablePolicy.failureCount",
                "It must be between 1 and 10.",
            ));
        }
        Ok(())
    }
}

/// Image Builder documents the format, and not how it refuses what has another.
fn check_expression(expression: &str) -> Result<(), ApiError> {
    check::length("schedule.scheduleExpression", expression, 1..=1024)?;
    let inside = |kind: &str| {
        expression
            .strip_prefix(kind)
            .and_then(|rest| rest.strip_prefix('(')?.strip_suffix(')'))
    };
    if inside("cron").is_some_and(is_cron) || inside("rate").is_some_and(is_rate) {
        Ok(())
    } else {
        Err(invalid(
            "schedule.scheduleExpression",
            "It must be cron(…) of six fields, or rate(…).",
        ))
    }
}

/// `1 day` or `2 days`: one of a unit is singular, several are plural.
fn is_rate(text: &str) -> bool {
    let mut words = text.split_whitespace();
    let (Some(count), Some(unit), None) = (words.next(), words.next(), words.next()) else {
        return false;
    };
    match digits(count) {
        None | Some(0) => false,
        Some(1) => ["minute", "hour", "day"].contains(&unit),
        Some(_) => ["minutes", "hours", "days"].contains(&unit),
    }
}

/// A field of a cron expression.
struct Field {
    within: RangeInclusive<u32>,
    /// Words for its numbers, from the first on.
    names: &'static [&'static str],
    /// Whether it knows increments, `*/15`.
    steps: bool,
    /// Whether it knows this as a whole.
    special: fn(&Field, &str) -> bool,
}

const fn plain(within: RangeInclusive<u32>) -> Field {
    Field {
        within,
        names: &[],
        steps: true,
        special: |_, _| false,
    }
}

const MONTHS: [&str; 12] = [
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
];
const WEEKDAYS: [&str; 7] = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];

/// Minute, hour, day, month, day of the week, year.
const FIELDS: [Field; 6] = [
    plain(0..=59),
    plain(0..=23),
    Field {
        special: |day, text| matches!(text, "?" | "L") || text.strip_suffix('W').is_some_and(|near| day.has(near)),
        ..plain(1..=31)
    },
    Field {
        names: &MONTHS,
        ..plain(1..=12)
    },
    Field {
        names: &WEEKDAYS,
        steps: false,
        special: |weekday, text| {
            // `6L`, the last Friday of a month, is not in Image Builder's guide, but in that of EventBridge, whose format this is.
            let last = text.strip_suffix('L').is_some_and(|day| weekday.has(day));
            let nth = text.split_once('#');
            matches!(text, "?" | "L")
                || last
                || nth
                    .is_some_and(|(day, nth)| weekday.has(day) && digits(nth).is_some_and(|nth| (1..=5).contains(&nth)))
        },
        ..plain(1..=7)
    },
    plain(1970..=2199),
];

/// Six fields with one space between them, of which either the day or the day of the week is left open with `?`.
fn is_cron(text: &str) -> bool {
    let fields: Vec<&str> = text.split(' ').collect();
    let [_, _, day, _, weekday, _] = fields.as_slice() else {
        return false;
    };
    (*day == "?") != (*weekday == "?") && FIELDS.iter().zip(&fields).all(|(field, text)| field.takes(text))
}

impl Field {
    fn takes(&self, text: &str) -> bool {
        (self.special)(self, text) || text.split(',').all(|part| self.takes_part(part))
    }

    /// A number, a range or everything, and from there in steps.
    fn takes_part(&self, text: &str) -> bool {
        let (base, step) = text
            .split_once('/')
            .map_or((text, None), |(base, step)| (base, Some(step)));
        let steps = |step| self.steps && digits(step).is_some_and(|step| (1..=*self.within.end()).contains(&step));
        let range = |(first, last)| {
            let (first, last) = (self.number(first), self.number(last));
            first.is_some() && last.is_some() && first <= last
        };
        step.is_none_or(steps) && (base == "*" || self.has(base) || base.split_once('-').is_some_and(range))
    }

    fn has(&self, text: &str) -> bool {
        self.number(text).is_some()
    }

    fn number(&self, text: &str) -> Option<u32> {
        let named = self.names.iter().position(|name| name.eq_ignore_ascii_case(text));
        let number = match named {
            Some(place) => *self.within.start() + u32::try_from(place).ok()?,
            None => digits(text)?,
        };
        self.within.contains(&number).then_some(number)
    }
}

fn digits(text: &str) -> Option<u32> {
    let all_digits = text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| all_digits)
}

/// What IANA's names begin with.
const AREAS: [&str; 16] = [
    "Africa",
    "America",
    "Antarctica",
    "Arctic",
    "Asia",
    "Atlantic",
    "Australia",
    "Brazil",
    "Canada",
    "Chile",
    "Etc",
    "Europe",
    "Indian",
    "Mexico",
    "Pacific",
    "US",
];
/// IANA's names without an area that keep to the pattern of the API.
const ZONES_WITHOUT_AREA: [&str; 37] = [
    "CET",
    "CST6CDT",
    "Cuba",
    "EET",
    "EST",
    "EST5EDT",
    "Egypt",
    "Eire",
    "GMT",
    "GMT0",
    "Greenwich",
    "HST",
    "Hongkong",
    "Iceland",
    "Iran",
    "Israel",
    "Jamaica",
    "Japan",
    "Kwajalein",
    "Libya",
    "MET",
    "MST",
    "MST7MDT",
    "Navajo",
    "PRC",
    "PST8PDT",
    "Poland",
    "Portugal",
    "ROC",
    "ROK",
    "Singapore",
    "Turkey",
    "UCT",
    "UTC",
    "Universal",
    "WET",
    "Zulu",
];

/// The shape of an IANA name: the zones themselves change too often to be listed here.
fn check_timezone(zone: &str) -> Result<(), ApiError> {
    check::length("schedule.timezone", zone, 3..=100)?;
    let inner = |byte: u8| byte.is_ascii_alphanumeric() || b"_+-".contains(&byte);
    let place = |text: &str| text.starts_with(|letter: char| letter.is_ascii_uppercase()) && text.bytes().all(inner);
    let parts: Vec<&str> = zone.split('/').collect();
    let fits = match parts.as_slice() {
        [zone] => ZONES_WITHOUT_AREA.contains(zone),
        [area, places @ ..] => AREAS.contains(area) && places.len() <= 2 && places.iter().all(|text| place(text)),
        [] => false,
    };
    if fits {
        Ok(())
    } else {
        Err(invalid(
            "schedule.timezone",
            format_args!("'{zone}' is not the IANA name of a time zone."),
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_documented_expressions_are_taken() {
        for good in [
            "cron(0 10 * * ? *)",
            "cron(15 12 * * ? *)",
            "cron(0 10 ? * 2-6 *)",
            "cron(0 18 ? * mon-fri *)",
            "cron(0 8 1 * ? *)",
            "cron(30 22 ? * tue#2 *)",
            "cron(0 4 ? * MON *)",
            "cron(0,30 0-23/2 L jan,feb,mar ? 2026-2030)",
            "cron(*/15 8-18 3W * ? *)",
            "cron(0 0 */2 JAN-DEC ? 2199)",
            "cron(0 0 ? * L *)",
            "cron(0 0 ? * 6L *)",
            "cron(0 0 ? * FRI#5 1970)",
            "cron(5/10 0 1-15 12 ? *)",
            "rate(1 minute)",
            "rate(5 minutes)",
            "rate(1 hour)",
            "rate(12 hours)",
            "rate(1 day)",
            "rate(7 days)",
        ] {
            assert_eq!(check_expression(good), Ok(()), "{good}");
        }
    }

    #[test]
    fn an_expression_that_could_never_run_is_refused() {
        for bad in [
            "",
            "every day",
            "0 10 * * ? *",
            "cron(0 10 * * ? *",
            "cron(0 10 * * ?)",
            "cron(0 10 * * ? * *)",
            "cron( 0 10 * * ? *)",
            "cron(0  10 * * ? *)",
            "cron(60 10 * * ? *)",
            "cron(0 24 * * ? *)",
            "cron(0 10 0 * ? *)",
            "cron(0 10 32 * ? *)",
            "cron(0 10 1 0 ? *)",
            "cron(0 10 1 13 ? *)",
            "cron(0 10 1 january ? *)",
            "cron(0 10 ? * 0 *)",
            "cron(0 10 ? * 8 *)",
            "cron(0 10 ? * funday *)",
            "cron(0 10 1 * ? 1969)",
            "cron(0 10 1 * ? 2200)",
            // One of the days is open, and only one.
            "cron(0 10 * * * *)",
            "cron(0 10 1 * mon *)",
            "cron(0 10 ? * ? *)",
            "cron(? 10 1 * ? *)",
            "cron(0 10 1 ? ? *)",
            // Signs of one field in another.
            "cron(L 10 1 * ? *)",
            "cron(0 10 1 L ? *)",
            "cron(0 10 ? * 3W *)",
            "cron(0 10 W * ? *)",
            "cron(0 10 32W * ? *)",
            "cron(0 10 3#2 * ? *)",
            "cron(0 10 ? * tue#0 *)",
            "cron(0 10 ? * tue#6 *)",
            "cron(0 10 ? * */2 *)",
            // Lists, ranges and steps that are none.
            "cron(0, 10 1 * ? *)",
            "cron(30-10 10 1 * ? *)",
            "cron(10- 10 1 * ? *)",
            "cron(*/0 10 1 * ? *)",
            "cron(*/60 10 1 * ? *)",
            "cron(+5 10 1 * ? *)",
            "rate()",
            "rate(day)",
            "rate(0 days)",
            "rate(-1 days)",
            "rate(1 days)",
            "rate(5 hour)",
            "rate(1.5 hours)",
            "rate(2 weeks)",
            "rate(1 day 2)",
        ] {
            assert!(check_expression(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_time_zone_has_the_name_of_one() {
        for good in [
            "UTC",
            "GMT",
            "EST5EDT",
            "Japan",
            "Universal",
            "Etc/UTC",
            "Etc/GMT+12",
            "Europe/Berlin",
            "America/Los_Angeles",
            "America/Argentina/Buenos_Aires",
            "America/North_Dakota/New_Salem",
            "America/Port-au-Prince",
            "Asia/Ust-Nera",
        ] {
            assert_eq!(check_timezone(good), Ok(()), "{good}");
        }
        for bad in [
            "",
            "Z",
            "utc",
            "UTC+1",
            "+01:00",
            "Berlin",
            "CEST",
            "Middle/Earth",
            "europe/berlin",
            "Europe",
            "Europe/",
            "Europe/berlin",
            "Europe/Berlin/",
            "Europe/New York",
            "America/A/B/C",
        ] {
            assert!(check_timezone(bad).is_err(), "{bad}");
        }
    }
}
