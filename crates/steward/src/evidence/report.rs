//! Usage reports of EC2: what an image's owner is told of its use in every account, looked at by us or not.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{AccountId, AmiId, Duration, Timestamp, Words, plural};

/// What is newer than this when a report is asked for may be missing in it: EC2 says a day for instances, and a few days for
/// launch templates.
pub const REPORT_LAG: Duration = Duration::days(4);

/// A report, as the images' owner sees it listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReportSeen {
    /// Its id.
    pub id: Words,
    /// Of which image.
    pub ami: AmiId,
    /// When it was asked for. What it says is older than that, by up to [`REPORT_LAG`].
    pub requested: Timestamp,
    /// How far it is.
    pub state: ReportState,
    /// Whether it is about all accounts, and all that reports can be about. People ask for less.
    pub whole: bool,
}

/// How far a report is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReportState {
    /// EC2 still makes it.
    Pending,
    /// It can be read.
    Available,
    /// EC2 could not make it.
    Error,
}

/// How often an account uses an image, as a report says it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReportedUse {
    /// Which image.
    pub ami: AmiId,
    /// When the report was asked for.
    pub requested: Timestamp,
    /// Who uses it.
    pub account: AccountId,
    /// In what.
    pub by: ReportedUser,
    /// In how many of those.
    pub count: u64,
}

/// What names an image in an account that a report tells of.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReportedUser {
    /// Instances.
    Instances,
    /// Launch templates, each counted once however many of its versions name the image.
    LaunchTemplates,
    /// What EC2 has come to report since, in its own words.
    Other(Words),
}

/// The reports of a target.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReportsSeen {
    /// How many there are, whatever they are about.
    pub listed: usize,
    /// Those of images of ours.
    pub reports: Vec<ReportSeen>,
    /// What those of them say that are [`worth_reading`].
    pub uses: Vec<ReportedUse>,
}

/// How the reports of an image stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportStanding {
    /// When the newest whole one was asked for.
    pub requested: Timestamp,
    /// How far it is.
    pub state: ReportState,
    /// When the newest whole one that could be read was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub read: Option<Timestamp>,
}

impl ReportState {
    /// As EC2 names it.
    pub fn read(name: &str) -> Result<Self, String> {
        match name {
            "pending" => Ok(Self::Pending),
            "available" => Ok(Self::Available),
            "error" => Ok(Self::Error),
            other => Err(format!("the state {other} of a report is not known")),
        }
    }
}

impl ReportedUser {
    /// As EC2 names it.
    pub fn read(name: &str) -> Self {
        match name {
            "ec2:Instance" => Self::Instances,
            "ec2:LaunchTemplate" => Self::LaunchTemplates,
            other => Self::Other(Words::from(other)),
        }
    }

    /// So many of them.
    pub(super) fn counted(&self, count: u64) -> String {
        let many = plural(usize::try_from(count).unwrap_or(usize::MAX));
        match self {
            Self::Instances => format!("{count} instance{many}"),
            Self::LaunchTemplates => format!("{count} launch template{many}"),
            Self::Other(words) => format!("{count} × {words}"),
        }
    }
}

/// The reports that say what is not said better by a newer one: of each image the newest whole one that is available, and all
/// that came after it.
pub fn worth_reading(reports: &[ReportSeen]) -> impl Iterator<Item = &ReportSeen> {
    let mut whole: BTreeMap<AmiId, Timestamp> = BTreeMap::new();
    for report in reports.iter().filter(|report| report.whole && report.is_available()) {
        let newest = whole.entry(report.ami).or_insert(report.requested);
        *newest = report.requested.max(*newest);
    }
    reports.iter().filter(move |report| {
        let better = whole.get(&report.ami).copied();
        report.is_available() && better.is_none_or(|better| report.requested >= better)
    })
}

/// How the reports of each image stand. One that nobody asked a whole report of is not there.
pub fn standings(reports: &[ReportSeen]) -> BTreeMap<AmiId, ReportStanding> {
    let images: BTreeSet<AmiId> = reports.iter().map(|report| report.ami).collect();
    let standing = |ami: AmiId| {
        let whole = || reports.iter().filter(move |report| report.ami == ami && report.whole);
        let newest = whole().max_by_key(|report| report.requested)?;
        let read = whole().filter(|report| report.is_available());
        let standing = ReportStanding {
            requested: newest.requested,
            state: newest.state,
            read: read.map(|report| report.requested).max(),
        };
        Some((ami, standing))
    };
    images.into_iter().filter_map(standing).collect()
}

impl ReportSeen {
    fn is_available(&self) -> bool {
        self.state == ReportState::Available
    }
}

impl ReportStanding {
    /// As people read it, where so many uses are told by reports.
    pub fn told(&self, uses: usize) -> impl fmt::Display {
        let shows = match uses {
            0 => String::from("nothing"),
            uses => format!("{uses} use{}", plural(uses)),
        };
        let asked = |at: Timestamp| format!("a usage report asked for on {at}");
        let newest = match self.state {
            ReportState::Available => return format!("{} shows {shows}", asked(self.requested)),
            ReportState::Pending => "is pending",
            ReportState::Error => "ended in an error",
        };
        match self.read {
            None => format!("{} {newest}", asked(self.requested)),
            Some(read) => format!(
                "{} shows {shows}; a newer one, asked for on {}, {newest}",
                asked(read),
                self.requested
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(day: u8) -> Timestamp {
        format!("2026-01-{day:02}T08:00:00Z").parse().unwrap()
    }

    fn report(id: &str, image: u8, day: u8, state: ReportState, whole: bool) -> ReportSeen {
        ReportSeen {
            id: id.into(),
            ami: format!("ami-{image:017x}").parse().unwrap(),
            requested: at(day),
            state,
            whole,
        }
    }

    fn some() -> Vec<ReportSeen> {
        use ReportState::{Available, Error, Pending};
        vec![
            report("old", 1, 1, Available, true),
            report("whole", 1, 8, Available, true),
            report("of-a-person", 1, 9, Available, false),
            report("next", 1, 15, Pending, true),
            report("broken", 2, 3, Error, true),
            report("in-part", 3, 3, Available, false),
        ]
    }

    #[test]
    fn of_each_image_the_newest_whole_report_is_read_and_what_came_after_it() {
        let reports = some();
        let read: Vec<&str> = worth_reading(&reports).map(|report| report.id.as_str()).collect();
        assert_eq!(read, ["whole", "of-a-person", "in-part"]);
    }

    #[test]
    fn an_image_stands_by_the_newest_whole_report_and_the_newest_that_could_be_read() {
        let standings = standings(&some());
        let told: Vec<String> = standings
            .values()
            .map(|standing| standing.told(2).to_string())
            .collect();
        assert_eq!(
            told,
            [
                "a usage report asked for on 2026-01-08T08:00:00.000Z shows 2 uses; a newer one, asked for on \
                 2026-01-15T08:00:00.000Z, is pending",
                "a usage report asked for on 2026-01-03T08:00:00.000Z ended in an error",
            ]
        );
        let first = [report("one", 1, 4, ReportState::Available, true)];
        let told = super::standings(&first)
            .values()
            .next()
            .map(|standing| standing.told(0).to_string());
        assert_eq!(
            told.as_deref(),
            Some("a usage report asked for on 2026-01-04T08:00:00.000Z shows nothing")
        );
    }

    #[test]
    fn a_state_nobody_knows_is_an_error_and_a_user_nobody_knows_is_one_all_the_same() {
        assert_eq!(ReportState::read("available"), Ok(ReportState::Available));
        assert!(ReportState::read("lost").is_err());
        let other = ReportedUser::read("imagebuilder:ImageRecipe");
        assert_eq!(other.counted(2), "2 × imagebuilder:ImageRecipe");
        assert_eq!(ReportedUser::read("ec2:Instance").counted(1), "1 instance");
        assert_eq!(
            ReportedUser::read("ec2:LaunchTemplate").counted(3),
            "3 launch templates"
        );
    }
}
