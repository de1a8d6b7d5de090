//! Who a key belongs to, and GetCallerIdentity, which says so.

use bytes::Bytes;

use super::answer;
use super::errors::{expired, not_validated};
use super::guests::Guest;
use crate::ids::AccountId;
use crate::region::Region;
use crate::wire::call::Service;
use crate::wire::error::ApiError;
use crate::world::{Caller, Target, World};

/// Who a key belongs to. A key of 12 digits is that account's root, with or without a session token: local clouds hand
/// out such keys with a token of their own.
pub(crate) fn identify(
    world: &World,
    service: Service,
    region: Region,
    access_key: &str,
    token: Option<&str>,
) -> Result<Caller, ApiError> {
    if let Ok(account) = access_key.parse::<AccountId>() {
        return Ok(Caller::of_account(Target { account, region }));
    }
    if let Some(Guest { account, arn }) = world.roles.guests.get(access_key) {
        let target = Target {
            account: *account,
            region,
        };
        return Ok(Caller {
            target,
            arn: arn.clone(),
            access_key: access_key.to_owned(),
        });
    }
    let session = world
        .roles
        .sessions
        .get(access_key)
        .ok_or_else(|| not_validated(service))?;
    // Undocumented: a missing or wrong token, and credentials of another partition, are answered like an unknown key.
    if token != Some(session.token.as_str()) || session.partition != region.partition() {
        return Err(not_validated(service));
    }
    if world.now >= session.expires {
        return Err(expired(service));
    }
    let target = Target {
        account: session.account,
        region,
    };
    Ok(Caller {
        target,
        arn: session.arn.clone(),
        access_key: access_key.to_owned(),
    })
}

/// A caller's unique id: the account of a root, a role's with the name of its session.
pub(crate) fn user_id(world: &World, caller: &Caller) -> Option<String> {
    if caller.access_key.parse::<AccountId>().is_ok() {
        return Some(caller.target.account.to_string());
    }
    let session = world.roles.sessions.get(&caller.access_key)?;
    Some(session.user_id())
}

/// GetCallerIdentity. It needs no permission, and even an explicit Deny does not stop it.
pub(super) fn describe(world: &World, caller: &Caller, request_id: &str) -> Result<Bytes, ApiError> {
    let account = caller.target.account;
    let user_id = user_id(world, caller).ok_or_else(|| not_validated(Service::Sts))?;
    Ok(answer("GetCallerIdentity", request_id, |xml| {
        xml.text("Arn", &caller.arn);
        xml.text("UserId", user_id);
        xml.text("Account", account);
    }))
}
