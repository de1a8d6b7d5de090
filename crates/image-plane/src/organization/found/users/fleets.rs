//! Fleets of both kinds, and Spot Instance requests.

use std::time::Duration;

use super::super::super::{InstanceStanding, SpotStanding, Who};
use super::Founding;
use crate::ec2::fleets::place::NewFleet;
use crate::ec2::on_behalf::Specification;
use crate::ec2::spot_fleets::place::NewSpotFleet;
use crate::ec2::spot_requests::place::NewSpotRequest;
use crate::ids::{FleetId, InstanceId, SpotFleetId, SpotRequestId};
use crate::time::Time;

impl Founding<'_> {
    pub(super) fn fleets(&mut self) {
        let mut dice = self.dice.of("fleets");
        for round in 0..self.settings.users.fleets {
            // A deleted fleet is listed for two days, and as long as it has instances.
            let ended = dice.chance(300);
            let given_up = ended.then(|| self.made.founded - Duration::from_hours(dice.between(1, 90)));
            let created = self.made.founded - Duration::from_hours(dice.between(100, 2000));
            if round % 2 == 0 {
                self.fleet_of_template(ended, created, given_up);
                continue;
            }
            let Some((place, home)) = self.usable(&mut dice) else {
                return;
            };
            let instance = self.instance(home, place, InstanceStanding::Running, None, &mut dice);
            let id = SpotFleetId::draw(&mut dice.random);
            let (image, kind) = (self.made.placements[place].ami, self.kind(place));
            let fleet = NewSpotFleet {
                id,
                created,
                image,
                kind,
                instances: vec![instance],
                cancelled: given_up,
            };
            self.world.place_spot_fleet(home, fleet);
            let id = id.to_string().into();
            self.note(home, Who::SpotFleet { id, ended }, Some(place));
        }
    }

    fn fleet_of_template(&mut self, ended: bool, created: Time, deleted: Option<Time>) {
        let mut dice = self.dice.of(&format!("fleet {}", self.counted));
        let Some((home, from, place)) = self.some_template(&mut dice) else {
            return;
        };
        let Ok(specification) = Specification::by_id(&from.template, Some(&from.version.text())) else {
            return;
        };
        let instance = place.map(|place| self.instance(home, place, InstanceStanding::Running, None, &mut dice));
        let id = FleetId::draw(&mut dice.random);
        self.number();
        let fleet = NewFleet {
            id,
            created,
            specification,
            instances: instance.into_iter().collect(),
            deleted,
        };
        self.world.place_fleet_of_instances(home, fleet);
        if !ended {
            self.pin(&from);
        }
        let who = Who::Fleet {
            id: id.to_string().into(),
            from: Box::new(from),
            ended,
        };
        self.note(home, who, place);
    }

    pub(super) fn spot_requests(&mut self) {
        let mut dice = self.dice.of("spot requests");
        let all = [
            SpotStanding::Active,
            SpotStanding::Open,
            SpotStanding::Closed,
            SpotStanding::Cancelled,
        ];
        for _ in 0..self.settings.users.spot_requests {
            let Some((place, home)) = self.usable(&mut dice) else {
                return;
            };
            let standing = dice.pick(&all).copied().unwrap_or(SpotStanding::Active);
            let lives = matches!(standing, SpotStanding::Active | SpotStanding::Cancelled);
            let instance = if lives {
                self.instance(home, place, InstanceStanding::Running, None, &mut dice)
            } else {
                // One that ended long ago.
                InstanceId::draw(&mut dice.random)
            };
            let id = SpotRequestId::draw(&mut dice.random);
            let request = NewSpotRequest {
                id,
                created: self.made.founded,
                image: self.made.placements[place].ami,
                kind: self.kind(place),
                persistent: standing == SpotStanding::Open,
                instance,
                cancelled: standing == SpotStanding::Cancelled,
            };
            self.world.place_spot_request(home, request);
            let id = id.to_string().into();
            self.note(home, Who::SpotRequest { id, standing }, Some(place));
        }
    }
}
