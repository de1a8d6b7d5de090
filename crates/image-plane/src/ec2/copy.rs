//! Copies of images and of their snapshots: into a Region, into an account, under another key.
//! Behind CopyImage and CopySnapshot, and behind Image Builder's distributions.

use std::time::Duration;

use super::ebs_defaults;
use super::encryption::{self, may_use};
use super::image::{Device, Image, ImageState, Protection, Volume};
use super::make::{check_room, start_snapshot};
use super::snapshot::{Snapshot, SnapshotState};
use super::tags::Tags;
use super::{Due, events};
use crate::ids::{ImageId, SnapshotId, VolumeId};
use crate::kms::KeyArn;
use crate::region::Region;
use crate::wire::error::ApiError;
use crate::world::{self, Caller, Target, World};

/// EBS copies run at most so many at once into a destination Region, per account, counted by volumes.
pub(crate) const MOST_COPIES: usize = 20;

/// The encryption a copy is asked for.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum KeyWish {
    /// Nothing said: encrypted where the source is.
    AsSource,
    /// Encrypted, with the default key of the destination.
    Default,
    /// Encrypted with this key, as the caller names it; looked up, and refused, only when the copy is under way.
    Named(String),
}

impl KeyWish {
    /// As requests say it, where a key without `Encrypted` has been refused.
    pub(crate) fn read(encrypted: bool, key: Option<String>) -> Self {
        match key {
            Some(key) => Self::Named(key),
            None if encrypted => Self::Default,
            None => Self::AsSource,
        }
    }
}

/// An order to copy an image into a target.
#[derive(Clone, Debug)]
pub(crate) struct CopyOrder {
    pub(crate) destination: Target,
    pub(crate) source: ImageId,
    pub(crate) source_region: Region,
    pub(crate) name: String,
    pub(crate) description: String,
    pub(crate) key: KeyWish,
    pub(crate) image_tags: Tags,
    pub(crate) snapshot_tags: Tags,
    /// A time-based copy is done within this.
    pub(crate) within: Option<Duration>,
    /// Whoever copies, and so uses the keys.
    pub(crate) by: Caller,
}

/// Starts a copy. What is wrong with the source is said at once; what is wrong with the key makes it fail later.
pub(crate) fn copy_image(world: &mut World, order: CopyOrder) -> Result<ImageId, ApiError> {
    let target = order.destination;
    let original = readable_source(world, target, order.source, order.source_region)?;
    check_room(world, target, &order.name)?;
    check_copies(world, target, original.snapshots().count())?;
    let (devices, copies) = copy_devices(world, &order, &original)?;

    let CopyOrder {
        destination: _,
        source,
        source_region,
        name,
        description,
        key: _,
        image_tags,
        snapshot_tags: _,
        within: _,
        by: _,
    } = order;
    let image = Image {
        owner: target.account,
        alias: None,
        name: name.into(),
        description: description.into(),
        state: ImageState::Pending,
        created: world.now,
        devices,
        tags: image_tags,
        launch: None,
        source: Some((source, source_region)),
        source_instance: None,
        deprecate_at: None,
        launched: None,
        protection: Protection::Off,
        backup: false,
        ..original
    };
    // A key that cannot be used shows only when the copy is under way, and ends all of it.
    let failed = copies.iter().find_map(|copy| copy.fault);
    let slowest = copies.iter().map(|copy| copy.takes).max().unwrap_or_default();
    let ready = if failed.is_some() {
        world.settings.key_check
    } else {
        slowest
    };
    for copy in copies {
        if let Some(reason) = failed {
            let SnapshotCopy { id, origin, .. } = copy;
            world.plan(
                ready,
                world::Due::Ec2(Due::SnapshotFails {
                    target,
                    id,
                    origin,
                    reason,
                }),
            );
        }
    }
    let id = ImageId::draw(&mut world.random);
    let (now, lag) = (world.now, world.settings.read_lag);
    world.ec2.plane(target.region).insert_image(id, image, now, lag);
    world.plan(ready, world::Due::Ec2(Due::ImageBecomes { target, id, failed }));
    Ok(id)
}

/// A snapshot's copy that is under way.
struct SnapshotCopy {
    id: SnapshotId,
    origin: events::SnapshotOrigin,
    takes: Duration,
    fault: Option<&'static str>,
}

/// Starts the copies of an image's snapshots, and gives the devices that will start from them.
fn copy_devices(
    world: &mut World,
    order: &CopyOrder,
    original: &Image,
) -> Result<(Box<[Device]>, Vec<SnapshotCopy>), ApiError> {
    let (source, region) = (order.source, order.source_region);
    let mut devices = original.devices.clone();
    let mut copies = Vec::new();
    for device in &mut devices {
        let Volume::Ebs {
            snapshot: Some(snapshot),
            key,
            encrypted,
            size_gib,
            ..
        } = &mut device.volume
        else {
            continue;
        };
        let found = world
            .ec2
            .get(region)
            .and_then(|plane| plane.snapshot(*snapshot))
            .cloned();
        let from = found.ok_or_else(no_storage)?;
        let description = format!("Copied for DestinationAmi from SourceAmi {source} for SourceSnapshot {snapshot}.");
        let wanted = SnapshotOrder {
            destination: order.destination,
            source: *snapshot,
            source_region: region,
            description,
            key: order.key.clone(),
            tags: order.snapshot_tags.clone(),
            within: order.within,
            by: order.by.clone(),
        };
        let (made, fault) = copied_snapshot(world, wanted, &from);
        *encrypted = made.key.is_some() || order.key != KeyWish::AsSource;
        key.clone_from(&made.key);
        *size_gib = (*size_gib).max(from.size_gib);
        let takes = made.completes.since(world.now);
        let origin = events::SnapshotOrigin::Copied {
            from: *snapshot,
            region,
        };
        let id = start_snapshot(world, order.destination, made, origin.clone());
        *snapshot = id;
        copies.push(SnapshotCopy {
            id,
            origin,
            takes,
            fault,
        });
    }
    Ok((devices, copies))
}

/// An order to copy a snapshot into a target.
#[derive(Clone, Debug)]
pub(crate) struct SnapshotOrder {
    pub(crate) destination: Target,
    pub(crate) source: SnapshotId,
    pub(crate) source_region: Region,
    pub(crate) description: String,
    pub(crate) key: KeyWish,
    pub(crate) tags: Tags,
    /// A time-based copy is done within this.
    pub(crate) within: Option<Duration>,
    /// Whoever copies, and so uses the keys.
    pub(crate) by: Caller,
}

/// A snapshot's copy as it starts, and the reason for which it will fail.
pub(crate) fn copied_snapshot(
    world: &mut World,
    order: SnapshotOrder,
    from: &Snapshot,
) -> (Snapshot, Option<&'static str>) {
    let SnapshotOrder {
        destination,
        source,
        source_region,
        description,
        key,
        tags,
        within,
        by,
    } = order;
    let unreadable = from.key.as_ref().is_some_and(|key| !may_use(world, &by, key));
    let wanted = target_key(world, destination, source_region, &key, from);
    let unusable = match &wanted {
        TargetKey::None => false,
        TargetKey::Unknown => true,
        TargetKey::Key(key) => !may_use(world, &by, key),
    };
    let takes = world.settings.copy_per_gib.saturating_mul(from.size_gib.max(1));
    let takes = within.map_or(takes, |within| takes.min(within));
    let description = match description.as_str() {
        "" => format!("[Copied {source} from {source_region}]"),
        _ => description,
    };
    let snapshot = Snapshot {
        owner: destination.account,
        description: description.into(),
        volume: VolumeId::of_copies(),
        size_gib: from.size_gib,
        state: SnapshotState::Pending,
        started: world.now,
        completes: world.now + takes,
        copied: true,
        key: match wanted {
            TargetKey::Key(key) => Some(key),
            TargetKey::None | TargetKey::Unknown => None,
        },
        tags,
        permissions: None,
        images: Vec::new(),
        locked_until: None,
        backup: false,
    };
    (
        snapshot,
        (unreadable || unusable).then_some("Given key ID is not accessible"),
    )
}

/// Refuses more copies at once than EBS runs into a Region: back-pressure, not failure.
pub(crate) fn check_copies(world: &World, destination: Target, volumes: usize) -> Result<(), ApiError> {
    let in_flight = world
        .ec2
        .get(destination.region)
        .map_or(0, |plane| plane.copies_in_flight(destination.account));
    if in_flight + volumes > MOST_COPIES {
        let message = format!(
            "The number of in-progress snapshot copies in {} exceeds the limit of {MOST_COPIES}",
            destination.region
        );
        return Err(ApiError::client("ResourceLimitExceeded", message));
    }
    Ok(())
}

/// The key a copied volume will have.
enum TargetKey {
    None,
    /// A key was named, and there is none of that name.
    Unknown,
    Key(KeyArn),
}

fn target_key(
    world: &mut World,
    destination: Target,
    source_region: Region,
    wish: &KeyWish,
    from: &Snapshot,
) -> TargetKey {
    let kept = source_region == destination.region && from.owner == destination.account;
    match (wish, &from.key) {
        (KeyWish::Named(name), _) => {
            encryption::named(world, destination, name).map_or(TargetKey::Unknown, TargetKey::Key)
        }
        (KeyWish::AsSource, None) if !ebs_defaults::encrypts(world, destination) => TargetKey::None,
        // Within its account and Region a copy keeps its key; beyond them it gets the default key there.
        (KeyWish::AsSource, Some(source)) if kept => TargetKey::Key(source.clone()),
        (KeyWish::AsSource | KeyWish::Default, _) => TargetKey::Key(ebs_defaults::default_key(world, destination)),
    }
}

/// The image to copy, if the copying account may read it and its snapshots.
fn readable_source(world: &World, destination: Target, source: ImageId, region: Region) -> Result<Image, ApiError> {
    if region.partition() != destination.region.partition() {
        return Err(ApiError::client(
            "InvalidRequest",
            "Images can't be copied between partitions",
        ));
    }
    let plane = world.ec2.get(region);
    let image = plane
        .and_then(|plane| plane.image(source))
        .filter(|image| super::visibility::may_launch(world, image, destination.account))
        .ok_or_else(|| super::errors::no_image(&source.to_string()))?;
    match &image.state {
        ImageState::Available => {}
        ImageState::Pending => {
            return Err(ApiError::client(
                "InvalidAMIID.Unavailable",
                format!("The image {source} is pending and can't be copied yet"),
            ));
        }
        ImageState::Disabled | ImageState::Failed(_) => {
            return Err(ApiError::client(
                "InvalidAMIID.Unavailable",
                format!("The image {source} is {} and can't be copied", image.state),
            ));
        }
    }
    let readable = |id: SnapshotId| {
        plane
            .and_then(|plane| plane.snapshot(id))
            .is_some_and(|snapshot| super::visibility::may_read_snapshot(snapshot, destination.account))
    };
    // Amazon's own public images are copied although their snapshots are shared with nobody.
    if image.alias.is_none() && !image.snapshots().all(readable) {
        return Err(no_storage());
    }
    Ok(image.clone())
}

pub(super) fn no_storage() -> ApiError {
    ApiError::client(
        "InvalidRequest",
        "You do not have permission to access the storage of this ami",
    )
}
