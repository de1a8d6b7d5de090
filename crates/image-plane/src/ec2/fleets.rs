//! EC2 Fleets: instances launched from templates, many at once.

mod create;
mod delete;
mod describe;
pub(crate) mod place;

use std::fmt;

use super::capacity::{Config, Holding, Stand};
use super::state::Plane;
use super::tags::Tags;
use crate::ids::{AccountId, FleetId};
use crate::time::Time;
use crate::wire::error::ApiError;
pub(super) use create::create;
pub(super) use delete::delete;
pub(super) use describe::describe;

/// A deleted fleet is described for two days.
const REMAINS: std::time::Duration = std::time::Duration::from_hours(48);

/// How a fleet treats its capacity.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Kind {
    Instant,
    Maintain,
    Request,
}

impl Kind {
    fn parse(text: &str) -> Option<Self> {
        match text {
            "instant" => Some(Self::Instant),
            "maintain" => Some(Self::Maintain),
            "request" => Some(Self::Request),
            _ => None,
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Instant => "instant",
            Self::Maintain => "maintain",
            Self::Request => "request",
        })
    }
}

/// How much a fleet is to have.
#[derive(Clone, PartialEq, Eq, Debug)]
struct Capacity {
    total: usize,
    on_demand: Option<usize>,
    spot: Option<usize>,
    default: Option<String>,
}

impl Capacity {
    fn lifecycle(&self) -> &str {
        self.default.as_deref().unwrap_or("on-demand")
    }
}

/// An EC2 Fleet.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Fleet {
    pub(super) owner: AccountId,
    kind: Kind,
    created: Time,
    configs: Vec<Config>,
    capacity: Capacity,
    excess: Option<String>,
    terminates_when_expired: bool,
    replaces_unhealthy: bool,
    token: Option<String>,
    pub(super) tags: Tags,
    holding: Holding,
    /// The type its instances have.
    launched: Option<Box<str>>,
    /// Why it has no instances: a code and a message.
    failure: Option<(String, String)>,
}

impl Fleet {
    fn state(&self, plane: &Plane) -> &'static str {
        match self.holding.stand(plane) {
            Stand::Active => "active",
            Stand::Running => "deleted_running",
            Stand::Terminating => "deleted_terminating",
            Stand::Over => "deleted",
        }
    }

    /// Whether it is long gone.
    fn forgotten(&self, plane: &Plane, now: Time) -> bool {
        let long_ago = |at: Time| now.since(at) >= REMAINS;
        self.holding.stand(plane) == Stand::Over && self.holding.given_up.is_some_and(|given_up| long_ago(given_up.at))
    }
}

fn no_fleet(id: FleetId) -> ApiError {
    ApiError::client("InvalidFleetId.NotFound", format!("The fleet ID '{id}' does not exist"))
}

fn fleet_id(text: &str) -> Result<FleetId, ApiError> {
    text.parse()
        .map_err(|_| ApiError::client("InvalidFleetId.Malformed", format!("Invalid id: \"{text}\"")))
}

#[cfg(test)]
mod tests;
