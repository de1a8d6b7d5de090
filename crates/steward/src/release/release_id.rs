use std::array;
use std::fmt;
use std::str::FromStr;

use crate::ParseError;
use crate::text::{padded, plural, string_form};

const DIGITS: usize = 32;

/// A release in the record: the first 128 bits of the SHA-256 of its canonical name, as 32 hex digits.
///
/// Half of the hash halves every key of the lineage graph, and leaves an accident out of reach: two of 10^12 releases
/// share an id with a probability of about 10^-15.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ReleaseId(u128);

string_form!(ReleaseId, "release id");

impl ReleaseId {
    pub(super) fn from_digest(digest: [u8; 32]) -> Self {
        Self(u128::from_be_bytes(array::from_fn(|i| digest[i])))
    }
}

impl fmt::Display for ReleaseId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        padded(f, format_args!("{:0DIGITS$x}", self.0))
    }
}

impl FromStr for ReleaseId {
    type Err = ReleaseIdError;

    fn from_str(text: &str) -> Result<Self, ReleaseIdError> {
        parse(text).map_err(|problem| ParseError::new(text, problem))
    }
}

fn parse(text: &str) -> Result<ReleaseId, ReleaseIdProblem> {
    if let Some(found) = text.chars().find(|c| !matches!(c, '0'..='9' | 'a'..='f')) {
        return Err(ReleaseIdProblem::Character { found });
    }
    let number = if text.len() == DIGITS {
        u128::from_str_radix(text, 16).ok()
    } else {
        None
    };
    number
        .map(ReleaseId)
        .ok_or(ReleaseIdProblem::Digits { found: text.len() })
}

/// Why a text is not a release id.
pub type ReleaseIdError = ParseError<ReleaseIdProblem>;

/// What is wrong with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReleaseIdProblem {
    /// Something that is no lower-case hex digit.
    #[error("contains {found:?}, must be {DIGITS} of 0-9 and a-f")]
    Character {
        /// The first such character.
        found: char,
    },
    /// Too few or too many.
    #[error("has {found} hex digit{}, must be {DIGITS}", plural(*found))]
    Digits {
        /// How many there are.
        found: usize,
    },
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::testing::{assert_prints_back, assert_refused, assert_serde, assert_survives, mutated};

    #[test]
    fn a_bad_release_id_is_refused_with_what_would_be_right() {
        assert_refused::<ReleaseId>(&[
            ("", r#""" has 0 hex digits, must be 32"#),
            (
                "0123456789abcdef",
                r#""0123456789abcdef" has 16 hex digits, must be 32"#,
            ),
            (
                "0123456789ABCDEF0123456789ABCDEF",
                r#""0123456789ABCDEF0123456789ABCDEF" contains 'A', must be 32 of 0-9 and a-f"#,
            ),
            ("web/1.4.2", r#""web/1.4.2" contains 'w', must be 32 of 0-9 and a-f"#),
        ]);
    }

    #[test]
    fn a_release_id_travels_as_its_string() {
        assert_serde::<ReleaseId>("00000000000000000123456789abcdef", "0", "release id");
    }

    fn ids() -> impl Strategy<Value = String> {
        "[0-9a-f]{32}"
    }

    proptest! {
        #[test]
        fn every_release_id_prints_back(text in ids()) {
            assert_prints_back::<ReleaseId>(&text);
        }

        #[test]
        fn a_mutated_release_id_is_refused_or_prints_back(text in mutated(ids())) {
            assert_survives::<ReleaseId>(&text);
        }
    }
}
