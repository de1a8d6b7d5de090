mod times;

use crate::manifest::document::word;

word! {
    /// Times of a schedule: minute, hour, day of the month, month, day of the week, year, as EventBridge reads them.
    Cron: "cron expression", "0 4 ? * MON *", |text| check(text)
}

/// One field of an expression, in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CronField {
    /// 0 to 59.
    Minute,
    /// 0 to 23.
    Hour,
    /// 1 to 31; `L` the last, `15W` the weekday nearest to the 15th.
    DayOfMonth,
    /// 1 to 12, or JAN to DEC.
    Month,
    /// 1 (Sunday) to 7, or SUN to SAT; `6L` the last Friday, `3#2` the second Tuesday.
    DayOfWeek,
    /// 1970 to 2199.
    Year,
}

impl CronField {
    const ALL: [Self; 6] = [
        Self::Minute,
        Self::Hour,
        Self::DayOfMonth,
        Self::Month,
        Self::DayOfWeek,
        Self::Year,
    ];

    const fn noun(self) -> &'static str {
        match self {
            Self::Minute => "minute",
            Self::Hour => "hour",
            Self::DayOfMonth => "day of the month",
            Self::Month => "month",
            Self::DayOfWeek => "day of the week",
            Self::Year => "year",
        }
    }

    const fn bounds(self) -> (u16, u16) {
        match self {
            Self::Minute => (0, 59),
            Self::Hour => (0, 23),
            Self::DayOfMonth => (1, 31),
            Self::Month => (1, 12),
            Self::DayOfWeek => (1, 7),
            Self::Year => (1970, 2199),
        }
    }

    const fn names(self) -> &'static [&'static str] {
        match self {
            Self::Month => &[
                "JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC",
            ],
            Self::DayOfWeek => &["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"],
            Self::Minute | Self::Hour | Self::DayOfMonth | Self::Year => &[],
        }
    }

    fn value(self, text: &str) -> Option<u16> {
        let name = self.names().iter().position(|name| name.eq_ignore_ascii_case(text));
        if let Some(at) = name {
            return u16::try_from(at + 1).ok();
        }
        let (least, most) = self.bounds();
        let digits = !text.is_empty() && text.len() <= 4 && text.bytes().all(|byte| byte.is_ascii_digit());
        text.parse()
            .ok()
            .filter(|value| digits && (least..=most).contains(value))
    }

    fn check(self, text: &str) -> Result<(), String> {
        let (least, most) = self.bounds();
        let wrong = |part: &str| {
            let names = match self.names() {
                [from, .., to] => format!(" or {from} to {to}"),
                _ => String::new(),
            };
            format!(
                "has {part:?} for the {}, must be {least} to {most}{names}, with , - * / between",
                self.noun()
            )
        };
        for part in text.split(',') {
            let special = match self {
                Self::DayOfMonth => {
                    matches!(part, "L" | "LW") || part.strip_suffix('W').is_some_and(|day| self.value(day).is_some())
                }
                Self::DayOfWeek => {
                    part == "L"
                        || part.strip_suffix('L').is_some_and(|day| self.value(day).is_some())
                        || part.split_once('#').is_some_and(|(day, nth)| {
                            self.value(day).is_some() && matches!(nth, "1" | "2" | "3" | "4" | "5")
                        })
                }
                Self::Minute | Self::Hour | Self::Month | Self::Year => false,
            };
            if special {
                continue;
            }
            let (range, step) = part
                .split_once('/')
                .map_or((part, None), |(range, step)| (range, Some(step)));
            if step.is_some_and(|step| {
                step.len() > 4 || !step.bytes().all(|byte| byte.is_ascii_digit()) || step.parse().unwrap_or(0) == 0
            }) {
                return Err(wrong(part));
            }
            let good = match range.split_once('-') {
                Some((from, to)) => matches!((self.value(from), self.value(to)), (Some(from), Some(to)) if from <= to),
                None => range == "*" || self.value(range).is_some(),
            };
            if !good {
                return Err(wrong(part));
            }
        }
        Ok(())
    }
}

fn check(text: &str) -> Result<(), String> {
    if text.starts_with("cron(") || text.starts_with("rate(") {
        return Err(String::from(
            "must be the six fields alone, without cron( ) around them",
        ));
    }
    let fields: Vec<&str> = text.split(' ').collect();
    let [_, _, day_of_month, _, day_of_week, _] = fields.as_slice() else {
        return Err(format!(
            "has {} fields, must have six with one space between: minute, hour, day of the month, month, day of the week, year",
            fields.len()
        ));
    };
    if (*day_of_month == "?") == (*day_of_week == "?") {
        return Err(String::from(
            "must have ? for exactly one of the day of the month and the day of the week",
        ));
    }
    for (field, text) in CronField::ALL.into_iter().zip(&fields) {
        let days = matches!(field, CronField::DayOfMonth | CronField::DayOfWeek);
        if !(days && *text == "?") {
            field.check(text)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_event_bridge_takes_is_taken() {
        for good in [
            "0 4 ? * MON *",
            "0/15 8-17 ? * MON-FRI *",
            "0 12 1,15 * ? 2026-2030",
            "0 0 L * ? *",
            "0 0 LW * ? *",
            "0 0 15W JAN-MAR ? *",
            "0 0 ? * 6L *",
            "0 0 ? * TUE#2 *",
            "*/5 * * * ? *",
        ] {
            assert_eq!(check(good), Ok(()), "{good}");
        }
    }

    #[test]
    fn what_event_bridge_refuses_is_refused() {
        for bad in [
            "0 4 * * MON *",
            "0 4 ? * ? *",
            "0 4 ? * MON",
            "0  4 ? * MON *",
            "60 4 ? * MON *",
            "0 24 ? * MON *",
            "0 4 0 * ? *",
            "0 4 32 * ? *",
            "0 4 ? 13 MON *",
            "0 4 ? * 8 *",
            "0 4 ? * MON#6 *",
            "0 4 ? * MON 1969",
            "0/0 4 ? * MON *",
            "0 17-8 ? * MON *",
            "? 4 ? * MON *",
            "cron(0 4 ? * MON *)",
            "",
        ] {
            assert!(check(bad).is_err(), "{bad}");
        }
    }
}
