use serde::Serialize;
use steward::pruning::PruningPlan;
use steward_lambda::Ended;

/// What came of an invocation: its answer, and its line in the log.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Planned {
    /// Families that were planned.
    pub families: usize,
    /// Images that no rule keeps any more.
    pub expendable: usize,
    /// Images that stay.
    pub kept: usize,
    /// Images that might go, and do not.
    pub blocked: usize,
    /// What their plans would do.
    pub steps: usize,
    /// Images of whose coming deregistration people were told.
    pub announced: usize,
    /// Images of which they could not be told: these stay until they are.
    pub unannounced: usize,
    /// Messages that were sent, one to a target.
    pub messages: usize,
    /// Families that are blocked whole, or ask a person, and by what.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub held_up: Vec<String>,
    /// Families of which a person asked for another plan than what is planned by now.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub not_asked: Vec<String>,
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

impl Planned {
    pub(crate) fn refused(why: impl std::fmt::Display) -> Self {
        Self {
            refused: Some(why.to_string()),
            ..Self::default()
        }
    }

    pub(crate) fn failed(problem: String) -> Self {
        Self {
            problems: vec![problem],
            ..Self::default()
        }
    }

    /// Of a family's plan.
    pub(crate) fn of(plan: &PruningPlan) -> Self {
        let family = &plan.family;
        let trouble = plan.troubles.first().map(|worst| format!("{family}: {worst}"));
        let over = plan.over_share.as_ref().map(|over| {
            let accept = plan.acceptance().unwrap_or_default();
            format!(
                "{family}: {} releases would go at once, and {} may: `steward prune --family {family} --accept {accept}`",
                over.releases.len(),
                over.allowed
            )
        });
        Self {
            families: 1,
            expendable: plan.expendable.len(),
            kept: plan.kept.len(),
            blocked: plan.blocked.len(),
            steps: plan.steps.len(),
            held_up: trouble.into_iter().chain(over).collect(),
            ..Self::default()
        }
    }

    /// Takes in what came of a family.
    pub(crate) fn add(&mut self, part: Self) {
        let Self {
            families,
            expendable,
            kept,
            blocked,
            steps,
            announced,
            unannounced,
            messages,
            held_up,
            not_asked,
            problems,
            refused,
            unfinished,
        } = part;
        self.families += families;
        self.expendable += expendable;
        self.kept += kept;
        self.blocked += blocked;
        self.steps += steps;
        self.announced += announced;
        self.unannounced += unannounced;
        self.messages += messages;
        self.held_up.extend(held_up);
        self.not_asked.extend(not_asked);
        self.problems.extend(problems);
        self.refused = self.refused.take().or(refused);
        self.unfinished |= unfinished;
    }
}

impl Ended for Planned {
    const NOT_DONE: &str = "could not be read or sent";

    fn refused(&self) -> Option<&str> {
        self.refused.as_deref()
    }

    fn problems(&self) -> &[String] {
        &self.problems
    }
}
