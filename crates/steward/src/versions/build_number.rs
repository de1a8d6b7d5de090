use std::fmt;
use std::str::FromStr;

use super::node;
use crate::ParseError;
use crate::text::string_form;

/// The number Image Builder gives to each build of a version, ordered as a number: 10 comes after 9.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BuildNumber(u32);

string_form!(BuildNumber, "build number");

impl BuildNumber {
    /// As a number.
    pub const fn get(self) -> u32 {
        self.0
    }

    /// The one after that, or the first.
    pub(crate) fn following(before: Option<Self>) -> Self {
        Self(before.map_or(1, |before| before.0.saturating_add(1).min(node::MOST)))
    }
}

impl fmt::Display for BuildNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for BuildNumber {
    type Err = BuildNumberError;

    fn from_str(text: &str) -> Result<Self, BuildNumberError> {
        parse(text).map_err(|problem| ParseError::new(text, problem))
    }
}

fn parse(text: &str) -> Result<BuildNumber, BuildNumberProblem> {
    if text.is_empty() || !text.bytes().all(|b| b.is_ascii_digit()) {
        return Err(BuildNumberProblem::NotANumber);
    }
    // The service counts; a number that does not print back as written was not its own.
    if text.len() > 1 && text.starts_with('0') {
        return Err(BuildNumberProblem::LeadingZero);
    }
    text.parse()
        .ok()
        .filter(|number| *number <= node::MOST)
        .map(BuildNumber)
        .ok_or(BuildNumberProblem::TooLarge)
}

/// Why a text is not a build number.
pub type BuildNumberError = ParseError<BuildNumberProblem>;

/// What is wrong with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BuildNumberProblem {
    /// Wildcards are not either: they have no build number.
    #[error("is not a number, must be as in 7")]
    NotANumber,
    /// Such as `07`.
    #[error("starts with 0, must be as in 7")]
    LeadingZero,
    /// More than Image Builder allows.
    #[error("is too large, must be at most {}", node::MOST)]
    TooLarge,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::testing::{assert_prints_back, assert_refused, assert_serde, assert_survives, builds, mutated};

    #[test]
    fn build_10_comes_after_build_9() {
        let [nine, ten]: [BuildNumber; 2] = ["9", "10"].map(|text| text.parse().unwrap());
        assert!(nine < ten);
        assert_eq!([nine.get(), ten.get()], [9, 10]);
    }

    #[test]
    fn a_bad_build_number_is_refused_with_what_would_be_right() {
        assert_refused::<BuildNumber>(&[
            ("", r#""" is not a number, must be as in 7"#),
            ("x", r#""x" is not a number, must be as in 7"#),
            ("+7", r#""+7" is not a number, must be as in 7"#),
            ("07", r#""07" starts with 0, must be as in 7"#),
            ("1073741824", r#""1073741824" is too large, must be at most 1073741823"#),
            (
                "99999999999999",
                r#""99999999999999" is too large, must be at most 1073741823"#,
            ),
        ]);
    }

    #[test]
    fn a_build_number_travels_as_its_string() {
        assert_serde::<BuildNumber>("1073741823", "x", "build number");
    }

    proptest! {
        #[test]
        fn every_build_number_prints_back(text in builds()) {
            assert_prints_back::<BuildNumber>(&text);
        }

        #[test]
        fn a_mutated_build_number_is_refused_or_prints_back(text in mutated(builds())) {
            assert_survives::<BuildNumber>(&text);
        }
    }
}
