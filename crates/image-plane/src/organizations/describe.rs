//! The organization, an account or a unit by its id.

use serde::Deserialize;
use serde_json::{Value, json};

use super::ids::is_unit;
use super::{Asked, access, errors, request, shape};
use crate::wire::error::ApiError;
use crate::world::World;

#[derive(Deserialize, Debug)]
#[serde(deny_unknown_fields)]
struct Nothing {}

#[derive(Deserialize, Debug)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct OneAccount {
    account_id: String,
}

#[derive(Deserialize, Debug)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct OneUnit {
    organizational_unit_id: String,
}

pub(super) fn organization(world: &mut World, asked: &Asked<'_>) -> Result<Value, ApiError> {
    let Nothing {} = request::read(asked.body)?;
    let organization = access::of(world, asked.caller)?;
    Ok(json!({ "Organization": shape::organization(organization) }))
}

pub(super) fn account(world: &mut World, asked: &Asked<'_>) -> Result<Value, ApiError> {
    let OneAccount { account_id } = request::read(asked.body)?;
    let wanted = request::account(&account_id)?;
    let as_of = world.seen_of_organization();
    let organization = access::of(world, asked.caller)?;
    let (id, account) = super::members(world, organization, as_of)
        .find(|(id, _)| *id == wanted)
        .ok_or_else(errors::no_account)?;
    Ok(json!({ "Account": shape::account(organization, id, account, world.now) }))
}

pub(super) fn unit(world: &mut World, asked: &Asked<'_>) -> Result<Value, ApiError> {
    let OneUnit {
        organizational_unit_id: id,
    } = request::read(asked.body)?;
    request::shaped(is_unit(&id))?;
    let organization = access::of(world, asked.caller)?;
    let unit = organization.units.get(&id).ok_or_else(errors::no_unit)?;
    Ok(json!({ "OrganizationalUnit": shape::unit(organization, &id, unit) }))
}
