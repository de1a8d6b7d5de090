//! Putting Spot Fleets into a world past every API.

use super::super::capacity::{GivenUp, Holding};
use super::super::spot_launch::Launch;
use super::super::tags::Tags;
use super::{Settings, SpotFleet};
use crate::ids::{ImageId, InstanceId, SpotFleetId};
use crate::time::Time;
use crate::world::{Target, World};

/// A Spot Fleet that launches from specifications of its own.
#[derive(Clone, Debug)]
pub(crate) struct NewSpotFleet {
    pub(crate) id: SpotFleetId,
    pub(crate) created: Time,
    pub(crate) image: ImageId,
    pub(crate) kind: &'static str,
    pub(crate) instances: Vec<InstanceId>,
    /// Cancelled then, while its instances run on.
    pub(crate) cancelled: Option<Time>,
}

impl World {
    /// Puts a Spot Fleet into a target.
    pub(crate) fn place_spot_fleet(&mut self, target: Target, new: NewSpotFleet) {
        let NewSpotFleet {
            id,
            created,
            image,
            kind,
            instances,
            cancelled,
        } = new;
        let settings = Settings {
            role: format!("arn:{}:iam::{}:role/fleet", target.region.partition(), target.account),
            kind: String::from("maintain"),
            launches: vec![Launch::of(image, kind)],
            configs: Vec::new(),
            capacity: instances.len(),
            price: None,
            strategy: None,
            terminates_when_expired: false,
            replaces_unhealthy: false,
        };
        let fleet = SpotFleet {
            owner: target.account,
            created,
            settings,
            token: None,
            tags: Tags::default(),
            holding: Holding {
                instances,
                given_up: cancelled.map(|at| GivenUp { at, terminates: false }),
            },
            failed: false,
        };
        self.ec2.plane(target.region).spot_fleets.insert(id, fleet);
    }
}
