//! Reading what every operation's request has: a JSON object with known members, a registry, a repository, pages.

use std::ops::RangeInclusive;

use serde::de::DeserializeOwned;

use super::errors::{invalid, parameter};
use super::name;
use crate::ec2::page::Page;
use crate::ids::AccountId;
use crate::sts::{Refusal, denied_by_policy};
use crate::wire::call::Service;
use crate::wire::error::ApiError;
use crate::wire::json;
use crate::world::{Caller, Target, World};

const LARGEST_PAGE: usize = 1000;
const USUAL_PAGE: usize = 100;

/// The members of a request. What lacks one is an invalid parameter, as in ECR's list of errors no other fits.
pub(super) fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, ApiError> {
    json::read(body).map_err(|error| {
        if error.code == "InvalidRequestException" {
            parameter(error.message)
        } else {
            error
        }
    })
}

/// Refuses a list that is too short or too long.
pub(super) fn count(member: &str, length: usize, allowed: RangeInclusive<usize>) -> Result<(), ApiError> {
    let (least, most) = allowed.into_inner();
    if length < least {
        let rule = format!("Member must have length greater than or equal to {least}");
        Err(invalid(member, rule))
    } else if length > most {
        Err(invalid(
            member,
            format!("Member must have length less than or equal to {most}"),
        ))
    } else {
        Ok(())
    }
}

/// Refuses what cannot be a repository's name.
pub(super) fn check_name(member: &str, text: &str) -> Result<(), ApiError> {
    let rule = match text.len() {
        0 | 1 => String::from("must have length greater than or equal to 2"),
        2..=256 if name::is_repository(text) => return Ok(()),
        2..=256 => format!("must satisfy regular expression '{}'", name::REPOSITORY),
        _ => String::from("must have length less than or equal to 256"),
    };
    Err(invalid(member, rule))
}

/// The registry a request names, its caller's own where it names none.
///
/// Another account's opens to whom its repository's policy names. No repository has one here, so it opens to those who
/// have assumed a role there, whose own it is.
pub(super) fn registry(
    caller: &Caller,
    registry: Option<&str>,
    action: &str,
    repository: &str,
) -> Result<Target, ApiError> {
    let Some(text) = registry else {
        return Ok(caller.target);
    };
    let account: AccountId = text
        .parse()
        .map_err(|_| invalid("registryId", "must satisfy regular expression '[0-9]{12}'"))?;
    let target = Target {
        account,
        ..caller.target
    };
    own(caller, target, action, repository)
}

/// The target, where it is the caller's own.
pub(super) fn own(caller: &Caller, target: Target, action: &str, repository: &str) -> Result<Target, ApiError> {
    if target.account == caller.target.account {
        return Ok(target);
    }
    Err(denied_by_policy(
        Service::Ecr,
        caller,
        &format!("ecr:{action}"),
        Some(&name::arn(target, repository)),
        Refusal::NotAllowedByResource,
    ))
}

/// The page a request asks for. `scope` is what its token must have come from; `named` the member that names things one
/// by one, where the request does so, which come without pages.
pub(super) fn page(
    world: &World,
    target: Target,
    asked: (Option<usize>, Option<&str>),
    named: Option<&str>,
    scope: &str,
) -> Result<Page, ApiError> {
    let (size, token) = asked;
    if let Some(named) = named {
        let given = [("maxResults", size.is_some()), ("nextToken", token.is_some())];
        if let Some((member, _)) = given.into_iter().find(|(_, given)| *given) {
            return Err(invalid(member, format!("It cannot be used together with {named}")));
        }
    }
    let size = size.unwrap_or(USUAL_PAGE);
    if size < 1 {
        return Err(invalid(
            "maxResults",
            "Member must have value greater than or equal to 1",
        ));
    }
    if size > LARGEST_PAGE {
        let rule = format!("Member must have value less than or equal to {LARGEST_PAGE}");
        return Err(invalid("maxResults", rule));
    }
    Page::at(world, target, Some(size), token, scope).ok_or_else(|| invalid("nextToken", "The token is not valid"))
}
