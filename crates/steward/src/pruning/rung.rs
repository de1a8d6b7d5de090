use std::fmt;

use serde::{Deserialize, Serialize};

/// A step of retirement. All but the last can be undone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rung {
    /// Not on the ladder.
    Available,
    /// New users are warned off.
    Deprecated,
    /// Launches fail, and all can still be undone.
    Disabled,
    /// Gone, with its snapshots.
    Deregistered,
}

impl Rung {
    /// As plans name it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Available => "available",
            Self::Deprecated => "deprecated",
            Self::Disabled => "disabled",
            Self::Deregistered => "deregistered",
        }
    }

    /// The one below; none: it is the last.
    pub const fn next(self) -> Option<Self> {
        match self {
            Self::Available => Some(Self::Deprecated),
            Self::Deprecated => Some(Self::Disabled),
            Self::Disabled => Some(Self::Deregistered),
            Self::Deregistered => None,
        }
    }
}

impl fmt::Display for Rung {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}
