//! Image attributes: launch permissions above all.

use super::image::{Image, ImageState, LaunchPermissions, Volume};
use super::{Ctx, errors, lookup, retire};
use crate::ids::{AccountId, ImageId};
use crate::time::Time;
use crate::wire::error::ApiError;
use crate::wire::query::Params;
use crate::wire::xml::Xml;
use crate::world::{Target, World};

/// Entities an image may be shared with; a unit or an organization is one.
const MOST_ENTITIES: usize = 1000;
/// Public images an account may have in a Region.
const MOST_PUBLIC: usize = 5;
/// Two years after its creation a public image is deprecated, unless its owner said earlier.
const PUBLIC_FOR: std::time::Duration = std::time::Duration::from_secs(2 * 365 * 86_400);

/// One entry of the launch permissions.
#[derive(Clone, PartialEq, Eq, Debug)]
enum Grantee {
    Everybody,
    Account(AccountId),
    Organization(String),
    Unit(String),
}

/// What a request changes.
enum Change {
    Description(String),
    ImdsV2,
    Launch { add: Vec<Grantee>, remove: Vec<Grantee> },
}

pub(crate) fn modify(world: &mut World, ctx: &Ctx<'_>, mut params: Params, xml: &mut Xml) -> Result<(), ApiError> {
    let id = lookup::image_id(&params.required("ImageId")?)?;
    let change = read_change(&mut params)?;
    params.finish()?;
    let target = ctx.target();
    let image = lookup::own_image(world, ctx, id)?.clone();
    if let Change::Launch { add, remove } = &change {
        check_grants(world, target, id, &image, add, remove)?;
    }
    ctx.commit()?;
    retire::change(world, ctx, id, |image| match change {
        Change::Description(text) => image.description = text.into(),
        Change::ImdsV2 => image.imds_v2 = true,
        Change::Launch { add, remove } => grant(image, add, remove),
    });
    xml.text("return", true);
    Ok(())
}

/// Reads the one attribute a request changes, in either of the two forms the API knows.
fn read_change(params: &mut Params) -> Result<Change, ApiError> {
    let attribute = params.text("Attribute")?;
    let mut changes = Vec::new();
    if let Some(mut description) = params.structure("Description") {
        changes.push(Change::Description(description.text("Value")?.unwrap_or_default()));
        description.finish()?;
    }
    if let Some(mut imds) = params.structure("ImdsSupport") {
        changes.push(read_imds(&imds.required("Value")?)?);
        imds.finish()?;
    }
    if let Some(mut launch) = params.structure("LaunchPermission") {
        let add = launch
            .list("Add")?
            .into_iter()
            .map(read_grantee)
            .collect::<Result<_, _>>()?;
        let remove = launch
            .list("Remove")?
            .into_iter()
            .map(read_grantee)
            .collect::<Result<_, _>>()?;
        launch.finish()?;
        changes.push(Change::Launch { add, remove });
    }
    let flat = read_flat(params)?;
    let operation = params.text("OperationType")?;
    let value = params.text("Value")?;
    match (attribute.as_deref(), changes.len()) {
        (None, 1) | (Some("launchPermission" | "description" | "imdsSupport"), 1)
            if flat.is_empty() && value.is_none() =>
        {
            changes.pop().ok_or_else(nothing_to_change)
        }
        (Some("launchPermission"), 0) if !flat.is_empty() => match operation.as_deref() {
            Some("add") => Ok(Change::Launch {
                add: flat,
                remove: Vec::new(),
            }),
            Some("remove") => Ok(Change::Launch {
                add: Vec::new(),
                remove: flat,
            }),
            other => Err(errors::invalid("operationType", other.unwrap_or_default())),
        },
        (Some("description"), 0) => Ok(Change::Description(value.unwrap_or_default())),
        (Some("imdsSupport"), 0) => read_imds(&value.unwrap_or_default()),
        (Some("launchPermission") | None, 0) => Err(nothing_to_change()),
        (Some(other), 0) => Err(errors::invalid("attribute", other)),
        _ => Err(errors::combination("Only one attribute can be modified at a time")),
    }
}

fn nothing_to_change() -> ApiError {
    ApiError::client("InvalidParameterCombination", "No attributes specified.")
}

fn read_imds(value: &str) -> Result<Change, ApiError> {
    if value == "v2.0" {
        Ok(Change::ImdsV2)
    } else {
        Err(errors::invalid("imdsSupport", value))
    }
}

/// The older form: `UserId.1`, `UserGroup.1`, …
fn read_flat(params: &mut Params) -> Result<Vec<Grantee>, ApiError> {
    let mut grantees = Vec::new();
    for account in params.texts("UserId")? {
        grantees.push(read_account(&account)?);
    }
    for group in params.texts("UserGroup")? {
        grantees.push(read_group(&group)?);
    }
    for arn in params.texts("OrganizationArn")? {
        grantees.push(read_organization(arn)?);
    }
    for arn in params.texts("OrganizationalUnitArn")? {
        grantees.push(read_unit(arn)?);
    }
    Ok(grantees)
}

fn read_grantee(mut item: Params) -> Result<Grantee, ApiError> {
    let (account, group) = (item.text("UserId")?, item.text("Group")?);
    let (organization, unit) = (item.text("OrganizationArn")?, item.text("OrganizationalUnitArn")?);
    item.finish()?;
    match (account, group, organization, unit) {
        (Some(account), None, None, None) => read_account(&account),
        (None, Some(group), None, None) => read_group(&group),
        (None, None, Some(arn), None) => read_organization(arn),
        (None, None, None, Some(arn)) => read_unit(arn),
        _ => Err(errors::combination(
            "A launch permission names one of UserId, Group, OrganizationArn, OrganizationalUnitArn",
        )),
    }
}

fn bad_item(value: &str, kind: &str) -> ApiError {
    ApiError::client(
        "InvalidAMIAttributeItemValue",
        format!("Invalid attribute item value \"{value}\" for {kind} item type."),
    )
}

fn read_account(text: &str) -> Result<Grantee, ApiError> {
    text.parse().map(Grantee::Account).map_err(|_| bad_item(text, "userId"))
}

fn read_group(text: &str) -> Result<Grantee, ApiError> {
    if text == "all" {
        Ok(Grantee::Everybody)
    } else {
        Err(bad_item(text, "group"))
    }
}

fn read_organization(arn: String) -> Result<Grantee, ApiError> {
    if organizations_arn(&arn, "organization/o-") {
        Ok(Grantee::Organization(arn))
    } else {
        Err(bad_item(&arn, "organizationArn"))
    }
}

fn read_unit(arn: String) -> Result<Grantee, ApiError> {
    if organizations_arn(&arn, "ou/o-") {
        Ok(Grantee::Unit(arn))
    } else {
        Err(bad_item(&arn, "organizationalUnitArn"))
    }
}

/// `arn:aws:organizations::111122223333:` and then this resource: a bare id is an error.
fn organizations_arn(arn: &str, resource: &str) -> bool {
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    let [arn, partition, service, region, account, rest] = parts.as_slice() else {
        return false;
    };
    *arn == "arn"
        && partition.starts_with("aws")
        && *service == "organizations"
        && region.is_empty()
        && account.parse::<AccountId>().is_ok()
        && rest.strip_prefix(resource).is_some_and(|id| id.len() >= 10)
}

/// Refuses grants that EC2 would refuse: of disabled images, of snapshots under the default key, beyond a quota, public
/// where that is blocked.
fn check_grants(
    world: &World,
    target: Target,
    id: ImageId,
    image: &Image,
    add: &[Grantee],
    remove: &[Grantee],
) -> Result<(), ApiError> {
    if add.is_empty() && remove.is_empty() {
        return Err(nothing_to_change());
    }
    if add.is_empty() {
        return Ok(());
    }
    if image.state == ImageState::Disabled {
        return Err(errors::not_permitted(format!(
            "The image {id} is disabled and can't be shared"
        )));
    }
    if devices_under_default_key(world, image) {
        return Err(errors::not_permitted(
            "Snapshots encrypted with the AWS Managed CMK can't be shared. Specify another snapshot.",
        ));
    }
    let mut after = image.clone();
    grant(&mut after, add.to_vec(), remove.to_vec());
    if after
        .launch
        .as_ref()
        .is_some_and(|launch| launch.entities() > MOST_ENTITIES)
    {
        return Err(ApiError::client(
            "ResourceLimitExceeded",
            format!("An AMI can be shared with at most {MOST_ENTITIES} entities"),
        ));
    }
    if after.is_public() && !image.is_public() {
        check_public(world, target, id, image)?;
    }
    Ok(())
}

fn check_public(world: &World, target: Target, id: ImageId, image: &Image) -> Result<(), ApiError> {
    if image.encrypted() {
        return Err(errors::not_permitted(format!(
            "The image {id} has encrypted snapshots and can't be made public"
        )));
    }
    if world
        .accounts
        .get(target.account)
        .is_some_and(|account| account.block_public_images.contains(&target.region))
    {
        return Err(errors::not_permitted(
            "You can't publicly share this image because block public access for AMIs is enabled in this Region",
        ));
    }
    let public = world.ec2.get(target.region).map_or(0, |plane| {
        plane
            .images()
            .filter(|(_, image)| image.owner == target.account && image.is_public())
            .count()
    });
    if public >= MOST_PUBLIC {
        return Err(ApiError::client(
            "ResourceLimitExceeded",
            format!("You have reached your quota of {MOST_PUBLIC} public AMIs in this Region"),
        ));
    }
    Ok(())
}

fn devices_under_default_key(world: &World, image: &Image) -> bool {
    image.devices.iter().any(|device| match &device.volume {
        Volume::Ebs { key: Some(key), .. } => world.keys.get(key).is_some_and(|key| key.managed),
        Volume::Ebs { key: None, .. } | Volume::Instance(_) => false,
    })
}

fn grant(image: &mut Image, add: Vec<Grantee>, remove: Vec<Grantee>) {
    let mut launch = image
        .launch
        .take()
        .map_or_else(LaunchPermissions::default, |launch| *launch);
    for grantee in add {
        match grantee {
            Grantee::Everybody => launch.public = true,
            Grantee::Account(account) => drop(launch.accounts.insert(account)),
            Grantee::Organization(arn) => drop(launch.organizations.insert(arn)),
            Grantee::Unit(arn) => drop(launch.units.insert(arn)),
        }
    }
    for grantee in remove {
        match grantee {
            Grantee::Everybody => launch.public = false,
            Grantee::Account(account) => drop(launch.accounts.remove(&account)),
            Grantee::Organization(arn) => drop(launch.organizations.remove(&arn)),
            Grantee::Unit(arn) => drop(launch.units.remove(&arn)),
        }
    }
    if launch.public && image.deprecate_at.is_none() {
        image.deprecate_at = Some((image.created + PUBLIC_FOR).nearest_minute());
    }
    image.launch = (!launch.is_empty()).then(|| Box::new(launch));
}

pub(crate) fn describe(world: &mut World, ctx: &Ctx<'_>, mut params: Params, xml: &mut Xml) -> Result<(), ApiError> {
    let id = lookup::image_id(&params.required("ImageId")?)?;
    let attribute = params.required("Attribute")?;
    params.finish()?;
    lookup::own_image(world, ctx, id)?;
    ctx.commit()?;
    let as_of = world.read_as_of();
    let target = ctx.target();
    let image = world
        .ec2
        .plane(target.region)
        .image_seen(id, as_of)
        .ok_or_else(|| errors::no_image(&id.to_string()))?;
    xml.text("imageId", id);
    write(xml, &attribute, image, as_of)
}

fn write(xml: &mut Xml, attribute: &str, image: &Image, as_of: Time) -> Result<(), ApiError> {
    let mut value = |name: &str, value: Option<String>| {
        xml.element(name, |xml| xml.optional("value", value));
        Ok(())
    };
    match attribute {
        "description" => value("description", Some(image.description.to_string())),
        "lastLaunchedTime" => value("lastLaunchedTime", image.launched.map(|at| at.to_string())),
        "deregistrationProtection" => value(
            "deregistrationProtection",
            Some(super::describe_images::protection(image.protection, as_of)),
        ),
        "imdsSupport" => value("imdsSupport", image.imds_v2.then(|| "v2.0".to_owned())),
        "bootMode" => value("bootMode", image.boot_mode.as_ref().map(ToString::to_string)),
        "sriovNetSupport" => value("sriovNetSupport", Some("simple".to_owned())),
        "launchPermission" => {
            write_launch(xml, image.launch.as_deref());
            Ok(())
        }
        // Deprecated by EC2, which answers exactly so.
        "blockDeviceMapping" => Err(ApiError::client(
            "AuthFailure",
            "Unauthorized attempt to access restricted resource",
        )),
        "kernel" | "ramdisk" | "productCodes" | "tpmSupport" | "uefiData" => {
            Err(ApiError::not_modelled(format!("the image attribute {attribute}")))
        }
        other => Err(errors::invalid("attribute", other)),
    }
}

fn write_launch(xml: &mut Xml, launch: Option<&LaunchPermissions>) {
    let none = LaunchPermissions::default();
    let LaunchPermissions {
        public,
        accounts,
        organizations,
        units,
    } = launch.unwrap_or(&none);
    let mut entries: Vec<(&str, String)> = Vec::new();
    entries.extend(public.then(|| ("group", "all".to_owned())));
    entries.extend(accounts.iter().map(|account| ("userId", account.to_string())));
    entries.extend(organizations.iter().map(|arn| ("organizationArn", arn.clone())));
    entries.extend(units.iter().map(|arn| ("organizationalUnitArn", arn.clone())));
    xml.items("launchPermission", entries, |xml, (name, value)| xml.text(name, value));
}

pub(crate) fn reset(world: &mut World, ctx: &Ctx<'_>, mut params: Params, xml: &mut Xml) -> Result<(), ApiError> {
    let id = lookup::image_id(&params.required("ImageId")?)?;
    let attribute = params.required("Attribute")?;
    params.finish()?;
    if attribute != "launchPermission" {
        return Err(errors::invalid("attribute", &attribute));
    }
    lookup::own_image(world, ctx, id)?;
    ctx.commit()?;
    retire::change(world, ctx, id, |image| image.launch = None);
    xml.text("return", true);
    Ok(())
}
