//! Delegation: what an organization's own policy lets other accounts do. It never is enough: the caller's policies must
//! allow the same.

use super::access::{Access, Holder, Resource};
use super::policy::document::Document;
use super::policy::error::PolicyError;
use super::policy::evaluate::{Request, Trust};
use crate::world::{Caller, World};

/// An organization's policy.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Delegation(Document);

impl Delegation {
    /// Reads it, strictly.
    pub(crate) fn read(world: &World, partition: &str, text: &str) -> Result<Self, PolicyError> {
        world.roles.read_delegation(partition, text).map(Self)
    }

    /// Whether it lets the caller do this (`organizations:ListRoots`) on all of these resources.
    pub(crate) fn lets(&self, world: &World, caller: &Caller, action: &str, access: &Access) -> bool {
        let holder = Holder::of(world, caller);
        let action = action.to_ascii_lowercase();
        let lets = |resource: Option<&Resource>| {
            let request = Request {
                action: &action,
                region: caller.target.region,
                principal: &holder.subject,
                resource,
                tags: &access.request_tags,
                external_id: None,
                passed_to: access.passed_to,
                called_via: access.called_via,
            };
            self.0.trusts(&request) > Trust::No
        };
        if access.resources.is_empty() {
            return lets(None);
        }
        access.resources.iter().map(Some).all(lets)
    }
}
