use std::collections::BTreeSet;
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::AmiId;

/// An image as something that launches names it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ImageName {
    /// By its id.
    Ami(AmiId),
    /// By a parameter that holds its id: `resolve:ssm:…`.
    Parameter(ParameterRef),
}

/// A parameter as something names it, with or without the version it means.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ParameterRef {
    /// Its name, or its ARN where another account shares it.
    pub name: String,
    /// Which of its versions; none: the newest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub selector: Option<Selector>,
}

/// Which version of a parameter.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Selector {
    /// By its number.
    Version(u64),
    /// By a label, which somebody may move.
    Label(String),
}

/// Before a parameter, where an image's id could stand.
const RESOLVE: &str = "resolve:ssm:";
/// Before the parameter, where Image Builder names what to build on.
const BUILD_ON: &str = "ssm:";
/// As long as a parameter's name may be, with what is before it in its ARN.
const LONGEST: usize = 1_100;
/// Where Amazon publishes its own images: never one of ours.
const PUBLIC: &str = "/aws/service/";

impl fmt::Display for ImageName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ami(ami) => ami.fmt(f),
            Self::Parameter(parameter) => write!(f, "{RESOLVE}{parameter}"),
        }
    }
}

impl ImageName {
    /// Reads what stands where an image's id could; none where nothing could be launched from it.
    pub fn read(text: &str) -> Option<Self> {
        match text.strip_prefix(RESOLVE) {
            Some(parameter) => ParameterRef::read(parameter).map(Self::Parameter),
            None => text.parse().map(Self::Ami).ok(),
        }
    }

    /// Reads what a recipe says to build on, unless that is an image of Image Builder's.
    pub fn read_parent(text: &str) -> Option<Self> {
        match text.strip_prefix(BUILD_ON) {
            Some(parameter) => ParameterRef::read(parameter).map(Self::Parameter),
            None => text.parse().map(Self::Ami).ok(),
        }
    }
}

impl ParameterRef {
    /// The newest version of a parameter.
    pub fn newest(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            selector: None,
        }
    }

    fn read(text: &str) -> Option<Self> {
        // An ARN has five colons of its own.
        let own = if text.starts_with("arn:") { 5 } else { 0 };
        let mut parts = text.split(':');
        let name = parts.by_ref().take(own + 1).collect::<Vec<_>>().join(":");
        let selector = parts.next().map(|selector| match selector.parse() {
            Ok(version) => Selector::Version(version),
            Err(_) => Selector::Label(selector.to_owned()),
        });
        // No parameter has a longer name: what is longer is nobody's, and would fill what it is kept in.
        let fits = !name.is_empty() && name.len() <= LONGEST && text.len() <= 2 * LONGEST;
        (fits && parts.next().is_none()).then_some(Self { name, selector })
    }

    /// Whether it is one of Amazon's, which name no image of ours.
    pub fn is_public(&self) -> bool {
        self.name.starts_with(PUBLIC) || (self.is_arn() && self.name.contains(":parameter/aws/service/"))
    }

    /// Whether it is named by its ARN, as one that another account shares is.
    pub fn is_arn(&self) -> bool {
        self.name.starts_with("arn:")
    }
}

impl fmt::Display for ParameterRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)?;
        match &self.selector {
            None => Ok(()),
            Some(Selector::Version(version)) => write!(f, ":{version}"),
            Some(Selector::Label(label)) => write!(f, ":{label}"),
        }
    }
}

/// Every image whose id stands anywhere in a text: people keep ids in lists and in JSON too.
pub fn image_ids(text: &str) -> BTreeSet<AmiId> {
    let starts = text.match_indices("ami-").map(|(at, _)| &text[at..]);
    let ids = starts.filter_map(|rest| {
        let digits = rest[4..].chars().take_while(char::is_ascii_hexdigit).count();
        rest[..4 + digits].parse().ok()
    });
    ids.collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parameter(text: &str) -> Option<(String, Option<Selector>)> {
        match ImageName::read(text)? {
            ImageName::Parameter(ParameterRef { name, selector }) => Some((name, selector)),
            ImageName::Ami(_) => None,
        }
    }

    #[test]
    fn an_image_is_named_by_its_id_or_by_a_parameter_in_all_its_forms() {
        let id = "ami-0123456789abcdef0";
        assert_eq!(ImageName::read(id), Some(ImageName::Ami(id.parse().unwrap())));
        assert_eq!(parameter("resolve:ssm:/golden/web"), Some(("/golden/web".into(), None)));
        assert_eq!(
            parameter("resolve:ssm:/golden/web:3"),
            Some(("/golden/web".into(), Some(Selector::Version(3))))
        );
        assert_eq!(
            parameter("resolve:ssm:golden:stable"),
            Some(("golden".into(), Some(Selector::Label("stable".into()))))
        );
        let arn = "arn:aws:ssm:eu-west-1:111122223333:parameter/golden/web";
        assert_eq!(parameter(&format!("resolve:ssm:{arn}")), Some((arn.into(), None)));
        assert_eq!(
            parameter(&format!("resolve:ssm:{arn}:7")),
            Some((arn.into(), Some(Selector::Version(7))))
        );
    }

    #[test]
    fn what_nothing_could_be_launched_from_names_no_image() {
        for text in [
            "",
            "ami-",
            "my-image",
            "resolve:ssm:",
            "resolve:ssm:/a:1:2",
            "ssm:/a",
            "AMI-01234567",
        ] {
            assert_eq!(ImageName::read(text), None, "{text}");
        }
    }

    #[test]
    fn a_recipe_names_a_parameter_in_a_way_of_its_own() {
        let named = ImageName::read_parent("ssm:/golden/base");
        assert_eq!(named, Some(ImageName::Parameter(ParameterRef::newest("/golden/base"))));
        assert_eq!(
            ImageName::read_parent("arn:aws:imagebuilder:eu-west-1:aws:image/al2023/x.x.x"),
            None
        );
    }

    #[test]
    fn ids_are_found_wherever_they_stand() {
        let found = |text: &str| image_ids(text).iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(found("ami-0123456789abcdef0"), ["ami-0123456789abcdef0"]);
        assert_eq!(
            found(r#"{"eu":"ami-0123456789abcdef0","us":["ami-01234567,ami-89abcdef"]}"#),
            ["ami-01234567", "ami-89abcdef", "ami-0123456789abcdef0"]
        );
        assert!(found("ami-, ami-123 and gami-xyz").is_empty());
    }

    proptest! {
        #[test]
        fn no_text_stops_the_search(text in "(ami-|[0-9a-f]|é|-){0,40}") {
            for id in image_ids(&text) {
                prop_assert!(text.contains(&id.to_string()));
            }
        }

        #[test]
        fn a_parameter_prints_back_as_it_was_named(name in "[/a-z]{1,10}", version in proptest::option::of(0u64..50)) {
            let selector = version.map(Selector::Version);
            let named = ParameterRef { name, selector };
            let text = format!("resolve:ssm:{named}");
            prop_assert_eq!(ImageName::read(&text), Some(ImageName::Parameter(named)));
        }
    }
}
