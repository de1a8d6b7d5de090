use crate::Given;

/// Why a text is not the word it should be: what was given, and what is wrong with it.
///
/// Prints as a fragment that fits after "invalid account id: ", and so on for each word.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{given} {problem}")]
pub struct ParseError<P> {
    given: Given,
    problem: P,
}

impl<P> ParseError<P> {
    pub(crate) fn new(text: &str, problem: P) -> Self {
        Self {
            given: Given::new(text),
            problem,
        }
    }

    /// What is wrong, and what would be right.
    pub fn problem(&self) -> &P {
        &self.problem
    }
}
