//! Who may create volumes from a snapshot: accounts only, one direction a call.

use super::snapshot::{Snapshot, VolumePermissions};
use super::{Ctx, block_public_access, errors, events, lookup};
use crate::ids::AccountId;
use crate::wire::error::ApiError;
use crate::wire::query::Params;
use crate::wire::xml::Xml;
use crate::world::{Target, World};

/// At most so many changes in one call.
const MOST_CHANGES: usize = 500;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Grantee {
    Everybody,
    Account(AccountId),
}

pub(crate) fn modify(world: &mut World, ctx: &Ctx<'_>, mut params: Params, xml: &mut Xml) -> Result<(), ApiError> {
    let target = ctx.target();
    let id = lookup::snapshot_id(&params.required("SnapshotId")?)?;
    let (add, remove) = read_changes(&mut params)?;
    params.finish()?;
    let snapshot = lookup::own_snapshot(world, ctx, id)?.clone();
    if !add.is_empty() {
        check_sharable(world, target, &snapshot, &add)?;
    }
    ctx.commit()?;
    let (now, lag) = (world.now, world.settings.read_lag);
    if let Some(snapshot) = world.ec2.plane(target.region).edit_snapshot(id, now, lag) {
        change(snapshot, &add, &remove);
    }
    for grantee in add {
        if let Grantee::Account(account) = grantee
            && account != target.account
        {
            events::snapshot_shared(
                world,
                Target {
                    account,
                    region: target.region,
                },
                id,
                target,
            );
        }
    }
    xml.text("return", true);
    Ok(())
}

fn read_changes(params: &mut Params) -> Result<(Vec<Grantee>, Vec<Grantee>), ApiError> {
    if let Some(attribute) = params.text("Attribute")?
        && attribute != "createVolumePermission"
    {
        return Err(ApiError::not_modelled(format!("the snapshot attribute {attribute}")));
    }
    let (mut add, mut remove) = (Vec::new(), Vec::new());
    if let Some(mut permission) = params.structure("CreateVolumePermission") {
        add = permission
            .list("Add")?
            .into_iter()
            .map(read_grantee)
            .collect::<Result<_, _>>()?;
        remove = permission
            .list("Remove")?
            .into_iter()
            .map(read_grantee)
            .collect::<Result<_, _>>()?;
        permission.finish()?;
    }
    let mut flat = Vec::new();
    for account in params.texts("UserId")? {
        flat.push(read_account(&account)?);
    }
    for group in params.texts("UserGroup")? {
        flat.push(read_group(&group)?);
    }
    match params.text("OperationType")?.as_deref() {
        Some("add") => add.extend(flat),
        Some("remove") => remove.extend(flat),
        None if flat.is_empty() => {}
        other => return Err(errors::invalid("operationType", other.unwrap_or_default())),
    }
    if add.is_empty() == remove.is_empty() {
        return Err(errors::combination(
            "Permissions can be added or removed, but not both in one call",
        ));
    }
    if add.len().max(remove.len()) > MOST_CHANGES {
        return Err(ApiError::client(
            "InvalidParameterValue",
            format!("At most {MOST_CHANGES} permissions can be changed in one call"),
        ));
    }
    Ok((add, remove))
}

fn read_grantee(mut item: Params) -> Result<Grantee, ApiError> {
    let (account, group) = (item.text("UserId")?, item.text("Group")?);
    item.finish()?;
    match (account, group) {
        (Some(account), None) => read_account(&account),
        (None, Some(group)) => read_group(&group),
        _ => Err(errors::combination("A permission names one of UserId, Group")),
    }
}

fn read_account(text: &str) -> Result<Grantee, ApiError> {
    text.parse().map(Grantee::Account).map_err(|_| bad_account(text))
}

/// One that is wrong spoils the whole call.
fn bad_account(text: &str) -> ApiError {
    ApiError::client("InvalidUserID.Malformed", format!("Invalid user id: \"{text}\""))
}

fn read_group(text: &str) -> Result<Grantee, ApiError> {
    if text == "all" {
        Ok(Grantee::Everybody)
    } else {
        Err(errors::invalid("group", text))
    }
}

fn check_sharable(world: &World, target: Target, snapshot: &Snapshot, add: &[Grantee]) -> Result<(), ApiError> {
    if snapshot.key.as_ref().is_some_and(|key| world.keys.is_default(key)) {
        return Err(errors::not_permitted(
            "Snapshots encrypted with the AWS Managed CMK can't be shared. Specify another snapshot.",
        ));
    }
    if snapshot.key.is_some() && add.contains(&Grantee::Everybody) {
        return Err(errors::not_permitted("Encrypted snapshots can't be made public"));
    }
    if add.contains(&Grantee::Everybody) && block_public_access::are_snapshots_blocked(world, target) {
        return Err(errors::not_permitted(
            "You can't publicly share this snapshot because block public access for snapshots is enabled for this Region",
        ));
    }
    for grantee in add {
        if let Grantee::Account(account) = grantee
            && !world.accounts.exists(*account)
        {
            return Err(bad_account(&account.to_string()));
        }
    }
    Ok(())
}

fn change(snapshot: &mut Snapshot, add: &[Grantee], remove: &[Grantee]) {
    let mut permissions = snapshot
        .permissions
        .take()
        .map_or_else(VolumePermissions::default, |permissions| *permissions);
    for grantee in add {
        match grantee {
            Grantee::Everybody => permissions.public = true,
            Grantee::Account(account) => drop(permissions.accounts.insert(*account)),
        }
    }
    for grantee in remove {
        match grantee {
            Grantee::Everybody => permissions.public = false,
            Grantee::Account(account) => drop(permissions.accounts.remove(account)),
        }
    }
    let empty = !permissions.public && permissions.accounts.is_empty();
    snapshot.permissions = (!empty).then(|| Box::new(permissions));
}

pub(crate) fn describe(world: &mut World, ctx: &Ctx<'_>, mut params: Params, xml: &mut Xml) -> Result<(), ApiError> {
    let id = lookup::snapshot_id(&params.required("SnapshotId")?)?;
    let attribute = params.required("Attribute")?;
    params.finish()?;
    if attribute != "createVolumePermission" {
        return Err(ApiError::not_modelled(format!("the snapshot attribute {attribute}")));
    }
    lookup::own_snapshot(world, ctx, id)?;
    ctx.commit()?;
    let as_of = world.read_as_of();
    let snapshot = world
        .ec2
        .plane(ctx.target().region)
        .snapshot_seen(id, as_of)
        .ok_or_else(|| errors::no_snapshot(&id.to_string()))?;
    let none = VolumePermissions::default();
    let VolumePermissions { public, accounts } = snapshot.permissions.as_deref().unwrap_or(&none);
    let mut entries: Vec<(&str, String)> = Vec::new();
    entries.extend(public.then(|| ("group", "all".to_owned())));
    entries.extend(accounts.iter().map(|account| ("userId", account.to_string())));
    xml.text("snapshotId", id);
    xml.items("createVolumePermission", entries, |xml, (name, value)| {
        xml.text(name, value);
    });
    Ok(())
}

#[cfg(test)]
mod tests;
