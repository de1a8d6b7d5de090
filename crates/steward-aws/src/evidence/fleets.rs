use aws_sdk_ec2::types::{
    BatchState, Filter, FleetData, FleetLaunchTemplateSpecification, SpotFleetRequestConfig, SpotInstanceRequest,
    SpotInstanceState,
};
use steward::Words;
use steward::evidence::{Hop, Launch, Launcher};

use super::launches::{Specification, image};
use crate::pages::each_page;
use crate::{AtTarget, Problem};

/// A fleet in one of these starts nothing any more; what it started is listed with the instances.
const ENDED: [&str; 3] = ["deleted", "deleted_running", "failed"];

impl AtTarget {
    /// Lists the EC2 Fleets that may still start something. One of the type `instant` never does.
    pub async fn fleets(&self) -> Result<Vec<Launcher>, Problem> {
        let doing = "list the fleets";
        let list = self.ec2.describe_fleets().max_results(100);
        let mut fleets = Vec::new();
        each_page!(self, reads, doing, list, |page| {
            let found = page.fleets().iter().filter(|fleet| {
                let state = fleet.fleet_state().map(aws_sdk_ec2::types::FleetStateCode::as_str);
                !state.is_some_and(|state| ENDED.contains(&state))
            });
            for fleet in found {
                fleets
                    .push(launcher_of_fleet(fleet).map_err(|what| Problem::not_understood(doing, self.target, what))?);
            }
        });
        Ok(fleets)
    }

    /// Lists the Spot Fleets that may still start something.
    pub async fn spot_fleets(&self) -> Result<Vec<Launcher>, Problem> {
        let doing = "list the Spot Fleets";
        let list = self.ec2.describe_spot_fleet_requests().max_results(100);
        let mut fleets = Vec::new();
        each_page!(self, reads, doing, list, |page| {
            let ended = [BatchState::Cancelled, BatchState::CancelledRunning, BatchState::Failed];
            let found = page.spot_fleet_request_configs().iter();
            for fleet in found.filter(|fleet| {
                !fleet
                    .spot_fleet_request_state()
                    .is_some_and(|state| ended.contains(state))
            }) {
                let read = launcher_of_spot_fleet(fleet);
                fleets.push(read.map_err(|what| Problem::not_understood(doing, self.target, what))?);
            }
        });
        Ok(fleets)
    }

    /// Lists the Spot requests that may still start something.
    pub async fn spot_requests(&self) -> Result<Vec<Launcher>, Problem> {
        let doing = "list the Spot requests";
        // A disabled one, whose instance is stopped, starts it again.
        let states = [
            SpotInstanceState::Open,
            SpotInstanceState::Active,
            SpotInstanceState::Disabled,
        ];
        let states = states.map(|state| state.as_str().to_owned()).to_vec();
        let states = Filter::builder().name("state").set_values(Some(states)).build();
        let list = self
            .ec2
            .describe_spot_instance_requests()
            .filters(states)
            .max_results(1000);
        let mut requests = Vec::new();
        each_page!(self, reads, doing, list, |page| {
            requests.extend(page.spot_instance_requests().iter().map(launcher_of_request));
        });
        Ok(requests)
    }
}

fn launcher_of_fleet(fleet: &FleetData) -> Result<Launcher, String> {
    let id = fleet.fleet_id().unwrap_or_default();
    let mut launches = Vec::new();
    let mut place = 0;
    for config in fleet.launch_template_configs() {
        launches.extend(of_template(id, config.launch_template_specification())?);
        for over in config.overrides() {
            place += 1;
            launches.extend(image(over.image_id(), Some(Hop::Override(place))));
        }
    }
    Ok(Launcher {
        user: Hop::Fleet(Words::from(id)),
        launches,
    })
}

fn launcher_of_spot_fleet(fleet: &SpotFleetRequestConfig) -> Result<Launcher, String> {
    let id = fleet.spot_fleet_request_id().unwrap_or_default();
    let config = fleet.spot_fleet_request_config();
    let config = config.ok_or_else(|| format!("the Spot Fleet {id} has no configuration"))?;
    let specifications = (1..).zip(config.launch_specifications());
    let mut launches: Vec<Launch> = specifications
        .filter_map(|(place, specification)| image(specification.image_id(), Some(Hop::Specification(place))))
        .collect();
    for config in config.launch_template_configs() {
        launches.extend(of_template(id, config.launch_template_specification())?);
    }
    Ok(Launcher {
        user: Hop::SpotFleet(Words::from(id)),
        launches,
    })
}

fn launcher_of_request(request: &SpotInstanceRequest) -> Launcher {
    let id = request.spot_instance_request_id().unwrap_or_default();
    let specification = request.launch_specification();
    let launch = image(specification.and_then(|specification| specification.image_id()), None);
    Launcher {
        user: Hop::SpotRequest(Words::from(id)),
        launches: launch.into_iter().collect(),
    }
}

fn of_template(fleet: &str, template: Option<&FleetLaunchTemplateSpecification>) -> Result<Option<Launch>, String> {
    let Some(template) = template else { return Ok(None) };
    let specification = Specification {
        id: template.launch_template_id(),
        name: template.launch_template_name(),
        version: template.version(),
    };
    let what = specification
        .launched()
        .map_err(|what| format!("the fleet {fleet} has {what}"))?;
    Ok(Some(Launch { within: None, what }))
}
