use std::fmt;
use std::str::FromStr;

use crate::text::{padded, string_form};
use crate::{BuildNumber, BuildNumberError, ParseError, Version, VersionError};

/// One build of a version, such as `1.4.2/7`, ordered by version, then build. Never a wildcard.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BuildVersion {
    version: Version,
    build: BuildNumber,
}

string_form!(BuildVersion, "build version");

impl BuildVersion {
    /// This build of this version.
    pub const fn new(version: Version, build: BuildNumber) -> Self {
        Self { version, build }
    }

    /// What it is a build of.
    pub const fn version(self) -> Version {
        self.version
    }

    /// Which build of it.
    pub const fn build(self) -> BuildNumber {
        self.build
    }
}

impl fmt::Display for BuildVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        padded(f, format_args!("{}/{}", self.version, self.build))
    }
}

impl FromStr for BuildVersion {
    type Err = BuildVersionError;

    fn from_str(text: &str) -> Result<Self, BuildVersionError> {
        parse(text).map_err(|problem| ParseError::new(text, problem))
    }
}

fn parse(text: &str) -> Result<BuildVersion, BuildVersionProblem> {
    let (version, build) = text.split_once('/').ok_or(BuildVersionProblem::NoBuild)?;
    Ok(BuildVersion::new(
        version.parse().map_err(BuildVersionProblem::Version)?,
        build.parse().map_err(BuildVersionProblem::Build)?,
    ))
}

/// Why a text is not a build version.
pub type BuildVersionError = ParseError<BuildVersionProblem>;

/// What is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BuildVersionProblem {
    /// Only a version, or a wildcard.
    #[error("has no build number, must be as in 1.4.2/7")]
    NoBuild,
    /// Before the slash.
    #[error("has an invalid version: {0}")]
    Version(VersionError),
    /// After the slash.
    #[error("has an invalid build number: {0}")]
    Build(BuildNumberError),
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::testing::{assert_prints_back, assert_refused, assert_serde, assert_survives, build_versions, mutated};

    #[test]
    fn builds_are_ordered_by_version_then_build_as_numbers() {
        let sorted = ["1.9.0/10", "1.10.0/1", "1.10.0/9", "1.10.0/10", "2.0.0/1"];
        assert!(
            sorted
                .map(|text| text.parse::<BuildVersion>().unwrap())
                .is_sorted_by(|a, b| a < b)
        );
    }

    #[test]
    fn a_build_version_is_its_version_and_its_build() {
        let build_version: BuildVersion = "1.4.2/7".parse().unwrap();
        assert_eq!(build_version.version().to_string(), "1.4.2");
        assert_eq!(build_version.build().to_string(), "7");
        assert_eq!(
            build_version,
            BuildVersion::new(build_version.version(), build_version.build())
        );
    }

    #[test]
    fn a_bad_build_version_is_refused_with_what_would_be_right() {
        assert_refused::<BuildVersion>(&[
            ("1.4.2", r#""1.4.2" has no build number, must be as in 1.4.2/7"#),
            ("1.x.x", r#""1.x.x" has no build number, must be as in 1.4.2/7"#),
            (
                "1.x.x/7",
                r#""1.x.x/7" has an invalid version: "1.x.x" is a wildcard, must be one version, as in 1.4.2"#,
            ),
            (
                "1.4.2/x",
                r#""1.4.2/x" has an invalid build number: "x" is not a number, must be as in 7"#,
            ),
        ]);
    }

    #[test]
    fn a_build_version_travels_as_its_string() {
        assert_serde::<BuildVersion>("1.4.2/7", "1.4.2", "build version");
    }

    proptest! {
        #[test]
        fn every_build_version_prints_back(text in build_versions()) {
            assert_prints_back::<BuildVersion>(&text);
        }

        #[test]
        fn a_mutated_build_version_is_refused_or_prints_back(text in mutated(build_versions())) {
            assert_survives::<BuildVersion>(&text);
        }

        #[test]
        fn the_order_of_builds_is_the_order_of_their_numbers(a in any::<[u16; 4]>(), b in any::<[u16; 4]>()) {
            let [left, right] = [a, b].map(|[x, y, z, n]| format!("{x}.{y}.{z}/{n}").parse::<BuildVersion>().unwrap());
            prop_assert_eq!(left.cmp(&right), a.cmp(&b));
        }
    }
}
