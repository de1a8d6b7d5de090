use std::fmt;
use std::str::FromStr;

use crate::manifest::document::words;
use crate::text::string_form;
use crate::{Duration, DurationError};

/// When a rung of the ladder is reached, counted from when a release became expendable.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub enum Wait {
    /// After so long.
    After(Duration),
    /// The ladder ends before this rung.
    Never,
}

string_form!(Wait, "wait");
words! { Wait: "wait", "14d"; }

impl fmt::Display for Wait {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::After(duration) => duration.fmt(f),
            Self::Never => f.write_str("never"),
        }
    }
}

impl FromStr for Wait {
    type Err = DurationError;

    fn from_str(text: &str) -> Result<Self, DurationError> {
        if text == "never" {
            Ok(Self::Never)
        } else {
            text.parse().map(Self::After)
        }
    }
}
