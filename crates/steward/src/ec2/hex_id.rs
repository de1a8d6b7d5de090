use std::fmt;

use crate::ParseError;
use crate::text::{padded, plural};

/// What EC2 calls a thing by the prefix of its id; only to say what was given instead of what was wanted.
const KINDS: [(&str, &str); 7] = [
    ("ami", "an AMI id"),
    ("eni", "a network interface id"),
    ("i", "an instance id"),
    ("lt", "a launch template id"),
    ("sg", "a security group id"),
    ("snap", "a snapshot id"),
    ("vol", "a volume id"),
];

/// The digits after the prefix. Ordered with the short ids first, which EC2 stopped giving out in 2016, then as text.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum HexDigits {
    Short([u8; 8]),
    Long([u8; 17]),
}

impl HexDigits {
    /// Reads an id that must start with this prefix, given without its hyphen.
    pub(super) fn after(prefix: &'static str, text: &str) -> Result<Self, Ec2IdError> {
        parse(prefix, text).map_err(|problem| ParseError::new(text, problem))
    }

    pub(super) fn write(&self, prefix: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        padded(f, format_args!("{prefix}-{self}"))
    }
}

impl fmt::Display for HexDigits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits: &[u8] = match self {
            Self::Short(digits) => digits,
            Self::Long(digits) => digits,
        };
        digits.escape_ascii().fmt(f)
    }
}

fn parse(prefix: &'static str, text: &str) -> Result<HexDigits, Ec2IdProblem> {
    if text.contains(|c: char| c.is_ascii_uppercase()) {
        return Err(Ec2IdProblem::UpperCase);
    }
    let digits = match text.split_once('-') {
        Some((found, digits)) if found == prefix => digits,
        Some((found, _)) => {
            let kind = KINDS.into_iter().find(|(known, _)| *known == found);
            return Err(
                kind.map_or(Ec2IdProblem::Prefix { prefix }, |(_, kind)| Ec2IdProblem::OtherKind {
                    kind,
                    prefix,
                }),
            );
        }
        None => return Err(Ec2IdProblem::Prefix { prefix }),
    };
    if let Some(found) = digits.chars().find(|c| !c.is_ascii_hexdigit()) {
        return Err(Ec2IdProblem::Character { found });
    }
    let bytes = digits.as_bytes();
    (bytes.try_into().map(HexDigits::Short))
        .or_else(|_| bytes.try_into().map(HexDigits::Long))
        .map_err(|_| Ec2IdProblem::Digits { found: bytes.len() })
}

/// Why a text is not the EC2 id it should be.
pub type Ec2IdError = ParseError<Ec2IdProblem>;

/// What is wrong with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Ec2IdProblem {
    /// EC2's ids are lower case.
    #[error("has upper-case letters, must be lower case")]
    UpperCase,
    /// The id of another kind of thing.
    #[error("is {kind}, must start with {prefix}-")]
    OtherKind {
        /// What it is instead, with its article.
        kind: &'static str,
        /// The prefix it should have.
        prefix: &'static str,
    },
    /// No id of a kind we know.
    #[error("does not start with {prefix}-")]
    Prefix {
        /// The prefix it should have.
        prefix: &'static str,
    },
    /// After the prefix stands something that is no hex digit.
    #[error("contains {found:?} after the prefix, must be 8 or 17 hex digits there")]
    Character {
        /// The first such character.
        found: char,
    },
    /// Too few, too many, or in between.
    #[error("has {found} hex digit{}, must be 8 or 17", plural(*found))]
    Digits {
        /// How many there are.
        found: usize,
    },
}
