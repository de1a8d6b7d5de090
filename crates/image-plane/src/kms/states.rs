//! DescribeKey, EnableKey, DisableKey and ScheduleKeyDeletion: what a key is like, and whether it works.

use std::time::Duration;

use serde::Deserialize;
use serde_json::{Value, json};

use super::access::{Ask, authorize};
use super::errors::{check_stays, invalid, no_key};
use super::key::{KeyArn, KeyState};
use super::name::{Takes, find, find_or_make};
use super::{Due, request};
use crate::time::Time;
use crate::wire::error::ApiError;
use crate::world::{self, Caller, World};

const DAY: Duration = Duration::from_hours(24);
/// Days until a key is deleted where nobody says.
pub(super) const USUAL_WINDOW: u32 = 30;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Describe {
    key_id: String,
    grant_tokens: Option<Vec<String>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Switch {
    key_id: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Schedule {
    key_id: String,
    pending_window_in_days: Option<u32>,
}

pub(super) fn describe(world: &mut World, caller: &Caller, body: &[u8]) -> Result<Value, ApiError> {
    let Describe { key_id, grant_tokens } = request::read(body)?;
    let found = find_or_make(world, caller, "kms:DescribeKey", &key_id)?;
    let tokens = request::tokens(world, grant_tokens)?;
    let ask = Ask::directly("kms:DescribeKey")
        .with_tokens(tokens)
        .by_alias(found.alias);
    let key = world.keys.get(&found.arn).ok_or_else(|| no_key(&found.arn))?;
    authorize(world, caller, &found.arn, key, &ask)?;
    Ok(json!({ "KeyMetadata": key.metadata(&found.arn) }))
}

pub(super) fn enable(world: &mut World, caller: &Caller, body: &[u8]) -> Result<Value, ApiError> {
    switch(world, caller, body, "kms:EnableKey", KeyState::Enabled)
}

pub(super) fn disable(world: &mut World, caller: &Caller, body: &[u8]) -> Result<Value, ApiError> {
    switch(world, caller, body, "kms:DisableKey", KeyState::Disabled)
}

fn switch(
    world: &mut World,
    caller: &Caller,
    body: &[u8],
    action: &'static str,
    state: KeyState,
) -> Result<Value, ApiError> {
    let Switch { key_id } = request::read(body)?;
    let arn = changeable(world, caller, &key_id, action)?;
    if let Some(key) = world.keys.get_mut(&arn) {
        key.state = state;
    }
    Ok(Value::Null)
}

pub(super) fn schedule_deletion(world: &mut World, caller: &Caller, body: &[u8]) -> Result<Value, ApiError> {
    let Schedule {
        key_id,
        pending_window_in_days,
    } = request::read(body)?;
    let days = pending_window_in_days.unwrap_or(USUAL_WINDOW);
    if !(7..=30).contains(&days) {
        let rule = "Member must have value between 7 and 30";
        return Err(invalid("pendingWindowInDays", &days.to_string(), rule));
    }
    let arn = changeable(world, caller, &key_id, "kms:ScheduleKeyDeletion")?;
    delete_after(world, &arn, days);
    let at = world.keys.get(&arn).and_then(|key| key.deleted_at);
    Ok(json!({
        "KeyId": &*arn,
        "DeletionDate": at.map(Time::epoch_seconds),
        "KeyState": KeyState::PendingDeletion.as_str(),
        "PendingWindowInDays": days,
    }))
}

/// A key that the caller may change like this, and that is not about to be deleted.
fn changeable(world: &World, caller: &Caller, key_id: &str, action: &'static str) -> Result<KeyArn, ApiError> {
    let arn = find(world, caller, action, key_id, Takes::Keys)?.arn;
    let key = world.keys.get(&arn).ok_or_else(|| no_key(&arn))?;
    authorize(world, caller, &arn, key, &Ask::directly(action))?;
    check_stays(&arn, key)?;
    Ok(arn)
}

/// From now on a key is about to be deleted.
pub(super) fn delete_after(world: &mut World, arn: &KeyArn, days: u32) {
    let after = DAY.saturating_mul(days);
    let at = world.now + after;
    if let Some(key) = world.keys.get_mut(arn) {
        key.state = KeyState::PendingDeletion;
        key.deleted_at = Some(at);
        let key = arn.clone();
        world.plan(after, world::Due::Kms(Due { key, at }));
    }
}
