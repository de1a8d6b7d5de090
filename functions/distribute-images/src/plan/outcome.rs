use serde::Serialize;

use steward_lambda::Ended;

/// What came of an invocation: its answer, and its line in the log.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Dispatched {
    /// Families whose releases were looked through.
    pub families: usize,
    /// What is to be looked at: releases, each counted for each of its targets.
    pub due: usize,
    /// Where it is to be looked at how channels are published: families, each counted for each of its targets.
    pub publications: usize,
    /// The same of what consumers see.
    pub views: usize,
    /// Messages that were sent: one to a target, and more where there is more than one has room for.
    pub messages: usize,
    /// Targets where a worker is at it, or was sent to a moment ago.
    pub busy: usize,
    /// What a person should know of families' audiences.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
    /// Channels that were moved, and why.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub moved: Vec<String>,
    /// Releases that people were told of.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub told: Vec<String>,
    /// Releases that they could not be told of, and why; the next sweep tries again, for a day.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub untold: Vec<String>,
    /// Channels that hold until somebody does something, and why.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub holds: Vec<String>,
    /// Why no channel was moved: the switch.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub paused: Option<String>,
    /// What could not be read or sent; the next sweep tries again.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub problems: Vec<String>,
    /// Why the wake was not followed at all. Trying again would change nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refused: Option<String>,
    /// Whether time ran out; the next sweep goes on.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub unfinished: bool,
}

impl Dispatched {
    pub(crate) fn refused(why: impl std::fmt::Display) -> Self {
        Self {
            refused: Some(why.to_string()),
            ..Self::default()
        }
    }

    /// Takes in what came of a family.
    pub(crate) fn add(&mut self, part: Self) {
        let Self {
            families,
            due,
            publications,
            views,
            messages,
            busy,
            notes,
            moved,
            told,
            untold,
            holds,
            paused,
            problems,
            refused,
            unfinished,
        } = part;
        self.families += families;
        self.due += due;
        self.publications += publications;
        self.views += views;
        self.messages += messages;
        self.busy += busy;
        self.notes.extend(notes);
        self.moved.extend(moved);
        self.told.extend(told);
        self.untold.extend(untold);
        self.holds.extend(holds);
        self.paused = self.paused.take().or(paused);
        self.problems.extend(problems);
        self.refused = self.refused.take().or(refused);
        self.unfinished |= unfinished;
    }
}

impl Ended for Dispatched {
    const NOT_DONE: &str = "could not be read or sent";

    fn refused(&self) -> Option<&str> {
        self.refused.as_deref()
    }

    fn problems(&self) -> &[String] {
        &self.problems
    }
}
