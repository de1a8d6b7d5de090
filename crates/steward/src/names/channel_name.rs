use std::str::FromStr;

use super::rule::check;
use crate::text::boxed_form;
use crate::{NameError, NameProblem, ParseError};

/// Long enough for any name a person would want to say.
const MOST: usize = 32;

/// A pointer of a family to a release per architecture, such as `stable`; spelled by the same rule as a family's name.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ChannelName(Box<str>);

boxed_form!(ChannelName, "channel name");

impl ChannelName {
    /// `stable`: what children follow unless they say otherwise.
    pub fn stable() -> Self {
        Self("stable".into())
    }
}

impl FromStr for ChannelName {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        parse(text).map_err(|problem| ParseError::new(text, problem))
    }
}

fn parse(text: &str) -> Result<ChannelName, NameProblem> {
    check(text, MOST)?;
    if text == "release" {
        return Err(NameProblem::Reserved {
            why: "a channel with `from: release` follows new releases",
        });
    }
    Ok(ChannelName(text.into()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::testing::{assert_prints_back, assert_refused, assert_serde, assert_survives, channel_names, mutated};

    #[test]
    fn a_bad_channel_name_is_refused_with_what_would_be_right() {
        let long = "a".repeat(33);
        assert_refused::<ChannelName>(&[
            ("Stable", r#""Stable" has upper-case letters, must be lower case"#),
            (
                "1.4.2",
                r#""1.4.2" contains '.', must be lower-case letters, digits and hyphens"#,
            ),
            ("2025", r#""2025" starts with '2', must start with a letter"#),
            (
                "release",
                r#""release" is reserved: a channel with `from: release` follows new releases"#,
            ),
            (&long, &format!(r#""{long}" has 33 characters, must have at most 32"#)),
        ]);
        assert_prints_back::<ChannelName>(&long[1..]);
    }

    #[test]
    fn a_channel_name_travels_as_its_string() {
        assert_serde::<ChannelName>("stable", "release", "channel name");
        assert_eq!("stable".parse::<ChannelName>().unwrap().as_str(), "stable");
    }

    proptest! {
        #[test]
        fn every_channel_name_prints_back(text in channel_names()) {
            assert_prints_back::<ChannelName>(&text);
        }

        #[test]
        fn a_mutated_channel_name_is_refused_or_prints_back(text in mutated(channel_names())) {
            assert_survives::<ChannelName>(&text);
        }
    }
}
