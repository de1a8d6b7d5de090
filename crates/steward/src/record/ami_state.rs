use std::fmt;
use std::str::FromStr;

use crate::ParseError;
use crate::text::string_form;

/// The state of an image, as EC2 names it.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub enum AmiState {
    /// Being made.
    Pending,
    /// Usable.
    Available,
    /// Deregistered, and still listed.
    Invalid,
    /// Deregistered.
    Deregistered,
    /// Between two states.
    Transient,
    /// Could not be made.
    Failed,
    /// Could not be made.
    Error,
    /// Cannot be launched until it is enabled again.
    Disabled,
}

string_form!(AmiState, "image state");

impl AmiState {
    /// All there are.
    pub const ALL: [Self; 8] = [
        Self::Pending,
        Self::Available,
        Self::Invalid,
        Self::Deregistered,
        Self::Transient,
        Self::Failed,
        Self::Error,
        Self::Disabled,
    ];

    /// As EC2 writes it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Available => "available",
            Self::Invalid => "invalid",
            Self::Deregistered => "deregistered",
            Self::Transient => "transient",
            Self::Failed => "failed",
            Self::Error => "error",
            Self::Disabled => "disabled",
        }
    }

    /// Whether it stays so unless somebody does something.
    pub const fn settled(self) -> bool {
        !matches!(self, Self::Pending | Self::Transient)
    }

    /// As people are told it: what is deprecated is available to whoever names it.
    pub const fn told(self, is_deprecated: bool) -> &'static str {
        match self {
            Self::Available if is_deprecated => "deprecated",
            state => state.as_str(),
        }
    }

    /// Whether nobody can launch it or bring it back.
    pub const fn is_gone(self) -> bool {
        matches!(self, Self::Deregistered | Self::Invalid)
    }
}

impl fmt::Display for AmiState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for AmiState {
    type Err = AmiStateError;

    fn from_str(text: &str) -> Result<Self, AmiStateError> {
        Self::ALL
            .into_iter()
            .find(|state| state.as_str() == text)
            .ok_or_else(|| ParseError::new(text, AmiStateProblem::Unknown))
    }
}

/// Why a text is no state of an image.
pub type AmiStateError = ParseError<AmiStateProblem>;

/// What is wrong with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AmiStateProblem {
    /// Not one of [`AmiState::ALL`].
    #[error("is no state of an image that we know, must be one of {}", AmiState::ALL.map(AmiState::as_str).join(", "))]
    Unknown,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{assert_prints_back, assert_serde};

    #[test]
    fn every_state_prints_back_and_an_unknown_one_is_refused() {
        for state in AmiState::ALL {
            assert_prints_back::<AmiState>(state.as_str());
        }
        assert_serde::<AmiState>("available", "AVAILABLE", "image state");
    }

    #[test]
    fn only_what_is_available_is_told_as_deprecated() {
        let told = AmiState::ALL.map(|state| state.told(true) == state.as_str());
        let available = AmiState::ALL.map(|state| state == AmiState::Available);
        assert_eq!(told, available.map(|available| !available));
        assert_eq!(AmiState::Available.told(false), "available");
    }

    #[test]
    fn an_image_is_gone_once_it_is_deregistered_listed_or_not() {
        let gone: Vec<AmiState> = AmiState::ALL.into_iter().filter(|state| state.is_gone()).collect();
        assert_eq!(gone, [AmiState::Invalid, AmiState::Deregistered]);
    }

    #[test]
    fn only_an_image_being_made_or_between_states_changes_by_itself() {
        let moving: Vec<AmiState> = AmiState::ALL.into_iter().filter(|state| !state.settled()).collect();
        assert_eq!(moving, [AmiState::Pending, AmiState::Transient]);
    }
}
