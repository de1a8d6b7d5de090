//! Listing what is in the Recycle Bin, and bringing it back.

use std::collections::BTreeMap;
use std::str::FromStr;

use super::image::ImageState;
use super::page::{Page, collect};
use super::recycle_bin::Binned;
use super::snapshot::SnapshotState;
use super::snapshots;
use super::{Ctx, Due, events, lookup};
use crate::wire::error::ApiError;
use crate::wire::query::Params;
use crate::wire::xml::Xml;
use crate::world::{self, World};

/// A page of what is in the bin: of the caller's own, and of the ids it named.
fn in_bin<'a, I: Ord + Copy + FromStr, T>(
    bin: &'a BTreeMap<I, Binned<T>>,
    page: &Page,
    wanted: &[I],
    is_own: impl Fn(&T) -> bool,
) -> (Vec<(I, &'a Binned<T>)>, Option<I>) {
    let asked_for = |id: &I, binned: &Binned<T>| is_own(&binned.item) && (wanted.is_empty() || wanted.contains(id));
    collect(
        page,
        false,
        page.after(),
        |after, most| snapshots::ids_after(bin, after, most),
        |id| {
            bin.get(&id)
                .filter(|binned| asked_for(&id, binned))
                .map(|binned| (id, binned))
        },
    )
}

pub(crate) fn list_images(world: &mut World, ctx: &Ctx<'_>, mut params: Params, xml: &mut Xml) -> Result<(), ApiError> {
    let target = ctx.target();
    let wanted = params
        .texts("ImageId")?
        .iter()
        .map(|id| lookup::image_id(id))
        .collect::<Result<Vec<_>, _>>()?;
    let page = Page::read(world, target, &mut params, (1, 1000), "ListImagesInRecycleBin")?;
    params.finish()?;
    ctx.commit()?;
    let bin = &world.ec2.plane(target.region).image_bin;
    let (found, last) = in_bin(bin, &page, &wanted, |item| item.owner == target.account);
    xml.items("imageSet", found, |xml, (id, Binned { item, entered, exits })| {
        xml.text("imageId", id);
        xml.text("name", &item.name);
        xml.text("description", &item.description);
        xml.text("recycleBinEnterTime", entered);
        xml.text("recycleBinExitTime", exits);
    });
    xml.optional("nextToken", last.map(|id| page.next(&id.to_string())));
    Ok(())
}

pub(crate) fn list_snapshots(
    world: &mut World,
    ctx: &Ctx<'_>,
    mut params: Params,
    xml: &mut Xml,
) -> Result<(), ApiError> {
    let target = ctx.target();
    let wanted = params
        .texts("SnapshotId")?
        .iter()
        .map(|id| lookup::snapshot_id(id))
        .collect::<Result<Vec<_>, _>>()?;
    let page = Page::read(world, target, &mut params, (5, 1000), "ListSnapshotsInRecycleBin")?;
    params.finish()?;
    ctx.commit()?;
    let bin = &world.ec2.plane(target.region).snapshot_bin;
    let (found, last) = in_bin(bin, &page, &wanted, |item| item.owner == target.account);
    xml.items("snapshotSet", found, |xml, (id, Binned { item, entered, exits })| {
        xml.text("snapshotId", id);
        xml.text("description", &item.description);
        xml.text("volumeId", item.volume);
        xml.text("recycleBinEnterTime", entered);
        xml.text("recycleBinExitTime", exits);
    });
    xml.optional("nextToken", last.map(|id| page.next(&id.to_string())));
    Ok(())
}

pub(crate) fn restore_image(
    world: &mut World,
    ctx: &Ctx<'_>,
    mut params: Params,
    xml: &mut Xml,
) -> Result<(), ApiError> {
    let target = ctx.target();
    let id = lookup::image_id(&params.required("ImageId")?)?;
    params.finish()?;
    let plane = world.ec2.plane(target.region);
    let binned = plane
        .image_bin
        .get(&id)
        .filter(|binned| binned.item.owner == target.account);
    let image = binned
        .map(|binned| binned.item.clone())
        .ok_or_else(|| super::errors::no_image(&id.to_string()))?;
    if let Some(missing) = image.snapshots().find(|snapshot| plane.snapshot(*snapshot).is_none()) {
        return Err(ApiError::client(
            "InvalidSnapshot.NotFound",
            format!("The snapshot '{missing}' of the image {id} does not exist; restore it first"),
        ));
    }
    if let Some(holder) = plane
        .image_named(target.account, &image.name)
        .filter(|holder| *holder != id)
    {
        return Err(ApiError::client(
            "InvalidAMIName.Duplicate",
            format!("AMI name {} is already in use by AMI {holder}", image.name),
        ));
    }
    ctx.commit()?;
    let (now, lag) = (world.now, world.settings.read_lag);
    let plane = world.ec2.plane(target.region);
    plane.image_bin.remove(&id);
    let pending = image.state == ImageState::Pending;
    plane.insert_image(id, image, now, lag);
    if pending {
        let after = world.settings.image_pending;
        world.plan(
            after,
            world::Due::Ec2(Due::ImageBecomes {
                target,
                id,
                failed: None,
            }),
        );
    }
    xml.text("return", true);
    Ok(())
}

pub(crate) fn restore_snapshot(
    world: &mut World,
    ctx: &Ctx<'_>,
    mut params: Params,
    xml: &mut Xml,
) -> Result<(), ApiError> {
    let target = ctx.target();
    let id = lookup::snapshot_id(&params.required("SnapshotId")?)?;
    params.finish()?;
    let plane = world.ec2.plane(target.region);
    let binned = plane
        .snapshot_bin
        .get(&id)
        .filter(|binned| binned.item.owner == target.account);
    let snapshot = binned
        .map(|binned| binned.item.clone())
        .ok_or_else(|| super::errors::no_snapshot(&id.to_string()))?;
    ctx.commit()?;
    let (now, lag) = (world.now, world.settings.read_lag);
    let plane = world.ec2.plane(target.region);
    plane.snapshot_bin.remove(&id);
    plane.insert_snapshot(id, snapshot.clone(), now, lag);
    if snapshot.state == SnapshotState::Pending {
        let origin = events::SnapshotOrigin::Created;
        let after = snapshot.completes.since(now);
        world.plan(after, world::Due::Ec2(Due::SnapshotCompletes { target, id, origin }));
    }
    snapshots::write_short(xml, id, &snapshot, now);
    Ok(())
}
