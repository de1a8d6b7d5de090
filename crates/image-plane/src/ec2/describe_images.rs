//! DescribeImages: who sees which images, which of them a request asks for, and how they are written.

use std::borrow::Cow;
use std::collections::BTreeSet;

use super::filters::Filters;
use super::image::{Image, ImageState, OwnerAlias, Protection, Volume};
use super::page::{Page, collect};
use super::tags::Tags;
use super::visibility::{may_launch, shared_with};
use super::{Ctx, devices, errors};
use crate::ids::{AccountId, ImageId};
use crate::time::Time;
use crate::wire::error::ApiError;
use crate::wire::query::Params;
use crate::wire::xml::Xml;
use crate::world::{Target, World};

const FILTERS: &[&str] = &[
    "architecture",
    "block-device-mapping.delete-on-termination",
    "block-device-mapping.device-name",
    "block-device-mapping.encrypted",
    "block-device-mapping.snapshot-id",
    "block-device-mapping.volume-size",
    "block-device-mapping.volume-type",
    "boot-mode",
    "creation-date",
    "description",
    "ena-support",
    "hypervisor",
    "image-id",
    "image-type",
    "image-watermark.source-image-creation-time",
    "image-watermark.source-image-id",
    "image-watermark.source-image-region",
    "image-watermark.watermark-creation-time",
    "image-watermark.watermark-key",
    "is-public",
    "manifest-location",
    "name",
    "owner-alias",
    "owner-id",
    "platform",
    "root-device-name",
    "root-device-type",
    "source-image-id",
    "source-image-region",
    "source-instance-id",
    "state",
    "state-reason-code",
    "state-reason-message",
    "tag-key",
    "virtualization-type",
];

const FILTERS_OF_AWS: &[&str] = &[
    "free-tier-eligible",
    "image-allowed",
    "kernel-id",
    "product-code",
    "product-code.type",
    "public-ssm-parameter-name",
    "ramdisk-id",
    "sriov-net-support",
];

/// The code EC2 gives beside the reason of a failed image.
const FAILED_CODE: &str = "Client.InternalError";

/// Which owners a request names.
#[derive(Clone, PartialEq, Eq, Debug)]
enum Owner {
    Account(AccountId),
    Alias(OwnerAlias),
}

/// `ExecutableBy`.
#[derive(Clone, PartialEq, Eq, Debug)]
enum Executable {
    Myself,
    Account(AccountId),
    All,
}

#[derive(Debug)]
struct Wanted {
    ids: Vec<ImageId>,
    owners: Vec<Owner>,
    executable: Vec<Executable>,
    filters: Filters,
    include_deprecated: bool,
    include_disabled: bool,
}

pub(crate) fn describe(world: &mut World, ctx: &Ctx<'_>, mut params: Params, xml: &mut Xml) -> Result<(), ApiError> {
    let target = ctx.target();
    let wanted = read(target, &mut params)?;
    let scope = format!("DescribeImages {wanted:?}");
    let page = Page::read(world, target, &mut params, (1, 1000), &scope)?;
    params.finish()?;
    ctx.commit()?;

    let as_of = world.read_as_of();
    let sparse = world.settings.sparse_pages;
    let world = &*world;
    let Some(plane) = world.ec2.get(target.region) else {
        return if let Some(id) = wanted.ids.first() {
            Err(errors::no_image(&id.to_string()))
        } else {
            xml.items("imagesSet", [(); 0], |_, ()| ());
            Ok(())
        };
    };

    let asked_for = |id: ImageId, image: &Image| {
        let filters = &wanted.filters;
        (filters.is_empty() || filters.match_all(&tags_seen(world, target, id, image), |name| values(id, image, name)))
            && (wanted.owners.is_empty() || wanted.owners.iter().any(|owner| owned_by(image, owner)))
            && (wanted.executable.is_empty()
                || wanted
                    .executable
                    .iter()
                    .any(|by| executable_by(world, target, image, by)))
    };
    let (images, last) = if wanted.ids.is_empty() {
        let owners = accounts_of(&wanted.owners);
        let shown =
            |id: &ImageId, image: &&Image| listed(world, target, image, &wanted, as_of) && asked_for(*id, image);
        collect(
            &page,
            sparse,
            page.after(),
            |after, most| plane.image_ids(owners.as_ref(), after, most),
            |id| {
                plane
                    .image_seen(id, as_of)
                    .map(|image| (id, image))
                    .filter(|(id, image)| shown(id, image))
            },
        )
    } else {
        let mut images = Vec::new();
        for id in &wanted.ids {
            // A disabled image's owner sees it by its id without asking for disabled ones (EC2's guide shows it so).
            match plane
                .image_seen(*id, as_of)
                .filter(|image| may_launch(world, image, target.account))
            {
                Some(image) => images.extend(asked_for(*id, image).then_some((*id, image))),
                // A deregistered image is not found and not unknown: the answer is empty for a while.
                None if plane.grave(*id) == Some(target.account) => {}
                None => return Err(errors::no_image(&id.to_string())),
            }
        }
        (images, None)
    };
    xml.items("imagesSet", images, |xml, (id, image)| {
        write(world, target, id, image, as_of, xml);
    });
    xml.optional("nextToken", last.map(|id| page.next(&id.to_string())));
    Ok(())
}

fn read(target: Target, params: &mut Params) -> Result<Wanted, ApiError> {
    let ids = params.texts("ImageId")?;
    let ids = ids
        .into_iter()
        .map(|id| id.parse().map_err(|_| errors::malformed_image(&id)))
        .collect::<Result<_, _>>()?;
    let owners = params
        .texts("Owner")?
        .into_iter()
        .map(|owner| read_owner(target, &owner))
        .collect::<Result<_, _>>()?;
    let executable = params
        .texts("ExecutableBy")?
        .into_iter()
        .map(|by| read_executable(target, &by))
        .collect::<Result<_, _>>()?;
    Ok(Wanted {
        ids,
        owners,
        executable,
        filters: Filters::read(params, FILTERS, FILTERS_OF_AWS)?,
        include_deprecated: params.flag("IncludeDeprecated")?,
        include_disabled: params.flag("IncludeDisabled")?,
    })
}

fn read_owner(target: Target, text: &str) -> Result<Owner, ApiError> {
    match text {
        "self" => Ok(Owner::Account(target.account)),
        "amazon" => Ok(Owner::Alias(OwnerAlias::Amazon)),
        "aws-marketplace" => Ok(Owner::Alias(OwnerAlias::Marketplace)),
        "aws-backup-vault" => Ok(Owner::Alias(OwnerAlias::BackupVault)),
        id => id
            .parse()
            .map(Owner::Account)
            .map_err(|_| ApiError::client("InvalidUserID.Malformed", format!("Invalid user id: \"{id}\""))),
    }
}

fn read_executable(target: Target, text: &str) -> Result<Executable, ApiError> {
    match text {
        "self" => Ok(Executable::Myself),
        "all" => Ok(Executable::All),
        id => id
            .parse()
            .map(|account| {
                if account == target.account {
                    Executable::Myself
                } else {
                    Executable::Account(account)
                }
            })
            .map_err(|_| ApiError::client("InvalidUserID.Malformed", format!("Invalid user id: \"{id}\""))),
    }
}

/// The accounts to look through, where every owner asked for is one; an alias may be any account.
fn accounts_of(owners: &[Owner]) -> Option<BTreeSet<AccountId>> {
    let accounts: Option<BTreeSet<AccountId>> = owners
        .iter()
        .map(|owner| match owner {
            Owner::Account(account) => Some(*account),
            Owner::Alias(_) => None,
        })
        .collect();
    accounts.filter(|accounts| !accounts.is_empty())
}

/// Whether an image that nobody named by id appears in a listing of the caller's.
fn listed(world: &World, target: Target, image: &Image, wanted: &Wanted, as_of: Time) -> bool {
    let mine = image.owner == target.account;
    may_launch(world, image, target.account)
        && (mine || wanted.include_deprecated || !image.deprecated(as_of))
        && (wanted.include_disabled || image.state != ImageState::Disabled)
}

fn owned_by(image: &Image, owner: &Owner) -> bool {
    match owner {
        Owner::Account(account) => image.owner == *account,
        Owner::Alias(alias) => image.alias == Some(*alias),
    }
}

fn executable_by(world: &World, target: Target, image: &Image, by: &Executable) -> bool {
    match by {
        Executable::All => image.is_public(),
        Executable::Myself => shared_with(world, image, target.account),
        // Only what is shared with that very account, not through its organization or a unit.
        Executable::Account(account) => image
            .launch
            .as_ref()
            .is_some_and(|launch| launch.accounts.contains(account)),
    }
}

/// The tags the caller sees: its own on the image, and of another owner's those shared on purpose.
fn tags_seen<'a>(world: &'a World, target: Target, id: ImageId, image: &'a Image) -> Vec<(&'a str, &'a str)> {
    if image.owner == target.account {
        return image.tags.iter().collect();
    }
    let own = world
        .ec2
        .get(target.region)
        .and_then(|plane| plane.foreign_tags.get(&(target.account, id)));
    let shared = image.tags.iter().filter(|(key, _)| key.starts_with("ec2:SharedTag/"));
    own.into_iter().flat_map(Tags::iter).chain(shared).collect()
}

/// What an image has under a filter's name.
fn values<'a>(id: ImageId, image: &'a Image, name: &str) -> Vec<Cow<'a, str>> {
    let own = |value: String| vec![Cow::Owned(value)];
    let each_volume = |pick: &dyn Fn(&Volume) -> Option<String>| {
        image
            .devices
            .iter()
            .filter_map(|device| pick(&device.volume))
            .map(Cow::Owned)
            .collect::<Vec<_>>()
    };
    match name {
        "architecture" => own(image.architecture.to_string()),
        "block-device-mapping.delete-on-termination" => each_volume(&|volume| match volume {
            Volume::Ebs {
                delete_on_termination, ..
            } => Some(delete_on_termination.to_string()),
            Volume::Instance(_) => None,
        }),
        "block-device-mapping.device-name" => image
            .devices
            .iter()
            .map(|device| Cow::Borrowed(&*device.name))
            .collect(),
        "block-device-mapping.encrypted" => each_volume(&|volume| match volume {
            Volume::Ebs { encrypted, .. } => Some(encrypted.to_string()),
            Volume::Instance(_) => None,
        }),
        "block-device-mapping.snapshot-id" => image.snapshots().map(|id| Cow::Owned(id.to_string())).collect(),
        "block-device-mapping.volume-size" => each_volume(&|volume| match volume {
            Volume::Ebs { size_gib, .. } => Some(size_gib.to_string()),
            Volume::Instance(_) => None,
        }),
        "block-device-mapping.volume-type" => each_volume(&|volume| match volume {
            Volume::Ebs { kind, .. } => Some(kind.to_string()),
            Volume::Instance(_) => None,
        }),
        "boot-mode" => image.boot_mode.as_deref().map(Cow::Borrowed).into_iter().collect(),
        "creation-date" => own(image.created.to_string()),
        "description" => vec![Cow::Borrowed(&*image.description)],
        "ena-support" => own(image.ena.to_string()),
        "hypervisor" => vec![Cow::Borrowed("xen")],
        "image-id" => own(id.to_string()),
        "image-type" => vec![Cow::Borrowed("machine")],
        "is-public" => own(image.is_public().to_string()),
        "manifest-location" => own(location(image)),
        "name" => vec![Cow::Borrowed(&*image.name)],
        "owner-alias" => image
            .alias
            .map(|alias| Cow::Owned(alias.to_string()))
            .into_iter()
            .collect(),
        "owner-id" => own(image.owner.to_string()),
        "platform" => image.windows.then_some(Cow::Borrowed("windows")).into_iter().collect(),
        "root-device-name" => vec![Cow::Borrowed(&*image.root_device)],
        "root-device-type" => vec![Cow::Borrowed("ebs")],
        "source-image-id" => image
            .source
            .map(|(id, _)| Cow::Owned(id.to_string()))
            .into_iter()
            .collect(),
        "source-image-region" => image
            .source
            .map(|(_, region)| Cow::Borrowed(region.name()))
            .into_iter()
            .collect(),
        "source-instance-id" => image
            .source_instance
            .map(|id| Cow::Owned(id.to_string()))
            .into_iter()
            .collect(),
        "state" => own(image.state.to_string()),
        "state-reason-code" => failure(image).map(|_| Cow::Borrowed(FAILED_CODE)).into_iter().collect(),
        "state-reason-message" => failure(image).map(Cow::Borrowed).into_iter().collect(),
        "virtualization-type" => vec![Cow::Borrowed("hvm")],
        _ => image.watermarks.values(name).into_iter().map(Cow::Owned).collect(),
    }
}

fn failure(image: &Image) -> Option<&str> {
    match &image.state {
        ImageState::Failed(reason) => Some(reason),
        ImageState::Pending | ImageState::Available | ImageState::Disabled => None,
    }
}

fn location(image: &Image) -> String {
    match image.alias {
        Some(alias) => format!("{alias}/{}", image.name),
        None => format!("{}/{}", image.owner, image.name),
    }
}

/// `disabled` is documented; the words for the other states are not, and readers must treat any as protected.
pub(crate) fn protection(protection: Protection, now: Time) -> String {
    match protection {
        Protection::Off => "disabled".to_owned(),
        Protection::On { cooldown: true } => "enabled-with-cooldown".to_owned(),
        Protection::On { cooldown: false } => "enabled-without-cooldown".to_owned(),
        Protection::Cooling { until } if until <= now => "disabled".to_owned(),
        Protection::Cooling { until } => format!("disabled-in-cooldown-until-{until}"),
    }
}

fn write(world: &World, target: Target, id: ImageId, image: &Image, as_of: Time, xml: &mut Xml) {
    let mine = image.owner == target.account;
    xml.text("imageId", id);
    xml.text("imageLocation", location(image));
    xml.text("imageState", &image.state);
    xml.text("imageOwnerId", image.owner);
    xml.text("creationDate", image.created);
    xml.text("isPublic", image.is_public());
    xml.text("architecture", image.architecture);
    xml.text("imageType", "machine");
    xml.text("name", &image.name);
    xml.optional("imageOwnerAlias", image.alias);
    xml.optional("description", Some(&image.description).filter(|text| !text.is_empty()));
    xml.optional("platform", image.windows.then_some("windows"));
    xml.text("platformDetails", if image.windows { "Windows" } else { "Linux/UNIX" });
    xml.text(
        "usageOperation",
        if image.windows {
            "RunInstances:0002"
        } else {
            "RunInstances"
        },
    );
    xml.text("rootDeviceType", "ebs");
    xml.text("rootDeviceName", &image.root_device);
    devices::write(xml, &image.devices);
    xml.text("virtualizationType", "hvm");
    xml.text("hypervisor", "xen");
    xml.text("enaSupport", image.ena);
    xml.text("sriovNetSupport", "simple");
    xml.optional("bootMode", image.boot_mode.as_deref());
    xml.optional("imdsSupport", image.imds_v2.then_some("v2.0"));
    if let Some(reason) = failure(image) {
        xml.element("stateReason", |xml| {
            xml.text("code", FAILED_CODE);
            xml.text("message", reason);
        });
    }
    let tags = tags_seen(world, target, id, image);
    if !tags.is_empty() {
        xml.items("tagSet", tags, |xml, (key, value)| {
            xml.text("key", key);
            xml.text("value", value);
        });
    }
    image.watermarks.write(xml);
    xml.optional("deprecationTime", image.deprecate_at);
    xml.optional("sourceImageId", image.source.map(|(id, _)| id));
    xml.optional("sourceImageRegion", image.source.map(|(_, region)| region));
    if mine {
        xml.optional("sourceInstanceId", image.source_instance);
        xml.optional("lastLaunchedTime", image.launched);
        xml.text("deregistrationProtection", protection(image.protection, as_of));
    }
}

#[cfg(test)]
mod tests;
