//! AWS Organizations, as far as somebody who distributes images asks: which accounts there are, in which units, and how
//! they stand. [`World::create_organization`] and what stands beside it change the organization, past its API, with the
//! events that tell of it.
//!
//! A world has one organization or none. Not modelled, and refused by name: everything that changes it by a call, policies
//! of all kinds but the one it delegates by, and tags.

mod access;
mod describe;
mod errors;
mod events;
mod ids;
mod life;
mod list;
mod organization;
mod reach;
mod request;
mod shape;
#[cfg(test)]
mod tests;

use bytes::Bytes;
use http::Request;
use serde_json::Value;

use crate::ids::AccountId;
use crate::region::Region;
use crate::sts::Access;
use crate::time::Time;
use crate::wire::error::ApiError;
use crate::wire::{json, target};
use crate::world::accounts::Account;
use crate::world::buckets::Rate;
use crate::world::{Caller, Operation, Target, World};
pub(crate) use life::{Due, fall_due};
pub(crate) use organization::Organization;
pub use reach::OrganizationError;

/// What an operation answers.
struct Asked<'a> {
    caller: &'a Caller,
    body: &'a [u8],
    /// A fault asks for an empty page.
    empty: bool,
}

type Handler = fn(&mut World, &Asked<'_>) -> Result<Value, ApiError>;

/// From which accounts an operation may be called.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Reach {
    EveryMember,
    /// The management account and those it delegated to.
    Administrators,
}

/// An operation: its rate for each account, and the one for all accounts of the organization together.
#[derive(Clone, Copy, Debug)]
struct Offered {
    operation: Operation,
    of_all: Option<Rate>,
    reach: Reach,
    run: Handler,
}

/// Rates are given as AWS does: calls a second, then how many at once. The guide's table has several operations in a row;
/// whether they share a bucket it does not say, and here each has its own.
/// <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_reference_limits.html>
const fn offered(name: &'static str, rate: (u32, u32), run: Handler) -> Offered {
    let operation = Operation {
        name,
        mutates: false,
        rate: rate_of(rate),
    };
    Offered {
        operation,
        of_all: None,
        reach: Reach::Administrators,
        run,
    }
}

const fn rate_of((a_second, at_once): (u32, u32)) -> Rate {
    Rate::new(at_once, a_second * 1000)
}

impl Offered {
    /// With a bucket of all accounts together, by a name that no action has.
    const fn of_all(mut self, rate: (u32, u32), name: &'static str) -> Self {
        self.of_all = Some(rate_of(rate).shared(name));
        self
    }

    const fn to_every_member(mut self) -> Self {
        self.reach = Reach::EveryMember;
        self
    }
}

const OPERATIONS: [Offered; 8] = [
    offered("DescribeOrganization", (1, 2), describe::organization).to_every_member(),
    offered("ListRoots", (1, 2), list::roots).of_all((1, 3), "everybody's ListRoots"),
    offered("ListOrganizationalUnitsForParent", (5, 8), list::units_for_parent)
        .of_all((6, 10), "everybody's ListOrganizationalUnitsForParent"),
    offered("ListAccountsForParent", (5, 8), list::accounts_for_parent)
        .of_all((6, 10), "everybody's ListAccountsForParent"),
    offered("ListAccounts", (8, 12), list::accounts).of_all((9, 15), "everybody's ListAccounts"),
    offered("ListParents", (5, 8), list::parents).of_all((6, 10), "everybody's ListParents"),
    offered("DescribeAccount", (20, 30), describe::account).of_all((24, 36), "everybody's DescribeAccount"),
    offered("DescribeOrganizationalUnit", (2, 2), describe::unit)
        .of_all((2, 3), "everybody's DescribeOrganizationalUnit"),
];

/// A request and the operation that will answer it.
#[derive(Debug)]
pub(crate) struct Call {
    offered: Offered,
    body: Bytes,
}

impl Call {
    /// What the caller must be allowed by its own policies.
    pub(crate) fn needs(&self, world: &World) -> Vec<(String, Access)> {
        vec![access::needs(world, self.offered.operation.name, &self.body)]
    }

    /// The bucket that all accounts of the caller's organization draw from together, and whose it is.
    pub(crate) fn rate_of_all(&self, world: &World, caller: &Caller) -> Option<(Target, Rate)> {
        let organization = access::of(world, caller).ok()?;
        let owner = Target {
            account: organization.management,
            region: caller.target.region,
        };
        Some((owner, self.offered.of_all?))
    }

    /// `empty` asks for an empty page with a token, where there are pages.
    pub(crate) fn run(self, world: &mut World, caller: &Caller, empty: bool) -> Result<Bytes, ApiError> {
        let Offered {
            operation, reach, run, ..
        } = self.offered;
        let body = &self.body;
        access::authorize(world, caller, operation.name, reach, body)?;
        let answer = run(world, &Asked { caller, body, empty })?;
        Ok(Bytes::from(json::without_nulls(answer).to_string()))
    }
}

/// Finds the operation of a request to this Region.
pub(crate) fn read(request: &Request<Bytes>, region: Region) -> Result<(Operation, Call), ApiError> {
    if organization::home(region.partition()) != Some(region) {
        return Err(errors::wrong_region(region.name()));
    }
    let name = target::operation(request, "AWSOrganizationsV20161128")?;
    let offered = OPERATIONS
        .into_iter()
        .find(|offered| offered.operation.name == name)
        .ok_or_else(|| ApiError::not_modelled(format_args!("organizations:{name}")))?;
    let body = request.body().clone();
    Ok((offered.operation, Call { offered, body }))
}

/// The accounts of the organization, in their places, as a reader sees them whose view is as old as `as_of`.
fn members<'w>(
    world: &'w World,
    organization: &'w Organization,
    as_of: Time,
) -> impl Iterator<Item = (AccountId, &'w Account)> {
    let arn = organization.arn();
    world.accounts.seen(as_of).filter(move |(_, account)| {
        let place = account.membership.as_ref();
        place.is_some_and(|place| place.organization_arn == arn)
    })
}

impl World {
    /// The time whose accounts a read of the organization shows: now, or up to the lag ago.
    fn seen_of_organization(&mut self) -> Time {
        self.now - self.draw_up_to(self.settings.organization_lag)
    }
}
