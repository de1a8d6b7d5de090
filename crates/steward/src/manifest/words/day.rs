use std::fmt;
use std::str::FromStr;

use crate::ParseError;
use crate::manifest::document::words;
use crate::text::string_form;

/// A day of the calendar, in a time zone that is given elsewhere: `2026-12-20`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Day(jiff::civil::Date);

string_form!(Day, "day");
words! { Day: "day", "2026-12-20"; }

impl Day {
    /// The day in the calendar.
    pub const fn date(self) -> jiff::civil::Date {
        self.0
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.0.year(), self.0.month(), self.0.day())
    }
}

impl FromStr for Day {
    type Err = ParseError<&'static str>;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let problem = |problem| ParseError::new(text, problem);
        let shaped = text.len() == 10
            && text.bytes().enumerate().all(|(at, byte)| {
                if matches!(at, 4 | 7) {
                    byte == b'-'
                } else {
                    byte.is_ascii_digit()
                }
            });
        if !shaped {
            return Err(problem("must be a year, a month and a day, as in 2026-12-20"));
        }
        let number = |range: std::ops::Range<usize>| {
            text.get(range)
                .and_then(|digits| digits.parse::<i16>().ok())
                .unwrap_or_default()
        };
        let month_or_day = |range| i8::try_from(number(range)).unwrap_or_default();
        jiff::civil::Date::new(number(0..4), month_or_day(5..7), month_or_day(8..10))
            .map(Self)
            .map_err(|_| problem("is not a day of the calendar"))
    }
}
