use crate::ParseError;

/// Why a text is not a name.
pub type NameError = ParseError<NameProblem>;

/// What is wrong with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NameProblem {
    /// Nothing there.
    #[error("is empty")]
    Empty,
    /// Too long to become part of the names AWS wants.
    #[error("has {found} characters, must have at most {most}")]
    TooLong {
        /// How many there are.
        found: usize,
        /// How many there may be.
        most: usize,
    },
    /// Two names that differ by case alone would be one name in Image Builder.
    #[error("has upper-case letters, must be lower case")]
    UpperCase,
    /// A character that has a meaning elsewhere, or none.
    #[error("contains {found:?}, must be {allowed}")]
    Character {
        /// The first such character.
        found: char,
        /// What is allowed.
        allowed: &'static str,
    },
    /// So that it is never taken for a version.
    #[error("starts with {found:?}, must start with a letter")]
    Start {
        /// The first character.
        found: char,
    },
    /// A hyphen that would run into what is put behind it.
    #[error("ends with '-', must end with a letter or a digit")]
    End,
    /// A word that means something else in the same place.
    #[error("is reserved: {why}")]
    Reserved {
        /// For what.
        why: &'static str,
    },
}

/// The rule for names of families and channels. They become parts of Image Builder names, parameter paths, tags, file
/// names and keys, and must need no escaping in any of these.
pub(super) fn check(text: &str, most: usize) -> Result<(), NameProblem> {
    check_characters(text, most, |c| c == '-', "lower-case letters, digits and hyphens")?;
    if let Some(found) = text.chars().next().filter(|c| !c.is_ascii_lowercase()) {
        return Err(NameProblem::Start { found });
    }
    if text.ends_with('-') {
        Err(NameProblem::End)
    } else {
        Ok(())
    }
}

/// Lower-case letters, digits, and what else this kind of name allows.
pub(crate) fn check_characters(
    text: &str,
    most: usize,
    also: impl Fn(char) -> bool,
    allowed: &'static str,
) -> Result<(), NameProblem> {
    if text.is_empty() {
        return Err(NameProblem::Empty);
    }
    if text.contains(|c: char| c.is_ascii_uppercase()) {
        return Err(NameProblem::UpperCase);
    }
    if let Some(found) = text
        .chars()
        .find(|&c| !(c.is_ascii_lowercase() || c.is_ascii_digit() || also(c)))
    {
        return Err(NameProblem::Character { found, allowed });
    }
    if text.len() > most {
        Err(NameProblem::TooLong {
            found: text.len(),
            most,
        })
    } else {
        Ok(())
    }
}
