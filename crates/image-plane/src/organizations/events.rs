//! What CloudTrail tells EventBridge of an organization, in the one Region that has it.
//!
//! Calls are told to the bus of the account that made them, and only where a trail logs them; what the service itself did
//! is told to the management account's, always. So of an invitation that is accepted, which is a call of the invited
//! account's, the management account hears only since it hears of everybody who joins. Names and emails are masked.
//! <https://docs.aws.amazon.com/organizations/latest/userguide/orgs_cloudtrail-integration.html>

use serde_json::{Value, json};

use super::organization::{Joined, Organization};
use crate::ids::AccountId;
use crate::time::Time;
use crate::world::{Target, World};

const MASKED: &str = "****";

/// From here on accounts that join and leave are told of: May 28, 2026.
const MEMBERSHIP_TOLD: Time = Time::from_millis(1_779_926_400_000);

/// How an account left.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Departed {
    Removed,
    /// Closed for so long that it is gone.
    Cleaned,
}

/// A new account is there.
pub(super) fn created(world: &mut World, request: &str, account: AccountId, requested: Time) {
    let mut status = creation(request, "SUCCEEDED", requested, world.now);
    status["accountId"] = json!(account.to_string());
    tell_result(world, "CreateAccountResult", &json!({ "createAccountStatus": status }));
}

/// A new account is not there, and why: `EMAIL_ALREADY_EXISTS`.
pub(super) fn not_created(world: &mut World, request: &str, reason: &str, requested: Time) {
    let mut status = creation(request, "FAILED", requested, world.now);
    status["failureReason"] = json!(reason);
    tell_result(world, "CreateAccountResult", &json!({ "createAccountStatus": status }));
}

fn creation(request: &str, state: &str, requested: Time, completed: Time) -> Value {
    json!({
        "id": request,
        "state": state,
        "accountName": MASKED,
        "requestedTimestamp": requested.sns_style(),
        "completedTimestamp": completed.sns_style(),
    })
}

pub(super) fn closed(world: &mut World, account: AccountId, requested: Time) {
    let status = json!({
        "accountId": account.to_string(),
        "state": "SUCCEEDED",
        "requestedTimestamp": requested.sns_style(),
        "completedTimestamp": world.now.sns_style(),
    });
    tell_result(world, "CloseAccountResult", &json!({ "closeAccountStatus": status }));
}

/// AWS documents the method and the time; where they stand it does not say, and the words it writes now so, now so.
pub(super) fn joined(world: &mut World, account: AccountId, how: Joined) {
    let method = match how {
        Joined::Created => "CREATED",
        Joined::Invited => "INVITED",
    };
    let details = json!({
        "accountId": account.to_string(),
        "joinedMethod": method,
        "joinedTime": world.now.sns_style(),
    });
    tell_membership(world, "AccountJoinedOrganization", &details);
}

pub(super) fn departed(world: &mut World, account: AccountId, how: Departed) {
    let method = match how {
        Departed::Removed => "REMOVED",
        Departed::Cleaned => "CLEANED",
    };
    let details = json!({
        "accountId": account.to_string(),
        "departureMethod": method,
        "departureTime": world.now.sns_style(),
    });
    tell_membership(world, "AccountDepartedOrganization", &details);
}

fn tell_membership(world: &mut World, name: &str, details: &Value) {
    if world.now >= MEMBERSHIP_TOLD {
        tell_result(world, name, details);
    }
}

/// The management account asked for a new account.
pub(super) fn create_called(world: &mut World, request: &str) {
    let status = json!({
        "accountName": MASKED,
        "state": "IN_PROGRESS",
        "id": request,
        "requestedTimestamp": world.now.sns_style(),
    });
    let asked = json!({ "tags": [], "email": MASKED, "accountName": MASKED });
    tell_call(
        world,
        None,
        "CreateAccount",
        &asked,
        &json!({ "createAccountStatus": status }),
    );
}

pub(super) fn close_called(world: &mut World, account: AccountId) {
    let asked = json!({ "accountId": account.to_string() });
    tell_call(world, None, "CloseAccount", &asked, &Value::Null);
}

pub(super) fn remove_called(world: &mut World, account: AccountId) {
    let asked = json!({ "accountId": account.to_string() });
    tell_call(world, None, "RemoveAccountFromOrganization", &asked, &Value::Null);
}

pub(super) fn move_called(world: &mut World, account: AccountId, source: &str, destination: &str) {
    let asked = json!({
        "accountId": account.to_string(),
        "sourceParentId": source,
        "destinationParentId": destination,
    });
    tell_call(world, None, "MoveAccount", &asked, &Value::Null);
}

pub(super) fn invite_called(world: &mut World, account: AccountId, handshake: &Value) {
    let asked = json!({ "target": { "type": "ACCOUNT", "id": account.to_string() } });
    let answer = json!({ "handshake": handshake });
    tell_call(world, None, "InviteAccountToOrganization", &asked, &answer);
}

/// The invited account accepted: a call of its own, which the management account's bus never hears of.
pub(super) fn accept_called(world: &mut World, account: AccountId, handshake: &Value) {
    let asked = json!({ "handshakeId": handshake["id"] });
    let answer = json!({ "handshake": handshake });
    tell_call(world, Some(account), "AcceptHandshake", &asked, &answer);
}

/// A handshake as its events show it.
pub(super) fn handshake(organization: &Organization, account: AccountId, id: &str, state: &str, until: Time) -> Value {
    let arn = organization.arn_of(&format!("handshake/{}/invite/{id}", organization.id));
    json!({
        "id": id,
        "arn": arn,
        "state": state,
        "action": "invite",
        "parties": [
            { "type": "ORGANIZATION", "id": organization.id },
            { "type": "ACCOUNT", "id": account.to_string() },
        ],
        "expirationTimestamp": until.sns_style(),
    })
}

fn tell_result(world: &mut World, name: &str, details: &Value) {
    let Some(bus) = management(world) else { return };
    let account = bus.account.to_string();
    let mut detail = common(world, bus, name, "AwsServiceEvent");
    detail["userIdentity"] = json!({ "accountId": account, "invokedBy": "organizations.amazonaws.com" });
    detail["sourceIPAddress"] = json!("organizations.amazonaws.com");
    detail["userAgent"] = json!("organizations.amazonaws.com");
    detail["serviceEventDetails"] = details.clone();
    world.emit(
        bus,
        "aws.organizations",
        "AWS Service Event via CloudTrail",
        &[],
        &detail,
    );
}

/// Tells of a call of this account, or of the management account.
fn tell_call(world: &mut World, by: Option<AccountId>, name: &str, asked: &Value, answer: &Value) {
    let logged = world
        .organization
        .as_ref()
        .is_some_and(|organization| organization.trail);
    let Some(bus) = management(world).filter(|_| logged) else {
        return;
    };
    let account = by.unwrap_or(bus.account);
    let bus = Target { account, ..bus };
    let mut detail = common(world, bus, name, "AwsApiCall");
    detail["userIdentity"] = json!({
        "type": "AssumedRole",
        "principalId": "AROAEXAMPLE:someone",
        "arn": format!("arn:{}:sts::{account}:assumed-role/admin/someone", bus.region.partition()),
        "accountId": account.to_string(),
    });
    detail["sourceIPAddress"] = json!("192.0.2.1");
    detail["userAgent"] = json!("aws-cli");
    detail["requestParameters"] = asked.clone();
    detail["responseElements"] = answer.clone();
    detail["requestID"] = json!(world.random.uuid());
    world.emit(bus, "aws.organizations", "AWS API Call via CloudTrail", &[], &detail);
}

fn common(world: &mut World, bus: Target, name: &str, kind: &str) -> Value {
    json!({
        "eventVersion": "1.08",
        "eventTime": world.now.to_seconds(),
        "eventSource": "organizations.amazonaws.com",
        "eventName": name,
        "awsRegion": bus.region.name(),
        "requestParameters": null,
        "responseElements": null,
        "eventID": world.random.uuid(),
        "readOnly": false,
        "eventType": kind,
        "managementEvent": true,
        "recipientAccountId": bus.account.to_string(),
        "eventCategory": "Management",
    })
}

/// The management account's bus in the organization's Region.
fn management(world: &World) -> Option<Target> {
    let organization = world.organization.as_ref()?;
    let region = organization.region()?;
    let account = organization.management;
    Some(Target { account, region })
}
