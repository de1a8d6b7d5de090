use std::fmt;
use std::str::FromStr;

use crate::text::{padded, string_form};
use crate::{AccountId, AccountIdError, ParseError, Region, RegionError};

/// One account in one Region, such as `111122223333/eu-west-1`. Everything about EC2 is keyed by it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Target {
    account: AccountId,
    region: Region,
}

string_form!(Target, "target");

impl Target {
    /// This account in this Region.
    pub const fn new(account: AccountId, region: Region) -> Self {
        Self { account, region }
    }

    /// Whose.
    pub const fn account(self) -> AccountId {
        self.account
    }

    /// Where.
    pub const fn region(self) -> Region {
        self.region
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        padded(f, format_args!("{}/{}", self.account, self.region))
    }
}

impl FromStr for Target {
    type Err = TargetError;

    fn from_str(text: &str) -> Result<Self, TargetError> {
        parse(text).map_err(|problem| ParseError::new(text, problem))
    }
}

fn parse(text: &str) -> Result<Target, TargetProblem> {
    let (account, region) = text.split_once('/').ok_or(TargetProblem::Shape)?;
    Ok(Target::new(
        account.parse().map_err(TargetProblem::Account)?,
        region.parse().map_err(TargetProblem::Region)?,
    ))
}

/// Why a text is not a target.
pub type TargetError = ParseError<TargetProblem>;

/// What is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TargetProblem {
    /// No slash.
    #[error("is not a target, must be ACCOUNT/REGION, as in 111122223333/eu-west-1")]
    Shape,
    /// Before the slash.
    #[error("has an invalid account id: {0}")]
    Account(AccountIdError),
    /// After the slash.
    #[error("has an invalid Region: {0}")]
    Region(RegionError),
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::testing::{
        accounts, assert_prints_back, assert_refused, assert_serde, assert_survives, mutated, regions,
    };

    #[test]
    fn a_target_is_its_account_and_its_region() {
        let target: Target = "111122223333/eu-west-1".parse().unwrap();
        assert_eq!(target.account().to_string(), "111122223333");
        assert_eq!(target.region().to_string(), "eu-west-1");
        assert_eq!(target, Target::new(target.account(), target.region()));
    }

    #[test]
    fn a_bad_target_is_refused_with_what_would_be_right() {
        assert_refused::<Target>(&[
            (
                "111122223333",
                r#""111122223333" is not a target, must be ACCOUNT/REGION, as in 111122223333/eu-west-1"#,
            ),
            (
                "1/eu-west-1",
                r#""1/eu-west-1" has an invalid account id: "1" has 1 digit, must be 12"#,
            ),
            (
                "111122223333/eu-west",
                r#""111122223333/eu-west" has an invalid Region: "eu-west" is not a Region, must be as in eu-west-1"#,
            ),
        ]);
    }

    #[test]
    fn a_target_travels_as_its_string() {
        assert_serde::<Target>("111122223333/eu-west-1", "eu-west-1/111122223333", "target");
    }

    fn targets() -> impl Strategy<Value = String> {
        (accounts(), regions()).prop_map(|(account, region)| format!("{account}/{region}"))
    }

    proptest! {
        #[test]
        fn every_target_prints_back(text in targets()) {
            assert_prints_back::<Target>(&text);
        }

        #[test]
        fn a_mutated_target_is_refused_or_prints_back(text in mutated(targets())) {
            assert_survives::<Target>(&text);
        }
    }
}
