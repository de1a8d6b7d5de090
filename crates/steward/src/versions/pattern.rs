use std::fmt;
use std::str::FromStr;

use super::node::Node;
use crate::text::{padded, string_form};
use crate::{ParseError, Version, VersionError, VersionProblem};

/// One version, or a wildcard over versions: `1.4.2`, `1.4.x`, `1.x.x`, `x.x.x`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct VersionPattern(Covers);

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Covers {
    Any,
    Major(Node),
    Minor(Node, Node),
    One(Version),
}

string_form!(VersionPattern, "version or wildcard");

impl VersionPattern {
    /// `x.x.x`: the newest of all.
    pub const NEWEST: Self = Self(Covers::Any);

    /// Whether this version is covered. Numbers are compared, not their spelling: `2021.1.x` matches 2021.01.05.
    pub fn matches(self, version: Version) -> bool {
        let [major, minor, _] = version.numbers();
        match self.0 {
            Covers::Any => true,
            Covers::Major(node) => node.value() == major,
            Covers::Minor(first, second) => [first.value(), second.value()] == [major, minor],
            Covers::One(one) => one.numbers() == version.numbers(),
        }
    }

    /// The one version this names, unless it is a wildcard.
    pub const fn exact(self) -> Option<Version> {
        match self.0 {
            Covers::One(version) => Some(version),
            Covers::Any | Covers::Major(_) | Covers::Minor(..) => None,
        }
    }
}

impl From<Version> for VersionPattern {
    fn from(version: Version) -> Self {
        Self(Covers::One(version))
    }
}

impl fmt::Display for VersionPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Covers::Any => f.pad("x.x.x"),
            Covers::Major(major) => padded(f, format_args!("{major}.x.x")),
            Covers::Minor(major, minor) => padded(f, format_args!("{major}.{minor}.x")),
            Covers::One(version) => version.fmt(f),
        }
    }
}

impl FromStr for VersionPattern {
    type Err = VersionError;

    fn from_str(text: &str) -> Result<Self, VersionError> {
        parse(text).map(Self).map_err(|problem| ParseError::new(text, problem))
    }
}

fn parse(text: &str) -> Result<Covers, VersionProblem> {
    if text.contains('/') {
        return Err(VersionProblem::Build);
    }
    if text
        .strip_prefix('v')
        .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
    {
        return Err(VersionProblem::LeadingV);
    }
    let mut parts = text.split('.');
    let (Some(major), Some(minor), Some(patch), None) = (parts.next(), parts.next(), parts.next(), parts.next()) else {
        return Err(VersionProblem::Parts);
    };
    match (node_or_x(major)?, node_or_x(minor)?, node_or_x(patch)?) {
        (None, None, None) => Ok(Covers::Any),
        (Some(major), None, None) => Ok(Covers::Major(major)),
        (Some(major), Some(minor), None) => Ok(Covers::Minor(major, minor)),
        (Some(major), Some(minor), Some(patch)) => Ok(Covers::One(Version { major, minor, patch })),
        (None, Some(_), _) | (_, None, Some(_)) => Err(VersionProblem::NumberAfterWildcard),
    }
}

fn node_or_x(text: &str) -> Result<Option<Node>, VersionProblem> {
    match text {
        "x" => Ok(None),
        "X" => Err(VersionProblem::UpperCaseWildcard),
        number => Node::parse(number).map(Some),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::testing::{assert_prints_back, assert_refused, assert_serde, assert_survives, mutated, patterns};

    fn pattern(text: &str) -> VersionPattern {
        text.parse().unwrap()
    }

    #[test]
    fn a_pattern_matches_what_its_numbers_name() {
        let all = ["0.0.1", "1.6.8", "1.7.8", "2.2.4", "2021.01.05"];
        let cases: [(&str, &[&str]); 8] = [
            ("x.x.x", &all),
            ("1.x.x", &["1.6.8", "1.7.8"]),
            ("1.6.x", &["1.6.8"]),
            ("1.6.8", &["1.6.8"]),
            ("01.06.x", &["1.6.8"]),
            ("2021.1.5", &["2021.01.05"]),
            ("1.8.x", &[]),
            ("6.x.x", &[]),
        ];
        for (text, expected) in cases {
            let matched: Vec<&str> = all
                .into_iter()
                .filter(|v| pattern(text).matches(v.parse().unwrap()))
                .collect();
            assert_eq!(matched, expected, "{text}");
        }
    }

    #[test]
    fn only_a_pattern_without_wildcards_names_one_version() {
        let one: Version = "1.6.8".parse().unwrap();
        assert_eq!(pattern("1.6.8").exact(), Some(one));
        assert_eq!(VersionPattern::from(one), pattern("1.6.8"));
        assert_eq!(["x.x.x", "1.x.x", "1.6.x"].map(|text| pattern(text).exact()), [None; 3]);
    }

    #[test]
    fn a_bad_pattern_is_refused_with_what_would_be_right() {
        let after = "has a number after an x: everything right of the first x must be x";
        assert_refused::<VersionPattern>(&[
            ("1.x.8", &format!(r#""1.x.8" {after}"#)),
            ("x.2.x", &format!(r#""x.2.x" {after}"#)),
            ("x.2.3", &format!(r#""x.2.3" {after}"#)),
            ("x.x.3", &format!(r#""x.x.3" {after}"#)),
            ("1.X.X", r#""1.X.X" has an upper-case X, a wildcard is a lower-case x"#),
            ("1.x", r#""1.x" is not three numbers, must be as in 1.4.2"#),
            ("1.*.*", r#""1.*.*" has "*" where a number must be, as in 1.4.2"#),
            (
                "1.x.x/3",
                r#""1.x.x/3" has a build number, must be a version alone, as in 1.4.2"#,
            ),
        ]);
    }

    #[test]
    fn a_pattern_travels_as_its_string() {
        assert_serde::<VersionPattern>("1.x.x", "1.x.8", "version or wildcard");
    }

    proptest! {
        #[test]
        fn every_pattern_prints_back(text in patterns()) {
            assert_prints_back::<VersionPattern>(&text);
        }

        #[test]
        fn a_mutated_pattern_is_refused_or_prints_back(text in mutated(patterns())) {
            assert_survives::<VersionPattern>(&text);
        }

        #[test]
        fn a_wider_pattern_matches_whatever_a_narrower_one_does(
            [a, b, c] in proptest::array::uniform3(0..3u32),
            [x, y, z] in proptest::array::uniform3(0..3u32),
        ) {
            let version = Version::new(x, y, z).unwrap();
            let matches = [format!("{a}.{b}.{c}"), format!("{a}.{b}.x"), format!("{a}.x.x"), "x.x.x".to_owned()]
                .map(|text| pattern(&text).matches(version));
            prop_assert!(matches.is_sorted(), "{:?} of {:?}", matches, version);
            prop_assert!(matches[3]);
            prop_assert_eq!(matches[0], version.numbers() == [a, b, c]);
        }
    }
}
