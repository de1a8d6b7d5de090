use serde::Serialize;

use steward_lambda::Ended;

/// What came of an invocation: its answer, and its line in the log.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Tagged {
    /// Targets whose snapshots were looked at.
    pub targets: usize,
    /// Snapshots that got the tag.
    pub snapshots: usize,
    /// Images of Image Builder's that did.
    pub outputs: usize,
    /// Images of which something stays without it, each with why.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub left: Vec<String>,
    /// What could not be read or tagged; the next sweep tries again.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub problems: Vec<String>,
    /// Why what is due was not tagged: the switch.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub paused: Option<String>,
    /// Why the wake was not followed at all. Trying again would change nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refused: Option<String>,
    /// Whether time ran out before every target was done; the next sweep goes on.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub unfinished: bool,
}

impl Tagged {
    pub(crate) fn refused(why: impl std::fmt::Display) -> Self {
        Self {
            refused: Some(why.to_string()),
            ..Self::default()
        }
    }

    /// Takes in what came of a target.
    pub(crate) fn add(&mut self, part: Self) {
        let Self {
            targets,
            snapshots,
            outputs,
            left,
            problems,
            paused,
            refused,
            unfinished,
        } = part;
        self.targets += targets;
        self.snapshots += snapshots;
        self.outputs += outputs;
        self.left.extend(left);
        self.problems.extend(problems);
        self.paused = self.paused.take().or(paused);
        self.refused = self.refused.take().or(refused);
        self.unfinished |= unfinished;
    }
}

impl Ended for Tagged {
    const NOT_DONE: &str = "could not be read or tagged";

    fn refused(&self) -> Option<&str> {
        self.refused.as_deref()
    }

    fn problems(&self) -> &[String] {
        &self.problems
    }
}
