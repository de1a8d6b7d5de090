//! Why a policy is refused.

use std::fmt;

/// What is wrong with a policy document, and where in it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PolicyError {
    /// `Statement[1].Condition.StringEquals.aws:Foo`; empty for the document as a whole.
    pub path: String,
    /// What is wrong there.
    pub problem: String,
    /// AWS would take it and only the model does not know it; otherwise AWS refuses it too.
    pub only_here: bool,
}

impl PolicyError {
    pub(crate) fn malformed(path: &str, problem: impl Into<String>) -> Self {
        Self {
            path: path.to_owned(),
            problem: problem.into(),
            only_here: false,
        }
    }

    pub(crate) fn not_modelled(path: &str, what: impl fmt::Display) -> Self {
        Self {
            path: path.to_owned(),
            problem: format!("image-plane does not model {what}"),
            only_here: true,
        }
    }
}

impl fmt::Display for PolicyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            path,
            problem,
            only_here: _,
        } = self;
        if path.is_empty() {
            f.write_str(problem)
        } else {
            write!(f, "{path}: {problem}")
        }
    }
}

impl std::error::Error for PolicyError {}
