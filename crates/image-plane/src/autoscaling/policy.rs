//! A mixed instances policy: a launch template, and what overrides it for other instance types.

use super::errors::validation;
use super::request::{count, members, number, one_of};
use super::source::TemplateChoice;
use crate::ids::ImageId;
use crate::wire::error::ApiError;
use crate::wire::query::Params;
use crate::wire::xml::Xml;

/// The documented limit of instance types in one group.
const MOST_OVERRIDES: usize = 40;

/// A mixed instances policy.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Mixed {
    pub(super) template: TemplateChoice,
    pub(super) overrides: Vec<Override>,
    distribution: Distribution,
}

/// What overrides the policy's template. Each of them is another way to an image.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Override {
    pub(super) instance_type: Option<String>,
    pub(super) weight: Option<i64>,
    pub(super) template: Option<TemplateChoice>,
    pub(super) image: Option<String>,
}

/// How capacity is bought. It decides nothing here: the model has no prices and no Spot.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Distribution {
    on_demand_strategy: String,
    on_demand_base: u32,
    on_demand_percentage: u32,
    spot_strategy: String,
    spot_pools: Option<u32>,
    spot_price: Option<String>,
}

impl Default for Distribution {
    fn default() -> Self {
        Self {
            on_demand_strategy: String::from("prioritized"),
            on_demand_base: 0,
            on_demand_percentage: 100,
            spot_strategy: String::from("lowest-price"),
            spot_pools: None,
            spot_price: None,
        }
    }
}

impl Mixed {
    /// A policy that says nothing of how capacity is bought.
    pub(super) fn of(template: TemplateChoice, overrides: Vec<Override>) -> Self {
        Self {
            template,
            overrides,
            distribution: Distribution::default(),
        }
    }

    pub(super) fn read(mut params: Params, before: Option<&Self>) -> Result<Self, ApiError> {
        let (template, overrides) = match params.structure("LaunchTemplate") {
            Some(launch) => read_launch(launch)?,
            None => before
                .map(|before| (before.template.clone(), before.overrides.clone()))
                .ok_or_else(|| validation("The MixedInstancesPolicy parameter must contain a LaunchTemplate"))?,
        };
        let distribution = before.map(|before| before.distribution.clone()).unwrap_or_default();
        let distribution = match params.structure("InstancesDistribution") {
            Some(given) => distribution.read(given)?,
            None => distribution,
        };
        params.finish()?;
        Ok(Self {
            template,
            overrides,
            distribution,
        })
    }

    pub(super) fn write(&self, xml: &mut Xml) {
        xml.element("LaunchTemplate", |xml| {
            xml.element("LaunchTemplateSpecification", |xml| self.template.write(xml));
            xml.members("Overrides", &self.overrides, |xml, each| each.write(xml));
        });
        xml.element("InstancesDistribution", |xml| self.distribution.write(xml));
    }
}

fn read_launch(mut launch: Params) -> Result<(TemplateChoice, Vec<Override>), ApiError> {
    let template = launch
        .structure("LaunchTemplateSpecification")
        .ok_or_else(|| validation("The LaunchTemplate parameter must contain a LaunchTemplateSpecification"))?;
    let template = TemplateChoice::read(template)?;
    let overrides = members(&mut launch, "Overrides")?
        .into_iter()
        .map(Override::read)
        .collect::<Result<Vec<_>, _>>()?;
    launch.finish()?;
    if overrides.len() > MOST_OVERRIDES {
        return Err(validation(format!(
            "At most {MOST_OVERRIDES} instance types can be specified for an AutoScalingGroup"
        )));
    }
    let weighted = overrides.iter().filter(|each| each.weight.is_some()).count();
    if weighted != 0 && weighted != overrides.len() {
        return Err(validation(
            "If you specify a value for WeightedCapacity for one instance type, you must specify one for all of them",
        ));
    }
    Ok((template, overrides))
}

impl Override {
    fn read(mut params: Params) -> Result<Self, ApiError> {
        let this = Self {
            instance_type: params.text("InstanceType")?,
            weight: number(&mut params, "WeightedCapacity", 1..=999)?,
            template: params
                .structure("LaunchTemplateSpecification")
                .map(TemplateChoice::read)
                .transpose()?,
            image: params.text("ImageId")?,
        };
        params.finish()?;
        if let Some(image) = &this.image
            && image.parse::<ImageId>().is_err()
        {
            return Err(validation(format!("Invalid image id: {image}")));
        }
        Ok(this)
    }

    fn write(&self, xml: &mut Xml) {
        xml.optional("InstanceType", self.instance_type.as_ref());
        xml.optional("WeightedCapacity", self.weight);
        if let Some(template) = &self.template {
            xml.element("LaunchTemplateSpecification", |xml| template.write(xml));
        }
        xml.optional("ImageId", self.image.as_ref());
    }
}

impl Distribution {
    /// Takes over what is given; the rest stays.
    fn read(mut self, mut params: Params) -> Result<Self, ApiError> {
        let strategies = ["lowest-price", "prioritized"];
        if let Some(strategy) = one_of(&mut params, "OnDemandAllocationStrategy", &strategies)? {
            self.on_demand_strategy = strategy;
        }
        self.on_demand_base = count(&mut params, "OnDemandBaseCapacity")?.unwrap_or(self.on_demand_base);
        if let Some(percentage) = number(&mut params, "OnDemandPercentageAboveBaseCapacity", 0..=100)? {
            self.on_demand_percentage = u32::try_from(percentage).unwrap_or(100);
        }
        let strategies = [
            "capacity-optimized",
            "capacity-optimized-prioritized",
            "lowest-price",
            "price-capacity-optimized",
        ];
        if let Some(strategy) = one_of(&mut params, "SpotAllocationStrategy", &strategies)? {
            self.spot_strategy = strategy;
        }
        self.spot_pools = count(&mut params, "SpotInstancePools")?.or(self.spot_pools);
        self.spot_price = params.text("SpotMaxPrice")?.or(self.spot_price);
        params.finish()?;
        Ok(self)
    }

    fn write(&self, xml: &mut Xml) {
        xml.text("OnDemandAllocationStrategy", &self.on_demand_strategy);
        xml.text("OnDemandBaseCapacity", self.on_demand_base);
        xml.text("OnDemandPercentageAboveBaseCapacity", self.on_demand_percentage);
        xml.text("SpotAllocationStrategy", &self.spot_strategy);
        // Two pools are the default of this strategy, and no other has any.
        let pools = (self.spot_strategy == "lowest-price").then_some(self.spot_pools.unwrap_or(2));
        xml.optional("SpotInstancePools", pools);
        xml.optional("SpotMaxPrice", self.spot_price.as_ref());
    }
}
