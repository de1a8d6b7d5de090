//! Image attributes: launch permissions above all.

use super::image::{Image, LaunchPermissions};
use super::sharing::{bad_item, may_share, share};
use super::{Ctx, errors, lookup, retire};
use crate::ids::AccountId;
use crate::time::Time;
use crate::wire::error::ApiError;
use crate::wire::query::Params;
use crate::wire::xml::Xml;
use crate::world::{Target, World};

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
        check_grants(world, target, &image, add, remove)?;
    }
    ctx.commit()?;
    retire::change(world, ctx, id, |image| match change {
        Change::Description(text) => image.description = text.into(),
        Change::ImdsV2 => image.imds_v2 = true,
        Change::Launch { add, remove } => share(image, granted(image, &add, &remove)),
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
        (None | Some("launchPermission" | "description" | "imdsSupport"), 1) if flat.is_empty() && value.is_none() => {
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

/// Refuses changes without content, and grants that EC2 would refuse.
fn check_grants(
    world: &World,
    target: Target,
    image: &Image,
    add: &[Grantee],
    remove: &[Grantee],
) -> Result<(), ApiError> {
    match (add.is_empty(), remove.is_empty()) {
        (true, true) => Err(nothing_to_change()),
        (true, false) => Ok(()),
        (false, _) => may_share(world, target, image, &granted(image, add, remove)),
    }
}

/// The launch permissions after a change.
fn granted(image: &Image, add: &[Grantee], remove: &[Grantee]) -> LaunchPermissions {
    let mut launch = image.launch.as_deref().cloned().unwrap_or_default();
    for grantee in add {
        match grantee {
            Grantee::Everybody => launch.public = true,
            Grantee::Account(account) => drop(launch.accounts.insert(*account)),
            Grantee::Organization(arn) => drop(launch.organizations.insert(arn.clone())),
            Grantee::Unit(arn) => drop(launch.units.insert(arn.clone())),
        }
    }
    for grantee in remove {
        match grantee {
            Grantee::Everybody => launch.public = false,
            Grantee::Account(account) => drop(launch.accounts.remove(account)),
            Grantee::Organization(arn) => drop(launch.organizations.remove(arn)),
            Grantee::Unit(arn) => drop(launch.units.remove(arn)),
        }
    }
    launch
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

#[cfg(test)]
mod tests;
