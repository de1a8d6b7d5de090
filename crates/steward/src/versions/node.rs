use std::fmt;

use crate::{Given, VersionProblem};

/// Image Builder's own bound for each number of a version: 2^30 - 1.
pub(super) const MOST: u32 = (1 << 30) - 1;

/// The number of digits of [`MOST`].
const MOST_DIGITS: u8 = 10;

/// One number of a version. It remembers leading zeros: AWS suggests dates such as 2021.01.01 as versions,
/// and an ARN that does not print back as it was written names something else.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Node {
    value: u32,
    /// Digits written, where that is more than the value needs; otherwise 0.
    width: u8,
}

impl Node {
    pub(super) const ZERO: Self = Self { value: 0, width: 0 };
    pub(super) const ONE: Self = Self { value: 1, width: 0 };

    pub(super) fn new(value: u32) -> Result<Self, VersionProblem> {
        if value > MOST {
            Err(VersionProblem::too_large(&value.to_string()))
        } else {
            Ok(Self { value, width: 0 })
        }
    }

    pub(super) fn parse(text: &str) -> Result<Self, VersionProblem> {
        if text.is_empty() || !text.bytes().all(|b| b.is_ascii_digit()) {
            return Err(VersionProblem::NotANumber {
                found: Given::new(text),
            });
        }
        let node = text
            .parse()
            .map_err(|_| VersionProblem::too_large(text))
            .and_then(Self::new)?;
        let digits = (1..=MOST_DIGITS).find(|digits| usize::from(*digits) == text.len());
        let digits = digits.ok_or_else(|| VersionProblem::TooManyDigits {
            found: Given::new(text),
        })?;
        let padded = digits > 1 && text.starts_with('0');
        Ok(Self {
            width: if padded { digits } else { 0 },
            ..node
        })
    }

    pub(super) const fn value(self) -> u32 {
        self.value
    }

    pub(super) const fn width(self) -> u8 {
        self.width
    }
}

impl fmt::Display for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:0width$}", self.value, width = usize::from(self.width))
    }
}
