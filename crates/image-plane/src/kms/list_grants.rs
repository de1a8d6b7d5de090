//! ListGrants.

use std::ops::Bound;

use serde::Deserialize;
use serde_json::{Value, json};

use super::access::{Ask, authorize};
use super::errors::no_key;
use super::name::{Takes, find};
use super::request;
use crate::ec2::page::collect;
use crate::wire::error::ApiError;
use crate::world::{Caller, World};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct ListGrants {
    key_id: String,
    grant_id: Option<String>,
    grantee_principal: Option<String>,
    limit: Option<usize>,
    marker: Option<String>,
}

/// Lists what is known everywhere: a grant that was just made is not among them yet, one that was revoked may still be.
pub(super) fn run(world: &mut World, caller: &Caller, body: &[u8]) -> Result<Value, ApiError> {
    const ACTION: &str = "kms:ListGrants";
    let ListGrants {
        key_id,
        grant_id,
        grantee_principal,
        limit,
        marker,
    } = request::read(body)?;
    let arn = find(world, caller, ACTION, &key_id, Takes::Keys)?.arn;
    let key = world.keys.get(&arn).ok_or_else(|| no_key(&arn))?;
    authorize(world, caller, &arn, key, &Ask::directly(ACTION))?;
    let scope = format!("ListGrants {arn} {grant_id:?} {grantee_principal:?}");
    let page = request::page(world, caller.target, (limit, marker.as_deref()), &scope)?;
    let (found, last) = collect(
        &page,
        world.settings.sparse_pages,
        page.after.as_deref(),
        |after, most| {
            let from = after.map_or(Bound::Unbounded, Bound::Excluded);
            let ids = key.grants.range::<str, _>((from, Bound::Unbounded));
            ids.map(|(id, _)| id.as_str()).take(most).collect()
        },
        |id| {
            let grant = key.grants.get(id).filter(|grant| grant.known(world.now))?;
            let wanted = grant_id.as_ref().is_none_or(|wanted| wanted == id)
                && grantee_principal
                    .as_ref()
                    .is_none_or(|wanted| *wanted == grant.grantee.arn);
            wanted.then(|| grant.shown(id, &arn, key.home.region.partition()))
        },
    );
    Ok(json!({ "Grants": found, "Truncated": last.is_some(), "NextMarker": last.map(|last| page.next(last)) }))
}
