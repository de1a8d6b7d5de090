//! Accounts, units and the rest as the answers show them.

use serde_json::{Value, json};

use super::organization::{Joined, Organization, Unit};
use crate::ids::AccountId;
use crate::time::Time;
use crate::world::accounts::{Account, AccountState, Membership};

/// From here on accounts have no `Status` any more, only a `State`: September 9, 2026.
const STATUS_ENDS: Time = Time::from_millis(1_788_912_000_000);

pub(super) fn organization(organization: &Organization) -> Value {
    json!({
        "Id": organization.id,
        "Arn": organization.arn(),
        "FeatureSet": "ALL",
        "MasterAccountArn": organization.account_arn(organization.management),
        "MasterAccountId": organization.management.to_string(),
        "MasterAccountEmail": email(organization.management),
        "AvailablePolicyTypes": [{ "Type": "SERVICE_CONTROL_POLICY", "Status": "ENABLED" }],
    })
}

pub(super) fn root(organization: &Organization) -> Value {
    json!({ "Id": organization.root, "Arn": organization.root_arn(), "Name": "Root", "PolicyTypes": [] })
}

pub(super) fn unit(organization: &Organization, id: &str, unit: &Unit) -> Value {
    json!({
        "Id": id,
        "Arn": organization.unit_arn(id),
        "Name": unit.name,
        "Path": organization.place(id).path(Some(&organization.root)),
    })
}

/// The account in its place, as it was seen at some time.
pub(super) fn account(organization: &Organization, id: AccountId, account: &Account, now: Time) -> Value {
    let details = organization.details(id);
    let path = |place: &Membership| format!("{}{id}/", place.path(Some(&organization.root)));
    let paths: Vec<String> = account.membership.iter().map(path).collect();
    json!({
        "Id": id.to_string(),
        "Arn": organization.account_arn(id),
        "Email": email(id),
        "Name": details.name,
        "State": state(account.state),
        "Status": (now < STATUS_ENDS).then(|| status(account.state)),
        "Paths": paths,
        "JoinedMethod": match details.joined { Joined::Created => "CREATED", Joined::Invited => "INVITED" },
        "JoinedTimestamp": details.since.epoch_seconds(),
    })
}

fn email(id: AccountId) -> String {
    format!("account-{id}@example.com")
}

const fn state(state: AccountState) -> &'static str {
    match state {
        AccountState::PendingActivation => "PENDING_ACTIVATION",
        AccountState::Active => "ACTIVE",
        AccountState::Suspended => "SUSPENDED",
        AccountState::PendingClosure => "PENDING_CLOSURE",
        AccountState::Closed => "CLOSED",
    }
}

/// A closed account's is SUSPENDED. AWS does not say what the status of one is whose sign-up is not complete.
const fn status(state: AccountState) -> &'static str {
    match state {
        AccountState::Active => "ACTIVE",
        AccountState::PendingClosure => "PENDING_CLOSURE",
        AccountState::PendingActivation | AccountState::Suspended | AccountState::Closed => "SUSPENDED",
    }
}
