//! AWS Key Management Service, as far as copying and sharing encrypted images needs it: symmetric keys of one Region,
//! their policies, aliases and grants, and who may use which.
//!
//! Grants are eventually consistent; everything else is true at once. Not modelled, and refused by name: asymmetric keys,
//! keys of several Regions or of other stores, services as grantees, and all other operations. EC2's own grants for
//! volumes are asked for, and not written down.

mod access;
mod aliases;
mod create_grant;
mod create_key;
mod crypt;
mod end_grant;
mod errors;
mod grant;
mod key;
mod key_policy;
mod list_grants;
mod name;
mod policy;
mod reach;
mod request;
mod states;
mod store;
#[cfg(test)]
mod tests;

use bytes::Bytes;
use http::Request;
use serde_json::Value;

use crate::region::Region;
use crate::sts::{Access, Resource};
use crate::time::Time;
use crate::wire::error::ApiError;
use crate::wire::{json, target};
use crate::world::buckets::Rate;
use crate::world::{Caller, Operation, World};
use access::{Ask, leave};
pub use key::{KeyArn, KeyState};
pub(crate) use store::{DEFAULT_ALIAS, Keys, default_key};

type Handler = fn(&mut World, &Caller, &[u8]) -> Result<Value, ApiError>;

/// So many a second. How many may come at once, AWS does not say; here a second's worth.
const fn a_second(calls: u32) -> Rate {
    Rate::new(calls, calls * 1000)
}

const fn read_only(name: &'static str, rate: Rate, run: Handler) -> (Operation, Handler) {
    let mutates = false;
    (Operation { name, mutates, rate }, run)
}

const fn mutating(name: &'static str, rate: Rate, run: Handler) -> (Operation, Handler) {
    let mutates = true;
    (Operation { name, mutates, rate }, run)
}

const OPERATIONS: [(Operation, Handler); 15] = [
    read_only("DescribeKey", a_second(2000), states::describe),
    read_only("ListAliases", a_second(500), aliases::list),
    mutating("CreateKey", a_second(5), create_key::run),
    mutating("CreateAlias", a_second(5), aliases::create),
    read_only("GetKeyPolicy", a_second(1000), key_policy::get),
    mutating("PutKeyPolicy", a_second(15), key_policy::put),
    mutating("CreateGrant", a_second(50), create_grant::run),
    read_only("ListGrants", a_second(100), list_grants::run),
    mutating("RevokeGrant", a_second(50), end_grant::revoke),
    mutating("RetireGrant", a_second(50), end_grant::retire),
    read_only("GenerateDataKeyWithoutPlaintext", CRYPTOGRAPHIC, crypt::generate),
    read_only("Decrypt", CRYPTOGRAPHIC, crypt::decrypt),
    mutating("DisableKey", a_second(5), states::disable),
    mutating("EnableKey", a_second(5), states::enable),
    mutating("ScheduleKeyDeletion", a_second(15), states::schedule_deletion),
];

/// All cryptographic operations together, in most Regions.
const CRYPTOGRAPHIC: Rate = a_second(10_000).shared("cryptographic operations");

/// More of them where more is done.
fn cryptographic(region: Region) -> Rate {
    let calls = match region.name() {
        "us-east-1" | "us-west-2" | "eu-west-1" => 100_000,
        "us-east-2" | "ap-southeast-1" | "ap-southeast-2" | "ap-northeast-1" | "eu-central-1" | "eu-west-2" => 20_000,
        _ => return CRYPTOGRAPHIC,
    };
    a_second(calls).shared("cryptographic operations")
}

/// A request and the operation that will answer it.
#[derive(Debug)]
pub(crate) struct Call {
    operation: Operation,
    run: Handler,
    body: Bytes,
}

impl Call {
    /// What IAM must allow a caller whom the key's policy does not name itself.
    pub(crate) fn needs(&self, world: &World, caller: &Caller) -> Vec<(String, Access)> {
        let body: Value = serde_json::from_slice(&self.body).unwrap_or(Value::Null);
        let named = body["KeyId"].as_str().or_else(|| body["TargetKeyId"].as_str());
        let key = named.and_then(|named| world.keys.resolve(caller.target, named));
        let resource = key.map(|key| Resource {
            tags: world.keys.get(&key).map(|key| key.tags.clone()).unwrap_or_default(),
            arn: key.to_string(),
            owner: None,
        });
        let access = Access {
            resources: resource.into_iter().collect(),
            ..Access::default()
        };
        vec![(format!("kms:{}", self.operation.name), access)]
    }

    pub(crate) fn run(self, world: &mut World, caller: &Caller) -> Result<Bytes, ApiError> {
        let answer = (self.run)(world, caller, &self.body)?;
        if answer.is_null() {
            return Ok(Bytes::new());
        }
        Ok(Bytes::from(json::without_nulls(answer).to_string()))
    }
}

/// Finds the operation of a request to this Region.
pub(crate) fn read(request: &Request<Bytes>, region: Region) -> Result<(Operation, Call), ApiError> {
    let name = target::operation(request, "TrentService")?;
    let (mut operation, run) = OPERATIONS
        .into_iter()
        .find(|(operation, _)| operation.name == name)
        .ok_or_else(|| ApiError::not_modelled(format_args!("kms:{name}")))?;
    if operation.rate == CRYPTOGRAPHIC {
        operation.rate = cryptographic(region);
    }
    let body = request.body().clone();
    Ok((operation, Call { operation, run, body }))
}

/// Whether a service (`ec2`) may do all of this with a key in the caller's name, and the key works.
pub(crate) fn may_use(world: &World, caller: &Caller, key: &str, service: &str, actions: &[&'static str]) -> bool {
    let Some(known) = world.keys.get(key) else {
        return false;
    };
    let may = |action: &&'static str| leave(world, caller, key, known, &Ask::through(service, known, action)).is_ok();
    known.state == KeyState::Enabled && actions.iter().all(may)
}

/// The moment a key is deleted, unless it was kept since.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Due {
    key: KeyArn,
    at: Time,
}

pub(crate) fn fall_due(world: &mut World, Due { key, at }: &Due) {
    if world.keys.get(key).is_some_and(|key| key.deleted_at == Some(*at)) {
        world.keys.remove(key);
    }
}
