//! What recorded data says, item by item. What AWS says of an image may have more fields than we know; what is ours may not.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::families::Families;
use super::image::{Described, FleetImage};
use super::moment::Moment;
use crate::adopting::Claims;
use crate::evidence::Said;
use crate::pruning::{BuildTime, LastLaunch, LastRead, SourceRead};
use crate::{AccountId, AmiId, AmiState, SnapshotId, Words};

/// What EC2 says where nothing protects an image.
const UNPROTECTED: &str = "disabled";

/// An image, as DescribeImages returns it.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct RawImage {
    image_id: AmiId,
    owner_id: Option<AccountId>,
    image_owner_alias: Option<String>,
    name: Option<String>,
    creation_date: Option<String>,
    state: AmiState,
    deprecation_time: Option<Moment>,
    architecture: Option<String>,
    last_launched_time: Option<String>,
    deregistration_protection: Option<String>,
    tags: Option<Vec<RawTag>>,
    block_device_mappings: Option<Vec<RawMapping>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct RawTag {
    key: String,
    value: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct RawMapping {
    ebs: Option<RawVolume>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct RawVolume {
    snapshot_id: Option<SnapshotId>,
    volume_size: Option<u32>,
}

/// That somebody uses an image.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawReference {
    pub(super) image: AmiId,
    pub(super) by: Words,
}

/// A source of evidence, and what came of reading it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct RawSource {
    source: Words,
    complete: bool,
    as_of: Option<Moment>,
}

impl RawImage {
    /// What of it matters.
    pub(super) fn kept<'a>(self, families: &Families<'a>) -> FleetImage<'a> {
        let Self {
            image_id,
            owner_id,
            image_owner_alias,
            name,
            creation_date,
            state,
            deprecation_time,
            architecture,
            last_launched_time,
            deregistration_protection,
            tags,
            block_device_mappings,
        } = self;
        let tags = tags.unwrap_or_default().into_iter();
        let claims = Claims {
            owner: owner_id,
            alias: image_owner_alias.filter(|alias| !alias.is_empty()),
            name,
            architecture,
            tags: tags.map(|tag| (tag.key, tag.value)).collect(),
        };
        let volumes = block_device_mappings.unwrap_or_default();
        let volumes = by_snapshot(volumes.into_iter().filter_map(|mapping| mapping.ebs));
        let seen = Described {
            created: created(creation_date.as_deref()),
            state,
            deprecated: deprecation_time.map(|Moment(at)| at),
            launched: launched(last_launched_time.as_deref()),
            protected: deregistration_protection.is_some_and(|protection| protection != UNPROTECTED),
            gib: volumes.values().copied().map(u64::from).sum(),
            snapshots: volumes.into_keys().collect(),
        };
        FleetImage {
            ami: image_id,
            owner: owner_id,
            member: families.of(&claims),
            seen,
        }
    }
}

fn created(date: Option<&str>) -> BuildTime {
    match date {
        None | Some("") => BuildTime::Absent,
        Some(date) => date
            .parse()
            .map_or_else(|_| BuildTime::Unparseable(date.into()), |Moment(at)| BuildTime::At(at)),
    }
}

/// Its owner is told of every launch; what cannot be read may be one.
fn launched(time: Option<&str>) -> LastLaunch {
    match time {
        None | Some("") => LastLaunch::Never,
        Some(time) => time.parse().map_or(LastLaunch::Unread, |Moment(at)| LastLaunch::At(at)),
    }
}

/// The size of each snapshot's volume in GiB. Two volumes may be of one snapshot, and it takes no more than the greater.
fn by_snapshot(volumes: impl Iterator<Item = RawVolume>) -> BTreeMap<SnapshotId, u32> {
    let mut snapshots = BTreeMap::new();
    for RawVolume {
        snapshot_id,
        volume_size,
    } in volumes
    {
        let Some(snapshot) = snapshot_id else { continue };
        let gib = snapshots.entry(snapshot).or_default();
        *gib = volume_size.unwrap_or(0).max(*gib);
    }
    snapshots
}

impl RawSource {
    /// How many things it lists, nobody recorded.
    pub(super) fn read(self) -> SourceRead {
        let Self {
            source,
            complete,
            as_of,
        } = self;
        let said = if complete {
            Said::Complete(0)
        } else {
            Said::Unread("it is recorded as incomplete".into())
        };
        // Of what was read nobody knows when, nobody knows that it was.
        let last = as_of.map(|Moment(as_of)| LastRead { as_of, said });
        SourceRead { source, last }
    }
}
