//! Who may ask what: the caller's own policies first, then whether its account may read the organization at all.

use serde_json::Value;

use super::ids::{is_root, is_unit};
use super::organization::Organization;
use super::{Reach, errors};
use crate::ids::AccountId;
use crate::sts::{self, Access, Resource, Trust, authorize_named, judge};
use crate::wire::call::Service;
use crate::wire::error::ApiError;
use crate::world::{Caller, World};

/// The action, on the root, unit or account that the request names; on nothing where it names none.
pub(super) fn needs(world: &World, operation: &str, body: &[u8]) -> (String, Access) {
    let body: Value = serde_json::from_slice(body).unwrap_or(Value::Null);
    let member = match operation {
        "ListAccountsForParent" | "ListOrganizationalUnitsForParent" => "ParentId",
        "ListParents" => "ChildId",
        "DescribeAccount" => "AccountId",
        "DescribeOrganizationalUnit" => "OrganizationalUnitId",
        _ => "",
    };
    let id = body[member].as_str();
    let arn = world
        .organization
        .as_ref()
        .zip(id)
        .and_then(|(organization, id)| arn(organization, id));
    let resource = |arn| Resource {
        arn,
        ..Resource::default()
    };
    let access = Access {
        resources: arn.map(resource).into_iter().collect(),
        ..Access::default()
    };
    (format!("organizations:{operation}"), access)
}

fn arn(organization: &Organization, id: &str) -> Option<String> {
    if is_root(id) {
        return Some(organization.arn_of(&format!("root/{}/{id}", organization.id)));
    }
    if is_unit(id) {
        return Some(organization.unit_arn(id));
    }
    id.parse::<AccountId>().ok().map(|id| organization.account_arn(id))
}

/// Lets the caller do this, or says why not. Who reads more than that there is an organization must be of the
/// management account, of a service's administrator, or somebody the organization's own policy lets: and in any case
/// its own policies must allow the same.
pub(super) fn authorize(
    world: &World,
    caller: &Caller,
    operation: &str,
    reach: Reach,
    body: &[u8],
) -> Result<(), ApiError> {
    let (action, access) = needs(world, operation, body);
    if !sts::is_root(caller) {
        authorize_named(world, caller, Service::Organizations, &action, &access)?;
    }
    let organization = of(world, caller)?;
    let account = caller.target.account;
    let permitted = match reach {
        Reach::EveryMember => true,
        Reach::Administrators => {
            account == organization.management
                || organization.administrators.contains(&account)
                || organization.delegation.as_ref().is_some_and(|policy| {
                    judge(world, caller, caller.target.region, policy, &action, &access).resource > Trust::No
                })
        }
    };
    if permitted { Ok(()) } else { Err(errors::denied()) }
}

/// The organization of the caller's account.
pub(super) fn of<'a>(world: &'a World, caller: &Caller) -> Result<&'a Organization, ApiError> {
    let account = world.accounts.get(caller.target.account);
    let place = account.and_then(|account| account.membership.as_ref());
    let place = place.ok_or_else(errors::not_in_use)?;
    let organization = world.organization.as_ref();
    let organization = organization
        .filter(|organization| organization.has(place))
        // Somebody declared the account's place in an organization of which there is no more than that.
        .ok_or_else(|| ApiError::not_modelled(format_args!("{}, which nobody founded", place.organization_arn)))?;
    // Accounts here are the same in each partition; organizations are not.
    if organization.region() == Some(caller.target.region) {
        Ok(organization)
    } else {
        Err(errors::not_in_use())
    }
}
