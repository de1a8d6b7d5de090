//! Reading what every operation's request has: a JSON object with known members, grant tokens, pages.

use serde::de::DeserializeOwned;

use super::errors::{bad_token, invalid, validation};
use super::grant::Context;
use crate::ec2::page::Page;
use crate::wire::error::ApiError;
use crate::wire::json;
use crate::world::{Target, World};

/// How many items a page has where nobody says, and at most. AWS's model would take 1,000; its pages say 100.
const USUAL: usize = 50;
const MOST: usize = 100;

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

/// Refuses tokens of no grant.
pub(super) fn tokens(world: &World, given: Option<Vec<String>>) -> Result<Vec<String>, ApiError> {
    let given = given.unwrap_or_default();
    if given.len() > 10 {
        let items = format!("{} items", given.len());
        return Err(invalid(
            "grantTokens",
            &items,
            "Member must have length less than or equal to 10",
        ));
    }
    if given.iter().any(|token| world.keys.grant_of_token(token).is_none()) {
        return Err(bad_token());
    }
    Ok(given)
}

/// The encryption context of a constraint.
pub(super) fn constraint(member: &str, pairs: Option<Context>) -> Result<Option<Context>, ApiError> {
    let Some(pairs) = pairs else { return Ok(None) };
    if pairs.is_empty() || pairs.len() > 8 {
        let items = format!("{} items", pairs.len());
        return Err(invalid(member, &items, "Member must have between 1 and 8 pairs"));
    }
    if let Some(value) = pairs.values().find(|value| value.chars().count() > 384) {
        return Err(invalid(
            member,
            value,
            "Member must have length less than or equal to 384",
        ));
    }
    Ok(Some(pairs))
}

/// The page a request asks for. `scope` is what its marker must have come from.
pub(super) fn page(
    world: &World,
    target: Target,
    (limit, marker): (Option<usize>, Option<&str>),
    scope: &str,
) -> Result<Page, ApiError> {
    let limit = limit.unwrap_or(USUAL);
    if !(1..=MOST).contains(&limit) {
        let rule = format!("Member must have value between 1 and {MOST}");
        return Err(invalid("limit", &limit.to_string(), &rule));
    }
    Page::at(world, target, Some(limit), marker, scope)
        .ok_or_else(|| ApiError::client("InvalidMarkerException", "The marker is not valid"))
}

/// Refuses text that has other characters than these, or too many.
pub(super) fn name(member: &str, text: &str, allowed: &str) -> Result<(), ApiError> {
    let fits = |c: char| c.is_ascii_alphanumeric() || allowed.contains(c);
    if !(1..=256).contains(&text.chars().count()) {
        return Err(invalid(member, text, "Member must have length between 1 and 256"));
    }
    if !text.chars().all(fits) {
        let rule = format!("Member must satisfy regular expression pattern: ^[a-zA-Z0-9{allowed}]+$");
        return Err(invalid(member, text, &rule));
    }
    Ok(())
}
