//! CreateGrant.

use serde::Deserialize;
use serde_json::{Value, json};

use super::access::{Ask, Leave, authorize};
use super::errors::{check_usable, dry_run, invalid, limit, no_key, no_principal, validation};
use super::grant::{Constraints, Context, Grant, OPERATIONS, Party};
use super::key::Key;
use super::name::{Takes, find};
use super::request;
use crate::random::Random;
use crate::sts::Named;
use crate::wire::error::ApiError;
use crate::world::{Caller, World};

/// Grants on one key.
const MOST_OF_A_KEY: usize = 50_000;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct CreateGrant {
    key_id: String,
    grantee_principal: Option<String>,
    retiring_principal: Option<String>,
    operations: Vec<String>,
    constraints: Option<Constrained>,
    grant_tokens: Option<Vec<String>>,
    name: Option<String>,
    dry_run: Option<bool>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Constrained {
    encryption_context_subset: Option<Context>,
    encryption_context_equals: Option<Context>,
}

pub(super) fn run(world: &mut World, caller: &Caller, body: &[u8]) -> Result<Value, ApiError> {
    const ACTION: &str = "kms:CreateGrant";
    let CreateGrant {
        key_id,
        grantee_principal,
        retiring_principal,
        operations,
        constraints,
        grant_tokens,
        name,
        dry_run: dry,
    } = request::read(body)?;
    let grantee = grantee_principal.ok_or_else(|| validation("A grant must name its GranteePrincipal"))?;
    if let Some(name) = &name {
        request::name("name", name, ":/_-")?;
    }
    check_operations(&operations)?;
    let constraints = constraints.unwrap_or_default();
    let constraints = Constraints {
        subset: request::constraint("encryptionContextSubset", constraints.encryption_context_subset)?,
        equals: request::constraint("encryptionContextEquals", constraints.encryption_context_equals)?,
    };
    let arn = find(world, caller, ACTION, &key_id, Takes::Keys)?.arn;
    let tokens = request::tokens(world, grant_tokens)?;
    let grant = Grant {
        name,
        created: world.now,
        issuer: caller.target.account,
        grantee: party(world, caller, grantee)?,
        retiring: retiring_principal.map(|arn| party(world, caller, arn)).transpose()?,
        operations,
        constraints,
        tokens: Vec::new(),
        known_from: world.now,
        ends: None,
    };
    let ask = Ask::directly(ACTION)
        .with_tokens(tokens)
        .granting(&grant.operations, &grant.grantee.arn);
    let key = world.keys.get(&arn).ok_or_else(|| no_key(&arn))?;
    if let Leave::Grants(parents) = authorize(world, caller, &arn, key, &ask)? {
        check_child(key, &parents, &grant)?;
    }
    check_usable(&arn, key)?;
    if dry == Some(true) {
        return Err(dry_run());
    }
    let (id, token) = place(world, &arn, grant)?;
    Ok(json!({ "GrantId": id, "GrantToken": token }))
}

fn check_operations(operations: &[String]) -> Result<(), ApiError> {
    if operations.is_empty() {
        return Err(invalid(
            "operations",
            "[]",
            "Member must have length greater than or equal to 1",
        ));
    }
    match operations
        .iter()
        .find(|operation| !OPERATIONS.contains(&operation.as_str()))
    {
        Some(other) => {
            let rule = format!("Member must satisfy enum value set: [{}]", OPERATIONS.join(", "));
            Err(invalid("operations", other, &rule))
        }
        None => Ok(()),
    }
}

/// A principal by its ARN. A service of AWS is none here.
pub(super) fn party(world: &World, caller: &Caller, arn: String) -> Result<Party, ApiError> {
    let who = Named::read(world, caller.target.region.partition(), &arn).ok_or_else(|| no_principal(&arn))?;
    Ok(Party { arn, who })
}

/// Whoever may only by a grant hands on no more than that grant allows, under no weaker constraints.
fn check_child(key: &Key, parents: &[String], child: &Grant) -> Result<(), ApiError> {
    let covers = |parent: &Grant| {
        let operations = child.operations.iter().all(|operation| parent.allows(operation));
        operations && child.constraints.keep_to(&parent.constraints)
    };
    let mut parents = parents.iter().filter_map(|id| key.grants.get(id));
    if parents.any(covers) {
        return Ok(());
    }
    Err(ApiError::client(
        "AccessDeniedException",
        "A grant that was allowed by a grant can only allow what that one allows, under constraints as strict",
    ))
}

/// Puts a grant on a key, and gives its id and a token of it. The same grant under the same name is only made once.
pub(super) fn place(world: &mut World, arn: &str, mut grant: Grant) -> Result<(String, String), ApiError> {
    let lag = world.settings.grant_lag;
    let known_from = world.now + world.draw_up_to(lag);
    let (id, token) = (hex(&mut world.random, 4), format!("AQpA{}", hex(&mut world.random, 8)));
    let now = world.now;
    let key = world.keys.get_mut(arn).ok_or_else(|| no_key(arn))?;
    key.grants.retain(|_, known| known.ends.is_none_or(|ends| now < ends));
    let mut known = key.grants.iter_mut();
    let same = known.find(|(_, known)| grant.name.is_some() && known.ends.is_none() && known.same(&grant));
    if let Some((id, known)) = same {
        known.tokens.push(token.clone());
        return Ok((id.clone(), token));
    }
    if key.grants.len() >= MOST_OF_A_KEY {
        return Err(limit(format!("A key has at most {MOST_OF_A_KEY} grants")));
    }
    grant.tokens.push(token.clone());
    grant.known_from = known_from;
    key.grants.insert(id.clone(), grant);
    Ok((id, token))
}

/// So many times 16 digits.
pub(super) fn hex(random: &mut Random, times: usize) -> String {
    (0..times).fold(String::new(), |text, _| format!("{text}{:016x}", random.bits()))
}
