use std::fmt;

use self::sealed::Versioning;
use crate::{ArnProblem, BuildVersion, Given, Version, VersionPattern};

/// What an [`ImageBuilderArn`](crate::ImageBuilderArn) has behind the name: nothing, a version, perhaps with wildcards,
/// a build, or one of these.
pub trait ArnVersion: Versioning {}

impl<V: Versioning> ArnVersion for V {}

pub(super) mod sealed {
    use std::fmt;

    use crate::ArnProblem;

    pub trait Versioning: Sized {
        /// As in "component build version ARN", with a blank before it.
        const NOUN: &'static str;

        /// As in an ARN, with the slash before it.
        const EXAMPLE: &'static str;

        /// Reads what stands behind the name and its slash.
        fn parse(text: Option<&str>) -> Result<Self, ArnProblem>;

        /// Prints the same, with the slash.
        fn write(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result;
    }
}

/// Nothing behind the name: there is only one of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Unversioned;

/// Either a version, perhaps with wildcards, or one build. Wildcards never have a build number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum VersionOrBuild {
    /// Image Builder takes the newest build that matches.
    Version(VersionPattern),
    /// Exactly this one.
    Build(BuildVersion),
}

impl Versioning for Unversioned {
    const NOUN: &'static str = "";
    const EXAMPLE: &'static str = "";

    fn parse(text: Option<&str>) -> Result<Self, ArnProblem> {
        match text {
            None => Ok(Self),
            Some(found) => Err(ArnProblem::UnexpectedVersion {
                found: Given::new(found),
            }),
        }
    }

    fn write(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        Ok(())
    }
}

impl Versioning for Version {
    const NOUN: &'static str = "";
    const EXAMPLE: &'static str = "/1.4.2";

    fn parse(text: Option<&str>) -> Result<Self, ArnProblem> {
        without_build(text, "a version, as in /1.4.2")?
            .parse()
            .map_err(ArnProblem::Version)
    }

    fn write(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "/{self}")
    }
}

impl Versioning for VersionPattern {
    const NOUN: &'static str = " version";
    const EXAMPLE: &'static str = "/1.x.x";

    fn parse(text: Option<&str>) -> Result<Self, ArnProblem> {
        without_build(text, "a version or wildcard, as in /1.4.2 or /1.x.x")?
            .parse()
            .map_err(ArnProblem::Version)
    }

    fn write(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "/{self}")
    }
}

impl Versioning for BuildVersion {
    const NOUN: &'static str = " build version";
    const EXAMPLE: &'static str = "/1.4.2/7";

    fn parse(text: Option<&str>) -> Result<Self, ArnProblem> {
        const WANTED: &str = "a version and its build, as in /1.4.2/7";
        let text = text.ok_or(ArnProblem::NoVersion { wanted: WANTED })?;
        let (version, build) = text.split_once('/').ok_or(ArnProblem::NoBuild { wanted: WANTED })?;
        Ok(Self::new(
            version.parse().map_err(ArnProblem::Version)?,
            build.parse().map_err(ArnProblem::Build)?,
        ))
    }

    fn write(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "/{self}")
    }
}

impl Versioning for VersionOrBuild {
    const NOUN: &'static str = " version or build version";
    const EXAMPLE: &'static str = "/1.x.x";

    fn parse(text: Option<&str>) -> Result<Self, ArnProblem> {
        if text.is_some_and(|text| text.contains('/')) {
            BuildVersion::parse(text).map(Self::Build)
        } else {
            VersionPattern::parse(text).map(Self::Version)
        }
    }

    fn write(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Version(version) => version.write(f),
            Self::Build(build) => build.write(f),
        }
    }
}

fn without_build<'a>(text: Option<&'a str>, wanted: &'static str) -> Result<&'a str, ArnProblem> {
    let text = text.ok_or(ArnProblem::NoVersion { wanted })?;
    match text.split_once('/') {
        None => Ok(text),
        Some((_, found)) => Err(ArnProblem::UnexpectedBuild {
            found: Given::new(found),
        }),
    }
}
