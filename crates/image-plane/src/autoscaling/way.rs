//! The ways to an image: a template, and what a group has differ from it.

use super::policy::{Mixed, Override};
use super::source::{TemplateChoice, TemplateNamed};
use crate::ec2::on_behalf::{Chosen, Order, Specification};
use crate::time::Time;
use crate::wire::error::ApiError;
use crate::world::{Target, World};

/// A template, and what overrides it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Way<'a> {
    template: &'a TemplateChoice,
    instance_type: Option<&'a str>,
    image: Option<&'a str>,
    /// How much of the group's capacity an instance is.
    pub(super) weight: u32,
}

impl<'a> Way<'a> {
    /// The template as it is.
    pub(super) const fn plain(template: &'a TemplateChoice) -> Self {
        Self {
            template,
            instance_type: None,
            image: None,
            weight: 1,
        }
    }

    fn overriding(mixed: &'a Mixed, over: &'a Override) -> Self {
        Self {
            template: over.template.as_ref().unwrap_or(&mixed.template),
            instance_type: over.instance_type.as_deref(),
            image: over.image.as_deref(),
            weight: over.weight.and_then(|weight| u32::try_from(weight).ok()).unwrap_or(1),
        }
    }

    /// The way a policy's instances come by: its first override. Which of several AWS takes depends on prices and free
    /// capacity, which the model has none of.
    pub(super) fn first(mixed: &'a Mixed) -> Self {
        let first = mixed.overrides.first();
        first.map_or_else(|| Self::plain(&mixed.template), |over| Self::overriding(mixed, over))
    }

    /// Every way a policy names, its own template included.
    pub(super) fn all(mixed: &'a Mixed) -> impl Iterator<Item = Self> {
        let overriding = mixed.overrides.iter().map(|over| Self::overriding(mixed, over));
        overriding.chain([Self::plain(&mixed.template)])
    }

    /// What it orders for a reader whose view is so old, and from which version.
    pub(super) fn order(self, world: &World, target: Target, as_of: Time) -> Result<(Order, Chosen), ApiError> {
        let version = self.template.version.as_deref();
        let template = match &self.template.named {
            TemplateNamed::Id(id) => Specification::by_id(id, version),
            TemplateNamed::Name(name) => Specification::by_name(name, version),
        };
        let own = Order {
            image: self.image.map(str::to_owned),
            kind: self.instance_type.map(str::to_owned),
            ..Order::default()
        };
        template?.lay_under_as_of(world, target, as_of, own)
    }
}
