use std::fmt::Display;

use serde::Serialize;
use steward_aws::Written;

use steward_lambda::Ended;

/// What came of an invocation: its answer, and its line in the log.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Outcome {
    /// Builds and images that were looked at.
    pub looked_at: usize,
    /// Releases that are new in the record, or further on.
    pub releases: usize,
    /// Placements that are new in the record, or seen later.
    pub placements: usize,
    /// Images that are not placements yet, each with its cause; the sweep looks again.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unplaced: Vec<String>,
    /// What could not be looked at although others could. What could be is done; the invocation fails all the same, so that
    /// somebody is told.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub problems: Vec<String>,
    /// Builds that were listed and gone when they were looked at.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub gone: Vec<String>,
    /// Why there was nothing to do: the wake is about something of nobody we know, as most images of an account are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub not_ours: Option<String>,
    /// Why the wake was not followed at all. Trying again would change nothing, and somebody should see it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refused: Option<String>,
    /// Whether time ran out before everything was looked at; the next sweep goes on.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub unfinished: bool,
    /// Why nothing of ours may act at present.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub paused: Option<String>,
}

impl Outcome {
    pub(crate) fn refused(why: impl Display) -> Self {
        Self {
            refused: Some(why.to_string()),
            ..Self::default()
        }
    }

    pub(crate) fn not_ours(why: impl Display) -> Self {
        Self {
            not_ours: Some(why.to_string()),
            ..Self::default()
        }
    }

    /// Takes in what came of a part.
    pub(crate) fn add(&mut self, part: Self) {
        let Self {
            looked_at,
            releases,
            placements,
            unplaced,
            problems,
            gone,
            not_ours: _,
            refused,
            unfinished,
            paused: _,
        } = part;
        self.looked_at += looked_at;
        self.releases += releases;
        self.placements += placements;
        self.unplaced.extend(unplaced);
        self.problems.extend(problems);
        self.gone.extend(gone);
        self.gone.extend(refused);
        self.unfinished |= unfinished;
    }

    pub(crate) fn wrote(&mut self, Written { release, placements }: Written) {
        self.releases += usize::from(release);
        self.placements += placements;
    }
}

impl Ended for Outcome {
    const NOT_DONE: &str = "could not be looked at";

    fn refused(&self) -> Option<&str> {
        self.refused.as_deref()
    }

    fn problems(&self) -> &[String] {
        &self.problems
    }
}
