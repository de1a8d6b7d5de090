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
    /// A call to the record's table.
    Record(Problem),
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
            | Self::Record(_)
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
            Self::Record(problem) => {
                problem.fmt(f)?;
                problem
                    .code()
                    .and_then(what_to_do)
                    .map_or(Ok(()), |what| write!(f, "; {what}."))
            }
            Self::Apply(error) => error.fmt(f),
        }
    }
}

/// What helps where DynamoDB answers by this word.
fn what_to_do(code: &str) -> Option<&'static str> {
    match code {
        "ResourceNotFoundException" => Some(
            "--table (or STEWARD_TABLE) must be the output `Table` of the stack, and your credentials and AWS_REGION those \
             of the hub",
        ),
        "AccessDeniedException" => Some("ask whoever runs the hub to allow it to you on the stack's table"),
        _ => None,
    }
}

impl From<Problem> for Failure {
    fn from(problem: Problem) -> Self {
        Self::Record(problem)
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
