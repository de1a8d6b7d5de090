//! Reading Auto Scaling's parameters, with its own words for what is wrong with them.

use std::ops::RangeInclusive;

use super::errors::{bad_token, validation};
use crate::ec2::page::Page;
use crate::wire::error::ApiError;
use crate::wire::query::Params;
use crate::world::{Target, World};

/// A value that must be there.
pub(super) fn required(params: &mut Params, name: &str) -> Result<String, ApiError> {
    params
        .text(name)?
        .filter(|text| !text.is_empty())
        .ok_or_else(|| constraint("null", name, "Member must not be null"))
}

/// A number within its bounds; missing is `None`.
pub(super) fn number(params: &mut Params, name: &str, bounds: RangeInclusive<i64>) -> Result<Option<i64>, ApiError> {
    let Some(text) = params.text(name)? else {
        return Ok(None);
    };
    let value: i64 = text
        .parse()
        .map_err(|_| validation(format!("The value {text} of {name} is not a number")))?;
    let (least, most) = (bounds.start(), bounds.end());
    let quoted = format!("'{value}'");
    if value < *least {
        let bound = format!("Member must have value greater than or equal to {least}");
        return Err(constraint(&quoted, name, &bound));
    }
    if value > *most {
        let bound = format!("Member must have value less than or equal to {most}");
        return Err(constraint(&quoted, name, &bound));
    }
    Ok(Some(value))
}

/// A count of instances or seconds; missing is `None`.
pub(super) fn count(params: &mut Params, name: &str) -> Result<Option<u32>, ApiError> {
    let value = number(params, name, 0..=i64::from(i32::MAX))?;
    Ok(value.and_then(|value| u32::try_from(value).ok()))
}

/// `true` or `false`; missing is `None`.
pub(super) fn flag(params: &mut Params, name: &str) -> Result<Option<bool>, ApiError> {
    let text = params.text(name)?;
    text.map(|text| {
        text.parse()
            .map_err(|_| validation(format!("The value {text} of {name} is not true or false")))
    })
    .transpose()
}

/// The members `Name.member.1`, `Name.member.2`, … in their order.
pub(super) fn members(params: &mut Params, name: &str) -> Result<Vec<Params>, ApiError> {
    // An empty list is sent as the bare name.
    if params.peek(name).is_some_and(|value| !value.is_empty()) {
        return Err(validation(format!("{name} is a list")));
    }
    let Some(mut list) = params.structure(name) else {
        return Ok(Vec::new());
    };
    let members = list.list("member")?;
    list.finish()?;
    Ok(members)
}

/// The values `Name.member.1`, `Name.member.2`, … in their order.
pub(super) fn texts(params: &mut Params, name: &str) -> Result<Vec<String>, ApiError> {
    members(params, name)?.into_iter().map(Params::leaf).collect()
}

/// A value out of a fixed set; missing is `None`.
pub(super) fn one_of(params: &mut Params, name: &str, known: &[&str]) -> Result<Option<String>, ApiError> {
    let Some(text) = params.text(name)? else {
        return Ok(None);
    };
    if !known.contains(&text.as_str()) {
        return Err(validation(format!(
            "The value {text} of {name} is not one of {}, or image-plane does not model it",
            known.join(", ")
        )));
    }
    Ok(Some(text))
}

/// Reads `MaxRecords` and `NextToken`. `scope` is what the token must have been issued for.
pub(super) fn page(
    world: &World,
    target: Target,
    params: &mut Params,
    (usual, most): (usize, i64),
    scope: &str,
) -> Result<Page, ApiError> {
    let asked = number(params, "MaxRecords", 1..=most)?;
    let records = asked.and_then(|asked| usize::try_from(asked).ok()).unwrap_or(usual);
    let token = params.text("NextToken")?;
    Page::at(world, target, Some(records), token.as_deref(), scope).ok_or_else(bad_token)
}

fn constraint(value: &str, name: &str, bound: &str) -> ApiError {
    let mut letters = name.chars();
    let first = letters.next().map(|letter| letter.to_ascii_lowercase());
    let name: String = first.into_iter().chain(letters).collect();
    validation(format!(
        "1 validation error detected: Value {value} at '{name}' failed to satisfy constraint: {bound}"
    ))
}

/// One page of things that come in order, and the token of the next page. `key` is what the next page starts after.
pub(super) fn cut<T>(
    page: &Page,
    things: impl Iterator<Item = T>,
    key: impl Fn(&T) -> String,
) -> (Vec<T>, Option<String>) {
    let most = page.most.unwrap_or(usize::MAX);
    let mut things: Vec<T> = things.take(most.saturating_add(1)).collect();
    if things.len() <= most {
        return (things, None);
    }
    things.truncate(most);
    let token = things.last().map(|last| page.next(&key(last)));
    (things, token)
}
