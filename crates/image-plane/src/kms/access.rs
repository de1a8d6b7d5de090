//! Whether somebody may do something with a key: the key's policy first, IAM as far as that lets it count, and grants.

use super::grant::Context;
use super::key::Key;
use crate::sts::{Access, Judgement, KeyUse, Refusal, Resource, Trust, denied_by_policy, denied_key_elsewhere, judge};
use crate::wire::call::Service;
use crate::wire::error::ApiError;
use crate::world::{Caller, World};

/// What other accounts can do with a key at all, whatever its policy says.
const ACROSS_ACCOUNTS: [&str; 12] = [
    "kms:CreateGrant",
    "kms:Decrypt",
    "kms:DescribeKey",
    "kms:Encrypt",
    "kms:GenerateDataKey",
    "kms:GenerateDataKeyWithoutPlaintext",
    "kms:GetKeyRotationStatus",
    "kms:ListGrants",
    "kms:ReEncryptFrom",
    "kms:ReEncryptTo",
    "kms:RetireGrant",
    "kms:RevokeGrant",
];

/// Something to be done with a key.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Ask {
    /// `kms:Decrypt`.
    action: &'static str,
    tokens: Vec<String>,
    /// `None` where the operation has no encryption context, and no constraint of a grant limits it.
    context: Option<Context>,
    key_use: KeyUse,
}

impl Ask {
    /// An operation that a caller calls itself.
    pub(super) fn directly(action: &'static str) -> Self {
        let of_grants = matches!(action, "kms:CreateGrant" | "kms:ListGrants" | "kms:RevokeGrant");
        Self {
            action,
            tokens: Vec::new(),
            context: None,
            key_use: KeyUse {
                for_aws_resource: of_grants.then_some(false),
                ..KeyUse::default()
            },
        }
    }

    /// An operation that a service (`ec2`) calls in somebody's name, to work on what the key encrypts.
    pub(crate) fn through(service: &str, key: &Key, action: &'static str) -> Self {
        let grants = action == "kms:CreateGrant";
        Self {
            action,
            tokens: Vec::new(),
            context: (!matches!(action, "kms:DescribeKey" | "kms:CreateGrant")).then(Context::new),
            key_use: KeyUse {
                via: Some(format!("{service}.{}.amazonaws.com", key.home.region)),
                for_aws_resource: grants.then_some(true),
                grant_operations: grants.then(|| String::from("Decrypt")).into_iter().collect(),
                ..KeyUse::default()
            },
        }
    }

    pub(super) fn with_tokens(mut self, tokens: Vec<String>) -> Self {
        self.tokens = tokens;
        self
    }

    pub(super) fn with_context(mut self, context: Context) -> Self {
        self.context = Some(context);
        self
    }

    pub(super) fn by_alias(mut self, alias: Option<String>) -> Self {
        self.key_use.request_alias = alias;
        self
    }

    pub(super) fn granting(mut self, operations: &[String], grantee: &str) -> Self {
        self.key_use.grant_operations = operations.to_vec();
        self.key_use.grantee = Some(grantee.to_owned());
        self
    }
}

/// Why somebody may do it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Leave {
    Policies,
    /// Only these grants let it, by their ids.
    Grants(Vec<String>),
}

/// Refuses what the caller may not do with a key, in KMS's words.
pub(super) fn authorize(world: &World, caller: &Caller, arn: &str, key: &Key, ask: &Ask) -> Result<Leave, ApiError> {
    leave(world, caller, arn, key, ask).map_err(|refusal| {
        let by_the_key = matches!(refusal, Refusal::DeniedByResource | Refusal::NotAllowedByResource);
        if by_the_key && key.home.account != caller.target.account {
            denied_key_elsewhere(caller, ask.action, arn)
        } else {
            denied_by_policy(Service::Kms, caller, ask.action, Some(arn), refusal)
        }
    })
}

/// Whether the caller may do it; nothing is said of whether the key works.
pub(super) fn leave(world: &World, caller: &Caller, arn: &str, key: &Key, ask: &Ask) -> Result<Leave, Refusal> {
    let at_home = key.home.account == caller.target.account;
    if !at_home && !ACROSS_ACCOUNTS.contains(&ask.action) {
        return Err(Refusal::NotAllowedByResource);
    }
    let judgement = judge(
        world,
        caller,
        key.home.region,
        &key.policy.meaning,
        ask.action,
        &access(arn, key, ask),
    );
    if judgement.resource == Trust::Denied {
        return Err(Refusal::DeniedByResource);
    }
    if judgement.allows(at_home) {
        return Ok(Leave::Policies);
    }
    let grants = granted(world, caller, key, ask, judgement);
    if grants.is_empty() {
        // What the key's policy does not let count is not the reason, unless it denies.
        let denied = |refusal| {
            matches!(
                refusal,
                Refusal::DeniedByRole | Refusal::DeniedBySession | Refusal::NoRole
            )
        };
        return Err(match judgement.own {
            Err(refusal) if judgement.resource > Trust::No || denied(refusal) => refusal,
            Err(_) | Ok(()) => Refusal::NotAllowedByResource,
        });
    }
    Ok(Leave::Grants(grants))
}

/// The grants that let the caller do it. No grant helps against a Deny, nor a session beyond its own policy.
fn granted(world: &World, caller: &Caller, key: &Key, ask: &Ask, judgement: Judgement) -> Vec<String> {
    let own = match judgement.own {
        Ok(()) => true,
        Err(Refusal::NotAllowedByRole) => false,
        Err(
            Refusal::DeniedByRole
            | Refusal::DeniedBySession
            | Refusal::DeniedByResource
            | Refusal::NotAllowedBySession
            | Refusal::NotAllowedByResource
            | Refusal::NoRole,
        ) => return Vec::new(),
    };
    let at_home = key.home.account == caller.target.account;
    let operation = ask.action.trim_start_matches("kms:");
    let helps = |grant: &super::grant::Grant| {
        let context = ask.context.as_ref();
        let trusted = if grant.grantee.who.is_account_of(caller) {
            own
        } else {
            // Of a key elsewhere, either IAM or a grant must come from the caller's own account.
            grant.grantee.who.is(world, caller) && (at_home || own || grant.issuer == caller.target.account)
        };
        trusted
            && grant.counts(world.now, &ask.tokens)
            && grant.allows(operation)
            && context.is_none_or(|context| grant.constraints.hold_for(context))
    };
    let helping = key.grants.iter().filter(|(_, grant)| helps(grant));
    helping.map(|(id, _)| id.clone()).collect()
}

fn access(arn: &str, key: &Key, ask: &Ask) -> Access {
    let resource = Resource {
        arn: arn.to_owned(),
        tags: key.tags.clone(),
        owner: None,
    };
    let mut key_use = ask.key_use.clone();
    key_use.aliases = key.aliases.iter().cloned().collect();
    Access {
        resources: vec![resource],
        key_use,
        ..Access::default()
    }
}
