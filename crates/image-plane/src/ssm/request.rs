//! Reading what every operation's request has: a JSON object with known members, lists of a certain length, pages.

use std::ops::RangeInclusive;

use serde::de::DeserializeOwned;

use super::errors::{invalid, validation};
use crate::ec2::page::Page;
use crate::wire::error::ApiError;
use crate::wire::json;
use crate::world::{Target, World};

/// The members of a request. What lacks one fails validation, in this service's words.
pub(super) fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, ApiError> {
    json::read(body).map_err(|error| {
        if error.code == "InvalidRequestException" {
            validation(error.message)
        } else {
            error
        }
    })
}

/// Refuses a list that is too short or too long.
pub(super) fn count(member: &str, length: usize, allowed: RangeInclusive<usize>) -> Result<(), ApiError> {
    if allowed.contains(&length) {
        return Ok(());
    }
    let (least, most) = allowed.into_inner();
    let rule = if length < least {
        format!("Member must have length greater than or equal to {least}")
    } else {
        format!("Member must have length less than or equal to {most}")
    };
    Err(invalid(member, &format!("{length} items"), &rule))
}

/// The page a request asks for. `scope` is what its token must have come from.
pub(super) fn page(
    world: &World,
    target: Target,
    asked: (Option<usize>, Option<&str>),
    most: usize,
    usual: usize,
    scope: &str,
) -> Result<Page, ApiError> {
    let (size, token) = asked;
    let size = size.unwrap_or(usual);
    if !(1..=most).contains(&size) {
        let rule = format!("Member must have value between 1 and {most}");
        return Err(invalid("maxResults", &size.to_string(), &rule));
    }
    Page::at(world, target, Some(size), token, scope)
        .ok_or_else(|| ApiError::client("InvalidNextToken", "The specified token isn't valid."))
}
