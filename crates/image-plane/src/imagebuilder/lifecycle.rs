//! Lifecycle: an image is deprecated, disabled, deleted, or made available again, with its AMIs or without.

use std::time::Duration;

use serde::Deserialize;
use serde_json::{Value, json};

use super::Due;
use super::arn::Place;
use super::errors::{in_use, invalid, not_found, quota, request as refused};
use super::image::{Output, Status, own_build};
use super::machine::CREATED_BY;
use super::request::Input;
use crate::ec2::image::ImageState;
use crate::ec2::snapshots::delete_unless_used;
use crate::ec2::{events, retire};
use crate::time::Time;
use crate::wire::error::ApiError;
use crate::world::{Caller, Target, World};

/// How long an execution takes. AWS does not say; this is our choice.
const TAKES: Duration = Duration::from_secs(30);
/// Executions an account may have in progress in a Region.
const MOST_EXECUTIONS: usize = 50;
/// What deprecated AMIs are tagged with.
const DEPRECATED_BY: (&str, &str) = ("DeprecatedBy", "EC2 Image Builder");

/// Where a lifecycle execution brings its image.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Goal {
    Available,
    Deprecated,
    Disabled,
    Deleted,
}

impl Goal {
    fn parse(text: &str) -> Option<Self> {
        match text {
            "AVAILABLE" => Some(Self::Available),
            "DEPRECATED" => Some(Self::Deprecated),
            "DISABLED" => Some(Self::Disabled),
            "DELETED" => Some(Self::Deleted),
            _ => None,
        }
    }

    /// Whether an image in this state can be brought there. A build under way cannot be brought anywhere.
    const fn within_reach(self, from: Status) -> bool {
        match self {
            Self::Available => matches!(from, Status::Deprecated | Status::Disabled),
            Self::Deprecated => matches!(from, Status::Available),
            Self::Disabled => matches!(from, Status::Available | Status::Deprecated),
            Self::Deleted => !from.under_way(),
        }
    }
}

/// A run of lifecycle actions on one image.
#[derive(Clone, Debug)]
pub(crate) struct Execution {
    place: Place,
    goal: Goal,
    amis: bool,
    snapshots: bool,
    outcome: Outcome,
    impacted: bool,
    started: Time,
    ended: Option<Time>,
}

#[derive(Clone, PartialEq, Eq, Debug)]
enum Outcome {
    InProgress,
    Success,
    Failed(String),
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Start {
    resource_arn: String,
    state: State,
    execution_role: Option<String>,
    include_resources: Option<Include>,
    #[serde(rename = "clientToken")]
    _client_token: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct State {
    status: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Include {
    amis: Option<bool>,
    snapshots: Option<bool>,
}

/// Changes the state of an image: at once where only the image is meant, by an execution where its AMIs are.
pub(crate) fn start(world: &mut World, caller: &Caller, input: &Input) -> Result<Value, ApiError> {
    let request: Start = input.body()?;
    let target = caller.target;
    let goal = Goal::parse(&request.state.status)
        .ok_or_else(|| invalid("state.status", "It must be AVAILABLE, DEPRECATED, DISABLED or DELETED."))?;
    let (amis, snapshots) = request.include_resources.as_ref().map_or((false, false), |include| {
        (include.amis == Some(true), include.snapshots == Some(true))
    });
    if request.execution_role.is_some() != request.include_resources.is_some() {
        return Err(refused("executionRole and includeResources must be provided together."));
    }
    if snapshots && goal != Goal::Deleted {
        return Err(refused("Snapshots can only be included when the state is DELETED."));
    }
    if snapshots && !amis {
        return Err(refused("Snapshots can only be included together with their AMIs."));
    }
    if goal == Goal::Deleted && !amis {
        return Err(refused(
            "To set an image to DELETED, its underlying resources must be included.",
        ));
    }
    let (arn, place) = own_build("resourceArn", &request.resource_arn, target)?;
    let image = world
        .builder
        .shelf(target)
        .images
        .get(&place)
        .ok_or_else(|| not_found(&arn))?;
    if !goal.within_reach(image.status) {
        return Err(refused(format!(
            "The image '{arn}' is {} and can't become {}.",
            image.status, request.state.status
        )));
    }
    if in_progress(world, target, &place) {
        return Err(in_use(format!(
            "The image '{arn}' has a lifecycle execution in progress."
        )));
    }
    if request.include_resources.is_none() {
        arrive(world, target, &place, goal);
        return Ok(json!({ "resourceArn": arn.to_string() }));
    }
    let executions = world.builder.shelf(target).executions.values();
    let running = executions
        .filter(|execution| execution.outcome == Outcome::InProgress)
        .count();
    if running >= MOST_EXECUTIONS {
        return Err(quota(format!(
            "You have reached your quota of {MOST_EXECUTIONS} concurrent resource state updates."
        )));
    }
    let id = format!("lce-{}", world.random.uuid());
    let execution = Execution {
        place: place.clone(),
        goal,
        amis,
        snapshots,
        outcome: Outcome::InProgress,
        impacted: false,
        started: world.now,
        ended: None,
    };
    world.builder.shelf_mut(target).executions.insert(id.clone(), execution);
    if let Some(image) = world.builder.image_mut(target, &place) {
        image.lifecycle_execution = Some(id.clone());
    }
    world.plan(
        TAKES,
        crate::world::Due::ImageBuilder(Due::LifecycleActs {
            target,
            execution: id.clone(),
        }),
    );
    Ok(json!({ "lifecycleExecutionId": id, "resourceArn": arn.to_string() }))
}

/// Whether a lifecycle execution works on this image now.
pub(crate) fn in_progress(world: &World, target: Target, place: &Place) -> bool {
    let mut executions = world.builder.shelf(target).executions.values();
    executions.any(|execution| execution.outcome == Outcome::InProgress && execution.place == *place)
}

/// Sets the state of the image itself. A deleted one is off the books: AWS shows a status DELETED nowhere it says.
fn arrive(world: &mut World, target: Target, place: &Place, goal: Goal) {
    let now = world.now;
    let Some(image) = world.builder.image_mut(target, place) else {
        return;
    };
    match goal {
        Goal::Available => {
            image.status = Status::Available;
            image.deprecated_at = None;
        }
        Goal::Deprecated => {
            image.status = Status::Deprecated;
            image.deprecated_at = Some(now);
        }
        Goal::Disabled => image.status = Status::Disabled,
        Goal::Deleted => {
            world.builder.shelf_mut(target).images.remove(place);
        }
    }
}

/// What became of one AMI.
enum Acted {
    Done,
    /// It does not carry Image Builder's tag.
    Skipped,
    Failed(String),
}

/// An execution's time has come. What it has done to AMIs stays done whatever happens to the next.
pub(crate) fn act(world: &mut World, target: Target, id: &str) {
    let Some(execution) = world.builder.shelf(target).executions.get(id).cloned() else {
        return;
    };
    let Execution {
        place,
        goal,
        amis,
        snapshots,
        ..
    } = &execution;
    let outputs = world
        .builder
        .shelf(target)
        .images
        .get(place)
        .map(|image| image.outputs.clone())
        .unwrap_or_default();
    let (mut skipped, mut failed, mut impacted) = (false, None, false);
    for output in outputs.iter().filter(|_| *amis) {
        match act_on(world, target, *goal, *snapshots, output) {
            Acted::Done => impacted = true,
            Acted::Skipped => skipped = true,
            Acted::Failed(why) => failed = Some(why),
        }
    }
    // An image whose AMIs were not all deleted stays.
    if failed.is_none() && !(skipped && *goal == Goal::Deleted) {
        arrive(world, target, place, *goal);
    }
    let now = world.now;
    if let Some(execution) = world.builder.shelf_mut(target).executions.get_mut(id) {
        execution.outcome = failed.map_or(Outcome::Success, Outcome::Failed);
        execution.impacted = impacted;
        execution.ended = Some(now);
    }
}

fn act_on(world: &mut World, home: Target, goal: Goal, snapshots: bool, output: &Output) -> Acted {
    let Output { target, ami, .. } = output;
    if target.account != home.account && !world.builder.lifecycle_roles.contains(&target.account) {
        let role = format!(
            "arn:{}:iam::{}:role/Ec2ImageBuilderCrossAccountLifecycleAccess",
            target.region.partition(),
            target.account
        );
        return Acted::Failed(format!("Not authorized to perform sts:AssumeRole on resource: {role}"));
    }
    let (now, lag) = (world.now, world.settings.read_lag);
    let plane = world.ec2.plane(target.region);
    // What somebody else has deleted counts as done.
    let Some(image) = plane.image(*ami).cloned() else {
        return Acted::Done;
    };
    if image.tags.get(CREATED_BY.0) != Some(CREATED_BY.1) || image.owner != target.account {
        return Acted::Skipped;
    }
    if goal == Goal::Deleted {
        if !image.protection.allows(now) {
            return Acted::Failed(format!("The AMI '{ami}' has deregistration protection."));
        }
        retire::bury(world, *target, *ami);
        let kept = image.snapshots().filter(|_| snapshots).find(|id| {
            // One that another image starts from is meant to stay.
            !matches!(delete_unless_used(world, *target, *id), "success" | "skipped")
        });
        return kept.map_or(Acted::Done, |id| {
            Acted::Failed(format!("The snapshot '{id}' could not be deleted."))
        });
    }
    let Some(image) = plane.edit_image(*ami, now, lag) else {
        return Acted::Done;
    };
    let was_disabled = image.state == ImageState::Disabled;
    match goal {
        Goal::Deprecated => {
            image.deprecate_at = Some(now);
            image.tags.set(DEPRECATED_BY.0, DEPRECATED_BY.1);
        }
        Goal::Disabled => {
            // Disabling takes all launch permissions, for good.
            image.state = ImageState::Disabled;
            image.launch = None;
            events::image(world, *target, *ami, "disabled", "");
        }
        Goal::Available | Goal::Deleted => {
            image.deprecate_at = None;
            image.tags.retain(|key, _| key != DEPRECATED_BY.0);
            if was_disabled {
                image.state = ImageState::Available;
                events::image(world, *target, *ami, "available", "");
            }
        }
    }
    Acted::Done
}

pub(crate) fn get(world: &mut World, caller: &Caller, input: &Input) -> Result<Value, ApiError> {
    let id = input.query("lifecycleExecutionId")?;
    let execution = world
        .builder
        .shelf(caller.target)
        .executions
        .get(id)
        .ok_or_else(|| not_found(id))?;
    let (status, reason) = match &execution.outcome {
        Outcome::InProgress => ("IN_PROGRESS", None),
        Outcome::Success => ("SUCCESS", None),
        Outcome::Failed(why) => ("FAILED", Some(why)),
    };
    let seconds = |at: Time| at.millis() / 1000;
    Ok(json!({
        "lifecycleExecution": {
            "lifecycleExecutionId": id,
            "resourcesImpactedSummary": { "hasImpactedResources": execution.impacted },
            "state": { "status": status, "reason": reason },
            "startTime": seconds(execution.started),
            "endTime": execution.ended.map(seconds),
        }
    }))
}

#[cfg(test)]
mod tests;
