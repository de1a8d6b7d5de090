//! Putting fleets into a world past every API.

use super::super::capacity::{Config, GivenUp, Holding};
use super::super::tags::Tags;
use super::{Capacity, Fleet, Kind};
use crate::ec2::on_behalf::Specification;
use crate::ids::{FleetId, InstanceId};
use crate::time::Time;
use crate::world::{Target, World};

/// A fleet that maintains its capacity.
#[derive(Clone, Debug)]
pub(crate) struct NewFleet {
    pub(crate) id: FleetId,
    pub(crate) created: Time,
    pub(crate) specification: Specification,
    pub(crate) instances: Vec<InstanceId>,
    /// Deleted then, while its instances run on.
    pub(crate) deleted: Option<Time>,
}

impl World {
    /// Puts a fleet into a target.
    pub(crate) fn place_fleet_of_instances(&mut self, target: Target, new: NewFleet) {
        let NewFleet {
            id,
            created,
            specification,
            instances,
            deleted,
        } = new;
        let config = Config {
            specification,
            overrides: Vec::new(),
        };
        let fleet = Fleet {
            owner: target.account,
            kind: Kind::Maintain,
            created,
            configs: vec![config],
            capacity: Capacity {
                total: instances.len(),
                on_demand: None,
                spot: None,
                default: None,
            },
            excess: None,
            terminates_when_expired: false,
            replaces_unhealthy: false,
            token: None,
            tags: Tags::default(),
            holding: Holding {
                instances,
                given_up: deleted.map(|at| GivenUp { at, terminates: false }),
            },
            launched: None,
            failure: None,
        };
        self.ec2.plane(target.region).fleets.insert(id, fleet);
    }
}
