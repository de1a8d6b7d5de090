use std::collections::BTreeMap;

use super::facts::Line;
use super::reason::Reason;
use super::state::LineState;
use crate::{ImageBuildArn, Timestamp, Words};

/// What is to be built now, and of every line why or why not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BuildPlan {
    /// Every line once, in their order.
    pub lines: BTreeMap<Line, LinePlan>,
}

/// What becomes of one line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinePlan {
    /// What.
    pub fate: Fate,
    /// What is to be kept of it.
    pub state: LineState,
}

/// What becomes of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fate {
    /// Nothing asks for a build.
    Quiet,
    /// What it would build is to be read first.
    ToBeRead,
    /// A build is under way. What arrives meanwhile becomes one that follows it.
    Building,
    /// The build under way is ended: something else would be built now, and follows it.
    Cancels {
        /// Which.
        build: ImageBuildArn,
        /// What asks for the other.
        reasons: Vec<Reason>,
    },
    /// It is built then, unless something else comes.
    Waits {
        /// Why.
        reasons: Vec<Reason>,
        /// What for.
        until: Timestamp,
        /// In a line.
        why: Words,
    },
    /// What asked for it is no cause.
    Skipped {
        /// What asked.
        reasons: Vec<Reason>,
        /// Why not.
        why: Words,
    },
    /// Others go first: so many builds run at once.
    Queued {
        /// Why it is to be built.
        reasons: Vec<Reason>,
        /// How many others go before it.
        ahead: usize,
    },
    /// Another is built on the same release of its parent first.
    Follows {
        /// Why it is to be built.
        reasons: Vec<Reason>,
        /// Which other.
        canary: Line,
        /// On what, as people call it.
        on: Words,
    },
    /// It cannot be built until somebody does something.
    Blocked {
        /// What asks for it.
        reasons: Vec<Reason>,
        /// What is to be done.
        why: Words,
    },
    /// It is built now: the state's attempt says what and why.
    Starts,
}
