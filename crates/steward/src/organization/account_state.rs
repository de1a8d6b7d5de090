use std::fmt;
use std::str::FromStr;

use crate::ParseError;
use crate::text::string_form;

/// How an account stands in its organization.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AccountState {
    /// Its sign-up was never finished; it cannot be used.
    PendingActivation,
    /// It works.
    Active,
    /// AWS has restricted it; it cannot be used until AWS takes that back.
    Suspended,
    /// Somebody asked to close it; it works until that is done.
    PendingClosure,
    /// It is closed, and listed for 90 days more.
    Closed,
}

string_form!(AccountState, "account state");

impl AccountState {
    /// Every state an account may be in.
    pub const ALL: [Self; 5] = [
        Self::PendingActivation,
        Self::Active,
        Self::Suspended,
        Self::PendingClosure,
        Self::Closed,
    ];

    /// Whether it can be used.
    pub const fn works(self) -> bool {
        match self {
            Self::Active | Self::PendingClosure => true,
            Self::PendingActivation | Self::Suspended | Self::Closed => false,
        }
    }

    /// As Organizations writes it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::PendingActivation => "PENDING_ACTIVATION",
            Self::Active => "ACTIVE",
            Self::Suspended => "SUSPENDED",
            Self::PendingClosure => "PENDING_CLOSURE",
            Self::Closed => "CLOSED",
        }
    }
}

impl fmt::Display for AccountState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for AccountState {
    type Err = AccountStateError;

    fn from_str(text: &str) -> Result<Self, AccountStateError> {
        Self::ALL
            .into_iter()
            .find(|state| state.as_str() == text)
            .ok_or_else(|| ParseError::new(text, AccountStateProblem::Unknown))
    }
}

/// Why a text is not the state of an account.
pub type AccountStateError = ParseError<AccountStateProblem>;

/// What is wrong with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AccountStateProblem {
    /// Not one of [`AccountState::ALL`].
    #[error("is no state of an account, must be one of {}", AccountState::ALL.map(AccountState::as_str).join(", "))]
    Unknown,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{assert_prints_back, assert_refused, assert_serde};

    #[test]
    fn every_state_of_an_account_prints_back() {
        for state in AccountState::ALL {
            assert_eq!(state.as_str().parse(), Ok(state));
            assert_prints_back::<AccountState>(state.as_str());
        }
    }

    #[test]
    fn a_state_nobody_knows_is_refused_with_those_that_are_known() {
        let known = "must be one of PENDING_ACTIVATION, ACTIVE, SUSPENDED, PENDING_CLOSURE, CLOSED";
        assert_refused::<AccountState>(&[
            ("FROZEN", &format!(r#""FROZEN" is no state of an account, {known}"#)),
            ("active", &format!(r#""active" is no state of an account, {known}"#)),
            ("", &format!(r#""" is no state of an account, {known}"#)),
        ]);
        assert_serde::<AccountState>("PENDING_CLOSURE", "FROZEN", "account state");
    }
}
