use serde::Serialize;
use steward_lambda::Ended;

/// What came of an invocation: its answer, and its line in the log.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Triggered {
    /// Families and architectures that were looked through.
    pub lines: usize,
    /// Builds that were started, and why.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub started: Vec<String>,
    /// Builds that were ended, and for what other.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub cancelled: Vec<String>,
    /// What waits, and what for.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub waits: Vec<String>,
    /// What asked for a build and is no cause.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub skipped: Vec<String>,
    /// What cannot be built until somebody does something.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub blocked: Vec<String>,
    /// What persons answered to builds that wait, and what came of it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub answered: Vec<String>,
    /// Why nothing was started or answered: the switch.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub paused: Option<String>,
    /// What could not be read or started; the next sweep tries again.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub problems: Vec<String>,
    /// Why the wake was not followed at all. Trying again would change nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refused: Option<String>,
    /// Whether another run was at it, or time ran out; the next sweep goes on.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub unfinished: bool,
}

impl Triggered {
    pub(crate) fn refused(why: impl std::fmt::Display) -> Self {
        Self {
            refused: Some(why.to_string()),
            ..Self::default()
        }
    }
}

impl Ended for Triggered {
    const NOT_DONE: &str = "could not be read or started";

    fn refused(&self) -> Option<&str> {
        self.refused.as_deref()
    }

    fn problems(&self) -> &[String] {
        &self.problems
    }
}
