//! A plan as people and programs are told of it.

use serde::Serialize;

use super::because::Because;
use super::facts::Line;
use super::plan::{BuildPlan, Fate, LinePlan};
use super::reason::Reason;
use super::state::{Attempt, Pending};
use crate::text::headed;
use crate::{Architecture, FamilyName, ImageBuildArn, Timestamp, Words, plural};

/// What becomes of a line, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ShownLine {
    /// Whose it is.
    pub family: FamilyName,
    /// What it runs on.
    pub architecture: Architecture,
    /// What becomes of it, in a word.
    pub fate: ShownFate,
    /// Why it is built, or is to be.
    pub reasons: Vec<ShownReason>,
    /// What asks for one more build, after the one that is under way.
    pub follows: Vec<ShownReason>,
    /// When what holds it is over, where that is known.
    pub until: Option<Timestamp>,
    /// How many others go before it.
    pub ahead: Option<usize>,
    /// What holds it, or what is to be done.
    pub says: Option<Words>,
    /// The build that is under way.
    pub build: Option<ImageBuildArn>,
}

/// What becomes of a line, in a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ShownFate {
    /// Nothing asks for a build.
    Quiet,
    /// What it would build was not read.
    Unread,
    /// A build is under way.
    Building,
    /// It is built later.
    Waits,
    /// What asked for it is no cause.
    Skipped,
    /// Others go first.
    Queued,
    /// Somebody has to do something.
    Blocked,
    /// It is built now.
    Starts,
    /// It was begun before, and nobody knows whether it was started: it is asked for once more, and there is one build.
    InDoubt,
}

/// Why a line is to be built.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ShownReason {
    /// Of which kind.
    pub kind: &'static str,
    /// In a line.
    pub says: Words,
    /// What was, where that has a name.
    pub from: Option<Words>,
    /// What is, where that has a name.
    pub to: Option<Words>,
}

/// Why a release was built.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ShownBecause {
    /// The release.
    pub title: String,
    /// When it was decided.
    pub begun: Timestamp,
    /// Why.
    pub reasons: Vec<ShownReason>,
}

impl ShownBecause {
    /// As programs are told of it.
    pub fn of(because: &Because) -> Self {
        Self {
            title: because.title(),
            begun: because.begun,
            reasons: ShownReason::all(&because.reasons),
        }
    }
}

impl BuildPlan {
    /// Every line once, in their order.
    pub fn shown(&self, now: Timestamp) -> Vec<ShownLine> {
        let lines = self.lines.iter();
        lines.map(|(line, plan)| ShownLine::of(line, plan, now)).collect()
    }

    /// For a terminal: what there is to tell of as a table, and what it comes to.
    pub fn text(&self, now: Timestamp) -> String {
        let lines = self.shown(now);
        let head = ["FAMILY", "ARCHITECTURE", "BUILD", "WHY"];
        let table = headed(head, lines.iter().flat_map(ShownLine::rows));
        let parts = [table, Some(summary(&lines))];
        parts.into_iter().flatten().collect::<Vec<String>>().join("\n\n")
    }
}

impl ShownLine {
    pub(super) fn of(line: &Line, LinePlan { fate, state }: &LinePlan, now: Timestamp) -> Self {
        let attempt = state.attempt.as_ref().filter(|attempt| attempt.goes_on());
        let begun = attempt.map_or(&[] as &[Reason], |attempt| attempt.reasons.as_slice());
        let mut shown = Self {
            family: line.family.clone(),
            architecture: line.architecture,
            fate: ShownFate::of(fate, attempt, now),
            reasons: Vec::new(),
            follows: Vec::new(),
            until: None,
            ahead: None,
            says: None,
            build: None,
        };
        match fate {
            Fate::Quiet => {}
            Fate::ToBeRead => shown.reasons = ShownReason::waiting(&state.pending),
            Fate::Building => {
                shown.reasons = ShownReason::all(begun);
                shown.follows = ShownReason::waiting(&state.pending);
                let ours = attempt.and_then(|attempt| attempt.build.as_ref());
                shown.build = ours.or(state.adopted.as_ref()).cloned();
                if ours.is_none() {
                    shown.says = Some(Words::from("somebody else started it"));
                }
            }
            Fate::Cancels { build, reasons } => {
                (shown.reasons, shown.follows) = (ShownReason::all(begun), ShownReason::all(reasons));
                shown.build = Some(build.clone());
                shown.says = Some(Words::from("is ended: something else would be built now"));
            }
            Fate::Waits { reasons, until, why } => {
                (shown.reasons, shown.until) = (ShownReason::all(reasons), Some(*until));
                shown.says = Some(why.clone());
            }
            Fate::Skipped { reasons, why } | Fate::Blocked { reasons, why } => {
                (shown.reasons, shown.says) = (ShownReason::all(reasons), Some(why.clone()));
            }
            Fate::Queued { reasons, ahead } => {
                (shown.reasons, shown.ahead) = (ShownReason::all(reasons), Some(*ahead));
            }
            Fate::Follows { reasons, canary, on } => {
                shown.reasons = ShownReason::all(reasons);
                shown.says = Some(Words::from(format!("waits for {canary}, which is built on {on} first")));
            }
            Fate::Starts => shown.reasons = ShownReason::all(begun),
        }
        shown
    }

    /// A row for what becomes of it, and one for each further thing to say; nothing of one that is quiet.
    fn rows(&self) -> Vec<[String; 4]> {
        if self.fate == ShownFate::Quiet {
            return Vec::new();
        }
        let reasons = self.reasons.iter().map(|reason| reason.says.to_string());
        let follows = self.follows.iter().map(|reason| format!("then: {}", reason.says));
        let mark = if self.fate == ShownFate::Blocked { '!' } else { '·' };
        let says = self.says.iter().map(|says| format!("{mark} {says}"));
        let build = self.build.iter().map(|build| format!("· {build}"));
        let why: Vec<String> = reasons.chain(says).chain(build).chain(follows).collect();
        let mut why = why.into_iter();
        let first = [
            self.family.to_string(),
            self.architecture.to_string(),
            self.becomes(),
            why.next().unwrap_or_default(),
        ];
        let further = why.map(|why| [String::new(), String::new(), String::new(), why]);
        std::iter::once(first).chain(further).collect()
    }

    fn becomes(&self) -> String {
        match (self.fate, self.until, self.ahead) {
            (ShownFate::Waits, Some(until), _) => format!("waits until {until}"),
            (ShownFate::Queued, _, Some(ahead)) => format!("waits, {ahead} before it"),
            (fate, _, _) => String::from(fate.word()),
        }
    }
}

impl ShownFate {
    fn of(fate: &Fate, attempt: Option<&Attempt>, now: Timestamp) -> Self {
        match fate {
            Fate::Quiet => Self::Quiet,
            Fate::ToBeRead => Self::Unread,
            Fate::Building | Fate::Cancels { .. } => Self::Building,
            Fate::Waits { .. } | Fate::Follows { .. } => Self::Waits,
            Fate::Skipped { .. } => Self::Skipped,
            Fate::Queued { .. } => Self::Queued,
            Fate::Blocked { .. } => Self::Blocked,
            Fate::Starts if attempt.is_some_and(|attempt| attempt.begun < now) => Self::InDoubt,
            Fate::Starts => Self::Starts,
        }
    }

    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Quiet => "nothing to do",
            Self::Unread => "not read",
            Self::Building => "under way",
            Self::Waits | Self::Queued => "waits",
            Self::Skipped => "not needed",
            Self::Blocked => "blocked",
            Self::Starts => "starts",
            Self::InDoubt => "asked for again",
        }
    }
}

impl ShownReason {
    fn of(reason: &Reason) -> Self {
        let kind = match reason {
            Reason::Cve { .. } => "cve",
            Reason::Manual { .. } => "manual",
            Reason::Parent { .. } => "parent",
            Reason::Base { .. } => "base",
            Reason::Change { .. } => "change",
            Reason::First => "first",
            Reason::Age { .. } => "age",
            Reason::Schedule { .. } => "schedule",
        };
        let (from, to) = reason.values();
        Self {
            kind,
            says: Words::from(reason.to_string()),
            from: from.cloned(),
            to: to.cloned(),
        }
    }

    fn all(reasons: &[Reason]) -> Vec<Self> {
        reasons.iter().map(Self::of).collect()
    }

    fn waiting(pending: &[Pending]) -> Vec<Self> {
        let mut reasons: Vec<Reason> = pending.iter().map(|pending| pending.reason.clone()).collect();
        reasons.sort();
        Self::all(&reasons)
    }
}

fn summary(lines: &[ShownLine]) -> String {
    let count = |fates: &[ShownFate]| lines.iter().filter(|line| fates.contains(&line.fate)).count();
    let starts = count(&[ShownFate::Starts, ShownFate::InDoubt]);
    let told = [
        (count(&[ShownFate::Building]), "under way"),
        (count(&[ShownFate::Waits, ShownFate::Queued]), "waiting"),
        (count(&[ShownFate::Skipped]), "not needed"),
        (count(&[ShownFate::Blocked]), "blocked"),
        (count(&[ShownFate::Unread]), "not read"),
        (count(&[ShownFate::Quiet]), "with nothing to do"),
    ];
    let told = told.iter().filter(|(count, _)| *count > 0);
    let told = told.map(|(count, word)| format!("{count} {word}"));
    let starts = format!("{starts} build{} to start", plural(starts));
    let told: Vec<String> = std::iter::once(starts).chain(told).collect();
    format!("{}.", told.join(", "))
}

#[cfg(test)]
mod tests;
