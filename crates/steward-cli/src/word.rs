//! Words that people type.

use std::fmt::Display;
use std::str::FromStr;

use steward::Timestamp;
use steward::manifest::Day;

use crate::failure::Failure;

/// Longer reasons do not fit where people read them.
const LONGEST_REASON: usize = 300;

/// The word, or what is wrong with it.
pub(crate) fn parse<T: FromStr<Err: Display>>(text: &str, noun: &str) -> Result<T, Failure> {
    text.parse()
        .map_err(|error| Failure::Mistake(format!("invalid {noun}: {error}.")))
}

/// A moment, or the end of a day in UTC.
pub(crate) fn end_of(text: &str, flag: &str) -> Result<Timestamp, Failure> {
    if let Ok(day) = text.parse::<Day>() {
        return parse(&format!("{day}T23:59:59.999Z"), flag);
    }
    text.parse()
        .map_err(|error| Failure::Mistake(format!("invalid {flag}: {error}; a day such as 2026-10-01 will do.")))
}

/// The end of something that begins now.
pub(crate) fn until(text: &str, now: Timestamp) -> Result<Timestamp, Failure> {
    let end = end_of(text, "--until")?;
    if end <= now {
        return Err(Failure::Mistake(format!("--until {text} is past: name a later day.")));
    }
    Ok(end)
}

/// Why somebody does something, for everybody who looks.
pub(crate) fn reason(because: &str) -> Result<String, Failure> {
    let why = because.trim();
    if why.is_empty() || why.chars().count() > LONGEST_REASON {
        return Err(Failure::Mistake(format!(
            "--because must say why, in 1 to {LONGEST_REASON} characters."
        )));
    }
    Ok(why.to_owned())
}
