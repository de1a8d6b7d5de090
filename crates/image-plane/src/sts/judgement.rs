//! What a resource's own policy and its user's policies say together: a role's trust, a key's policy.

use super::Roles;
use super::access::{Access, Holder, Refusal, Resource};
use super::policy::document::Document;
use super::policy::error::PolicyError;
use super::policy::evaluate::{Request, Trust};
use super::policy::principal::Trusting;
use crate::region::Region;
use crate::world::{Caller, World};

/// A policy that is attached to a key.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct ResourcePolicy(Document);

impl ResourcePolicy {
    /// Reads a policy. The roles it names are looked up now, and never again.
    pub(crate) fn read(roles: &Roles, partition: &str, text: &str) -> Result<Self, PolicyError> {
        let role_id = |arn: &str| roles.id(arn);
        let trusting = Trusting {
            partition,
            role_id: &role_id,
        };
        Document::of_key(text, trusting).map(Self)
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
    };
    Judgement {
        resource: policy.0.trusts(&request),
        own: holder.permits(&request),
    }
}
