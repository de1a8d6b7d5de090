use std::fmt;
use std::str::FromStr;

use crate::ParseError;
use crate::text::{padded, plural, string_form};

const DIGITS: usize = 12;

/// An AWS account: twelve digits, leading zeros kept.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AccountId(u64);

string_form!(AccountId, "account id");

impl fmt::Display for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        padded(f, format_args!("{:0DIGITS$}", self.0))
    }
}

impl FromStr for AccountId {
    type Err = AccountIdError;

    fn from_str(text: &str) -> Result<Self, AccountIdError> {
        parse(text).map_err(|problem| ParseError::new(text, problem))
    }
}

fn parse(text: &str) -> Result<AccountId, AccountIdProblem> {
    let mut number = 0;
    for character in text.chars() {
        if !character.is_ascii_digit() {
            return Err(AccountIdProblem::Character { found: character });
        }
        // More digits than fit are refused below by their count.
        number = u64::wrapping_add(u64::wrapping_mul(number, 10), u64::from(character) - u64::from('0'));
    }
    match text.len() {
        DIGITS => Ok(AccountId(number)),
        found => Err(AccountIdProblem::Digits { found }),
    }
}

/// Why a text is not an account id.
pub type AccountIdError = ParseError<AccountIdProblem>;

/// What is wrong with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AccountIdProblem {
    /// Too few or too many.
    #[error("has {found} digit{}, must be {DIGITS}", plural(*found))]
    Digits {
        /// How many there are.
        found: usize,
    },
    /// Something that is no digit, such as the hyphens of the console's `1111-2222-3333`.
    #[error("contains {found:?}, must be {DIGITS} digits")]
    Character {
        /// The first such character.
        found: char,
    },
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::testing::{accounts, assert_prints_back, assert_refused, assert_serde, assert_survives, mutated};

    #[test]
    fn an_account_id_keeps_its_leading_zeros() {
        assert_prints_back::<AccountId>("000000000012");
    }

    #[test]
    fn an_account_id_aligns_in_a_table() {
        let account: AccountId = "012345678901".parse().unwrap();
        assert_eq!(
            format!("{account:>14}|{account:<14}|"),
            "  012345678901|012345678901  |"
        );
        assert_eq!(format!("{account:.4}|{account:6.4}|"), "0123|0123  |");
        assert_eq!(format!("{account:?}"), "AccountId(012345678901)");
    }

    #[test]
    fn a_bad_account_id_is_refused_with_what_would_be_right() {
        assert_refused::<AccountId>(&[
            ("", r#""" has 0 digits, must be 12"#),
            ("1", r#""1" has 1 digit, must be 12"#),
            ("11112222333", r#""11112222333" has 11 digits, must be 12"#),
            ("1111222233334", r#""1111222233334" has 13 digits, must be 12"#),
            (
                "99999999999999999999999",
                r#""99999999999999999999999" has 23 digits, must be 12"#,
            ),
            ("1111-2222-3333", r#""1111-2222-3333" contains '-', must be 12 digits"#),
            ("+11122223333", r#""+11122223333" contains '+', must be 12 digits"#),
            ("11112222333３", "\"11112222333３\" contains '３', must be 12 digits"),
        ]);
    }

    #[test]
    fn an_account_id_travels_as_its_string() {
        assert_serde::<AccountId>("011122223333", "amazon", "account id");
    }

    #[test]
    fn a_bare_number_is_refused_because_its_leading_zeros_are_lost() {
        let error = serde_json::from_str::<AccountId>("11122223333")
            .unwrap_err()
            .to_string();
        assert!(
            error.starts_with("invalid type: integer `11122223333`, expected a quoted account id"),
            "{error}"
        );
    }

    proptest! {
        #[test]
        fn every_account_id_prints_back(text in accounts()) {
            assert_prints_back::<AccountId>(&text);
        }

        #[test]
        fn a_mutated_account_id_is_refused_or_prints_back(text in mutated(accounts())) {
            assert_survives::<AccountId>(&text);
        }
    }
}
