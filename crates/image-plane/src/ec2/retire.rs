//! The end of an image, rung by rung: deprecation, disabling, deregistration, and the protection against it.

use std::time::Duration;

use super::image::{Image, ImageState, Protection};
use super::{Ctx, Due, errors, events, lookup, recycle_bin, snapshots};
use crate::ids::{ImageId, SnapshotId};
use crate::time::Time;
use crate::wire::error::ApiError;
use crate::wire::query::Params;
use crate::wire::xml::Xml;
use crate::world::{self, Target, World};

const DAY: Duration = Duration::from_hours(24);
const YEAR: Duration = Duration::from_hours(8760);
/// How long an id finds a deregistered image's grave; longer while an instance of it lives. Not documented.
pub(crate) const GRAVE: Duration = Duration::from_hours(1);

pub(crate) fn deregister(world: &mut World, ctx: &Ctx<'_>, mut params: Params, xml: &mut Xml) -> Result<(), ApiError> {
    let id = lookup::image_id(&params.required("ImageId")?)?;
    let with_snapshots = params.flag("DeleteAssociatedSnapshots")?;
    params.finish()?;
    let now = world.now;
    let image = lookup::own_image(world, ctx, id)?;
    if image.backup {
        return Err(errors::not_permitted(format!(
            "The image {id} is managed by AWS Backup and cannot be deregistered here"
        )));
    }
    if !image.protection.allows(now) {
        return Err(errors::not_permitted(format!(
            "Image {id} is protected from deregistration: {}",
            super::describe_images::protection(image.protection, now)
        )));
    }
    let snapshots: Vec<SnapshotId> = if with_snapshots {
        image.snapshots().collect()
    } else {
        Vec::new()
    };
    ctx.commit()?;
    let target = ctx.target();
    bury(world, target, id);
    xml.text("return", true);
    let results: Vec<_> = snapshots
        .into_iter()
        .map(|id| (id, snapshots::delete_with_image(world, ctx.caller, id)))
        .collect();
    if with_snapshots {
        xml.items("deleteSnapshotResultSet", results, |xml, (id, code)| {
            xml.text("snapshotId", id);
            xml.text("returnCode", code);
        });
    }
    Ok(())
}

/// Takes an image off the books, into the bin where a rule says so, and tells of it.
pub(crate) fn bury(world: &mut World, target: Target, id: ImageId) {
    let (now, lag) = (world.now, world.settings.read_lag);
    if let Some(image) = world.ec2.plane(target.region).remove_image(id, now, lag) {
        recycle_bin::take_image(world, target, id, image);
        events::image(world, target, id, "deregistered", "");
        world.plan(lag, world::Due::Ec2(Due::ForgetImage { target, id }));
        world.plan(GRAVE, world::Due::Ec2(Due::ForgetGrave { target, id }));
    }
}

/// An image's grave is levelled once no instance of it lives.
pub(crate) fn forget_grave(world: &mut World, target: Target, id: ImageId) {
    let plane = world.ec2.plane(target.region);
    if plane
        .instances
        .values()
        .filter_map(|instance| instance.now())
        .any(|instance| instance.image == id)
    {
        world.plan(GRAVE, world::Due::Ec2(Due::ForgetGrave { target, id }));
    } else {
        plane.forget_grave(id);
    }
}

pub(crate) fn disable(world: &mut World, ctx: &Ctx<'_>, mut params: Params, xml: &mut Xml) -> Result<(), ApiError> {
    let id = lookup::image_id(&params.required("ImageId")?)?;
    params.finish()?;
    let image = lookup::own_image(world, ctx, id)?;
    match image.state {
        ImageState::Available | ImageState::Disabled => {}
        ImageState::Pending | ImageState::Failed(_) => return Err(wrong_state(id, image)),
    }
    let changes = image.state == ImageState::Available;
    ctx.commit()?;
    if changes {
        change(world, ctx, id, |image| {
            image.state = ImageState::Disabled;
            // For good: enabling the image does not bring them back.
            image.launch = None;
        });
        events::image(world, ctx.target(), id, "disabled", "");
    }
    xml.text("return", true);
    Ok(())
}

pub(crate) fn enable(world: &mut World, ctx: &Ctx<'_>, mut params: Params, xml: &mut Xml) -> Result<(), ApiError> {
    let id = lookup::image_id(&params.required("ImageId")?)?;
    params.finish()?;
    let image = lookup::own_image(world, ctx, id)?;
    match image.state {
        ImageState::Available | ImageState::Disabled => {}
        ImageState::Pending | ImageState::Failed(_) => return Err(wrong_state(id, image)),
    }
    let changes = image.state == ImageState::Disabled;
    ctx.commit()?;
    if changes {
        change(world, ctx, id, |image| image.state = ImageState::Available);
        events::image(world, ctx.target(), id, "available", "");
    }
    xml.text("return", true);
    Ok(())
}

pub(crate) fn enable_deprecation(
    world: &mut World,
    ctx: &Ctx<'_>,
    mut params: Params,
    xml: &mut Xml,
) -> Result<(), ApiError> {
    let id = lookup::image_id(&params.required("ImageId")?)?;
    let text = params.required("DeprecateAt")?;
    params.finish()?;
    let at = Time::parse(&text).ok_or_else(|| errors::invalid("deprecateAt", &text))?;
    let now = world.now;
    let image = lookup::own_image(world, ctx, id)?;
    let latest = if image.is_public() {
        image.created + YEAR * 2
    } else {
        now + YEAR * 10
    };
    if at < now {
        return Err(ApiError::client(
            "InvalidParameterValue",
            format!("The deprecation date {text} is in the past"),
        ));
    }
    if at > latest {
        return Err(ApiError::client(
            "InvalidParameterValue",
            format!("The deprecation date {text} is later than {latest}, the latest this image can have"),
        ));
    }
    ctx.commit()?;
    change(world, ctx, id, |image| image.deprecate_at = Some(at.nearest_minute()));
    xml.text("return", true);
    Ok(())
}

pub(crate) fn disable_deprecation(
    world: &mut World,
    ctx: &Ctx<'_>,
    mut params: Params,
    xml: &mut Xml,
) -> Result<(), ApiError> {
    let id = lookup::image_id(&params.required("ImageId")?)?;
    params.finish()?;
    if lookup::own_image(world, ctx, id)?.is_public() {
        return Err(errors::not_permitted(
            "The deprecation date of a public image can't be cancelled",
        ));
    }
    ctx.commit()?;
    change(world, ctx, id, |image| image.deprecate_at = None);
    xml.text("return", true);
    Ok(())
}

pub(crate) fn protect(world: &mut World, ctx: &Ctx<'_>, mut params: Params, xml: &mut Xml) -> Result<(), ApiError> {
    let id = lookup::image_id(&params.required("ImageId")?)?;
    let cooldown = params.flag("WithCooldown")?;
    params.finish()?;
    lookup::own_image(world, ctx, id)?;
    ctx.commit()?;
    let protection = Protection::On { cooldown };
    change(world, ctx, id, |image| image.protection = protection);
    xml.text("return", super::describe_images::protection(protection, world.now));
    Ok(())
}

pub(crate) fn unprotect(world: &mut World, ctx: &Ctx<'_>, mut params: Params, xml: &mut Xml) -> Result<(), ApiError> {
    let id = lookup::image_id(&params.required("ImageId")?)?;
    params.finish()?;
    let now = world.now;
    let protection = match lookup::own_image(world, ctx, id)?.protection {
        Protection::On { cooldown: true } => Protection::Cooling { until: now + DAY },
        Protection::On { cooldown: false } | Protection::Off => Protection::Off,
        Protection::Cooling { until } => Protection::Cooling { until },
    };
    ctx.commit()?;
    change(world, ctx, id, |image| image.protection = protection);
    xml.text("return", super::describe_images::protection(protection, now));
    Ok(())
}

/// Changes an image of the caller's that is known to be there.
pub(super) fn change(world: &mut World, ctx: &Ctx<'_>, id: ImageId, edit: impl FnOnce(&mut Image)) {
    let (now, lag) = (world.now, world.settings.read_lag);
    if let Some(image) = world.ec2.plane(ctx.target().region).edit_image(id, now, lag) {
        edit(image);
    }
}

fn wrong_state(id: ImageId, image: &Image) -> ApiError {
    ApiError::client(
        "InvalidAMIID.Unavailable",
        format!(
            "The image {id} is {} and not in a state in which this can be done",
            image.state
        ),
    )
}
