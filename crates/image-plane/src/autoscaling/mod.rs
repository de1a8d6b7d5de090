//! Amazon EC2 Auto Scaling: groups as users of images, by launch configurations, launch templates and warm pools.

mod access;
mod activity;
mod capacity;
mod configurations;
mod create_group;
mod delete_group;
mod describe_groups;
mod errors;
mod group;
mod launch;
pub(crate) mod place;
mod policy;
mod refresh;
mod request;
mod settings;
mod source;
mod state;
#[cfg(test)]
mod tests;
mod update_group;
mod warm_pool;
mod way;

use bytes::Bytes;
use http::Request;

use crate::sts::{Access, authorize_on, is_root};
use crate::wire::call::Service;
use crate::wire::error::ApiError;
use crate::wire::query::Params;
use crate::wire::xml::Xml;
use crate::world::buckets::Rate;
use crate::world::{Caller, Operation, Target, World};
pub(crate) use capacity::instance_became;
pub(crate) use state::AutoScaling;

/// The API's version, which every client sends and every answer repeats in its namespace.
const VERSION: &str = "2011-01-01";

/// One bucket for all actions. That there is only one is documented; how large it is, is not: we take EC2's default for
/// reads.
const RATE: Rate = Rate::new(100, 20_000).shared("Auto Scaling");

/// Reads its parameters, does its work, and writes its answer.
type Handler = fn(&mut World, Target, Params, &mut Xml) -> Result<(), ApiError>;

/// One operation: its name, whether it changes anything, its handler.
struct Entry(&'static str, Kind, Handler);

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Reads,
    Mutates,
}

/// Every operation of Auto Scaling the model answers.
const ENTRIES: &[Entry] = &[
    Entry("CreateAutoScalingGroup", Kind::Mutates, create_group::create),
    Entry("CreateLaunchConfiguration", Kind::Mutates, configurations::create),
    Entry("DeleteAutoScalingGroup", Kind::Mutates, delete_group::delete),
    Entry("DeleteLaunchConfiguration", Kind::Mutates, configurations::delete),
    Entry("DeleteWarmPool", Kind::Mutates, warm_pool::delete),
    Entry("DescribeAutoScalingGroups", Kind::Reads, describe_groups::describe),
    Entry("DescribeInstanceRefreshes", Kind::Reads, refresh::describe),
    Entry("DescribeLaunchConfigurations", Kind::Reads, configurations::describe),
    Entry("DescribeScalingActivities", Kind::Reads, activity::describe),
    Entry("DescribeWarmPool", Kind::Reads, warm_pool::describe),
    Entry("PutWarmPool", Kind::Mutates, warm_pool::put),
    Entry("SetDesiredCapacity", Kind::Mutates, update_group::set_desired_capacity),
    Entry("StartInstanceRefresh", Kind::Mutates, refresh::start),
    Entry("UpdateAutoScalingGroup", Kind::Mutates, update_group::update),
];

/// A request to Auto Scaling, read as far as its operation.
#[derive(Debug)]
pub(crate) struct Call {
    name: &'static str,
    mutates: bool,
    handler: Handler,
    params: Params,
}

impl Call {
    /// What the caller must be allowed.
    pub(crate) fn needs(&self, world: &World, caller: &Caller) -> Vec<(String, Access)> {
        let asked = access::of_call(world, caller, self.mutates, &self.params);
        vec![(format!("autoscaling:{}", self.name), asked)]
    }

    pub(crate) fn run(self, world: &mut World, caller: &Caller, request_id: &str) -> Result<Bytes, ApiError> {
        if !is_root(caller) {
            let asked = access::of_call(world, caller, self.mutates, &self.params);
            authorize_on(world, caller, Service::AutoScaling, self.name, &asked)?;
        }
        let mut xml = Xml::document();
        let mut result = Ok(());
        let namespace = "xmlns=\"http://autoscaling.amazonaws.com/doc/2011-01-01/\"";
        xml.element_with(&format!("{}Response", self.name), namespace, |xml| {
            xml.element(&format!("{}Result", self.name), |xml| {
                result = (self.handler)(world, caller.target, self.params, xml);
            });
            xml.element("ResponseMetadata", |xml| xml.text("RequestId", request_id));
        });
        result.map(|()| xml.into_bytes())
    }
}

/// Finds the operation of a request.
pub(crate) fn read(request: &Request<Bytes>) -> Result<(Operation, Call), ApiError> {
    let (mut params, action) = Params::of_action(request.body())?;
    let version = params.text("Version")?.unwrap_or_default();
    if version != VERSION {
        return Err(ApiError::not_modelled(format!(
            "version {version} of Auto Scaling's API"
        )));
    }
    let Entry(name, kind, handler) = ENTRIES
        .iter()
        .find(|entry| entry.0 == action)
        .ok_or_else(|| ApiError::not_modelled(format!("the Auto Scaling operation {action}")))?;
    let mutates = *kind == Kind::Mutates;
    let operation = Operation {
        name,
        mutates,
        rate: RATE,
    };
    Ok((
        operation,
        Call {
            name,
            mutates,
            handler: *handler,
            params,
        },
    ))
}

/// What happens in Auto Scaling without a call.
#[derive(Debug)]
pub(crate) enum Due {
    /// A group looks whether it has what it should have.
    GroupLooks {
        target: Target,
        name: String,
    },
    /// A group tries again after a launch that failed.
    GroupTriesAgain {
        target: Target,
        name: String,
    },
    RefreshStarts {
        target: Target,
        name: String,
        id: String,
    },
    RefreshEnds {
        target: Target,
        name: String,
        id: String,
    },
    /// No stale reader can see it any more.
    ForgetGroup {
        target: Target,
        name: String,
    },
    ForgetConfiguration {
        target: Target,
        name: String,
    },
}

pub(crate) fn fall_due(world: &mut World, due: Due) {
    match due {
        Due::GroupLooks { target, name } => capacity::look(world, target, &name),
        Due::GroupTriesAgain { target, name } => capacity::try_again(world, target, &name),
        Due::RefreshStarts { target, name, id } => refresh::starts(world, target, &name, &id),
        Due::RefreshEnds { target, name, id } => refresh::ends(world, target, &name, &id),
        Due::ForgetGroup { target, name } => state::forget_group(world, target, &name),
        Due::ForgetConfiguration { target, name } => state::forget_configuration(world, target, &name),
    }
}
