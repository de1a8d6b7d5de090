use std::fmt;
use std::str::FromStr;

use crate::ParseError;
use crate::text::string_form;

/// The state of a build, as Image Builder names it.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub enum BuildState {
    /// Waiting to start.
    Pending,
    /// Preparing its instance.
    Creating,
    /// Running the build components.
    Building,
    /// Running the test components.
    Testing,
    /// Copying and sharing.
    Distributing,
    /// Finishing what follows distribution.
    Integrating,
    /// Done, and usable.
    Available,
    /// Ended by a person.
    Cancelled,
    /// Ended by an error. Images of Regions that succeeded may be left behind.
    Failed,
    /// Retired, and still usable by who names it.
    Deprecated,
    /// Retired, and not usable.
    Disabled,
    /// Gone.
    Deleted,
}

string_form!(BuildState, "build state");

impl BuildState {
    /// All there are, in the order a build may pass through them.
    pub const ALL: [Self; 12] = [
        Self::Pending,
        Self::Creating,
        Self::Building,
        Self::Testing,
        Self::Distributing,
        Self::Integrating,
        Self::Available,
        Self::Cancelled,
        Self::Failed,
        Self::Deprecated,
        Self::Disabled,
        Self::Deleted,
    ];

    /// As Image Builder writes it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "PENDING",
            Self::Creating => "CREATING",
            Self::Building => "BUILDING",
            Self::Testing => "TESTING",
            Self::Distributing => "DISTRIBUTING",
            Self::Integrating => "INTEGRATING",
            Self::Available => "AVAILABLE",
            Self::Cancelled => "CANCELLED",
            Self::Failed => "FAILED",
            Self::Deprecated => "DEPRECATED",
            Self::Disabled => "DISABLED",
            Self::Deleted => "DELETED",
        }
    }

    /// How far a build has climbed. It never goes down: an older read that comes late shows a lower one.
    ///
    /// The ends of a build stand side by side, and so do the states of its retirement, which may change in both
    /// directions and are not decided by one read.
    pub const fn height(self) -> u8 {
        match self {
            Self::Pending => 0,
            Self::Creating => 1,
            Self::Building => 2,
            Self::Testing => 3,
            Self::Distributing => 4,
            Self::Integrating => 5,
            Self::Available | Self::Cancelled | Self::Failed | Self::Deprecated | Self::Disabled | Self::Deleted => 6,
        }
    }

    /// Whether the build ended before its time: images that it had made by then are left behind.
    pub const fn left_off(self) -> bool {
        matches!(self, Self::Cancelled | Self::Failed)
    }

    /// Whether the build has ended, one way or another.
    pub const fn ended(self) -> bool {
        self.height() == Self::Available.height()
    }
}

impl fmt::Display for BuildState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for BuildState {
    type Err = BuildStateError;

    fn from_str(text: &str) -> Result<Self, BuildStateError> {
        Self::ALL
            .into_iter()
            .find(|state| state.as_str() == text)
            .ok_or_else(|| ParseError::new(text, BuildStateProblem::Unknown))
    }
}

/// Why a text is no state of a build.
pub type BuildStateError = ParseError<BuildStateProblem>;

/// What is wrong with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BuildStateProblem {
    /// Not one of [`BuildState::ALL`].
    #[error("is no state of a build that we know, must be one of {}", BuildState::ALL.map(BuildState::as_str).join(", "))]
    Unknown,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{assert_prints_back, assert_serde};

    #[test]
    fn every_state_prints_back() {
        for state in BuildState::ALL {
            assert_eq!(state.as_str().parse(), Ok(state));
            assert_prints_back::<BuildState>(state.as_str());
        }
    }

    #[test]
    fn a_state_we_do_not_know_is_an_error_and_no_guess() {
        let error = "IMPORTING".parse::<BuildState>().unwrap_err().to_string();
        assert!(error.starts_with("\"IMPORTING\" is no state of a build that we know, must be one of PENDING, "));
        assert_serde::<BuildState>("AVAILABLE", "available", "build state");
    }

    #[test]
    fn a_build_climbs_from_pending_to_its_end() {
        let heights = BuildState::ALL.map(BuildState::height);
        assert!(heights.is_sorted());
        let ended: Vec<&str> = BuildState::ALL
            .into_iter()
            .filter(|state| state.ended())
            .map(BuildState::as_str)
            .collect();
        assert_eq!(
            ended,
            ["AVAILABLE", "CANCELLED", "FAILED", "DEPRECATED", "DISABLED", "DELETED"]
        );
    }
}
