//! RegisterImage, CreateImage, CopyImage.

use std::time::Duration;

use super::copy::{self, CopyOrder, KeyWish};
use super::image::{Architecture, Image, ImageState, Protection, Volume};
use super::make::{self, Blank};
use super::state::Made;
use super::tags::Tags;
use super::tokens::Asked;
use super::visibility::may_read_snapshot;
use super::watermark::Watermarks;
use super::{Ctx, devices, errors, lookup, tag_api};
use crate::ids::ImageId;
use crate::region::Region;
use crate::wire::error::ApiError;
use crate::wire::query::Params;
use crate::wire::xml::Xml;
use crate::world::{Target, World};

const LONGEST_TOKEN: usize = 128;

/// Names have 3 to 128 of these characters.
fn read_name(params: &mut Params) -> Result<String, ApiError> {
    let name = params.required("Name")?;
    let allowed = |c: char| c.is_ascii_alphanumeric() || "()[] ./-'@_".contains(c);
    if !(3..=128).contains(&name.chars().count()) || !name.chars().all(allowed) {
        return Err(ApiError::client(
            "InvalidAMIName.Malformed",
            "AMI names must be between 3 and 128 characters long, and may contain letters, numbers, '(', ')', '.', '-', '/', '_' and spaces",
        ));
    }
    Ok(name)
}

fn read_description(params: &mut Params) -> Result<String, ApiError> {
    let description = params.text("Description")?.unwrap_or_default();
    if description.chars().count() > 255 {
        return Err(ApiError::client(
            "InvalidParameterValue",
            "Character sets beyond ASCII and descriptions of more than 255 characters are not supported.",
        ));
    }
    Ok(description)
}

pub(crate) fn register_image(
    world: &mut World,
    ctx: &Ctx<'_>,
    mut params: Params,
    xml: &mut Xml,
) -> Result<(), ApiError> {
    let target = ctx.target();
    let name = read_name(&mut params)?;
    let description = read_description(&mut params)?;
    let architecture = params.text("Architecture")?.unwrap_or_else(|| "i386".to_owned());
    let architecture =
        Architecture::parse(&architecture).ok_or_else(|| errors::invalid("architecture", &architecture))?;
    let root_device = params.required("RootDeviceName")?;
    let wishes = devices::read(&mut params)?;
    let virtualization = params
        .text("VirtualizationType")?
        .unwrap_or_else(|| "paravirtual".to_owned());
    if virtualization != "hvm" {
        return Err(ApiError::not_modelled(format!(
            "the virtualization type {virtualization}"
        )));
    }
    let ena = params.flag("EnaSupport")?;
    let boot_mode = params.text("BootMode")?;
    let imds = params.text("ImdsSupport")?;
    let tags = tag_api::read_specifications(&mut params, &["image"])?;
    tag_api::check_policy(world, ctx, &tags)?;
    params.finish()?;

    if let Some(mode) = &boot_mode
        && !matches!(mode.as_str(), "legacy-bios" | "uefi" | "uefi-preferred")
    {
        return Err(errors::invalid("bootMode", mode));
    }
    if let Some(version) = imds.as_ref().filter(|version| *version != "v2.0") {
        return Err(errors::invalid("imdsSupport", version));
    }
    let devices = devices::lay_over(world, target, &[], wishes)?;
    if devices.iter().any(|device| {
        matches!(
            device.volume,
            Volume::Ebs {
                snapshot: Some(_),
                encrypted: true,
                key: None,
                ..
            }
        )
    }) {
        return Err(devices::bad_mapping(
            "A registration can't encrypt what its snapshot has unencrypted; copy the snapshot first".to_owned(),
        ));
    }
    let root = devices.iter().find(|device| *device.name == *root_device);
    if !matches!(
        root.map(|root| &root.volume),
        Some(Volume::Ebs { snapshot: Some(_), .. })
    ) {
        return Err(ApiError::client(
            "InvalidBlockDeviceMapping",
            format!("The root device {root_device} must be mapped to a snapshot"),
        ));
    }
    let image = Image {
        owner: target.account,
        alias: None,
        name: name.clone().into(),
        description: description.into(),
        state: ImageState::Pending,
        created: world.now,
        architecture,
        windows: false,
        root_device: root_device.into(),
        devices,
        ena,
        boot_mode: boot_mode.map(Into::into),
        imds_v2: imds.is_some(),
        tags: tags.image,
        launch: None,
        source: None,
        source_instance: None,
        deprecate_at: None,
        launched: None,
        protection: Protection::Off,
        backup: false,
        watermarks: Watermarks::default(),
    };
    for id in image.snapshots() {
        if world
            .ec2
            .get(target.region)
            .and_then(|plane| plane.snapshot(id))
            .is_none_or(|snapshot| snapshot.owner != target.account)
        {
            return Err(errors::no_snapshot(&id.to_string()));
        }
    }
    make::check_room(world, target, &name)?;
    ctx.commit()?;
    let id = make::start_image(world, target, image, Duration::ZERO);
    xml.text("imageId", id);
    Ok(())
}

pub(crate) fn create_image(
    world: &mut World,
    ctx: &Ctx<'_>,
    mut params: Params,
    xml: &mut Xml,
) -> Result<(), ApiError> {
    let target = ctx.target();
    let instance_id = lookup::instance_id(&params.required("InstanceId")?)?;
    let name = read_name(&mut params)?;
    let description = read_description(&mut params)?;
    params.flag("NoReboot")?;
    let wishes = devices::read(&mut params)?;
    let tags = tag_api::read_specifications(&mut params, &["image", "snapshot"])?;
    tag_api::check_policy(world, ctx, &tags)?;
    params.finish()?;

    let plane = world.ec2.plane(target.region);
    let instance = plane
        .instances
        .get(&instance_id)
        .and_then(|instance| instance.now())
        .filter(|instance| instance.owner == target.account)
        .cloned();
    let instance = instance.ok_or_else(|| super::instances::no_instance(&instance_id.to_string()))?;
    if !instance.state.can_be_imaged() {
        return Err(ApiError::client(
            "IncorrectState",
            format!(
                "Unable to create an image from instance {instance_id} in state {}",
                instance.state
            ),
        ));
    }
    may_image(world, target, &instance.template)?;
    make::check_room(world, target, &name)?;
    let devices = devices::lay_over(world, target, &instance.template.devices, wishes)?;
    ctx.commit()?;
    let image = Image {
        name: name.into(),
        description: description.into(),
        devices,
        tags: tags.image,
        source: Some((instance.image, target.region)),
        source_instance: Some(instance_id),
        // What the instance started from may be Amazon's, public, protected: its image is the caller's, and new.
        alias: None,
        launch: None,
        deprecate_at: None,
        launched: None,
        protection: Protection::Off,
        backup: false,
        ..(*instance.template).clone()
    };
    let id = make::image_of_machine(
        world,
        target,
        Blank {
            image,
            snapshot_tags: tags.snapshot,
        },
    )?;
    xml.text("imageId", id);
    Ok(())
}

/// Refuses an image of somebody else's shared one, unless its snapshots were shared as well. Public ones are for everybody.
fn may_image(world: &World, target: Target, template: &Image) -> Result<(), ApiError> {
    let plane = world.ec2.get(target.region);
    let readable = |id| {
        let found = plane.and_then(|plane| plane.snapshot(id));
        found.is_none_or(|snapshot| may_read_snapshot(snapshot, target.account))
    };
    if template.owner == target.account || template.is_public() || template.snapshots().all(readable) {
        return Ok(());
    }
    Err(super::copy::no_storage())
}

pub(crate) fn copy_image(world: &mut World, ctx: &Ctx<'_>, mut params: Params, xml: &mut Xml) -> Result<(), ApiError> {
    let target = ctx.target();
    let asked = Asked::read(&mut params, LONGEST_TOKEN)?;
    let name = read_name(&mut params)?;
    let description = read_description(&mut params)?;
    let source = lookup::image_id(&params.required("SourceImageId")?)?;
    let source_region = params.required("SourceRegion")?;
    let encrypted = params.flag("Encrypted")?;
    let key = params.text("KmsKeyId")?;
    let copy_tags = params.flag("CopyImageTags")?;
    let minutes: Option<u32> = params.parsed("SnapshotCopyCompletionDurationMinutes")?;
    let tags = tag_api::read_specifications(&mut params, &["image", "snapshot"])?;
    tag_api::check_policy(world, ctx, &tags)?;
    params.finish()?;

    if minutes.is_some_and(|minutes| minutes % 15 != 0 || !(15..=2880).contains(&minutes)) {
        return Err(ApiError::client(
            "InvalidParameterValue",
            "SnapshotCopyCompletionDurationMinutes must be a multiple of 15 from 15 to 2880",
        ));
    }
    if key.is_some() && !encrypted {
        return Err(errors::combination("KmsKeyId parameter needs Encrypted to be set"));
    }
    let source_region: Region = source_region
        .parse()
        .map_err(|_| errors::invalid("sourceRegion", &source_region))?;
    if !world.accounts.enabled(target.account, source_region) {
        return Err(ApiError::client(
            "AuthFailure",
            format!("The account is not enabled for the Region {source_region}"),
        ));
    }
    // The same image, failed or not.
    let made = asked.made(world, target, |made| match made {
        Made::Image(id) => Some(*id),
        _ => None,
    })?;
    if let Some(id) = made {
        ctx.commit()?;
        xml.text("imageId", id);
        return Ok(());
    }
    let mut image_tags = if copy_tags {
        own_tags_of(world, ctx, source, source_region)
    } else {
        Tags::default()
    };
    for (key, value) in tags.image.iter() {
        image_tags.set(key, value);
    }
    tag_api::check_count(&image_tags)?;
    ctx.commit()?;
    let order = CopyOrder {
        destination: target,
        source,
        source_region,
        name,
        description,
        key: KeyWish::read(encrypted, key),
        image_tags,
        snapshot_tags: tags.snapshot,
        within: minutes.map(|minutes| Duration::from_secs(60 * u64::from(minutes))),
        by: ctx.caller.clone(),
    };
    let id = copy::copy_image(world, order)?;
    asked.note(world, target, Made::Image(id));
    xml.text("imageId", id);
    Ok(())
}

/// The caller's own tags on an image, as CopyImageTags takes them along: no system tags, and of another owner's only
/// those shared on purpose.
fn own_tags_of(world: &World, ctx: &Ctx<'_>, source: ImageId, region: Region) -> Tags {
    let Some(plane) = world.ec2.get(region) else {
        return Tags::default();
    };
    let Some(image) = plane.image(source) else {
        return Tags::default();
    };
    let account = ctx.target().account;
    let own = if image.owner == account {
        Some(&image.tags)
    } else {
        plane.foreign_tags.get(&(account, source))
    };
    let shared = image
        .tags
        .iter()
        .filter(|(key, _)| image.owner != account && key.starts_with("ec2:SharedTag/"));
    own.into_iter()
        .flat_map(Tags::iter)
        .filter(|(key, _)| !key.starts_with("aws:"))
        .chain(shared)
        .collect()
}

#[cfg(test)]
mod tests;
