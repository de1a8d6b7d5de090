use std::str::FromStr;

use crate::names::check_characters;
use crate::text::boxed_form;
use crate::{Architecture, FamilyName, NameError, ParseError};

/// Image Builder's own limit for a name.
const MOST: usize = 128;

/// The name of an Image Builder resource as its ARN has it: lower case, with hyphens and underscores.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ResourceName(Box<str>);

boxed_form!(ResourceName, "resource name");

impl ResourceName {
    /// What a family's resources for an architecture are called: `web-x86-64`. Family names are made to fit.
    ///
    /// Without underscores: Image Builder would make hyphens of them in ARNs.
    pub fn of_line(family: &FamilyName, architecture: Architecture) -> Self {
        let architecture = match architecture {
            Architecture::Arm64 => "arm64",
            Architecture::X86_64 => "x86-64",
        };
        Self(format!("{family}-{architecture}").into())
    }
}

impl FromStr for ResourceName {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        check_characters(
            text,
            MOST,
            |c| matches!(c, '-' | '_'),
            "lower-case letters, digits, hyphens and underscores",
        )
        .map_err(|problem| ParseError::new(text, problem))?;
        Ok(Self(text.into()))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::testing::{assert_prints_back, assert_refused, assert_serde, assert_survives, mutated, resource_names};

    #[test]
    fn a_bad_resource_name_is_refused_with_what_would_be_right() {
        let long = "a".repeat(129);
        assert_refused::<ResourceName>(&[
            ("", r#""" is empty"#),
            ("Web", r#""Web" has upper-case letters, must be lower case"#),
            (
                "my web",
                r#""my web" contains ' ', must be lower-case letters, digits, hyphens and underscores"#,
            ),
            (&long, &format!(r#""{long}" has 129 characters, must have at most 128"#)),
        ]);
        assert_prints_back::<ResourceName>(&long[1..]);
    }

    #[test]
    fn a_resource_name_travels_as_its_string() {
        assert_serde::<ResourceName>("web-x86_64", "web.x86_64", "resource name");
        assert_eq!("web-x86_64".parse::<ResourceName>().unwrap().as_str(), "web-x86_64");
    }

    #[test]
    fn the_longest_family_name_still_makes_a_resource_name() {
        let longest: FamilyName = "a".repeat(64).parse().unwrap();
        for architecture in Architecture::ALL {
            let name = ResourceName::of_line(&longest, architecture);
            assert_eq!(name.as_str().parse(), Ok(name));
        }
    }

    proptest! {
        #[test]
        fn every_resource_name_prints_back(text in resource_names()) {
            assert_prints_back::<ResourceName>(&text);
        }

        #[test]
        fn a_mutated_resource_name_is_refused_or_prints_back(text in mutated(resource_names())) {
            assert_survives::<ResourceName>(&text);
        }
    }
}
