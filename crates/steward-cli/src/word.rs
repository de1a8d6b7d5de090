//! Words that people type.

use std::fmt::Display;
use std::str::FromStr;

use crate::failure::Failure;

/// The word, or what is wrong with it.
pub(crate) fn parse<T: FromStr<Err: Display>>(text: &str, noun: &str) -> Result<T, Failure> {
    text.parse()
        .map_err(|error| Failure::Mistake(format!("invalid {noun}: {error}.")))
}
