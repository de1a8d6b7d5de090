//! On which days, and at which times of them, an expression means.

use jiff::civil::{Date, Time, Weekday};

use super::{Cron, CronField};

impl Cron {
    /// Whether it means this day.
    pub fn is_on(&self, date: Date) -> bool {
        let [_, _, days, months, weekdays, years] = self.fields();
        let (year, month) = (number(date.year()), number(date.month()));
        CronField::Year.means(years, year)
            && CronField::Month.means(months, month)
            && (days == "?" || days.split(',').any(|part| is_day(part, date)))
            && (weekdays == "?" || weekdays.split(',').any(|part| is_weekday(part, date)))
    }

    /// The times of its days, in their order.
    pub fn times(&self) -> impl DoubleEndedIterator<Item = Time> {
        let [minutes, hours, ..] = self.fields();
        let meant = |field: CronField, text: &str, last: i8| -> Vec<i8> {
            (0..=last).filter(|at| field.means(text, number(*at))).collect()
        };
        let minutes = meant(CronField::Minute, minutes, 59);
        let hours = meant(CronField::Hour, hours, 23);
        hours.into_iter().flat_map(move |hour| {
            minutes
                .clone()
                .into_iter()
                .map(move |minute| Time::constant(hour, minute, 0, 0))
        })
    }

    fn fields(&self) -> [&str; 6] {
        let mut fields = self.0.split(' ');
        [(); 6].map(|()| fields.next().unwrap_or_default())
    }
}

impl CronField {
    /// Whether a field, of which every part is a value, a range or a step, means this number.
    fn means(self, text: &str, number: u16) -> bool {
        text.split(',').any(|part| self.is_meant(part, number))
    }

    fn is_meant(self, part: &str, number: u16) -> bool {
        let (least, most) = self.bounds();
        let (range, step) = part
            .split_once('/')
            .map_or((part, None), |(range, step)| (range, Some(step)));
        let (from, to) = match (range.split_once('-'), step) {
            (Some((from, to)), _) => (self.value(from), self.value(to)),
            (None, _) if range == "*" => (Some(least), Some(most)),
            // `5/15` is from the fifth on.
            (None, Some(_)) => (self.value(range), Some(most)),
            (None, None) => (self.value(range), self.value(range)),
        };
        let step = step.and_then(|step| step.parse().ok()).unwrap_or(1);
        matches!((from, to), (Some(from), Some(to)) if (from..=to).step_by(step).any(|meant| meant == number))
    }
}

/// Whether a part of the days of the month means this day.
fn is_day(part: &str, date: Date) -> bool {
    match (part, part.strip_suffix('W')) {
        ("L", _) => date == date.last_of_month(),
        ("LW", _) => date == nearest_weekday(date.last_of_month()),
        (_, Some(day)) => {
            let of_month = CronField::DayOfMonth.value(day).and_then(|day| i8::try_from(day).ok());
            let there = of_month.and_then(|day| Date::new(date.year(), date.month(), day).ok());
            there.is_some_and(|day| date == nearest_weekday(day))
        }
        (_, None) => CronField::DayOfMonth.is_meant(part, number(date.day())),
    }
}

/// Whether a part of the days of the week means this day.
fn is_weekday(part: &str, date: Date) -> bool {
    let weekday = number(date.weekday().to_sunday_one_offset());
    if part == "L" {
        return date.weekday() == Weekday::Saturday;
    }
    if let Some(day) = part.strip_suffix('L') {
        let is_last = date.days_in_month() - date.day() < 7;
        return is_last && CronField::DayOfWeek.value(day) == Some(weekday);
    }
    if let Some((day, nth)) = part.split_once('#') {
        let is_nth = nth.parse() == Ok((date.day() - 1) / 7 + 1);
        return is_nth && CronField::DayOfWeek.value(day) == Some(weekday);
    }
    CronField::DayOfWeek.is_meant(part, weekday)
}

/// The weekday nearest to a day, in its month.
fn nearest_weekday(day: Date) -> Date {
    let beside = |before: bool| {
        let other = if before { day.yesterday() } else { day.tomorrow() };
        other.ok().filter(|other| other.month() == day.month())
    };
    let two = |before: bool| beside(before).and_then(|one| if before { one.yesterday() } else { one.tomorrow() }.ok());
    let nearest = match day.weekday() {
        Weekday::Saturday => beside(true).or_else(|| two(false)),
        Weekday::Sunday => beside(false).or_else(|| two(true)),
        _ => Some(day),
    };
    nearest.unwrap_or(day)
}

fn number(value: impl TryInto<u16>) -> u16 {
    // No part of a date is below zero, but of years that no expression names.
    value.try_into().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn days(cron: &str, from: &str, count: usize) -> Vec<String> {
        let cron: Cron = cron.parse().unwrap();
        let from: Date = from.parse().unwrap();
        let on = from.series(jiff::Span::new().days(1)).take(800);
        on.filter(|date| cron.is_on(*date))
            .take(count)
            .map(|date| date.to_string())
            .collect()
    }

    #[test]
    fn days_are_those_that_event_bridge_means() {
        let cases = [
            ("0 4 ? * MON *", "2026-11-23", &["2026-11-23", "2026-11-30"][..]),
            (
                "0 4 ? * 2-6/2 *",
                "2026-11-22",
                &["2026-11-23", "2026-11-25", "2026-11-27"],
            ),
            ("0 4 L * ? *", "2026-02-01", &["2026-02-28", "2026-03-31"]),
            ("0 4 LW * ? *", "2026-01-01", &["2026-01-30", "2026-02-27"]),
            ("0 4 15W * ? *", "2026-08-01", &["2026-08-14", "2026-09-15"]),
            ("0 4 1W * ? *", "2026-08-01", &["2026-08-03", "2026-09-01"]),
            ("0 4 31W * ? *", "2026-05-01", &["2026-05-29", "2026-07-31"]),
            ("0 4 ? * 6L *", "2026-11-01", &["2026-11-27", "2026-12-25"]),
            ("0 4 ? * L *", "2026-11-22", &["2026-11-28", "2026-12-05"]),
            ("0 4 ? * TUE#2 *", "2026-11-01", &["2026-11-10", "2026-12-08"]),
            ("0 4 1,15 JAN-MAR/2 ? *", "2026-01-02", &["2026-01-15", "2026-03-01"]),
            ("0 4 29 2 ? *", "2026-11-01", &["2028-02-29"]),
            ("0 4 1 1 ? 2027/2", "2026-01-01", &["2027-01-01"]),
        ];
        for (cron, from, meant) in cases {
            assert_eq!(days(cron, from, meant.len()), meant, "{cron}");
        }
        assert!(days("0 4 31 2 ? *", "2026-01-01", 1).is_empty());
    }

    #[test]
    fn times_are_those_that_event_bridge_means() {
        let times = |cron: &str| -> Vec<String> {
            let cron: Cron = cron.parse().unwrap();
            cron.times().map(|time| time.to_string()).collect()
        };
        assert_eq!(times("0 4 ? * MON *"), ["04:00:00"]);
        assert_eq!(
            times("5/25 0,12 ? * MON *"),
            ["00:05:00", "00:30:00", "00:55:00", "12:05:00", "12:30:00", "12:55:00"]
        );
        assert_eq!(
            times("*/30 22-23 ? * MON *"),
            ["22:00:00", "22:30:00", "23:00:00", "23:30:00"]
        );
    }
}
