//! What becomes of accounts after somebody asked: they are created and closed in the background, and closed ones are gone
//! in the end.

use std::time::Duration;

use super::events::{self, Departed};
use super::organization::{Details, Joined, Organization};
use crate::ids::AccountId;
use crate::time::Time;
use crate::world::accounts::{Account, AccountState, Membership};
use crate::world::{self, World};

/// AWS says "a few minutes" of both.
const CREATION: Duration = Duration::from_mins(1);
const CLOSURE: Duration = Duration::from_mins(5);
/// How long a closed account stays in its organization.
const CLEANED_AFTER: Duration = Duration::from_hours(90 * 24);

/// Something that was asked for comes to its end.
#[derive(Debug)]
pub(crate) enum Due {
    Created(Box<Creation>),
    Closed { account: AccountId, requested: Time },
    Cleaned { account: AccountId, closed: Time },
}

/// An account that is being created.
#[derive(Debug)]
pub(crate) struct Creation {
    /// `car-…`, of the request.
    pub(super) request: String,
    pub(super) requested: Time,
    /// The account and its name, or why there will be none.
    pub(super) outcome: Result<(AccountId, String), String>,
}

pub(crate) fn fall_due(world: &mut World, due: Due) {
    match due {
        Due::Created(creation) => create(world, *creation),
        Due::Closed { account, requested } => close(world, account, requested),
        Due::Cleaned { account, closed } => clean(world, account, closed),
    }
}

/// Lets a creation end in its time.
pub(super) fn begin_creation(world: &mut World, creation: Creation) {
    plan(world, CREATION, Due::Created(Box::new(creation)));
}

/// Lets a closure end in its time.
pub(super) fn begin_closure(world: &mut World, account: AccountId) {
    let requested = world.now;
    plan(world, CLOSURE, Due::Closed { account, requested });
}

/// Puts an account into the organization, right below its root, where all accounts come in.
pub(super) fn join(world: &mut World, account: AccountId, name: String, joined: Joined) {
    let since = world.now;
    let Some(organization) = &mut world.organization else {
        return;
    };
    let details = Details {
        name,
        joined,
        since,
        closed: None,
    };
    organization.details.insert(account, details);
    let place = organization.place(organization.root());
    put(world, account, Some(place));
    events::joined(world, account, joined);
}

/// Takes an account out of the organization.
pub(super) fn leave(world: &mut World, account: AccountId, how: Departed) {
    if let Some(organization) = &mut world.organization {
        organization.administrators.remove(&account);
    }
    put(world, account, None);
    events::departed(world, account, how);
}

/// Moves an account, which readers may see late.
pub(super) fn put(world: &mut World, account: AccountId, place: Option<Membership>) {
    change(world, account, |account| account.membership = place);
}

/// Changes how an account stands, which readers may see late.
pub(super) fn set_state(world: &mut World, account: AccountId, state: AccountState) {
    change(world, account, |account| account.state = state);
}

fn change(world: &mut World, account: AccountId, change: impl FnOnce(&mut Account)) {
    let lag = world.settings.organization_lag;
    world.accounts.change(account, world.now, lag, change);
}

fn create(world: &mut World, creation: Creation) {
    let Creation {
        request,
        requested,
        outcome,
    } = creation;
    match outcome {
        Ok((account, name)) => {
            join(world, account, name, Joined::Created);
            events::created(world, &request, account, requested);
        }
        Err(reason) => events::not_created(world, &request, &reason, requested),
    }
}

fn close(world: &mut World, account: AccountId, requested: Time) {
    let closed = world.now;
    let pending = world.accounts.get(account).map(|account| account.state) == Some(AccountState::PendingClosure);
    let Some(organization) = world.organization.as_mut().filter(|_| pending) else {
        return;
    };
    organization.details_mut(account).closed = Some(closed);
    set_state(world, account, AccountState::Closed);
    events::closed(world, account, requested);
    plan(world, CLEANED_AFTER, Due::Cleaned { account, closed });
}

fn clean(world: &mut World, account: AccountId, closed: Time) {
    let still = |organization: &Organization| organization.details(account).closed == Some(closed);
    let inside = world
        .accounts
        .get(account)
        .is_some_and(|account| account.membership.is_some());
    if inside && world.organization.as_ref().is_some_and(still) {
        leave(world, account, Departed::Cleaned);
    }
}

fn plan(world: &mut World, after: Duration, due: Due) {
    world.plan(after, world::Due::Organizations(due));
}
