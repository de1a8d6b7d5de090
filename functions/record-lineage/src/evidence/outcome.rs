use serde::Serialize;

use steward_lambda::Ended;

/// What came of an invocation: its answer, and its line in the log.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Gathered {
    /// Targets whose evidence was gathered.
    pub targets: usize,
    /// Uses that are new, changed or gone.
    pub changed: usize,
    /// What could not be read, or not believed, each with its target: what stands on it is not decided.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub problems: Vec<String>,
    /// Targets that may use our images and let nobody look.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub unreachable: Vec<String>,
    /// Usage reports that were asked for, each with why.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub asked: Vec<String>,
    /// Why reports that are due were not asked for: the switch.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub paused: Option<String>,
    /// Targets that nobody reaches any more, of which nothing is kept now but what was usual there.
    #[serde(skip_serializing_if = "is_zero")]
    pub dropped: usize,
    /// Targets that another run gathers at the same time.
    #[serde(skip_serializing_if = "is_zero")]
    pub taken: usize,
    /// Why the wake was not followed at all. Trying again would change nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refused: Option<String>,
    /// Whether time ran out before every target was begun, and asked for its reports; the next sweep goes on, the oldest first.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub unfinished: bool,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde's signature")]
fn is_zero(count: &usize) -> bool {
    *count == 0
}

impl Gathered {
    pub(crate) fn refused(why: impl std::fmt::Display) -> Self {
        Self {
            refused: Some(why.to_string()),
            ..Self::default()
        }
    }

    /// Takes in what came of a part.
    pub(crate) fn add(&mut self, part: Self) {
        let Self {
            targets,
            changed,
            problems,
            unreachable,
            asked,
            paused,
            dropped,
            taken,
            refused,
            unfinished,
        } = part;
        self.targets += targets;
        self.changed += changed;
        self.problems.extend(problems);
        self.unreachable.extend(unreachable);
        self.asked.extend(asked);
        self.paused = self.paused.take().or(paused);
        self.dropped += dropped;
        self.taken += taken;
        self.refused = self.refused.take().or(refused);
        self.unfinished |= unfinished;
    }
}

impl Ended for Gathered {
    const NOT_DONE: &str = "could not be read or believed";

    fn refused(&self) -> Option<&str> {
        self.refused.as_deref()
    }

    fn problems(&self) -> &[String] {
        &self.problems
    }
}
