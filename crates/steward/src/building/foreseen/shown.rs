//! What is foreseen, as people and programs are told of it.

use serde::Serialize;

use super::{ForeseenBuild, ForeseenBuilds, Staying};
use crate::building::facts::Line;
use crate::building::inputs::Named;
use crate::building::shown::{ShownFate, ShownLine, ShownReason};
use crate::text::headed;
use crate::{Architecture, FamilyName, ReleaseId, Timestamp, Words, plural};

/// What a release would set off.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ShownForeseen {
    /// Which release it is.
    pub releases: Vec<ShownRelease>,
    /// What is built at the same time, one after the other.
    pub waves: Vec<ShownWave>,
    /// What would not be built.
    pub stay: Vec<ShownStaying>,
}

/// A release that the channels of its family would name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ShownRelease {
    /// What it runs on.
    pub architecture: Architecture,
    /// Its key.
    pub release: ReleaseId,
    /// What people call it.
    pub title: Words,
}

/// What is built at the same time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ShownWave {
    /// The builds, by the names of their lines.
    pub builds: Vec<ShownForeseenBuild>,
}

/// A build that would be started.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ShownForeseenBuild {
    /// Whose it is.
    pub family: FamilyName,
    /// What it runs on.
    pub architecture: Architecture,
    /// Why it is built.
    pub reasons: Vec<ShownReason>,
    /// What else is to be known of when it starts.
    pub says: Vec<Words>,
    /// How the channels that others follow get to it.
    pub then: Vec<Words>,
}

/// What would not be built, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ShownStaying {
    /// Whose it is.
    pub family: FamilyName,
    /// What it runs on.
    pub architecture: Architecture,
    /// What becomes of it, in a word.
    pub fate: ShownFate,
    /// Why it would be built.
    pub reasons: Vec<ShownReason>,
    /// When what holds it is over, where that is known.
    pub until: Option<Timestamp>,
    /// Why it is not.
    pub says: Words,
}

impl ForeseenBuilds {
    /// For programs.
    pub fn shown(&self) -> ShownForeseen {
        let releases = self.parent.releases.iter();
        let release = |(architecture, (Named { release, says }, _)): (&Architecture, &(Named, _))| ShownRelease {
            architecture: *architecture,
            release: *release,
            title: says.clone(),
        };
        let build = |build: &ForeseenBuild| self.shown_build(build);
        ShownForeseen {
            releases: releases.map(release).collect(),
            waves: self
                .waves
                .iter()
                .map(|wave| ShownWave {
                    builds: wave.iter().map(build).collect(),
                })
                .collect(),
            stay: self
                .stay
                .iter()
                .map(|(line, staying)| self.shown_staying(line, staying))
                .collect(),
        }
    }

    /// For a terminal: what is built wave by wave, what is not, and what it comes to.
    pub fn text(&self) -> String {
        let ShownForeseen { releases, waves, stay } = self.shown();
        let mut titles: Vec<String> = releases.iter().map(|release| release.title.to_string()).collect();
        titles.dedup();
        let built = waves.iter().zip(1..).flat_map(|(wave, number)| wave.rows(number));
        let parts = [
            Some(format!(
                "If the channels of {} named {}:",
                self.parent.family,
                titles.join(", ")
            )),
            headed(["WAVE", "FAMILY", "ARCHITECTURE", "WHY"], built),
            headed(["NOT BUILT", "ARCHITECTURE", "WHY"], stay.iter().map(ShownStaying::row)),
            Some(summary(&waves, &stay)),
        ];
        parts.into_iter().flatten().collect::<Vec<String>>().join("\n\n")
    }

    /// Whether nothing is in the way that somebody has to do something about.
    pub fn is_clear(&self) -> bool {
        !self.shown().stay.iter().any(ShownStaying::is_in_the_way)
    }

    fn shown_build(&self, build: &ForeseenBuild) -> ShownForeseenBuild {
        let ForeseenBuild {
            line,
            plan,
            notes,
            then,
        } = build;
        ShownForeseenBuild {
            family: line.family.clone(),
            architecture: line.architecture,
            reasons: ShownLine::of(line, plan, self.now).reasons,
            says: notes.clone(),
            then: then.clone(),
        }
    }

    fn shown_staying(&self, line: &Line, staying: &Staying) -> ShownStaying {
        let (fate, reasons, until, says) = match staying {
            Staying::Untouched(why) => (ShownFate::Quiet, Vec::new(), None, why.clone()),
            Staying::Unread(why) => (ShownFate::Unread, Vec::new(), None, why.clone()),
            Staying::Decided(plan) => {
                let shown = ShownLine::of(line, plan, self.now);
                let says = shown.says.unwrap_or_else(|| Words::from(shown.fate.word()));
                (shown.fate, shown.reasons, shown.until, says)
            }
        };
        ShownStaying {
            family: line.family.clone(),
            architecture: line.architecture,
            fate,
            reasons,
            until,
            says,
        }
    }
}

impl ShownWave {
    fn rows(&self, number: usize) -> Vec<[String; 4]> {
        let first = self
            .builds
            .iter()
            .zip(std::iter::once(number.to_string()).chain(std::iter::repeat(String::new())));
        first.flat_map(|(build, number)| build.rows(number)).collect()
    }
}

impl ShownForeseenBuild {
    /// A row for why it is built, and one for each further thing to say.
    fn rows(&self, number: String) -> Vec<[String; 4]> {
        let reasons = self.reasons.iter().map(|reason| reason.says.to_string());
        let says = self.says.iter().map(|says| format!("· {says}"));
        let then = self.then.iter().map(|then| format!("then: {then}"));
        let mut why = reasons.chain(says).chain(then);
        let first = [
            number,
            self.family.to_string(),
            self.architecture.to_string(),
            why.next().unwrap_or_default(),
        ];
        let further = why.map(|why| [String::new(), String::new(), String::new(), why]);
        std::iter::once(first).chain(further).collect()
    }
}

impl ShownStaying {
    fn is_in_the_way(&self) -> bool {
        matches!(self.fate, ShownFate::Blocked | ShownFate::Unread)
    }

    fn row(&self) -> [String; 3] {
        let mark = if self.is_in_the_way() { '!' } else { '·' };
        let until = self.until.map_or_else(String::new, |until| format!(", until {until}"));
        [
            self.family.to_string(),
            self.architecture.to_string(),
            format!("{mark} {}{until}", self.says),
        ]
    }
}

fn summary(waves: &[ShownWave], stay: &[ShownStaying]) -> String {
    let builds: usize = waves.iter().map(|wave| wave.builds.len()).sum();
    if builds == 0 {
        return String::from("Nothing would be built.");
    }
    let (count, ending) = (waves.len(), plural(waves.len()));
    let rest = match stay.len() {
        0 => String::new(),
        stay => format!("; {stay} would not"),
    };
    format!(
        "{builds} line{} would be built, in {count} wave{ending}{rest}.",
        plural(builds)
    )
}
