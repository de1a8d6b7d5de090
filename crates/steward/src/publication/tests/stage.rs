//! The family web in eu-west-1 of the hub: its release 1.4.2/7 on stable is `ami(1)` there, and was another one before.

use std::collections::{BTreeMap, BTreeSet};

use super::super::*;
use crate::evidence::{ImageName, NamesFound, VersionNamed, VersionsNamed};
use crate::manifest::{LaunchTemplateId, Manifest, ManifestFile};
use crate::testing::release;
use crate::{AmiId, Architecture, ChannelName, Target, Timestamp};

pub(super) const PARAMETER: &str = "parameter: \"/golden/{family}/{architecture}/{channel}\"";
pub(super) const TEMPLATE: &str = "lt-0000000000000000a";
pub(super) const STABLE: &str = "stable: { from: release }";

/// All that is known, owned.
#[derive(Clone, Debug)]
pub(super) struct Case {
    pub(super) target: Target,
    pub(super) manifest: Manifest,
    pub(super) parameters_here: bool,
    pub(super) under: Option<PublishUnder>,
    pub(super) pointers: BTreeMap<(ChannelName, Architecture), Pointer>,
    pub(super) parameters: BTreeMap<PublishedName, ParameterSeen>,
    pub(super) wrote: BTreeMap<String, AmiId>,
    pub(super) templates: BTreeMap<LaunchTemplateId, TemplateSeen>,
    /// The versions of templates that something names beside the default and the latest; none: nobody knows.
    pub(super) named: BTreeMap<LaunchTemplateId, Option<BTreeSet<u64>>>,
    /// What the record has of templates, where that is not that they have long stood so and that this names them.
    pub(super) known: BTreeMap<LaunchTemplateId, TemplateKnown>,
}

impl Case {
    pub(super) fn plan(&self) -> PublicationPlan {
        let known = self.templates.iter().filter_map(|(id, seen)| match seen {
            TemplateSeen::Seen(there) => Some((id.clone(), self.known_of(id, there))),
            TemplateSeen::Missing | TemplateSeen::NotOurs | TemplateSeen::Unreadable(_) => None,
        });
        let known = known.collect();
        decide_publication(PublicationFacts {
            target: self.target,
            manifest: &self.manifest,
            parameters_here: self.parameters_here,
            under: self.under.as_ref(),
            pointers: &self.pointers,
            parameters: &self.parameters,
            wrote: &self.wrote,
            templates: &self.templates,
            known: &known,
            now: at(0),
        })
    }

    fn known_of(&self, id: &LaunchTemplateId, there: &TemplateThere) -> TemplateKnown {
        if let Some(known) = self.known.get(id) {
            return known.clone();
        }
        let usual = Some(BTreeSet::new());
        let named = self.named.get(id).unwrap_or(&usual).as_ref();
        TemplateKnown {
            named: named.map(|named| names(there.latest, named)),
            stood: Some(TemplateStood {
                default: there.default,
                latest: there.latest,
                since: at(-1_000),
            }),
        }
    }

    /// With this image for a channel.
    pub(super) fn pointing(mut self, channel: &str, architecture: Architecture, image: PointerImage) -> Self {
        self.pointers
            .insert((channel.parse().unwrap(), architecture), pointer(image));
        self
    }

    /// With stable at this image.
    pub(super) fn at(self, image: PointerImage) -> Self {
        self.pointing("stable", Architecture::Arm64, image)
    }

    /// With the one parameter that there is as this.
    pub(super) fn reading(mut self, seen: &ParameterSeen) -> Self {
        let names = published_parameters(&self.manifest).into_keys();
        self.parameters = names.map(|name| (name, seen.clone())).collect();
        self
    }

    /// With the template as this.
    pub(super) fn holding(mut self, seen: TemplateSeen) -> Self {
        self.templates.insert(template(), seen);
        self
    }

    pub(super) fn there(&mut self) -> &mut TemplateThere {
        match self.templates.get_mut(&template()) {
            Some(TemplateSeen::Seen(there)) => there,
            other => panic!("{other:?}"),
        }
    }
}

/// So many minutes from now.
pub(super) fn at(minutes: i64) -> Timestamp {
    Timestamp::from_millisecond(1_770_000_000_000 + minutes * 60_000).unwrap()
}

/// What evidence of ten minutes ago has of a template: its newest version, and what something names.
pub(super) fn names(latest: u64, named: &BTreeSet<u64>) -> VersionsNamed {
    let named = named.iter().map(|version| VersionNamed {
        version: *version,
        by: "group shop".into(),
        more: 0,
    });
    let named = named.collect();
    VersionsNamed {
        as_of: at(-10),
        found: NamesFound::All { latest, named },
    }
}

pub(super) fn manifest(architectures: &str, publish: &str, channels: &str) -> Manifest {
    keeping("retain: { releases: 5, for: 30d }", architectures, publish, channels)
}

/// The same with this of what is kept.
pub(super) fn keeping(retain: &str, architectures: &str, publish: &str, channels: &str) -> Manifest {
    let types = if architectures.contains("x86_64") {
        "t4g.medium, t3.medium"
    } else {
        "t4g.medium"
    };
    let text = format!(
        "family: web\narchitectures: [{architectures}]\nbuild:\n  parent: {{ parameter: \"/base/{{architecture}}\", owner: \
         \"111122223333\" }}\n  infrastructure: {{ instance_types: [{types}], instance_profile: P }}\ndistribute: {{ \
         publish: {{ {publish} }} }}\nchannels: {{ {channels} }}\n{retain}\n"
    );
    let read = ManifestFile::read("web.yaml", text.as_bytes());
    read.file.expect("a good manifest").manifest().clone()
}

/// A template of the hub's that follows.
pub(super) fn following(id: &str, set_default: bool) -> String {
    in_target(id, "111122223333", "eu-west-1", set_default)
}

pub(super) fn in_target(id: &str, account: &str, region: &str, set_default: bool) -> String {
    format!("{{ id: {id}, account: \"{account}\", region: {region}, set_default: {set_default} }}")
}

pub(super) fn ami(n: u64) -> AmiId {
    format!("ami-{n:017x}").parse().unwrap()
}

pub(super) fn template() -> LaunchTemplateId {
    TEMPLATE.parse().unwrap()
}

pub(super) fn hub() -> Target {
    "111122223333/eu-west-1".parse().unwrap()
}

pub(super) fn pointer(image: PointerImage) -> Pointer {
    let version = "1.4.2/7".into();
    let release = release(7);
    Pointer {
        release,
        version,
        image,
    }
}

pub(super) fn seen(n: u64) -> PointerImage {
    PointerImage::Seen(ami(n))
}

pub(super) fn not_seen(n: u64) -> PointerImage {
    let why = "not shared".into();
    PointerImage::NotSeen { ami: ami(n), why }
}

pub(super) const KEY: &str = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";

pub(super) fn locked(n: u64, lock: Lock) -> PointerImage {
    let key = KEY.parse().unwrap();
    PointerImage::Locked { ami: ami(n), key, lock }
}

/// A parameter at version 4 that names this.
pub(super) fn naming(n: u64) -> ParameterSeen {
    let (ami, version) = (Some(ami(n)), 4);
    ParameterSeen::Image { ami, version }
}

pub(super) fn pointed(channel: &str, architecture: Architecture) -> Pointed {
    let (channel, version) = (channel.parse().unwrap(), "1.4.2/7".into());
    Pointed {
        channel,
        architecture,
        version,
    }
}

/// Made by somebody.
pub(super) fn theirs(n: u64) -> TemplateVersionSeen {
    TemplateVersionSeen {
        image: Some(ImageName::Ami(ami(n))),
        made_by_us: false,
    }
}

/// Made by publishing.
pub(super) fn ours(n: u64) -> TemplateVersionSeen {
    TemplateVersionSeen {
        made_by_us: true,
        ..theirs(n)
    }
}

/// A template with these versions from 1 on.
pub(super) fn versions<const N: usize>(default: u64, versions: [TemplateVersionSeen; N]) -> TemplateSeen {
    let versions: BTreeMap<u64, TemplateVersionSeen> = (1..).zip(versions).collect();
    TemplateSeen::Seen(TemplateThere {
        default,
        latest: *versions.keys().last().unwrap(),
        architecture: Some(Architecture::Arm64),
        versions,
    })
}

fn case(manifest: Manifest) -> Case {
    Case {
        target: hub(),
        manifest,
        parameters_here: true,
        under: Some("/golden/".parse().unwrap()),
        pointers: BTreeMap::new(),
        parameters: BTreeMap::new(),
        wrote: BTreeMap::new(),
        templates: BTreeMap::new(),
        named: BTreeMap::new(),
        known: BTreeMap::new(),
    }
    .at(seen(1))
}

/// A family of one channel and one architecture, and its parameter.
pub(super) fn by_parameter() -> Case {
    case(manifest("arm64", PARAMETER, STABLE))
}

/// The same with a launch template instead.
pub(super) fn by_template(set_default: bool) -> Case {
    let publish = format!("launch_templates: [{}]", following(TEMPLATE, set_default));
    case(manifest("arm64", &publish, STABLE))
}
