//! How images come into being: their snapshots first, then the image, pending until everything behind it is there.
//! Behind RegisterImage and CreateImage, and behind Image Builder's builds.

use std::time::Duration;

use super::ebs_defaults;
use super::image::{Image, ImageState, Volume};
use super::snapshot::{Snapshot, SnapshotState};
use super::tags::Tags;
use super::{Due, events};
use crate::ids::{ImageId, SnapshotId, VolumeId};
use crate::wire::error::ApiError;
use crate::world::{self, Target, World};

/// Images an account may have in a Region.
pub(crate) const MOST_IMAGES: usize = 50_000;

/// A new image's own properties; id, owner, time and state come from the making.
#[derive(Clone, Debug)]
pub(crate) struct Blank {
    pub(crate) image: Image,
    pub(crate) snapshot_tags: Tags,
}

/// Refuses a name that is taken, or one image more than the account may have.
pub(crate) fn check_room(world: &World, target: Target, name: &str) -> Result<(), ApiError> {
    let Some(plane) = world.ec2.get(target.region) else {
        return Ok(());
    };
    if let Some(id) = plane.image_named(target.account, name) {
        return Err(ApiError::client(
            "InvalidAMIName.Duplicate",
            format!("AMI name {name} is already in use by AMI {id}"),
        ));
    }
    if plane.image_count(target.account) >= MOST_IMAGES {
        return Err(ApiError::client(
            "AMIQuotaExceeded",
            format!("You have reached your quota of {MOST_IMAGES} AMIs in this Region"),
        ));
    }
    Ok(())
}

/// Puts a new snapshot on the books, pending, and plans its completion.
pub(crate) fn start_snapshot(
    world: &mut World,
    target: Target,
    snapshot: Snapshot,
    origin: events::SnapshotOrigin,
) -> SnapshotId {
    let id = SnapshotId::draw(&mut world.random);
    let (now, lag, after) = (world.now, world.settings.read_lag, snapshot.completes.since(world.now));
    world.ec2.plane(target.region).insert_snapshot(id, snapshot, now, lag);
    world.plan(after, world::Due::Ec2(Due::SnapshotCompletes { target, id, origin }));
    id
}

/// Puts a new image on the books, pending, and plans the moment it becomes available.
pub(crate) fn start_image(world: &mut World, target: Target, image: Image, ready_after: Duration) -> ImageId {
    let id = ImageId::draw(&mut world.random);
    let (now, lag) = (world.now, world.settings.read_lag);
    world.ec2.plane(target.region).insert_image(id, image, now, lag);
    world.plan(
        ready_after,
        world::Due::Ec2(Due::ImageBecomes {
            target,
            id,
            failed: None,
        }),
    );
    id
}

/// Snapshots the volumes of a machine and registers an image of them: CreateImage, and the end of a build.
///
/// The devices' own snapshots are replaced by new ones. A volume keeps its key, or is encrypted as its device says.
pub(crate) fn image_of_machine(world: &mut World, target: Target, blank: Blank) -> Result<ImageId, ApiError> {
    let Blank {
        mut image,
        snapshot_tags,
    } = blank;
    check_room(world, target, &image.name)?;
    let completes = world.now + world.settings.image_pending;
    let mut devices = image.devices.into_vec();
    for device in &mut devices {
        if let Volume::Ebs {
            snapshot,
            size_gib,
            key,
            encrypted,
            ..
        } = &mut device.volume
        {
            *encrypted |= ebs_defaults::encrypts(world, target);
            if *encrypted && key.is_none() {
                *key = Some(ebs_defaults::default_key(world, target));
            }
            let made = Snapshot {
                owner: target.account,
                description: format!("Created for {}", image.name).into(),
                volume: VolumeId::draw(&mut world.random),
                size_gib: *size_gib,
                state: SnapshotState::Pending,
                started: world.now,
                completes,
                copied: false,
                key: key.clone(),
                tags: snapshot_tags.clone(),
                permissions: None,
                images: Vec::new(),
                locked_until: None,
                backup: false,
            };
            *snapshot = Some(start_snapshot(world, target, made, events::SnapshotOrigin::Created));
        }
    }
    image.devices = devices.into_boxed_slice();
    image.owner = target.account;
    image.created = world.now;
    image.state = ImageState::Pending;
    Ok(start_image(world, target, image, world.settings.image_pending))
}

/// A snapshot's time has come.
pub(crate) fn snapshot_completes(world: &mut World, target: Target, id: SnapshotId, origin: &events::SnapshotOrigin) {
    end_snapshot(world, target, id, origin, None);
}

/// A snapshot's copy has failed.
pub(crate) fn snapshot_fails(
    world: &mut World,
    target: Target,
    id: SnapshotId,
    origin: &events::SnapshotOrigin,
    reason: &str,
) {
    end_snapshot(world, target, id, origin, Some(reason));
}

fn end_snapshot(
    world: &mut World,
    target: Target,
    id: SnapshotId,
    origin: &events::SnapshotOrigin,
    failed: Option<&str>,
) {
    let (now, lag) = (world.now, world.settings.read_lag);
    let plane = world.ec2.plane(target.region);
    plane.copy_ended(target.account, id);
    if plane
        .snapshot(id)
        .is_none_or(|snapshot| snapshot.state != SnapshotState::Pending)
    {
        return;
    }
    if let Some(snapshot) = plane.edit_snapshot(id, now, lag) {
        snapshot.state = failed.map_or(SnapshotState::Completed, |reason| SnapshotState::Error(reason.into()));
        let (started, volume) = (snapshot.started, snapshot.volume);
        events::snapshot(world, target, id, origin, started, volume, failed);
    }
}

/// An image's time has come: it is available, or it has failed.
pub(crate) fn image_becomes(world: &mut World, target: Target, id: ImageId, failed: Option<&str>) {
    let (now, lag) = (world.now, world.settings.read_lag);
    let plane = world.ec2.plane(target.region);
    if plane.image(id).is_none_or(|image| image.state != ImageState::Pending) {
        return;
    }
    if let Some(image) = plane.edit_image(id, now, lag) {
        image.state = failed.map_or(ImageState::Available, |reason| ImageState::Failed(reason.into()));
    }
    events::image(
        world,
        target,
        id,
        if failed.is_some() { "failed" } else { "available" },
        failed.unwrap_or(""),
    );
}
