use std::fmt::Write as _;

use super::document::{Tree, print};
use super::words::{AmiOwner, InstanceProfile, InstanceType, ParameterName, Platform, Text};
use crate::{Architecture, FamilyName, ImageArn};

/// What a starting manifest is made from.
#[derive(Clone, Debug)]
pub struct Starter {
    /// The family.
    pub family: FamilyName,
    /// What it is, for people.
    pub description: Option<Text<1024>>,
    /// What kind of operating system it has.
    pub platform: Platform,
    /// What it runs on.
    pub architectures: Vec<Architecture>,
    /// What it is built on.
    pub origin: Origin,
    /// What builds run on; empty: something small for each architecture.
    pub instance_types: Vec<InstanceType>,
    /// The instance profile that builds run with.
    pub instance_profile: InstanceProfile,
}

/// What a new family is built on.
#[derive(Clone, Debug)]
pub enum Origin {
    /// A family of ours.
    Family(FamilyName),
    /// A parameter and whose image it must name.
    Parameter(ParameterName, AmiOwner),
    /// An image of Image Builder.
    Image(ImageArn),
    /// A container image.
    Container(Text<1024>),
}

impl Starter {
    /// The manifest, with comments that say what to look at next.
    pub fn to_yaml(&self) -> String {
        let word = |text: &str| print(&Tree::Text(text.to_owned())).trim_end().to_owned();
        let list = |items: Vec<String>| {
            let items: Vec<String> = items.iter().map(|item| word(item)).collect();
            format!("[{}]", items.join(", "))
        };
        let Self {
            family,
            description,
            platform,
            architectures,
            origin,
            instance_types,
            instance_profile,
        } = self;
        let container = matches!(origin, Origin::Container(_));
        let mut text = format!(
            "# What is wanted of the family {family}. Every key there is: docs/manifest.md\nfamily: {family}\n"
        );
        let mut line = |line: String| {
            text.push_str(&line);
            text.push('\n');
        };
        if let Some(description) = description {
            line(format!("description: {}", word(description.as_str())));
        }
        if *platform != Platform::Linux {
            line(format!("platform: {}", platform.as_str()));
        }
        let names = architectures.iter().map(ToString::to_string).collect();
        line(format!("architectures: {}   # one pipeline each", list(names)));
        line(String::from("\nbuild:"));
        match origin {
            Origin::Family(parent) => {
                line(format!(
                    "  parent: {{ family: {parent} }}   # built again when its channel `stable` moves"
                ));
            }
            Origin::Parameter(parameter, owner) => {
                let (parameter, owner) = (word(parameter.as_str()), word(&owner.to_string()));
                line(format!("  parent: {{ parameter: {parameter}, owner: {owner} }}"));
            }
            Origin::Image(image) => line(format!("  parent: {{ image: {} }}", word(&image.to_string()))),
            Origin::Container(base) => {
                let base = word(base.as_str());
                line(format!(
                    "  container: {{ repository: {family}, base: {base}, dockerfile: containers/{family}.Dockerfile }}"
                ));
            }
        }
        line(String::from(
            "  # What is put into it, in this order: components of Amazon or yours by `arn`, files beside this one by `file`.\n  components: []",
        ));
        let types: Vec<String> = if instance_types.is_empty() {
            architectures
                .iter()
                .map(|architecture| InstanceType::small(*architecture).to_owned())
                .collect()
        } else {
            instance_types.iter().map(ToString::to_string).collect()
        };
        line(format!("  infrastructure:\n    instance_types: {}", list(types)));
        line(format!(
            "    instance_profile: {}   # what builds may do; it must exist",
            word(instance_profile.as_str())
        ));
        line(String::from(
            "\ntriggers:\n  schedule: { cron: \"0 4 ? * MON *\" }   # Mondays at 4, UTC\n  max_age: 30d",
        ));
        if matches!(origin, Origin::Parameter(..)) {
            line(String::from("  base: 6h   # look at the parameter this often"));
        }
        if !container {
            line(String::from(
                "\ndistribute:\n  # regions: { eu-west-1: {} }   # the Regions that hold a copy\n  publish:\n    parameter: \"/golden/{family}/{architecture}/{channel}\"",
            ));
        }
        line(String::from(
            "\nchannels:\n  candidate: { from: release }   # each release that is everywhere it must be\n  stable: { from: candidate, after: 24h }",
        ));
        line(String::from(
            "\n# What is kept, and how the rest goes. Without `ladder` nothing ever goes.\nretain:\n  releases: 5\n  for: 30d\n  # ladder: { deprecate: 0d, disable: 14d, delete: 30d }",
        ));
        text
    }

    /// The files that the manifest names and that do not exist yet.
    pub fn named_files(&self) -> Vec<(String, String)> {
        let mut files = Vec::new();
        if matches!(self.origin, Origin::Container(_)) {
            let mut dockerfile = String::new();
            for name in [
                "FROM {{{ imagebuilder:parentImage }}}",
                "{{{ imagebuilder:environments }}}",
                "{{{ imagebuilder:components }}}",
            ] {
                let _ = writeln!(dockerfile, "{name}");
            }
            files.push((format!("containers/{}.Dockerfile", self.family), dockerfile));
        }
        files
    }
}
