//! What fleets of both kinds have in common: where their instances come from, and what becomes of them.

use super::launch::Order;
use super::launch_templates::Specification;
use super::state::Plane;
use super::{alias, errors, instances};
use crate::ids::InstanceId;
use crate::time::Time;
use crate::wire::error::ApiError;
use crate::wire::query::Params;
use crate::wire::xml::Xml;
use crate::world::{Target, World};

/// At most so many of either kind are ended in one call.
const MOST_ENDED: usize = 100;

/// Reads which fleets are to be ended, and whether their instances end with them.
pub(super) fn read_ending(mut params: Params, ids: &str) -> Result<(Vec<String>, bool), ApiError> {
    let named = params.texts(ids)?;
    let terminates = params.boolean("TerminateInstances")?;
    params.finish()?;
    let terminates = terminates.ok_or_else(|| {
        ApiError::client(
            "MissingParameter",
            "The request must contain the parameter TerminateInstances",
        )
    })?;
    if named.is_empty() || named.len() > MOST_ENDED {
        return Err(errors::invalid(ids, &named.len().to_string()));
    }
    Ok((named, terminates))
}

/// A launch template to launch from, and what differs from it: `LaunchTemplateConfigs.N`.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Config {
    pub(super) specification: Specification,
    pub(super) overrides: Vec<Override>,
}

/// What differs from the template.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Override {
    pub(super) kind: Option<String>,
    pub(super) image: Option<String>,
    price: Option<String>,
    subnet: Option<String>,
    zone: Option<String>,
}

/// How the two kinds of fleets call the price of an override.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Dialect {
    Fleet,
    SpotFleet,
}

impl Dialect {
    const fn price(self) -> (&'static str, &'static str) {
        match self {
            Self::Fleet => ("MaxPrice", "maxPrice"),
            Self::SpotFleet => ("SpotPrice", "spotPrice"),
        }
    }
}

impl Config {
    pub(super) fn read_all(params: &mut Params, dialect: Dialect) -> Result<Vec<Self>, ApiError> {
        let configs = params.list("LaunchTemplateConfigs")?;
        configs.into_iter().map(|config| Self::read(config, dialect)).collect()
    }

    fn read(mut params: Params, dialect: Dialect) -> Result<Self, ApiError> {
        let specification = params.structure("LaunchTemplateSpecification").unwrap_or_default();
        let specification = Specification::read(specification)?;
        if specification.version.is_none() {
            return Err(ApiError::client(
                "MissingParameter",
                "The request must contain the parameter LaunchTemplateSpecification.Version",
            ));
        }
        let mut overrides = Vec::new();
        for mut part in params.list("Overrides")? {
            overrides.push(Override {
                kind: part.text("InstanceType")?,
                image: match dialect {
                    Dialect::Fleet => part.text("ImageId")?,
                    // A Spot Fleet's overrides have none: whoever sends one is told so.
                    Dialect::SpotFleet => None,
                },
                price: part.text(dialect.price().0)?,
                subnet: part.text("SubnetId")?,
                zone: part.text("AvailabilityZone")?,
            });
            part.finish()?;
        }
        params.finish()?;
        Ok(Self {
            specification,
            overrides,
        })
    }

    pub(super) fn write(&self, xml: &mut Xml, dialect: Dialect) {
        xml.element("launchTemplateSpecification", |xml| self.specification.write(xml));
        if !self.overrides.is_empty() {
            xml.items("overrides", &self.overrides, |xml, part| part.write(xml, dialect));
        }
    }

    /// The order for the first of its overrides, over the template as it is now. Which of several AWS takes depends on
    /// prices and free capacity, which the model has none of.
    pub(super) fn order(&self, world: &mut World, target: Target) -> Result<Order, ApiError> {
        let first = self.overrides.first().cloned().unwrap_or_default();
        let own = Order {
            image: first.image,
            kind: first.kind,
            ..Order::default()
        };
        self.specification.lay_under(world, target, own)
    }
}

impl Override {
    pub(super) fn write(&self, xml: &mut Xml, dialect: Dialect) {
        xml.optional("instanceType", self.kind.as_deref());
        xml.optional("imageId", self.image.as_deref());
        xml.optional(dialect.price().1, self.price.as_deref());
        xml.optional("subnetId", self.subnet.as_deref());
        xml.optional("availabilityZone", self.zone.as_deref());
    }
}

/// Refuses a parameter in the place of an image: only instant fleets look one up. AWS documents no error for the others.
pub(super) fn refuse_alias(order: &Order) -> Result<(), ApiError> {
    match order.image.as_deref() {
        Some(image) if alias::parameter(image).is_some() => Err(errors::invalid("ImageId", image)),
        _ => Ok(()),
    }
}

/// The instances of a fleet, and whether it still has a hold on them.
///
/// A fleet launches all it wants when it is made. One that maintains its capacity launches nothing in the place of what
/// ends later: no image is used by that which is not used already.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Holding {
    pub(super) instances: Vec<InstanceId>,
    pub(super) given_up: Option<GivenUp>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct GivenUp {
    pub(super) at: Time,
    pub(super) terminates: bool,
}

/// Where a fleet stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Stand {
    Active,
    /// Given up, and its instances run on.
    Running,
    /// Given up, and its instances are ending.
    Terminating,
    /// Given up, and no instance of it is left.
    Over,
}

impl Holding {
    pub(super) fn stand(&self, plane: &Plane) -> Stand {
        match self.given_up {
            None => Stand::Active,
            Some(_) if self.living(plane) == 0 => Stand::Over,
            Some(GivenUp { terminates: true, .. }) => Stand::Terminating,
            Some(GivenUp { terminates: false, .. }) => Stand::Running,
        }
    }

    pub(super) fn living(&self, plane: &Plane) -> usize {
        let instances = self.instances.iter();
        instances.filter(|id| instances::lives(plane, **id)).count()
    }
}
