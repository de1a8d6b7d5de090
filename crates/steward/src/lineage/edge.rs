use std::fmt;
use std::str::FromStr;

use serde::Serialize;

use crate::text::string_form;
use crate::{ParseError, ReleaseId};

/// That one release came from another.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Edge {
    /// What it came from.
    pub parent: ReleaseId,
    /// What came from it.
    pub child: ReleaseId,
}

/// How it came from there.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EdgeKind {
    /// Image Builder built it on that.
    Build,
    /// EC2 says that is its source: it is a copy, or an image of an instance.
    Copy,
    /// It was restored from what was stored of that.
    Restore,
    /// It was imported.
    Import,
}

string_form!(EdgeKind, "kind of edge");

impl EdgeKind {
    /// All there are.
    pub const ALL: [Self; 4] = [Self::Build, Self::Copy, Self::Restore, Self::Import];

    /// As the record has it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Build => "build",
            Self::Copy => "copy",
            Self::Restore => "restore",
            Self::Import => "import",
        }
    }
}

impl fmt::Display for EdgeKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for EdgeKind {
    type Err = EdgeError;

    fn from_str(text: &str) -> Result<Self, EdgeError> {
        let kind = Self::ALL.into_iter().find(|kind| kind.as_str() == text);
        kind.ok_or_else(|| ParseError::new(text, EdgeProblem::Unknown))
    }
}

/// Why a text is no kind of edge.
pub type EdgeError = ParseError<EdgeProblem>;

/// What is wrong with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EdgeProblem {
    /// Not one of [`EdgeKind::ALL`].
    #[error("is no kind of edge, must be one of {}", EdgeKind::ALL.map(EdgeKind::as_str).join(", "))]
    Unknown,
}

/// A release some steps away from another, up or down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Reach {
    /// How many edges lie between.
    pub depth: u16,
    /// Which.
    pub release: ReleaseId,
}

/// That a path of so many edges leads from one release down to another. Paths of different lengths are different pairs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Pair {
    /// Above.
    pub ancestor: ReleaseId,
    /// How many edges lie between.
    pub depth: u16,
    /// Below.
    pub descendant: ReleaseId,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{assert_prints_back, assert_refused, assert_serde};

    #[test]
    fn every_kind_of_edge_prints_back_and_others_are_refused() {
        for kind in EdgeKind::ALL {
            assert_prints_back::<EdgeKind>(kind.as_str());
        }
        assert_refused::<EdgeKind>(&[(
            "cousin",
            r#""cousin" is no kind of edge, must be one of build, copy, restore, import"#,
        )]);
        assert_serde::<EdgeKind>("build", "Build", "kind of edge");
    }
}
