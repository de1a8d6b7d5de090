//! Resources of an account that a service of AWS manages, and listings without them.
//!
//! An account may hide them: then no listing has them unless it is asked to. Nothing of the answer tells that there is
//! more.

use std::sync::Arc;

use crate::ids::{InstanceId, LaunchTemplateId};
use crate::wire::error::ApiError;
use crate::wire::query::Params;
use crate::wire::xml::Xml;
use crate::world::{Target, World};

/// Who manages a resource: `eks.amazonaws.com`.
pub(crate) type Operator = Arc<str>;

/// Which managed resources a listing has.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Managed {
    hidden_by_default: bool,
    included: bool,
}

impl Managed {
    /// Reads `IncludeManagedResources`.
    pub(super) fn read(world: &World, target: Target, params: &mut Params) -> Result<Self, ApiError> {
        Ok(Self {
            included: params.flag("IncludeManagedResources")?,
            ..Self::unasked(world, target)
        })
    }

    /// For a listing that cannot be asked for them.
    pub(super) fn unasked(world: &World, target: Target) -> Self {
        let account = world.accounts.get(target.account);
        Self {
            hidden_by_default: account.is_some_and(|account| account.hides_managed_resources),
            included: false,
        }
    }

    /// Whether the listing has what this one manages, or nobody does. One that is asked for by its id or name is left out
    /// like any other, and is no error: AWS says only that answers do not include it.
    pub(super) const fn shows(self, operator: Option<&Operator>) -> bool {
        operator.is_none() || self.included || !self.hidden_by_default
    }

    pub(super) fn write(self, xml: &mut Xml, operator: Option<&Operator>) {
        if let Some(principal) = operator {
            xml.element("operator", |xml| {
                xml.text("managed", true);
                xml.text("principal", principal);
                xml.text("hiddenByDefault", self.hidden_by_default);
            });
        }
    }
}

impl World {
    /// Has a service of AWS manage an instance or a launch template from now on, as if it had made it; false where there
    /// is none of this id.
    pub fn let_service_manage(&mut self, target: Target, id: &str, principal: &str) -> bool {
        let (now, lag) = (self.now, self.settings.read_lag);
        let plane = self.ec2.plane(target.region);
        let operator = if let Ok(id) = id.parse::<LaunchTemplateId>() {
            let known = plane.launch_templates.get_mut(&id);
            known
                .and_then(|known| known.edit(now, lag))
                .filter(|template| template.owner == target.account)
                .map(|template| &mut template.operator)
        } else {
            let known = id
                .parse::<InstanceId>()
                .ok()
                .and_then(|id| plane.instances.get_mut(&id));
            known
                .and_then(|known| known.edit(now, lag))
                .filter(|instance| instance.owner == target.account)
                .map(|instance| &mut instance.operator)
        };
        operator.map(|operator| *operator = Some(principal.into())).is_some()
    }
}

#[cfg(test)]
mod tests;
