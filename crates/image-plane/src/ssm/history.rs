//! GetParameterHistory: every version that is kept, the oldest first, with its value and labels.

use serde::Deserialize;
use serde_json::{Value, json};

use super::errors::{elsewhere, not_found};
use super::name::Reference;
use super::{request, shape};
use crate::ec2::page;
use crate::wire::error::ApiError;
use crate::world::{Caller, World};

#[derive(Deserialize, Debug)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct History {
    name: String,
    with_decryption: Option<bool>,
    max_results: Option<usize>,
    next_token: Option<String>,
}

/// AWS does not say how long a page is that nobody asked a length of: here as long as it can be.
pub(super) fn run(world: &mut World, caller: &Caller, body: &[u8]) -> Result<Value, ApiError> {
    let History {
        name,
        with_decryption,
        max_results,
        next_token,
    } = request::read(body)?;
    let target = caller.target;
    let reference = Reference::read(target, &name).map_err(|why| elsewhere(&name, why))?;
    let parameter = world
        .parameters
        .find(&reference)
        .filter(|_| reference.selector.is_none());
    let parameter = parameter.ok_or_else(|| not_found(&name))?;
    let asked = (max_results, next_token.as_deref());
    let page = request::page(world, target, asked, 50, 50, &format!("GetParameterHistory {name}"))?;
    let decrypt = with_decryption.unwrap_or(false);
    let (found, last) = page::collect(
        &page,
        world.settings.sparse_pages,
        page.after::<u64>(),
        |after, most| {
            let later = after.map_or(0, |after| after + 1);
            parameter
                .versions
                .range(later..)
                .map(|(number, _)| *number)
                .take(most)
                .collect()
        },
        |number| {
            let version = (number, parameter.versions.get(&number)?);
            Some(shape::history(world, reference.home, parameter, version, decrypt))
        },
    );
    let found: Vec<Value> = found.into_iter().collect::<Result<_, _>>()?;
    Ok(json!({ "Parameters": found, "NextToken": last.map(|last| page.next(&last.to_string())) }))
}
