use std::fmt;

use steward_aws::{ApplyError, CallerError, Problem};

/// Why a command did not do what it was asked.
#[derive(Debug)]
pub(crate) enum Failure {
    /// The caller's: what to change is in the sentence.
    Mistake(String),
    /// Nobody knows who calls.
    Caller(CallerError),
    /// A call to AWS.
    Aws(Problem),
    /// Families were not applied, or not all.
    Apply(ApplyError),
}

impl Failure {
    pub(crate) const fn is_a_mistake(&self) -> bool {
        match self {
            Self::Mistake(_)
            | Self::Caller(CallerError::NoRegion | CallerError::Region(_))
            | Self::Apply(ApplyError::Changed { .. } | ApplyError::Blocked(_)) => true,
            Self::Caller(CallerError::Refused(_))
            | Self::Aws(_)
            | Self::Apply(
                ApplyError::Problem(_)
                | ApplyError::Taken { .. }
                | ApplyError::Overtaken(_)
                | ApplyError::NotReached(_),
            ) => false,
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Mistake(sentence) => f.write_str(sentence),
            Self::Caller(error) => error.fmt(f),
            Self::Aws(problem) => problem.fmt(f),
            Self::Apply(error) => error.fmt(f),
        }
    }
}

impl From<Problem> for Failure {
    fn from(problem: Problem) -> Self {
        Self::Aws(problem)
    }
}

impl From<ApplyError> for Failure {
    fn from(error: ApplyError) -> Self {
        Self::Apply(error)
    }
}

impl From<CallerError> for Failure {
    fn from(error: CallerError) -> Self {
        Self::Caller(error)
    }
}
