//! RevokeGrant, by who manages the key, and RetireGrant, by whom the grant itself names.

use serde::Deserialize;
use serde_json::Value;

use super::access::{Ask, authorize};
use super::errors::{bad_token, dry_run, no_grant, no_key, validation};
use super::grant::Grant;
use super::key::{Key, KeyArn};
use super::name::{Takes, find};
use super::request;
use crate::sts::{Refusal, denied_by_policy, judge_alone};
use crate::wire::call::Service;
use crate::wire::error::ApiError;
use crate::world::{Caller, World};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Revoke {
    key_id: String,
    grant_id: String,
    dry_run: Option<bool>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Retire {
    grant_token: Option<String>,
    key_id: Option<String>,
    grant_id: Option<String>,
    dry_run: Option<bool>,
}

pub(super) fn revoke(world: &mut World, caller: &Caller, body: &[u8]) -> Result<Value, ApiError> {
    const ACTION: &str = "kms:RevokeGrant";
    let Revoke {
        key_id,
        grant_id,
        dry_run: dry,
    } = request::read(body)?;
    let arn = find(world, caller, ACTION, &key_id, Takes::Keys)?.arn;
    let key = world.keys.get(&arn).ok_or_else(|| no_key(&arn))?;
    authorize(world, caller, &arn, key, &Ask::directly(ACTION))?;
    // One that is not known yet cannot be revoked, and there is no token for it here.
    known(world, key, &grant_id)?;
    end(world, &arn, &grant_id, dry)
}

pub(super) fn retire(world: &mut World, caller: &Caller, body: &[u8]) -> Result<Value, ApiError> {
    let Retire {
        grant_token,
        key_id,
        grant_id,
        dry_run: dry,
    } = request::read(body)?;
    let (arn, id, by_token) = match (grant_token, key_id, grant_id) {
        (Some(token), None, None) => {
            let (arn, id) = world.keys.grant_of_token(&token).ok_or_else(bad_token)?;
            (arn, id, true)
        }
        (None, Some(key_id), Some(id)) => {
            let arn = find(world, caller, "kms:RetireGrant", &key_id, Takes::Keys)?.arn;
            (arn, id, false)
        }
        _ => return Err(validation("Specify either a grant token, or a key and a grant ID")),
    };
    let key = world.keys.get(&arn).ok_or_else(|| no_key(&arn))?;
    let grant = if by_token {
        let grant = key.grants.get(&id).filter(|grant| grant.ends.is_none());
        grant.ok_or_else(bad_token)?
    } else {
        known(world, key, &id)?
    };
    may_retire(world, caller, &arn, key, grant)?;
    end(world, &arn, &id, dry)
}

fn known<'k>(world: &World, key: &'k Key, id: &str) -> Result<&'k Grant, ApiError> {
    let grant = key
        .grants
        .get(id)
        .filter(|grant| grant.known(world.now) && grant.ends.is_none());
    grant.ok_or_else(|| no_grant(id))
}

/// The retiring principal may, and a grantee whom the grant lets; an account that retires, that made the grant or that
/// owns the key may, and whomever of it IAM lets. A Deny of IAM stops all of them.
fn may_retire(world: &World, caller: &Caller, arn: &str, key: &Key, grant: &Grant) -> Result<(), ApiError> {
    const ACTION: &str = "kms:RetireGrant";
    let account = caller.target.account;
    let own = judge_alone(world, caller, key.home.region, ACTION, arn);
    let by_name = grant.retiring.as_ref().is_some_and(|party| party.who.is(world, caller))
        || (grant.allows("RetireGrant") && grant.grantee.who.is(world, caller));
    let by_account = grant.issuer == account
        || key.home.account == account
        || grant
            .retiring
            .as_ref()
            .is_some_and(|party| party.who.is_account_of(caller))
        || (grant.allows("RetireGrant") && grant.grantee.who.is_account_of(caller));
    let refusal = match own {
        Ok(()) if by_name || by_account => return Ok(()),
        Ok(()) => Refusal::NotAllowedByResource,
        Err(Refusal::NotAllowedByRole) if by_name => return Ok(()),
        Err(refusal) => refusal,
    };
    Err(denied_by_policy(Service::Kms, caller, ACTION, Some(arn), refusal))
}

fn end(world: &mut World, arn: &KeyArn, id: &str, dry: Option<bool>) -> Result<Value, ApiError> {
    if dry == Some(true) {
        return Err(dry_run());
    }
    let lag = world.settings.grant_lag;
    let ends = world.now + world.draw_up_to(lag);
    if let Some(grant) = world.keys.get_mut(arn).and_then(|key| key.grants.get_mut(id)) {
        grant.ends = Some(ends);
    }
    Ok(Value::Null)
}
