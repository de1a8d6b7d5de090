use std::fmt;
use std::str::FromStr;

use crate::text::{padded, string_form};
use crate::{BuildNumber, BuildNumberError, BuildVersion, FamilyName, NameError, ParseError, Version, VersionError};

/// What people call a release: `web/1.4.2/7`, or `web/1.4.2` for whichever builds of that version there are.
///
/// It names no architecture, and each architecture counts its own builds: look it up, and expect one release of each.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ReleaseName {
    family: FamilyName,
    version: Version,
    build: Option<BuildNumber>,
}

string_form!(ReleaseName, "release name");

impl ReleaseName {
    /// The name of one build of a family.
    pub const fn new(family: FamilyName, release: BuildVersion) -> Self {
        Self {
            family,
            version: release.version(),
            build: Some(release.build()),
        }
    }

    /// The family.
    pub const fn family(&self) -> &FamilyName {
        &self.family
    }

    /// The version.
    pub const fn version(&self) -> Version {
        self.version
    }

    /// The build, if one is named.
    pub const fn build(&self) -> Option<BuildNumber> {
        self.build
    }

    /// Whether it means this build of its family.
    pub fn names(&self, release: BuildVersion) -> bool {
        self.version == release.version() && self.build.is_none_or(|build| build == release.build())
    }
}

impl fmt::Display for ReleaseName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { family, version, build } = self;
        match build {
            Some(build) => padded(f, format_args!("{family}/{version}/{build}")),
            None => padded(f, format_args!("{family}/{version}")),
        }
    }
}

impl FromStr for ReleaseName {
    type Err = ReleaseNameError;

    fn from_str(text: &str) -> Result<Self, ReleaseNameError> {
        parse(text).map_err(|problem| ParseError::new(text, problem))
    }
}

fn parse(text: &str) -> Result<ReleaseName, ReleaseNameProblem> {
    let (family, rest) = text.split_once('/').ok_or(ReleaseNameProblem::NoVersion)?;
    let (version, build) = rest
        .split_once('/')
        .map_or((rest, None), |(version, build)| (version, Some(build)));
    Ok(ReleaseName {
        family: family.parse().map_err(ReleaseNameProblem::Family)?,
        version: version.parse().map_err(ReleaseNameProblem::Version)?,
        build: build.map(str::parse).transpose().map_err(ReleaseNameProblem::Build)?,
    })
}

/// Why a text is not the name of a release.
pub type ReleaseNameError = ParseError<ReleaseNameProblem>;

/// What is wrong with it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReleaseNameProblem {
    /// A family alone, perhaps.
    #[error("has no version, must be FAMILY/VERSION or FAMILY/VERSION/BUILD, as in web/1.4.2 or web/1.4.2/7")]
    NoVersion,
    /// Before the first slash.
    #[error("has an invalid family name: {0}")]
    Family(NameError),
    /// After the first slash.
    #[error("has an invalid version: {0}")]
    Version(VersionError),
    /// After the second slash.
    #[error("has an invalid build number: {0}")]
    Build(BuildNumberError),
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::testing::{
        assert_prints_back, assert_refused, assert_serde, assert_survives, build_versions, family_names, mutated,
        versions,
    };

    #[test]
    fn without_a_build_number_every_build_of_the_version_is_meant() {
        let names = |name: &str, release: &str| name.parse::<ReleaseName>().unwrap().names(release.parse().unwrap());
        assert!(names("web/1.4.2", "1.4.2/1") && names("web/1.4.2", "1.4.2/7"));
        assert!(!names("web/1.4.2", "1.4.3/7"));
        assert!(names("web/1.4.2/7", "1.4.2/7"));
        assert!(!names("web/1.4.2/7", "1.4.2/1") && !names("web/1.4.2/7", "1.4.3/7"));
    }

    #[test]
    fn a_release_is_named_after_its_family_version_and_build() {
        let release: BuildVersion = "1.4.2/7".parse().unwrap();
        let name = ReleaseName::new("web".parse().unwrap(), release);
        assert_eq!(name.to_string(), "web/1.4.2/7");
        assert_eq!(name.family().as_str(), "web");
        assert_eq!(
            (name.version(), name.build()),
            (release.version(), Some(release.build()))
        );
        assert_eq!("web/1.4.2".parse::<ReleaseName>().unwrap().build(), None);
    }

    #[test]
    fn a_bad_release_name_is_refused_with_what_would_be_right() {
        let shape = "must be FAMILY/VERSION or FAMILY/VERSION/BUILD, as in web/1.4.2 or web/1.4.2/7";
        assert_refused::<ReleaseName>(&[
            ("web", &format!(r#""web" has no version, {shape}"#)),
            (
                "Web/1.4.2",
                r#""Web/1.4.2" has an invalid family name: "Web" has upper-case letters, must be lower case"#,
            ),
            (
                "web/1.x.x",
                r#""web/1.x.x" has an invalid version: "1.x.x" is a wildcard, must be one version, as in 1.4.2"#,
            ),
            (
                "web/stable",
                r#""web/stable" has an invalid version: "stable" is not three numbers, must be as in 1.4.2"#,
            ),
            (
                "web/1.4.2/",
                r#""web/1.4.2/" has an invalid build number: "" is not a number, must be as in 7"#,
            ),
            (
                "web/1.4.2/7/8",
                r#""web/1.4.2/7/8" has an invalid build number: "7/8" is not a number, must be as in 7"#,
            ),
        ]);
    }

    #[test]
    fn a_release_name_travels_as_its_string() {
        assert_serde::<ReleaseName>("web/1.4.2/7", "web", "release name");
    }

    fn names() -> impl Strategy<Value = String> {
        (family_names(), prop_oneof![versions(), build_versions()])
            .prop_map(|(family, version)| format!("{family}/{version}"))
    }

    proptest! {
        #[test]
        fn every_release_name_prints_back(text in names()) {
            assert_prints_back::<ReleaseName>(&text);
        }

        #[test]
        fn a_mutated_release_name_is_refused_or_prints_back(text in mutated(names())) {
            assert_survives::<ReleaseName>(&text);
        }
    }
}
