//! What a group is told about sizes, places and checks.

use super::errors::validation;
use super::request::{count, flag, one_of, texts};
use crate::wire::error::ApiError;
use crate::wire::query::Params;
use crate::wire::xml::Xml;
use crate::world::Target;

/// How many instances a group may and should have.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Sizes {
    pub(super) min: u32,
    pub(super) max: u32,
    pub(super) desired: u32,
}

impl Sizes {
    /// Reads those of a new group, which must say both bounds, or those that change.
    pub(super) fn read(params: &mut Params, before: Option<Self>) -> Result<Self, ApiError> {
        let bound = |given: Option<u32>, before: Option<u32>, name: &str| {
            given.or(before).ok_or_else(|| {
                validation(format!(
                    "1 validation error detected: Value null at '{name}' failed to satisfy constraint: Member must not be null"
                ))
            })
        };
        let (min, max) = (count(params, "MinSize")?, count(params, "MaxSize")?);
        let desired = count(params, "DesiredCapacity")?;
        let min = bound(min, before.map(|sizes| sizes.min), "minSize")?;
        let max = bound(max, before.map(|sizes| sizes.max), "maxSize")?;
        if min > max {
            return Err(validation(format!(
                "Max bound, {max}, must be greater than or equal to min bound, {min}"
            )));
        }
        // What nobody asks for follows the bounds.
        let desired = desired.unwrap_or_else(|| before.map_or(min, |sizes| sizes.desired.clamp(min, max)));
        if !(min..=max).contains(&desired) {
            return Err(validation(format!(
                "Desired capacity:{desired} must be between the specified min size:{min} and max size:{max}"
            )));
        }
        Ok(Self { min, max, desired })
    }
}

/// Everything about a group that decides nothing here, and is described as it was given.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct GroupSettings {
    zones: Vec<String>,
    subnets: Option<String>,
    pub(super) cooldown: u32,
    health_check: String,
    grace: u32,
    /// New instances are protected when the group shrinks.
    pub(super) protects: bool,
}

impl GroupSettings {
    /// Those of a group about which nobody said anything but where it is.
    pub(super) fn usual(target: Target) -> Self {
        Self {
            // Subnets lie in Zones, but there are no subnets here: all of them are taken to lie in the first.
            zones: vec![format!("{}a", target.region)],
            subnets: None,
            cooldown: 300,
            health_check: String::from("EC2"),
            grace: 0,
            protects: false,
        }
    }

    /// Reads those of a new group, or those that change.
    pub(super) fn read(target: Target, params: &mut Params, before: Option<&Self>) -> Result<Self, ApiError> {
        let zones = texts(params, "AvailabilityZones")?;
        let subnets = params.text("VPCZoneIdentifier")?.filter(|subnets| !subnets.is_empty());
        let region = target.region.name();
        for zone in &zones {
            let letter = zone.strip_prefix(region).unwrap_or_default();
            if letter.len() != 1 || !letter.bytes().all(|letter| letter.is_ascii_lowercase()) {
                return Err(validation(format!(
                    "Invalid Availability Zone: {zone} is not in {region}"
                )));
            }
        }
        let mut settings = match before {
            Some(before) => before.clone(),
            None if zones.is_empty() && subnets.is_none() => {
                return Err(validation("At least one Availability Zone or VPC Subnet is required."));
            }
            None => Self::usual(target),
        };
        if !zones.is_empty() {
            settings.zones = zones;
        }
        settings.subnets = subnets.or(settings.subnets);
        settings.cooldown = count(params, "DefaultCooldown")?.unwrap_or(settings.cooldown);
        // Load balancers and volumes are not here to be asked.
        settings.health_check = one_of(params, "HealthCheckType", &["EC2"])?.unwrap_or(settings.health_check);
        settings.grace = count(params, "HealthCheckGracePeriod")?.unwrap_or(settings.grace);
        settings.protects = flag(params, "NewInstancesProtectedFromScaleIn")?.unwrap_or(settings.protects);
        Ok(settings)
    }

    pub(super) fn write(&self, xml: &mut Xml) {
        xml.text("DefaultCooldown", self.cooldown);
        xml.members("AvailabilityZones", &self.zones, Xml::value);
        xml.text("HealthCheckType", &self.health_check);
        xml.text("HealthCheckGracePeriod", self.grace);
        xml.optional("VPCZoneIdentifier", self.subnets.as_ref());
        xml.text("NewInstancesProtectedFromScaleIn", self.protects);
    }
}
