//! What a manifest wants to be published, and by what.

use std::collections::{BTreeMap, BTreeSet};

use super::published_name::PublishedName;
use crate::manifest::{LaunchTemplate, LaunchTemplateId, Manifest};
use crate::{Architecture, ChannelName, Target};

/// The parameters of a family, and of which channel and architecture each is. More than one have none to themselves.
pub fn published_parameters(manifest: &Manifest) -> BTreeMap<PublishedName, BTreeSet<(ChannelName, Architecture)>> {
    let mut parameters: BTreeMap<_, BTreeSet<_>> = BTreeMap::new();
    let publish = manifest.distribute.publish.as_ref();
    let Some(template) = publish.and_then(|publish| publish.parameter.as_ref()) else {
        return parameters;
    };
    for channel in manifest.channels.keys() {
        for architecture in manifest.architectures.iter().copied() {
            let name = PublishedName::new(template, &manifest.family, architecture, channel);
            let of = parameters.entry(name).or_default();
            of.insert((channel.clone(), architecture));
        }
    }
    parameters
}

/// The launch templates of a target that follow a family, and whether their default version does. Of one that is listed twice
/// it does only where both say so.
pub fn following_templates(manifest: &Manifest, target: Target) -> BTreeMap<LaunchTemplateId, bool> {
    let publish = manifest.distribute.publish.iter();
    let mut following = BTreeMap::new();
    for template in publish.flat_map(|publish| publish.launch_templates.iter()) {
        let LaunchTemplate {
            id,
            account,
            region,
            set_default,
        } = template;
        if Target::new(*account, *region) == target {
            let follows = following.entry(id.clone()).or_insert(true);
            *follows &= set_default;
        }
    }
    following
}

/// The channel that a family's launch templates follow, as a manifest's entries name none: `stable`, or the only one there is.
pub(super) fn followed_channel(manifest: &Manifest) -> Option<&ChannelName> {
    let mut channels = manifest.channels.keys();
    let stable = channels.clone().find(|name| **name == ChannelName::stable());
    match (stable, channels.next(), channels.next()) {
        (Some(stable), ..) => Some(stable),
        (None, only, None) => only,
        (None, _, Some(_)) => None,
    }
}
