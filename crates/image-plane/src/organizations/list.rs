//! Lists of roots, units, accounts and parents, page by page. Each page is read for itself: an account that moves between
//! two pages, or that the next call still sees where it was, may come twice or not at all.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::{Value, json};

use super::ids::{is_root, is_unit};
use super::organization::Organization;
use super::{Asked, access, errors, members, request, shape};
use crate::ids::AccountId;
use crate::time::Time;
use crate::wire::error::ApiError;
use crate::world::World;

#[derive(Deserialize, Debug)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct All {
    max_results: Option<i64>,
    next_token: Option<String>,
}

#[derive(Deserialize, Debug)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct OfParent {
    parent_id: String,
    max_results: Option<i64>,
    next_token: Option<String>,
}

#[derive(Deserialize, Debug)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct OfChild {
    child_id: String,
    max_results: Option<i64>,
    next_token: Option<String>,
}

pub(super) fn roots(world: &mut World, asked: &Asked<'_>) -> Result<Value, ApiError> {
    let All {
        max_results,
        next_token,
    } = request::read(asked.body)?;
    let page = (max_results, next_token.as_deref());
    let ids = vec![access::of(world, asked.caller)?.root.clone()];
    let (ids, next) = cut(world, asked, page, "ListRoots", ids)?;
    let organization = access::of(world, asked.caller)?;
    let roots: Vec<Value> = ids.iter().map(|_| shape::root(organization)).collect();
    Ok(json!({ "Roots": roots, "NextToken": next }))
}

pub(super) fn units_for_parent(world: &mut World, asked: &Asked<'_>) -> Result<Value, ApiError> {
    let OfParent {
        parent_id,
        max_results,
        next_token,
    } = request::read(asked.body)?;
    request::shaped(is_root(&parent_id) || is_unit(&parent_id))?;
    let organization = parent_of(world, asked, &parent_id)?;
    let children = organization.units.iter().filter(|(_, unit)| unit.parent == parent_id);
    let ids = children.map(|(id, _)| id.clone()).collect();
    let scope = format!("ListOrganizationalUnitsForParent {parent_id}");
    let (ids, next) = cut(world, asked, (max_results, next_token.as_deref()), &scope, ids)?;
    let organization = access::of(world, asked.caller)?;
    let unit = |id: &String| Some(shape::unit(organization, id, organization.units.get(id)?));
    let units: Vec<Value> = ids.iter().filter_map(unit).collect();
    Ok(json!({ "OrganizationalUnits": units, "NextToken": next }))
}

/// Those right below the parent, and not those in its units.
pub(super) fn accounts_for_parent(world: &mut World, asked: &Asked<'_>) -> Result<Value, ApiError> {
    let OfParent {
        parent_id,
        max_results,
        next_token,
    } = request::read(asked.body)?;
    request::shaped(is_root(&parent_id) || is_unit(&parent_id))?;
    let as_of = world.seen_of_organization();
    let organization = parent_of(world, asked, &parent_id)?;
    let children = members(world, organization, as_of).filter(|(_, account)| {
        let place = account.membership.as_ref();
        place.is_some_and(|place| organization.parent(place) == parent_id)
    });
    let ids = children.map(|(id, _)| id.to_string()).collect();
    let scope = format!("ListAccountsForParent {parent_id}");
    let (ids, next) = cut(world, asked, (max_results, next_token.as_deref()), &scope, ids)?;
    Ok(json!({ "Accounts": accounts_of(world, asked, as_of, &ids)?, "NextToken": next }))
}

pub(super) fn accounts(world: &mut World, asked: &Asked<'_>) -> Result<Value, ApiError> {
    let All {
        max_results,
        next_token,
    } = request::read(asked.body)?;
    let as_of = world.seen_of_organization();
    let organization = access::of(world, asked.caller)?;
    let ids = members(world, organization, as_of)
        .map(|(id, _)| id.to_string())
        .collect();
    let page = (max_results, next_token.as_deref());
    let (ids, next) = cut(world, asked, page, "ListAccounts", ids)?;
    Ok(json!({ "Accounts": accounts_of(world, asked, as_of, &ids)?, "NextToken": next }))
}

pub(super) fn parents(world: &mut World, asked: &Asked<'_>) -> Result<Value, ApiError> {
    let OfChild {
        child_id,
        max_results,
        next_token,
    } = request::read(asked.body)?;
    let as_of = world.seen_of_organization();
    let organization = access::of(world, asked.caller)?;
    let parent = if is_unit(&child_id) {
        organization.units.get(&child_id).map(|unit| unit.parent.as_str())
    } else {
        let wanted = request::account(&child_id)?;
        let child = members(world, organization, as_of).find(|(id, _)| *id == wanted);
        child
            .and_then(|(_, account)| account.membership.as_ref())
            .map(|place| organization.parent(place))
    };
    let parent = parent.ok_or_else(errors::no_child)?.to_owned();
    let scope = format!("ListParents {child_id}");
    let (ids, next) = cut(world, asked, (max_results, next_token.as_deref()), &scope, vec![parent])?;
    let kind = |id: &str| if is_root(id) { "ROOT" } else { "ORGANIZATIONAL_UNIT" };
    let parents: Vec<Value> = ids.iter().map(|id| json!({ "Id": id, "Type": kind(id) })).collect();
    Ok(json!({ "Parents": parents, "NextToken": next }))
}

fn cut(
    world: &mut World,
    asked: &Asked<'_>,
    page: (Option<i64>, Option<&str>),
    scope: &str,
    ids: Vec<String>,
) -> Result<(Vec<String>, Option<String>), ApiError> {
    let page = request::page(world, asked.caller.target, page, scope)?;
    Ok(request::cut(world, &page, asked.empty, ids))
}

/// The organization, if it has this parent.
fn parent_of<'w>(world: &'w World, asked: &Asked<'_>, id: &str) -> Result<&'w Organization, ApiError> {
    let organization = access::of(world, asked.caller)?;
    if organization.is_parent(id) {
        Ok(organization)
    } else {
        Err(errors::no_parent())
    }
}

fn accounts_of(world: &World, asked: &Asked<'_>, as_of: Time, ids: &[String]) -> Result<Vec<Value>, ApiError> {
    let organization = access::of(world, asked.caller)?;
    let ids: BTreeSet<AccountId> = ids.iter().filter_map(|id| id.parse().ok()).collect();
    let listed = members(world, organization, as_of).filter(|(id, _)| ids.contains(id));
    Ok(listed
        .map(|(id, account)| shape::account(organization, id, account, world.now))
        .collect())
}
