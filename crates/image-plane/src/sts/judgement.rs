//! What a resource's own policy and its user's policies say together: a role's trust, a key's policy, an organization's.

use super::Roles;
use super::access::{Access, Holder, Refusal, Resource};
use super::policy::document::Document;
use super::policy::error::PolicyError;
use super::policy::evaluate::{Request, Trust};
use crate::region::Region;
use crate::world::{Caller, World};

/// The policy of a key, or the one by which an organization delegates.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct ResourcePolicy(Document);

impl ResourcePolicy {
    /// Reads a key's policy.
    pub(crate) fn of_key(roles: &Roles, partition: &str, text: &str) -> Result<Self, PolicyError> {
        roles.read_policy(partition, text, Document::of_key).map(Self)
    }

    /// Reads an organization's policy.
    pub(crate) fn of_organization(roles: &Roles, partition: &str, text: &str) -> Result<Self, PolicyError> {
        roles.read_policy(partition, text, Document::of_organization).map(Self)
    }

    /// A policy that speaks of nobody.
    pub(crate) const fn silent() -> Self {
        Self(Document::silent())
    }
}

/// What both sides say to an action on a resource.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Judgement {
    /// The resource's policy.
    pub(crate) resource: Trust,
    /// The policies of who asks.
    pub(crate) own: Result<(), Refusal>,
}

impl Judgement {
    /// Whether they allow it. Beyond the resource's account both sides must; within it, naming a role is permission
    /// enough unless its session is limited, and naming everyone is so even then.
    pub(crate) fn allows(self, within_account: bool) -> bool {
        self.resource > Trust::No
            && match self.own {
                Ok(()) => true,
                Err(Refusal::NotAllowedByRole) => within_account && self.resource >= Trust::Role,
                Err(Refusal::NotAllowedBySession) => within_account && self.resource >= Trust::Everyone,
                Err(
                    Refusal::DeniedByRole
                    | Refusal::DeniedBySession
                    | Refusal::DeniedByResource
                    | Refusal::NotAllowedByResource
                    | Refusal::NoRole,
                ) => false,
            }
    }
}

/// What the caller's own policies say to an action on a resource whose policy has no say in it.
pub(crate) fn judge_alone(
    world: &World,
    caller: &Caller,
    region: Region,
    action: &str,
    arn: &str,
) -> Result<(), Refusal> {
    let resource = Resource {
        arn: arn.to_owned(),
        ..Resource::default()
    };
    let access = Access {
        resources: vec![resource],
        ..Access::default()
    };
    judge(world, caller, region, &ResourcePolicy::silent(), action, &access).own
}

/// What a resource's policy and the caller's own say to an action (`kms:Decrypt`) on it, in this Region.
pub(crate) fn judge(
    world: &World,
    caller: &Caller,
    region: Region,
    policy: &ResourcePolicy,
    action: &str,
    access: &Access,
) -> Judgement {
    let holder = Holder::of(world, caller);
    let compared = action.to_ascii_lowercase();
    let request = Request {
        action: &compared,
        region,
        principal: &holder.subject,
        resource: access.resources.first(),
        tags: &access.request_tags,
        external_id: None,
        passed_to: access.passed_to,
        key_use: &access.key_use,
        called_via: access.called_via,
        create_action: access.create_action.as_deref(),
    };
    Judgement {
        resource: policy.0.trusts(&request),
        own: holder.permits(&request),
    }
}
