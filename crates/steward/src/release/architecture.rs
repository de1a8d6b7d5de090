use std::fmt;
use std::str::FromStr;

use crate::ParseError;
use crate::text::string_form;

/// What a release runs on, as EC2 calls it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Architecture {
    /// `arm64`.
    Arm64,
    /// `x86_64`.
    X86_64,
}

string_form!(Architecture, "architecture");

impl Architecture {
    /// All there are, in the order of their names.
    pub const ALL: [Self; 2] = [Self::Arm64, Self::X86_64];

    /// As EC2 writes it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Arm64 => "arm64",
            Self::X86_64 => "x86_64",
        }
    }
}

impl fmt::Display for Architecture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Architecture {
    type Err = ArchitectureError;

    fn from_str(text: &str) -> Result<Self, ArchitectureError> {
        Self::ALL
            .into_iter()
            .find(|architecture| architecture.as_str() == text)
            .ok_or_else(|| ParseError::new(text, ArchitectureProblem::Unknown))
    }
}

/// Why a text is not an architecture.
pub type ArchitectureError = ParseError<ArchitectureProblem>;

/// What is wrong with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ArchitectureProblem {
    /// Not one of [`Architecture::ALL`].
    #[error("is not known, must be {}", Architecture::ALL.map(Architecture::as_str).join(" or "))]
    Unknown,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{assert_prints_back, assert_refused, assert_serde};

    #[test]
    fn every_architecture_prints_back() {
        for architecture in Architecture::ALL {
            assert_eq!(architecture.as_str().parse(), Ok(architecture));
            assert_prints_back::<Architecture>(architecture.as_str());
        }
    }

    #[test]
    fn an_unknown_architecture_is_refused_with_the_known_ones() {
        assert_refused::<Architecture>(&[
            ("amd64", r#""amd64" is not known, must be arm64 or x86_64"#),
            ("ARM64", r#""ARM64" is not known, must be arm64 or x86_64"#),
            ("i386", r#""i386" is not known, must be arm64 or x86_64"#),
        ]);
    }

    #[test]
    fn an_architecture_travels_as_its_string() {
        assert_serde::<Architecture>("x86_64", "x86-64", "architecture");
    }
}
