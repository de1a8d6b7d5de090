use std::fmt;
use std::str::FromStr;

use crate::text::{boxed_form, string_form};
use crate::{AccountId, AccountIdProblem, ParseError};

/// Whose an Image Builder resource is: an account's, or a vendor's.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ImageBuilderOwner {
    /// An account, of ours or not.
    Account(AccountId),
    /// Amazon, or a seller.
    Vendor(VendorName),
}

string_form!(ImageBuilderOwner, "owner");

impl ImageBuilderOwner {
    /// The account, unless a vendor owns it.
    pub const fn account(&self) -> Option<AccountId> {
        match self {
            Self::Account(account) => Some(*account),
            Self::Vendor(_) => None,
        }
    }
}

impl fmt::Display for ImageBuilderOwner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Account(account) => account.fmt(f),
            Self::Vendor(vendor) => vendor.fmt(f),
        }
    }
}

impl FromStr for ImageBuilderOwner {
    type Err = OwnerError;

    fn from_str(text: &str) -> Result<Self, OwnerError> {
        if text.starts_with(|c: char| c.is_ascii_digit()) {
            text.parse::<AccountId>()
                .map(Self::Account)
                .map_err(|error| ParseError::new(text, OwnerProblem::Account(*error.problem())))
        } else {
            text.parse().map(Self::Vendor)
        }
    }
}

/// What stands for a vendor where an account could: `aws`, `aws-marketplace` and its like, and `third-party`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct VendorName(Box<str>);

boxed_form!(VendorName, "vendor");

impl FromStr for VendorName {
    type Err = OwnerError;

    fn from_str(text: &str) -> Result<Self, OwnerError> {
        let suffixed = |suffix: &str| !suffix.is_empty() && suffix.chars().all(|c| c == '-' || c.is_ascii_lowercase());
        // `third-party` is missing from the service's own pattern, but its catalogue of bought components has it.
        if matches!(text, "aws" | "third-party") || text.strip_prefix("aws-").is_some_and(suffixed) {
            Ok(Self(text.into()))
        } else {
            Err(ParseError::new(text, OwnerProblem::Unknown))
        }
    }
}

/// Why a text is not the owner of an Image Builder resource.
pub type OwnerError = ParseError<OwnerProblem>;

/// What is wrong with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OwnerProblem {
    /// It starts like an account id.
    #[error("{0}")]
    Account(AccountIdProblem),
    /// It starts like nothing we know.
    #[error("is no owner, must be an account id of 12 digits, aws, aws-marketplace or third-party")]
    Unknown,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::testing::{assert_prints_back, assert_refused, assert_serde, assert_survives, mutated, owners};

    #[test]
    fn only_an_account_has_an_account_id() {
        let account = "012345678901".parse::<ImageBuilderOwner>().unwrap().account();
        assert_eq!(
            account.map(|account| account.to_string()).as_deref(),
            Some("012345678901")
        );
        assert_eq!("aws".parse::<ImageBuilderOwner>().unwrap().account(), None);
    }

    #[test]
    fn a_vendor_is_named_as_it_is_written() {
        assert_eq!("third-party".parse::<VendorName>().unwrap().as_str(), "third-party");
    }

    #[test]
    fn a_bad_owner_is_refused_with_what_would_be_right() {
        let right = "is no owner, must be an account id of 12 digits, aws, aws-marketplace or third-party";
        assert_refused::<ImageBuilderOwner>(&[
            ("11112222333", r#""11112222333" has 11 digits, must be 12"#),
            ("", &format!(r#""" {right}"#)),
            ("amazon", &format!(r#""amazon" {right}"#)),
            ("AWS", &format!(r#""AWS" {right}"#)),
            ("aws-", &format!(r#""aws-" {right}"#)),
            ("aws-1", &format!(r#""aws-1" {right}"#)),
            ("awsome", &format!(r#""awsome" {right}"#)),
        ]);
    }

    #[test]
    fn an_owner_travels_as_its_string() {
        assert_serde::<ImageBuilderOwner>("111122223333", "amazon", "owner");
        assert_serde::<VendorName>("aws-marketplace", "111122223333", "vendor");
    }

    proptest! {
        #[test]
        fn every_owner_prints_back(text in owners()) {
            assert_prints_back::<ImageBuilderOwner>(&text);
        }

        #[test]
        fn a_mutated_owner_is_refused_or_prints_back(text in mutated(owners())) {
            assert_survives::<ImageBuilderOwner>(&text);
        }
    }
}
