//! How requests name a key: by its id, its ARN, and where the operation takes them, an alias or an alias's ARN.

use super::errors::{invalid, no_alias, no_aliases_here, no_key, not_found};
use super::key::{KeyArn, arn, key_arn};
use super::store::{DEFAULT_ALIAS, default_key};
use crate::sts::denied_key_elsewhere;
use crate::wire::error::ApiError;
use crate::world::{Caller, World};

/// Whether an operation takes aliases.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Takes {
    Keys,
    KeysAndAliases,
}

/// A key that is there, and the alias it was named by.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Found {
    pub(super) arn: KeyArn,
    pub(super) alias: Option<String>,
}

/// Finds the key a request names. Of other accounts' keys nobody is told whether they are there.
pub(super) fn find(world: &World, caller: &Caller, action: &str, text: &str, takes: Takes) -> Result<Found, ApiError> {
    if !(1..=2048).contains(&text.len()) {
        return Err(invalid("keyId", text, "Member must have length between 1 and 2048"));
    }
    let found = |alias: Option<&str>| {
        let arn = world.keys.resolve(caller.target, text)?;
        let alias = alias.map(str::to_owned);
        Some(Found { arn, alias })
    };
    if text.starts_with("arn:") {
        let (resource, elsewhere) = read_arn(caller, text)?;
        let alias = resource.starts_with("alias/").then_some(resource);
        if alias.is_some() && takes == Takes::Keys {
            return Err(no_aliases_here());
        }
        return found(alias).ok_or_else(|| match alias {
            _ if elsewhere => denied_key_elsewhere(caller, action, text),
            Some(_) => no_alias(text),
            None => no_key(text),
        });
    }
    if text.starts_with("alias/") && takes == Takes::KeysAndAliases {
        return found(Some(text)).ok_or_else(|| no_alias(&arn(caller.target, text)));
    }
    if !is_id(text) {
        return Err(not_found(format!("Invalid keyId {text}")));
    }
    found(None).ok_or_else(|| no_key(&key_arn(caller.target, text)))
}

/// As [`find`], by an operation for which EBS's default key comes into being.
pub(super) fn find_or_make(world: &mut World, caller: &Caller, action: &str, text: &str) -> Result<Found, ApiError> {
    if text == DEFAULT_ALIAS || text == arn(caller.target, DEFAULT_ALIAS) {
        default_key(world, caller.target);
    }
    find(world, caller, action, text, Takes::KeysAndAliases)
}

/// `key/…` or `alias/…` of an ARN of this Region, and whether it is another account's.
fn read_arn<'a>(caller: &Caller, text: &'a str) -> Result<(&'a str, bool), ApiError> {
    let parts: Vec<&str> = text.splitn(6, ':').collect();
    let here = caller.target.region;
    match parts.as_slice() {
        ["arn", partition, "kms", region, account, resource]
            if resource.starts_with("key/") || resource.starts_with("alias/") =>
        {
            // A key is known in its own Region alone.
            if *partition != here.partition() || *region != here.name() {
                return Err(not_found(format!("Invalid arn {region}")));
            }
            Ok((resource, *account != caller.target.account.to_string()))
        }
        _ => Err(not_found(format!("Invalid arn {text}"))),
    }
}

/// A UUID; keys of several Regions are not modelled.
fn is_id(text: &str) -> bool {
    let lengths = text.split('-').map(str::len);
    lengths.eq([8, 4, 4, 4, 12]) && text.chars().all(|c| c.is_ascii_hexdigit() || c == '-')
}
