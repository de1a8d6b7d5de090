//! GetParametersByPath and DescribeParameters. Pages are cut before they are filtered: AWS may stop anywhere and give a
//! token, after no parameter at all.

use serde::Deserialize;
use serde_json::{Value, json};

use super::errors::validation;
use super::filter::{self, Filter, StringFilter, lies_under};
use super::name::is_public;
use super::store::Home;
use super::{request, shape};
use crate::ec2::page;
use crate::wire::error::ApiError;
use crate::world::{Caller, World};

#[derive(Deserialize, Debug)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct ByPath {
    path: String,
    recursive: Option<bool>,
    parameter_filters: Option<Vec<StringFilter>>,
    with_decryption: Option<bool>,
    max_results: Option<usize>,
    next_token: Option<String>,
}

#[derive(Deserialize, Debug)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Describe {
    parameter_filters: Option<Vec<StringFilter>>,
    max_results: Option<usize>,
    next_token: Option<String>,
}

pub(super) fn by_path(world: &mut World, caller: &Caller, body: &[u8]) -> Result<Value, ApiError> {
    let ByPath {
        path,
        recursive,
        parameter_filters,
        with_decryption,
        max_results,
        next_token,
    } = request::read(body)?;
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'.' | b'-' | b'_');
    if !path.starts_with('/') || !path.bytes().all(allowed) {
        return Err(validation(
            "The parameter doesn't meet the parameter name requirements. The parameter name must begin with a forward slash \
             \"/\". It can't be prefixed with \"aws\" or \"ssm\" (case-insensitive). It must use only letters, numbers, or the \
             following symbols: . (period), - (hyphen), _ (underscore). Special characters are not allowed. All sub-paths, if \
             specified, must use the forward slash symbol \"/\". Valid example: /get/parameters2-/by1./path0_.",
        ));
    }
    let filters = filter::of_path(parameter_filters)?;
    let target = caller.target;
    let recursive = recursive.unwrap_or(false);
    let scope = format!("GetParametersByPath {path} {recursive} {filters:?}");
    let page = request::page(world, target, (max_results, next_token.as_deref()), 10, 10, &scope)?;
    let home = if is_public(path.trim_end_matches('/')) {
        Home::public(target.region)
    } else {
        Home::of(target)
    };
    let prefix = filter::prefix(&path);
    let labels = filters.iter().find_map(Filter::labels).unwrap_or_default();
    let (found, last) = page::collect(
        &page,
        world.settings.sparse_pages,
        page.after.as_deref(),
        |after, most| world.parameters.tails(home, &prefix, after, most),
        |tail| {
            let parameter = world.parameters.at(home, tail)?;
            if !lies_under(&parameter.name, &path, recursive) {
                return None;
            }
            let labelled = labels
                .iter()
                .find_map(|label| parameter.select(Some(super::name::Selector::Label(label))));
            let version = labelled.or_else(|| parameter.current())?;
            let fits = filters.iter().all(|filter| filter.holds(parameter, version.1));
            let decrypt = with_decryption.unwrap_or(false);
            fits.then(|| shape::with_value(world, home, parameter, version, decrypt))
        },
    );
    let next = last.map(|last| page.next(last));
    let found: Vec<Value> = found.into_iter().collect::<Result<_, _>>()?;
    Ok(json!({ "Parameters": found, "NextToken": next }))
}

/// Shows an account's own parameters; the public ones where a filter by name or path asks for those.
pub(super) fn describe(world: &mut World, caller: &Caller, body: &[u8]) -> Result<Value, ApiError> {
    let Describe {
        parameter_filters,
        max_results,
        next_token,
    } = request::read(body)?;
    let filters = filter::of_description(parameter_filters)?;
    let target = caller.target;
    let scope = format!("DescribeParameters {filters:?}");
    let page = request::page(world, target, (max_results, next_token.as_deref()), 50, 10, &scope)?;
    let public = filters.iter().flat_map(Filter::places).any(|place| is_public(place));
    let home = if public {
        Home::public(target.region)
    } else {
        Home::of(target)
    };
    let (found, last) = page::collect(
        &page,
        world.settings.sparse_pages,
        page.after.as_deref(),
        |after, most| world.parameters.tails(home, "", after, most),
        |tail| {
            let parameter = world.parameters.at(home, tail)?;
            let version = parameter.current()?;
            let fits = filters.iter().all(|filter| filter.holds(parameter, version.1));
            fits.then(|| shape::metadata(home, parameter, version))
        },
    );
    Ok(json!({ "Parameters": found, "NextToken": last.map(|last| page.next(last)) }))
}
