use std::str::FromStr;

use crate::manifest::document::Word;
use crate::{ParseError, text};

/// Any text of one to so many characters.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Text<const MOST: usize>(Box<str>);

impl<const MOST: usize> Text<MOST> {
    /// The text as it was written.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<const MOST: usize> FromStr for Text<MOST> {
    type Err = ParseError<String>;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        length(text, 1, MOST).map_err(|problem| ParseError::new(text, problem))?;
        Ok(Self(text.into()))
    }
}

impl<const MOST: usize> Word for Text<MOST> {
    const NOUN: &'static str = "text";
    const EXAMPLE: &'static str = "nginx on Amazon Linux 2023";

    fn parse_word(text: &str) -> Result<Self, String> {
        text.parse().map_err(|error: ParseError<String>| error.to_string())
    }

    fn written(&self) -> String {
        self.0.to_string()
    }
}

pub(super) fn length(text: &str, least: usize, most: usize) -> Result<(), String> {
    let found = text.chars().count();
    match (
        found,
        text.chars().find(|c| c.is_control() && !matches!(c, '\n' | '\t')),
    ) {
        (_, Some(control)) => Err(format!("has the control character {control:?}, must be printable")),
        (0, _) if least > 0 => Err(String::from("is empty")),
        _ if found > most => Err(format!("has {found} characters, must have at most {most}")),
        _ if found < least => Err(format!(
            "has {found} character{}, must have at least {least}",
            text::plural(found)
        )),
        _ => Ok(()),
    }
}

crate::manifest::document::word! {
    /// A tag's key: not one of AWS's own, and not one of ours.
    TagKey: "tag key", "team", |text| {
        length(text, 1, 128)?;
        tag_characters(text)?;
        if text.to_ascii_lowercase().starts_with("aws:") {
            return Err(String::from("starts with aws:, must not: such tags are AWS's own"));
        }
        if text.starts_with("image-steward:") {
            return Err(String::from("starts with image-steward:, must not: such tags say what is ours"));
        }
        Ok(())
    }
}

crate::manifest::document::word! {
    /// A tag's key as Image Builder takes it: the same in plain letters.
    PlainTagKey: "tag key", "team", |text| {
        if let Some(found) = text.chars().find(|c| !c.is_ascii()) {
            return Err(format!("contains {found:?}, must be letters from a to z, digits, spaces and _ . : / = + - @"));
        }
        text.parse::<TagKey>().map(drop).map_err(|error| error.problem().clone())
    }
}

crate::manifest::document::word! {
    /// A tag's value; it may be empty.
    TagValue: "tag value", "web", |text| {
        length(text, 0, 256)?;
        tag_characters(text)
    }
}

/// The characters that every service takes in a tag.
fn tag_characters(text: &str) -> Result<(), String> {
    match text
        .chars()
        .find(|&c| !(c.is_alphanumeric() || " _.:/=+-@".contains(c)))
    {
        Some(found) => Err(format!(
            "contains {found:?}, must be letters, digits, spaces and _ . : / = + - @"
        )),
        None => Ok(()),
    }
}
