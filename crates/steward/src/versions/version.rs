use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use super::node::Node;
use crate::text::{padded, string_form};
use crate::{ParseError, VersionError, VersionPattern, VersionProblem};

/// Three numbers, such as `1.4.2`, ordered as numbers: 1.10.0 comes after 1.9.0.
///
/// Versions with leading zeros print back with them. `2021.01.01` and `2021.1.1` are the same numbers and two names:
/// not equal, the shorter one first.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Version {
    pub(super) major: Node,
    pub(super) minor: Node,
    pub(super) patch: Node,
}

string_form!(Version, "version");

impl Version {
    /// The version of these three numbers; each at most 2^30 - 1.
    pub fn new(major: u32, minor: u32, patch: u32) -> Result<Self, VersionError> {
        let node =
            |value| Node::new(value).map_err(|problem| ParseError::new(&format!("{major}.{minor}.{patch}"), problem));
        Ok(Self {
            major: node(major)?,
            minor: node(minor)?,
            patch: node(patch)?,
        })
    }

    /// `1.0.0`.
    pub const FIRST: Self = Self {
        major: Node::ONE,
        minor: Node::ZERO,
        patch: Node::ZERO,
    };

    /// The numbers without their spelling.
    pub const fn numbers(self) -> [u32; 3] {
        [self.major.value(), self.minor.value(), self.patch.value()]
    }

    const fn widths(self) -> [u8; 3] {
        [self.major.width(), self.minor.width(), self.patch.width()]
    }
}

impl Ord for Version {
    fn cmp(&self, other: &Self) -> Ordering {
        self.numbers()
            .cmp(&other.numbers())
            .then_with(|| self.widths().cmp(&other.widths()))
    }
}

impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        padded(f, format_args!("{}.{}.{}", self.major, self.minor, self.patch))
    }
}

impl FromStr for Version {
    type Err = VersionError;

    fn from_str(text: &str) -> Result<Self, VersionError> {
        let pattern: VersionPattern = text.parse()?;
        pattern
            .exact()
            .ok_or_else(|| ParseError::new(text, VersionProblem::Wildcard))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::testing::{assert_prints_back, assert_refused, assert_serde, assert_survives, mutated, versions};

    fn version(text: &str) -> Version {
        text.parse().unwrap()
    }

    #[test]
    fn versions_are_ordered_as_numbers() {
        let sorted = [
            "0.0.0",
            "0.0.9",
            "0.0.10",
            "1.9.0",
            "1.9.1073741823",
            "1.10.0",
            "2.0.0",
            "10.0.0",
        ]
        .map(version);
        assert!(sorted.is_sorted_by(|a, b| a < b));
    }

    #[test]
    fn leading_zeros_are_kept_and_count_last() {
        let sorted = [
            "2020.12.31",
            "2021.1.1",
            "2021.1.01",
            "2021.01.1",
            "2021.01.01",
            "2021.1.2",
        ]
        .map(version);
        assert!(sorted.is_sorted_by(|a, b| a < b));
        assert_prints_back::<Version>("2021.01.01");
        assert_prints_back::<Version>("0.00.000");
    }

    #[test]
    fn a_version_made_of_numbers_is_the_one_that_is_written() {
        assert_eq!(Version::new(1, 10, 0), Ok(version("1.10.0")));
        assert_eq!(
            Version::new(1, 1 << 30, 0).unwrap_err().to_string(),
            r#""1.1073741824.0" has the number "1073741824", must be at most 1073741823"#
        );
    }

    #[test]
    fn a_bad_version_is_refused_with_what_would_be_right() {
        assert_refused::<Version>(&[
            ("", r#""" is not three numbers, must be as in 1.4.2"#),
            ("1.4", r#""1.4" is not three numbers, must be as in 1.4.2"#),
            ("1.4.2.7", r#""1.4.2.7" is not three numbers, must be as in 1.4.2"#),
            (
                "1.4.2/7",
                r#""1.4.2/7" has a build number, must be a version alone, as in 1.4.2"#,
            ),
            (
                "v1.4.2",
                r#""v1.4.2" starts with v, must be three numbers alone, as in 1.4.2"#,
            ),
            ("1..2", r#""1..2" has "" where a number must be, as in 1.4.2"#),
            (
                "1.4.2-rc1",
                r#""1.4.2-rc1" has "2-rc1" where a number must be, as in 1.4.2"#,
            ),
            ("1.+4.2", r#""1.+4.2" has "+4" where a number must be, as in 1.4.2"#),
            (
                "1.4.1073741824",
                r#""1.4.1073741824" has the number "1073741824", must be at most 1073741823"#,
            ),
            (
                "1.4.99999999999",
                r#""1.4.99999999999" has the number "99999999999", must be at most 1073741823"#,
            ),
            (
                "1.4.00000000001",
                r#""1.4.00000000001" has the number "00000000001", must have at most 10 digits"#,
            ),
            ("1.4.x", r#""1.4.x" is a wildcard, must be one version, as in 1.4.2"#),
        ]);
    }

    #[test]
    fn a_version_travels_as_its_string() {
        assert_serde::<Version>("1.4.2", "1.x.x", "version");
    }

    proptest! {
        #[test]
        fn every_version_prints_back(text in versions()) {
            assert_prints_back::<Version>(&text);
        }

        #[test]
        fn a_mutated_version_is_refused_or_prints_back(text in mutated(versions())) {
            assert_survives::<Version>(&text);
        }

        #[test]
        fn the_order_of_versions_is_the_order_of_their_numbers(a in any::<[u16; 3]>(), b in any::<[u16; 3]>()) {
            let [left, right] = [a, b].map(|[x, y, z]| version(&format!("{x}.{y}.{z}")));
            prop_assert_eq!(left.cmp(&right), a.cmp(&b));
        }

        #[test]
        fn only_the_same_spelling_is_equal(a in versions(), b in versions()) {
            prop_assert_eq!(version(&a).cmp(&version(&b)).is_eq(), a == b);
            prop_assert_eq!(version(&a).cmp(&version(&b)), version(&b).cmp(&version(&a)).reverse());
        }
    }
}
