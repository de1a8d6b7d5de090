//! Names, versions and ARNs of Image Builder: how names are normalised, what a wildcard means, which build a version is.

use std::fmt;

use super::errors::{foreign, invalid, not_found, version};
use crate::ids::AccountId;
use crate::region::Region;
use crate::wire::error::ApiError;
use crate::world::Target;

/// The largest number a node of a version may have.
const LARGEST_NODE: u32 = (1 << 30) - 1;

/// A name as ARNs carry it: lower case, hyphens for spaces and underscores. Names that differ only in these are the same.
pub(crate) fn normalise(name: &str) -> String {
    name.chars()
        .map(|letter| {
            if matches!(letter, ' ' | '_') {
                '-'
            } else {
                letter.to_ascii_lowercase()
            }
        })
        .collect()
}

/// `1.20.3`, ordered by number.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub(crate) struct Version([u32; 3]);

impl Version {
    pub(crate) const fn new(major: u32, minor: u32, patch: u32) -> Self {
        Self([major, minor, patch])
    }

    /// The version a request asks to create.
    pub(crate) fn read(parameter: &str, text: &str) -> Result<Self, ApiError> {
        Pattern::read(parameter, text)?.exact().ok_or_else(|| {
            invalid(
                parameter,
                format_args!("{parameter} must match pattern ^[0-9]+\\.[0-9]+\\.[0-9]+$"),
            )
        })
    }

    /// Version and build in one number, as the SNS message carries it: 30 bits a node, beyond what 64 bits hold.
    pub(crate) fn semver(self, build: u32) -> u128 {
        self.0
            .into_iter()
            .chain([build])
            .fold(0, |number, node| number << 30 | u128::from(node))
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [major, minor, patch] = self.0;
        write!(f, "{major}.{minor}.{patch}")
    }
}

/// A version in which `x` stands for any number. What is right of the first `x` is `x` too.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) struct Pattern([Option<u32>; 3]);

impl Pattern {
    pub(crate) fn read(parameter: &str, text: &str) -> Result<Self, ApiError> {
        let mut nodes = [None; 3];
        let mut parts = text.split('.');
        for node in &mut nodes {
            let part = parts.next().ok_or_else(|| shape(parameter, text))?;
            if part == "x" {
                continue;
            }
            if part.is_empty() || !part.bytes().all(|byte| byte.is_ascii_digit()) {
                return Err(shape(parameter, text));
            }
            let number = part.parse().ok().filter(|number| *number <= LARGEST_NODE);
            *node = Some(number.ok_or_else(|| {
                version(
                    parameter,
                    format_args!("A node of the version {text} is greater than {LARGEST_NODE}."),
                )
            })?);
        }
        if parts.next().is_some() {
            return Err(shape(parameter, text));
        }
        let first_wild = nodes.iter().position(Option::is_none).unwrap_or(nodes.len());
        if nodes[first_wild..].iter().any(Option::is_some) {
            return Err(version(
                parameter,
                format_args!("In {text}, all nodes to the right of the first wildcard must also be wildcards."),
            ));
        }
        Ok(Self(nodes))
    }

    pub(crate) fn matches(self, version: Version) -> bool {
        self.0
            .iter()
            .zip(version.0)
            .all(|(wanted, node)| wanted.is_none_or(|wanted| wanted == node))
    }

    /// The one version it means, where nothing is left open.
    pub(crate) fn exact(self) -> Option<Version> {
        match self.0 {
            [Some(major), Some(minor), Some(patch)] => Some(Version::new(major, minor, patch)),
            _ => None,
        }
    }
}

impl From<Version> for Pattern {
    fn from(Version(nodes): Version) -> Self {
        Self(nodes.map(Some))
    }
}

impl fmt::Display for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, node) in self.0.iter().enumerate() {
            if place > 0 {
                f.write_str(".")?;
            }
            match node {
                Some(number) => write!(f, "{number}")?,
                None => f.write_str("x")?,
            }
        }
        Ok(())
    }
}

fn shape(parameter: &str, text: &str) -> ApiError {
    invalid(
        parameter,
        format_args!(
            "{text} is not a version: {parameter} must match pattern ^(?:[0-9]+|x)\\.(?:[0-9]+|x)\\.(?:[0-9]+|x)$"
        ),
    )
}

/// Where a resource stands among those of its kind: normalised name, version, build. Kinds without versions leave them zero.
pub(crate) type Place = (String, Version, u32);

/// A place of a kind that has a name only.
pub(crate) fn named(name: &str) -> Place {
    (name.to_owned(), Version::default(), 0)
}

/// Whose a resource is.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Owner {
    Account(AccountId),
    Amazon,
}

impl fmt::Display for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Account(account) => fmt::Display::fmt(account, f),
            Self::Amazon => f.write_str("aws"),
        }
    }
}

/// The kinds of resources the model has.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Kind {
    Component,
    Recipe,
    ContainerRecipe,
    Infrastructure,
    Distribution,
    Pipeline,
    Image,
}

impl Kind {
    const NAMES: [(Self, &'static str); 7] = [
        (Self::Component, "component"),
        (Self::Recipe, "image-recipe"),
        (Self::ContainerRecipe, "container-recipe"),
        (Self::Infrastructure, "infrastructure-configuration"),
        (Self::Distribution, "distribution-configuration"),
        (Self::Pipeline, "image-pipeline"),
        (Self::Image, "image"),
    ];

    fn parse(text: &str) -> Option<Self> {
        Self::NAMES
            .iter()
            .find(|(_, name)| *name == text)
            .map(|(kind, _)| *kind)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            Self::NAMES
                .iter()
                .find(|(kind, _)| kind == self)
                .map_or("", |(_, name)| name),
        )
    }
}

/// An ARN of Image Builder, with as much of a version as it says.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) struct Arn {
    pub(crate) region: Region,
    pub(crate) owner: Owner,
    pub(crate) kind: Kind,
    pub(crate) name: String,
    pub(crate) version: Option<Pattern>,
    pub(crate) build: Option<u32>,
}

impl Arn {
    /// The ARN of a build version.
    pub(crate) fn of_build(target: Target, kind: Kind, (name, version, build): &Place) -> Self {
        Self {
            build: Some(*build),
            ..Self::of_version(target, kind, name, *version)
        }
    }

    pub(crate) fn of_version(target: Target, kind: Kind, name: &str, version: Version) -> Self {
        Self {
            version: Some(version.into()),
            ..Self::of_name(target, kind, name)
        }
    }

    pub(crate) fn of_name(target: Target, kind: Kind, name: &str) -> Self {
        Self {
            region: target.region,
            owner: Owner::Account(target.account),
            kind,
            name: name.to_owned(),
            version: None,
            build: None,
        }
    }

    pub(crate) fn parse(parameter: &str, text: &str) -> Result<Self, ApiError> {
        let bad = || {
            invalid(
                parameter,
                format_args!("{text} is not an ARN of Image Builder that fits {parameter}."),
            )
        };
        let parts: Vec<&str> = text.split(':').collect();
        let ["arn", partition, "imagebuilder", region, owner, resource] = parts.as_slice() else {
            return Err(bad());
        };
        let region: Region = region.parse().map_err(|_| bad())?;
        let owner = match *owner {
            "aws" => Owner::Amazon,
            account => Owner::Account(account.parse().map_err(|_| bad())?),
        };
        let mut parts = resource.split('/');
        let (Some(kind), Some(name)) = (parts.next(), parts.next()) else {
            return Err(bad());
        };
        let kind = Kind::parse(kind).ok_or_else(bad)?;
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'_');
        if *partition != region.partition() || name.is_empty() || !name.bytes().all(plain) {
            return Err(bad());
        }
        let version = parts.next().map(|text| Pattern::read(parameter, text)).transpose()?;
        let build = parts.next().map(|text| text.parse().map_err(|_| bad())).transpose()?;
        let wild_build = build.is_some() && version.is_none_or(|version| version.exact().is_none());
        if parts.next().is_some() || wild_build {
            return Err(bad());
        }
        Ok(Self {
            region,
            owner,
            kind,
            name: name.to_owned(),
            version,
            build,
        })
    }

    /// An ARN of one kind, in the form that kind takes at most.
    pub(crate) fn read(parameter: &str, text: &str, kind: Kind) -> Result<Self, ApiError> {
        let arn = Self::parse(parameter, text)?;
        let fits = arn.kind == kind
            && match kind {
                Kind::Component | Kind::Image => arn.version.is_some(),
                Kind::Recipe | Kind::ContainerRecipe => arn.version.is_some() && arn.build.is_none(),
                Kind::Infrastructure | Kind::Distribution | Kind::Pipeline => arn.version.is_none(),
            };
        if fits {
            Ok(arn)
        } else {
            Err(invalid(
                parameter,
                format_args!("{text} is not the ARN of a resource of the kind {kind}."),
            ))
        }
    }

    /// Refuses what lies elsewhere or belongs to somebody else.
    pub(crate) fn at_home(self, target: Target) -> Result<Self, ApiError> {
        match self.owner {
            _ if self.region != target.region => Err(not_found(self)),
            Owner::Account(account) if account != target.account => Err(foreign(self)),
            _ => Ok(self),
        }
    }

    /// The place of a build version, where the ARN says all of it.
    pub(crate) fn place(&self) -> Option<Place> {
        Some((self.name.clone(), self.version?.exact()?, self.build?))
    }

    /// Name and exact version, where the ARN says both and no build.
    pub(crate) fn exact_version(&self) -> Option<(String, Version)> {
        if self.build.is_some() {
            None
        } else {
            Some((self.name.clone(), self.version?.exact()?))
        }
    }

    /// Whether a resource at this place is one the ARN can mean.
    pub(crate) fn matches(&self, (name, version, build): &Place) -> bool {
        self.name == *name
            && self.version.is_none_or(|pattern| pattern.matches(*version))
            && self.build.is_none_or(|wanted| wanted == *build)
    }

    /// The references to the newest version that stay right as versions come.
    pub(crate) fn latest_references(&self) -> serde_json::Value {
        let Some(Pattern([major, minor, patch])) = self.version else {
            return serde_json::Value::Null;
        };
        let with = |nodes| {
            Self {
                version: Some(Pattern(nodes)),
                build: None,
                ..self.clone()
            }
            .to_string()
        };
        serde_json::json!({
            "latestVersionArn": with([None, None, None]),
            "latestMajorVersionArn": with([major, None, None]),
            "latestMinorVersionArn": with([major, minor, None]),
            "latestPatchVersionArn": with([major, minor, patch]),
        })
    }
}

impl fmt::Display for Arn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            region,
            owner,
            kind,
            name,
            version,
            build,
        } = self;
        write!(
            f,
            "arn:{}:imagebuilder:{region}:{owner}:{kind}/{name}",
            region.partition()
        )?;
        if let Some(version) = version {
            write!(f, "/{version}")?;
        }
        build.map_or(Ok(()), |build| write!(f, "/{build}"))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_that_differ_only_in_case_spaces_or_underscores_are_one() {
        for name in ["My Image", "my-image", "MY_IMAGE"] {
            assert_eq!(normalise(name), "my-image");
        }
    }

    #[test]
    fn versions_are_ordered_by_number_not_by_text() {
        let read = |text| Version::read("v", text).unwrap();
        assert!(read("1.10.0") > read("1.9.99"));
        assert_eq!(read("2021.01.01").to_string(), "2021.1.1");
    }

    #[test]
    fn a_node_of_a_version_ends_at_two_to_the_thirty_minus_one() {
        assert!(Version::read("v", "1073741823.0.0").is_ok());
        assert_eq!(
            Version::read("v", "1073741824.0.0").unwrap_err().code,
            "InvalidVersionNumberException"
        );
        assert_eq!(
            Version::read("v", "99999999999999999999.0.0").unwrap_err().code,
            "InvalidVersionNumberException"
        );
    }

    #[test]
    fn right_of_the_first_wildcard_everything_is_a_wildcard() {
        for good in ["x.x.x", "1.x.x", "1.6.x", "1.6.8"] {
            assert_eq!(
                Pattern::read("v", good).map(|pattern| pattern.to_string()).as_deref(),
                Ok(good)
            );
        }
        for bad in ["x.2.x", "1.x.8", "x.x.0"] {
            assert_eq!(
                Pattern::read("v", bad).unwrap_err().code,
                "InvalidVersionNumberException",
                "{bad}"
            );
        }
        for bad in ["", "1", "1.0", "1.0.0.0", "a.b.c", "1..0", "-1.0.0", "X.x.x", "1.0.0/1"] {
            assert_eq!(
                Pattern::read("v", bad).unwrap_err().code,
                "InvalidParameterValueException",
                "{bad}"
            );
        }
    }

    #[test]
    fn the_semver_of_the_sns_message_is_the_documented_number() {
        assert_eq!(
            Version::new(1, 0, 0).semver(3).to_string(),
            "1237940039285380274899124227"
        );
    }

    #[test]
    fn every_form_of_an_arn_prints_back_as_it_came() {
        for text in [
            "arn:aws:imagebuilder:eu-west-1:111122223333:image/web/1.0.0/3",
            "arn:aws:imagebuilder:eu-west-1:aws:component/update-linux/x.x.x",
            "arn:aws-cn:imagebuilder:cn-north-1:111122223333:image-pipeline/web-x86_64",
        ] {
            assert_eq!(Arn::parse("a", text).map(|arn| arn.to_string()).as_deref(), Ok(text));
        }
    }

    #[test]
    fn an_arn_of_another_partition_service_or_form_is_refused() {
        for text in [
            "arn:aws:imagebuilder:cn-north-1:111122223333:image/web/1.0.0/3",
            "arn:aws:ec2:eu-west-1:111122223333:image/web/1.0.0/3",
            "arn:aws:imagebuilder:eu-west-1:1111:image/web/1.0.0/3",
            "arn:aws:imagebuilder:eu-west-1:111122223333:image/Web/1.0.0/3",
            "arn:aws:imagebuilder:eu-west-1:111122223333:image/web/1.x.x/3",
            "arn:aws:imagebuilder:eu-west-1:111122223333:image/web/1.0.0/3/4",
            "arn:aws:imagebuilder:eu-west-1:111122223333:picture/web/1.0.0/3",
            "",
        ] {
            assert_eq!(
                Arn::parse("a", text).unwrap_err().code,
                "InvalidParameterValueException",
                "{text}"
            );
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_the_arn_reader_panic(text in "(arn:aws:imagebuilder:eu-west-1:)?[a-z0-9:/.x-]{0,60}") {
            if let Ok(arn) = Arn::parse("a", &text) {
                prop_assert_eq!(Arn::parse("a", &arn.to_string()), Ok(arn));
            }
        }
    }
}
