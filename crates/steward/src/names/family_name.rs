use std::str::FromStr;

use super::rule::check;
use crate::text::boxed_form;
use crate::{NameError, ParseError};

/// Image Builder's names end at 128 characters, and an architecture or a component's name still goes behind this one.
const MOST: usize = 64;

/// A line of golden images, described by `families/<name>.yaml`: lower-case letters, digits and hyphens, a letter first.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FamilyName(Box<str>);

boxed_form!(FamilyName, "family name");

impl FromStr for FamilyName {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        check(text, MOST).map_err(|problem| ParseError::new(text, problem))?;
        Ok(Self(text.into()))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::testing::{assert_prints_back, assert_refused, assert_serde, assert_survives, family_names, mutated};

    #[test]
    fn a_bad_family_name_is_refused_with_what_would_be_right() {
        let long = "a".repeat(65);
        assert_refused::<FamilyName>(&[
            ("", r#""" is empty"#),
            ("Web", r#""Web" has upper-case letters, must be lower case"#),
            (
                "web_1",
                r#""web_1" contains '_', must be lower-case letters, digits and hyphens"#,
            ),
            (
                "web/api",
                r#""web/api" contains '/', must be lower-case letters, digits and hyphens"#,
            ),
            (
                "wéb",
                r#""wéb" contains 'é', must be lower-case letters, digits and hyphens"#,
            ),
            ("1web", r#""1web" starts with '1', must start with a letter"#),
            ("-web", r#""-web" starts with '-', must start with a letter"#),
            ("web-", r#""web-" ends with '-', must end with a letter or a digit"#),
            (&long, &format!(r#""{long}" has 65 characters, must have at most 64"#)),
        ]);
        assert_prints_back::<FamilyName>(&long[1..]);
    }

    #[test]
    fn a_family_name_travels_as_its_string() {
        assert_serde::<FamilyName>("web-2", "web 2", "family name");
        assert_eq!("web-2".parse::<FamilyName>().unwrap().as_str(), "web-2");
    }

    proptest! {
        #[test]
        fn every_family_name_prints_back(text in family_names()) {
            assert_prints_back::<FamilyName>(&text);
        }

        #[test]
        fn a_mutated_family_name_is_refused_or_prints_back(text in mutated(family_names())) {
            assert_survives::<FamilyName>(&text);
        }
    }
}
