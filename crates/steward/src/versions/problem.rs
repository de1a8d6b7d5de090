use super::node;
use crate::{Given, ParseError};

/// Why a text is not a version, or not a version or wildcard.
pub type VersionError = ParseError<VersionProblem>;

/// What is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VersionProblem {
    /// Not three parts.
    #[error("is not three numbers, must be as in 1.4.2")]
    Parts,
    /// A build number was given too.
    #[error("has a build number, must be a version alone, as in 1.4.2")]
    Build,
    /// Tags in git have it, versions here do not.
    #[error("starts with v, must be three numbers alone, as in 1.4.2")]
    LeadingV,
    /// One of the parts is something else.
    #[error("has {found} where a number must be, as in 1.4.2")]
    NotANumber {
        /// What stands in its place.
        found: Given,
    },
    /// More than Image Builder allows.
    #[error("has the number {found}, must be at most {}", node::MOST)]
    TooLarge {
        /// That number.
        found: Given,
    },
    /// A number within bounds, behind more zeros than any real version has.
    #[error("has the number {found}, must have at most 10 digits")]
    TooManyDigits {
        /// That number.
        found: Given,
    },
    /// A wildcard where one version is needed.
    #[error("is a wildcard, must be one version, as in 1.4.2")]
    Wildcard,
    /// Such as `1.x.8`.
    #[error("has a number after an x: everything right of the first x must be x")]
    NumberAfterWildcard,
    /// Such as `1.X.X`.
    #[error("has an upper-case X, a wildcard is a lower-case x")]
    UpperCaseWildcard,
}

impl VersionProblem {
    pub(super) fn too_large(number: &str) -> Self {
        Self::TooLarge {
            found: Given::new(number),
        }
    }
}
