use std::fmt::Write as _;

use super::look_back::{LookBack, Missed};
use super::{SimulatedDay, Simulation};
use crate::text::headed;
use crate::{Timestamp, plural};

/// Rows of a table.
const ROWS: usize = 30;
/// Columns and lines of a plot.
const WIDTH: usize = 72;
const HEIGHT: usize = 12;

impl Simulation {
    /// It for a terminal: a plot, a table, and what is taken for granted.
    pub fn text(&self) -> String {
        let interval = match self.seconds_apart {
            None if self.adopted => String::from("Adopted images have no build to come, and none is added."),
            None => String::from("Its releases are too few to tell how far apart they are, and none is added."),
            Some(seconds) => format!(
                "A release of each architecture is added every {}, as till now, in the places of the newest.",
                apart(seconds)
            ),
        };
        let waits = self.days.iter().find(|day| day.waits_for_a_person);
        let waits = waits.map(|day| {
            format!(
                "From {} on more would become expendable than `share` allows: nothing new does until a person accepts it.",
                date(day.at)
            )
        });
        let granted =
            "Uses, channels, holds and launches stay as they are, evidence is complete, and sizes are an upper bound.";
        let of_several = (self.days.len() > ROWS)
            .then(|| String::from("A row of several days has the most of each that there is on one of them."));
        let parts = [
            Some(self.family.to_string()),
            Some(self.plot()),
            Some(self.table()),
            of_several,
            Some(interval),
            waits,
            Some(String::from(granted)),
        ];
        parts.into_iter().flatten().collect::<Vec<String>>().join("\n\n")
    }

    /// The days as a table: a row each, or where there are more than rows for as many as it takes, with the most of each column.
    pub fn table(&self) -> String {
        let step = self.days.len().div_ceil(ROWS).max(1);
        let head = [
            "DAY",
            "DATE",
            "IMAGES",
            "AVAILABLE",
            "DEPRECATED",
            "DISABLED",
            "MADE",
            "GONE",
            "GIB AT MOST",
        ];
        let rows = self.days.chunks(step).enumerate().map(|(row, days)| {
            let first = row * step;
            let day = match days.len() {
                1 => first.to_string(),
                several => format!("{first}-{}", first + several - 1),
            };
            let most = |count: fn(&SimulatedDay) -> usize| days.iter().map(count).max().unwrap_or_default().to_string();
            let gib = days.iter().map(|day| day.gib).max().unwrap_or_default();
            [
                day,
                days.first().map(|day| date(day.at)).unwrap_or_default(),
                most(|day| day.images),
                most(|day| day.available),
                most(|day| day.deprecated),
                most(|day| day.disabled),
                most(|day| day.made),
                most(|day| day.gone),
                gib.to_string(),
            ]
        });
        headed(head, rows).unwrap_or_default()
    }

    /// The images by their rungs: a column a day, or where there are more days than columns, of some the one with the most images.
    pub fn plot(&self) -> String {
        let columns = self.columns();
        let most = columns.iter().map(|column| column.images).max().unwrap_or_default();
        let mut text = String::new();
        for line in (1..=HEIGHT).rev() {
            // What lies between this line and the one below.
            let from = most * (line - 1) / HEIGHT;
            let mark = |column: &SimulatedDay| {
                let is_there = |count: usize| count > from;
                let SimulatedDay {
                    images,
                    deprecated,
                    disabled,
                    ..
                } = *column;
                if is_there(disabled) {
                    '.'
                } else if is_there(disabled + deprecated) {
                    '+'
                } else if is_there(images) {
                    '#'
                } else {
                    ' '
                }
            };
            let marks: String = columns.iter().map(|column| mark(column)).collect();
            let label = if line == HEIGHT {
                most.to_string()
            } else {
                String::new()
            };
            let _ = writeln!(text, "{label:>7} |{}", marks.trim_end());
        }
        let _ = write!(text, "{:>7} +{}", 0, "-".repeat(columns.len()));
        if let (Some(first), Some(last)) = (self.days.first(), self.days.last()) {
            let _ = write!(
                text,
                "\n{:9}{} to {}: # available, + deprecated, . disabled",
                "",
                date(first.at),
                date(last.at)
            );
        }
        text
    }

    fn columns(&self) -> Vec<&SimulatedDay> {
        let step = self.days.len().div_ceil(WIDTH).max(1);
        let some = self.days.chunks(step);
        some.filter_map(|days| days.iter().max_by_key(|day| day.images))
            .collect()
    }
}

impl LookBack {
    /// It for a terminal.
    pub fn text(&self) -> String {
        let Self {
            family,
            from,
            images,
            deleted,
            missed,
        } = self;
        let head = ["LAUNCHED", "IMAGE", "RELEASE", "WHERE", "WOULD HAVE GONE"];
        let rows = missed.iter().map(|missed| {
            let Missed {
                image,
                target,
                release: _,
                title,
                deleted,
                launched,
            } = missed;
            [
                launched.to_string(),
                image.to_string(),
                title.to_string(),
                target.to_string(),
                deleted.to_string(),
            ]
        });
        let count = missed.len();
        let says = format!(
            "Had this manifest held, {deleted} of the {images} image{} of {family} would be gone, and {count} of them {} launched since {} \
             and after that. One launch of each image is known, the last; images that are gone already are not counted.",
            plural(*images),
            if count == 1 { "was" } else { "were" },
            date(*from)
        );
        let parts = [headed(head, rows), Some(says)];
        parts.into_iter().flatten().collect::<Vec<String>>().join("\n\n")
    }
}

/// A length, in hours where it is of less than two days.
fn apart(seconds: u64) -> String {
    let (hours, days) = (seconds.div_ceil(3600), (seconds + 43_200) / 86_400);
    let (count, unit) = if hours < 48 { (hours, "hour") } else { (days, "day") };
    let count = usize::try_from(count).unwrap_or(usize::MAX);
    format!("{count} {unit}{}", plural(count))
}

fn date(at: Timestamp) -> String {
    at.to_jiff().strftime("%Y-%m-%d").to_string()
}
