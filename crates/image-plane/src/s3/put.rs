//! PutObject: one object, whole.

use bytes::Bytes;
use http::Request;

use super::errors::{access_denied, key_too_long, no_bucket, wrong_region};
use super::store::StoredObject;
use crate::wire::error::ApiError;
use crate::wire::query::decode_component;
use crate::world::{Caller, World};

/// Bytes of UTF-8.
const LONGEST_KEY: usize = 1024;

/// What is put where.
#[derive(Debug)]
pub(super) struct Put {
    pub(super) bucket: String,
    pub(super) key: String,
    content_type: Option<String>,
    expected_owner: Option<String>,
    body: Bytes,
}

/// Reads the bucket from the host's name and the key from the path.
pub(super) fn read(request: &Request<Bytes>) -> Result<Put, ApiError> {
    let header = |name: &str| {
        let value = request.headers().get(name)?;
        value.to_str().ok().map(str::to_owned)
    };
    let host = request.uri().host().map(str::to_owned).or_else(|| header("host"));
    let host = host.unwrap_or_default();
    let Some((bucket, _)) = host.split_once(".s3.").filter(|(bucket, _)| !bucket.is_empty()) else {
        return Err(ApiError::not_modelled(format_args!("the address {host} of s3")));
    };
    for refused in [
        "x-amz-acl",
        "if-match",
        "if-none-match",
        "x-amz-copy-source",
        "x-amz-tagging",
    ] {
        if request.headers().contains_key(refused) {
            return Err(ApiError::not_modelled(format_args!("{refused} of s3:PutObject")));
        }
    }
    if header("content-encoding").is_some_and(|encoding| encoding.contains("aws-chunked")) {
        return Err(ApiError::not_modelled("streamed bodies of s3:PutObject"));
    }
    let path = request.uri().path();
    let key = decode_component(path.strip_prefix('/').unwrap_or(path))?;
    if key.len() > LONGEST_KEY {
        return Err(key_too_long());
    }
    Ok(Put {
        bucket: bucket.to_owned(),
        key,
        content_type: header("content-type"),
        expected_owner: header("x-amz-expected-bucket-owner"),
        body: request.body().clone(),
    })
}

/// Puts it.
pub(super) fn run(world: &mut World, caller: &Caller, put: Put) -> Result<(), ApiError> {
    let Put {
        bucket,
        key,
        content_type,
        expected_owner,
        body,
    } = put;
    let now = world.now;
    let Some(found) = world.objects.bucket(&bucket) else {
        return Err(no_bucket());
    };
    let owner = found.target.account;
    if owner != caller.target.account || expected_owner.is_some_and(|expected| expected != owner.to_string()) {
        return Err(access_denied());
    }
    if found.target.region != caller.target.region {
        return Err(wrong_region());
    }
    found.put(
        key,
        StoredObject {
            at: now,
            by: caller.arn.clone(),
            content_type,
            body,
        },
    );
    Ok(())
}
