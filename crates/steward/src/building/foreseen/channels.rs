//! How channels get to what was just built.

use std::collections::{BTreeMap, BTreeSet};

use super::followed;
use crate::building::facts::{Line, LineFacts};
use crate::manifest::{Channel, ChannelSource, Follows, Manifest};
use crate::{ChannelName, Words};

/// How the channels of a line's family that others follow get to what is built of it.
pub(super) fn moves(line: &Line, lines: &BTreeMap<Line, LineFacts<'_>>, manifests: &[(Manifest, u32)]) -> Vec<Words> {
    let of_same = lines
        .iter()
        .filter(|(child, _)| child.architecture == line.architecture);
    let followed = of_same.filter_map(|(_, of_line)| followed(of_line));
    let followed = followed.filter(|of| of.family == line.family).map(|of| &of.channel);
    let followed: BTreeSet<&ChannelName> = followed.collect();
    let mut manifests = manifests.iter().map(|(manifest, _)| manifest);
    let Some(manifest) = manifests.find(|manifest| manifest.family == line.family) else {
        return Vec::new();
    };
    followed.into_iter().map(|channel| moved(manifest, channel)).collect()
}

fn moved(manifest: &Manifest, channel: &ChannelName) -> Words {
    let (mut at, mut stands) = (channel, Vec::new());
    // None follows itself by way of others.
    for _ in 0..manifest.channels.len() {
        match manifest.channels.get(at) {
            Some(Channel::Follows(Follows { from, after })) => {
                stands.extend(after.map(|after| format!(", and then {after} after {from}")));
                match from {
                    ChannelSource::Channel(source) => at = source,
                    ChannelSource::Release => break,
                }
            }
            Some(Channel::ByHand(_)) => {
                return Words::from(format!("{channel} moves once a person promotes that to {at}"));
            }
            None => break,
        }
    }
    stands.reverse();
    Words::from(format!("{channel} moves once that is usable{}", stands.concat()))
}
