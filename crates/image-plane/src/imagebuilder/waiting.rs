//! Steps of workflows that wait until somebody answers them: `WaitForAction`, each at the end of its workflow of a build or of
//! tests. Several of one stage wait side by side.
//!
//! By which error AWS refuses an answer that comes too late, or a second one, is documented nowhere; here it is an invalid request. A
//! step that was stopped fails its build: that a document may go on all the same is not modelled.

use std::time::Duration;

use serde::Deserialize;
use serde_json::{Value, json};

use super::arn::{Arn, Kind, Place};
use super::errors::{invalid, not_found, request as refused};
use super::failure::Failure;
use super::image::{Image, Status, own_build};
use super::request::Input;
use super::run::{Run, Stage};
use super::workflow::Use;
use super::{Due, build, check};
use crate::time::Time;
use crate::wire::error::ApiError;
use crate::world::{Caller, Target, World};

/// What a step that waits does, in its document.
pub(crate) const ACTION: &str = "WaitForAction";

/// A step that waits, as its workflow has it.
#[derive(Clone, Debug)]
pub(crate) struct Gate {
    pub(crate) step: String,
    /// The build fails after so long.
    pub(crate) timeout: Duration,
}

/// The same in a build.
#[derive(Clone, Debug)]
pub(crate) struct Held {
    pub(crate) workflow: String,
    pub(crate) gate: Gate,
    /// None before its workflow has come to it.
    pub(crate) since: Option<Time>,
    /// None while it waits.
    pub(crate) resumed: Option<Resumed>,
}

/// An answer that let a build go on.
#[derive(Clone, Debug)]
pub(crate) struct Resumed {
    pub(crate) at: Time,
    pub(crate) reason: Option<String>,
}

/// The steps in which a build with these workflows is going to wait.
pub(crate) fn gates(world: &World, workflows: Option<&[Use]>) -> Vec<Held> {
    let uses = workflows.into_iter().flatten();
    let held = uses.filter_map(|used| {
        let gate = world.builder.gates.get(&used.workflow_arn)?;
        Some(Held {
            workflow: used.workflow_arn.clone(),
            gate: gate.clone(),
            since: None,
            resumed: None,
        })
    });
    held.collect()
}

/// The runs of a build, each with those of its steps that have begun to wait, by their places.
fn begun(target: Target, place: &Place, image: &Image) -> Vec<(Run, usize)> {
    let arn = Arn::of_build(target, Kind::Image, place);
    let runs = Run::all(target, &arn, image).into_iter();
    let held = |run: Run| {
        let steps = image.work.gates.iter().enumerate();
        let of_run = steps.filter(|(_, held)| held.workflow == run.workflow && held.since.is_some());
        of_run.map(|(at, _)| (run.clone(), at)).collect::<Vec<_>>()
    };
    runs.flat_map(held).collect()
}

/// Whether a build waits for somebody before it leaves this state. Steps that it comes to now begin to wait, and say so.
pub(crate) fn holds(world: &mut World, target: Target, place: &Place, from: Status) -> bool {
    let now = world.now;
    if !matches!(from, Status::Building | Status::Testing) {
        return false;
    }
    let stage = Stage::of(from);
    let arn = Arn::of_build(target, Kind::Image, place);
    let Some(image) = world.builder.image_mut(target, place) else {
        return false;
    };
    let runs = Run::all(target, &arn, image).into_iter();
    let runs: Vec<Run> = runs.filter(|run| run.stage == stage).collect();
    let (mut waits, mut come_to) = (false, Vec::new());
    for held in &mut image.work.gates {
        let Some(run) = runs.iter().find(|run| run.workflow == held.workflow) else {
            continue;
        };
        waits |= held.resumed.is_none();
        if held.since.is_none() {
            held.since = Some(now);
            come_to.push((run.clone(), held.gate.clone()));
        }
    }
    for (run, Gate { step, timeout }) in come_to {
        let id = run.step_id(&step);
        let detail = json!({
            "workflow-execution-id": run.id, "workflow-step-execution-id": id, "workflow-step-name": step,
        });
        let about = [arn.to_string(), run.workflow];
        world.emit(
            target,
            "aws.imagebuilder",
            "EC2 Image Builder Workflow Step Waiting",
            &about,
            &detail,
        );
        let due = Due::StepTimesOut { target, step: id };
        world.plan(timeout, crate::world::Due::ImageBuilder(due));
    }
    waits
}

/// The step of this id that a build has come to, and the run that it is of.
fn find(world: &World, target: Target, id: &str) -> Option<(Place, Run, usize)> {
    let builds = world.builder.shelf(target).images.iter();
    builds
        .flat_map(|(place, image)| {
            let begun = begun(target, place, image).into_iter();
            begun.map(move |(run, at)| (place, image, run, at))
        })
        .find(|(_, image, run, at)| run.step_id(&image.work.gates[*at].gate.step) == id)
        .map(|(place, _, run, at)| (place.clone(), run, at))
}

/// Whether a step of a build waits for somebody.
fn is_open(image: &Image, held: &Held) -> bool {
    image.status.under_way() && !image.work.cancelling && held.since.is_some() && held.resumed.is_none()
}

/// Nobody has answered a step in its time: the build fails.
pub(crate) fn time_out(world: &mut World, target: Target, id: &str) {
    let Some((place, run, at)) = find(world, target, id) else {
        return;
    };
    let Some(image) = world.builder.shelf(target).images.get(&place) else {
        return;
    };
    let held = &image.work.gates[at];
    if is_open(image, held) {
        let why = format!(
            "Step timed out while step is {ACTION}, timeout: {:?}",
            held.gate.timeout
        );
        let failure = Failure::of_step(&run, &held.gate.step, &why, &Value::Null);
        build::fail(world, target, &place, failure);
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct List {}

/// `ListWaitingWorkflowSteps`: of all builds of the account in the Region.
pub(super) fn list(world: &mut World, caller: &Caller, input: &Input) -> Result<Value, ApiError> {
    let (paging, List {}) = input.paged(&["maxResults", "nextToken"], &[])?;
    let target = caller.target;
    let builds = world.builder.shelf(target).images.iter();
    let open = builds.flat_map(|(place, image)| {
        let begun = begun(target, place, image).into_iter();
        let held = begun.map(move |(run, at)| (place, run, &image.work.gates[at]));
        held.filter(move |(_, _, held)| is_open(image, held))
    });
    let page = paging.cut_list(world, open)?;
    let steps: Vec<Value> = page
        .items
        .into_iter()
        .map(|(place, run, held)| {
            json!({
                "stepExecutionId": run.step_id(&held.gate.step),
                "imageBuildVersionArn": Arn::of_build(target, Kind::Image, place).to_string(),
                "workflowExecutionId": run.id,
                "workflowBuildVersionArn": run.workflow,
                "name": held.gate.step,
                "action": ACTION,
                "startTime": held.since.map(|since| since.to_string()),
            })
        })
        .collect();
    Ok(json!({ "steps": steps, "nextToken": page.next }))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Sent {
    step_execution_id: String,
    image_build_version_arn: String,
    action: String,
    reason: Option<String>,
    #[serde(rename = "clientToken")]
    _client_token: String,
}

/// `SendWorkflowStepAction`.
pub(super) fn send(world: &mut World, caller: &Caller, input: &Input) -> Result<Value, ApiError> {
    let Sent {
        step_execution_id: id,
        image_build_version_arn,
        action,
        reason,
        _client_token: _,
    } = input.body()?;
    check::one_of("action", &action, &["RESUME", "STOP"])?;
    if let Some(reason) = &reason {
        check::length("reason", reason, 1..=1_024)?;
    }
    let target = caller.target;
    let (arn, place) = own_build("imageBuildVersionArn", &image_build_version_arn, target)?;
    let (of, run, at) = find(world, target, &id).ok_or_else(|| not_found(&id))?;
    if of != place {
        return Err(invalid("imageBuildVersionArn", "It is not the image of the step."));
    }
    let now = world.now;
    let image = world.builder.image_mut(target, &place).ok_or_else(|| not_found(&arn))?;
    if !is_open(image, &image.work.gates[at]) {
        return Err(refused(format!(
            "The workflow step '{id}' isn't waiting for an action."
        )));
    }
    if action == "RESUME" {
        let status = image.status;
        image.work.gates[at].resumed = Some(Resumed { at: now, reason });
        build::plan_advance(world, target, &place, status, Duration::ZERO);
    } else {
        let step = image.work.gates[at].gate.step.clone();
        let why = reason.unwrap_or_else(|| String::from("The step was stopped."));
        let failure = Failure::of_step(&run, &step, &why, &Value::Null);
        build::fail(world, target, &place, failure);
    }
    Ok(json!({ "stepExecutionId": id, "imageBuildVersionArn": arn.to_string() }))
}

#[cfg(test)]
mod tests;
