//! The runs of workflows in a build, and the steps of one. They are kept as long as the build is; AWS keeps them "for a
//! limited time".

use serde::Deserialize;
use serde_json::{Value, json};

use super::super::arn::{Arn, Kind};
use super::super::errors::{invalid, not_found};
use super::super::image::{Image, own_build};
use super::super::request::Input;
use super::super::run::Run;
use super::progress::{self, Begun, Progress, shortened};
use super::steps;
use crate::wire::error::ApiError;
use crate::world::{Caller, Target, World};

const PAGING: [&str; 2] = ["maxResults", "nextToken"];

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct List {
    image_build_version_arn: String,
}

/// `ListWorkflowExecutions`.
pub(super) fn list(world: &mut World, caller: &Caller, input: &Input) -> Result<Value, ApiError> {
    let (
        paging,
        List {
            image_build_version_arn,
        },
    ) = input.paged(&PAGING, &[])?;
    let target = caller.target;
    let (arn, place) = own_build("imageBuildVersionArn", &image_build_version_arn, target)?;
    let image = world.builder.shelf(target).images.get(&place);
    let image = image.ok_or_else(|| not_found(&arn))?;
    let page = paging.cut_list(world, begun(world, target, &arn, image))?;
    let list: Vec<Value> = page
        .items
        .iter()
        .map(|(run, progress)| describe(image, run, progress))
        .collect();
    let message = image.failure.as_ref().map(|failure| shortened(&failure.reason));
    Ok(json!({
        "workflowExecutions": list, "imageBuildVersionArn": arn.to_string(), "message": message, "nextToken": page.next,
    }))
}

/// The runs of a build that have begun.
fn begun(world: &World, target: Target, build: &Arn, image: &Image) -> Vec<(Run, Progress)> {
    let mut before = None;
    let runs = Run::all(target, build, image).into_iter();
    runs.filter_map(|run| {
        let first = before.replace(run.stage) != Some(run.stage);
        let progress = progress::of(world, target, image, &run, first)?;
        Some((run, progress))
    })
    .collect()
}

fn describe(image: &Image, run: &Run, progress: &Progress) -> Value {
    let count = |status: &str| progress.steps.iter().filter(|step| step.status == status).count();
    json!({
        "workflowBuildVersionArn": run.workflow,
        "workflowExecutionId": run.id,
        "type": run.stage.name(),
        "status": progress.status,
        "message": progress.message,
        "totalStepCount": steps::count(image, run),
        "totalStepsSucceeded": count("COMPLETED"),
        "totalStepsFailed": count("FAILED"),
        "totalStepsSkipped": count("SKIPPED"),
        "startTime": progress.start.to_string(),
        "endTime": progress.end.map(|end| end.to_string()),
        "parallelGroup": run.group,
        "retried": false,
    })
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ListSteps {
    workflow_execution_id: String,
}

/// `ListWorkflowStepExecutions`: "the steps that ran". What an id nobody knows answers is not documented.
pub(super) fn list_steps(world: &mut World, caller: &Caller, input: &Input) -> Result<Value, ApiError> {
    let (
        paging,
        ListSteps {
            workflow_execution_id: id,
        },
    ) = input.paged(&PAGING, &[])?;
    let target = caller.target;
    check_id("workflowExecutionId", &id, "wf-")?;
    let found = all_begun(world, target).find(|(_, run, _)| run.id == id);
    let (arn, run, progress) = found.ok_or_else(|| not_found(&id))?;
    let page = paging.cut_list(world, &progress.steps)?;
    let list: Vec<Value> = page.items.into_iter().map(|step| describe_step(&run, step)).collect();
    Ok(json!({
        "steps": list, "workflowBuildVersionArn": run.workflow, "workflowExecutionId": run.id,
        "imageBuildVersionArn": arn.to_string(), "nextToken": page.next,
    }))
}

/// Every run that has begun, of every build.
fn all_begun(world: &World, target: Target) -> impl Iterator<Item = (Arn, Run, Progress)> {
    let builds = world.builder.shelf(target).images.iter();
    builds.flat_map(move |(place, image)| {
        let arn = Arn::of_build(target, Kind::Image, place);
        let begun = begun(world, target, &arn, image).into_iter();
        begun.map(move |(run, progress)| (arn.clone(), run, progress))
    })
}

fn check_id(parameter: &str, id: &str, starts: &str) -> Result<(), ApiError> {
    let digits = id.strip_prefix(starts).unwrap_or_default();
    if digits.len() == 36 && digits.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-') {
        return Ok(());
    }
    Err(invalid(parameter, format_args!("It must be {starts} and a UUID.")))
}

/// `GetWorkflowStepExecution`: of a step that ran. How long it may take is told of those that wait for somebody alone.
pub(super) fn get_step(world: &mut World, caller: &Caller, input: &Input) -> Result<Value, ApiError> {
    let id = input.query("stepExecutionId")?;
    check_id("stepExecutionId", id, "step-")?;
    for (arn, run, progress) in all_begun(world, caller.target) {
        let is_meant = |begun: &&Begun| run.step_id(&begun.step.name) == id;
        if let Some(begun) = progress.steps.iter().find(is_meant) {
            let mut shown = describe_step(&run, begun);
            shown["imageBuildVersionArn"] = Value::from(arn.to_string());
            shown["workflowBuildVersionArn"] = Value::from(run.workflow);
            shown["workflowExecutionId"] = Value::from(run.id);
            shown["onFailure"] = Value::from("Abort");
            shown["timeoutSeconds"] = begun.step.timeout.map(|timeout| timeout.as_secs()).into();
            return Ok(shown);
        }
    }
    Err(not_found(id))
}

fn describe_step(run: &Run, begun: &Begun) -> Value {
    let Begun {
        step,
        status,
        start,
        end,
        message,
    } = begun;
    let text = |value: &Value| (!value.is_null()).then(|| value.to_string());
    let outputs = match *status {
        // "If the step failed, this field contains the error message."
        "FAILED" => message.clone(),
        "COMPLETED" => step.outputs.as_ref().and_then(text),
        _ => None,
    };
    json!({
        "stepExecutionId": run.step_id(&step.name),
        "name": step.name,
        "action": step.action,
        "status": status,
        "message": message,
        "inputs": text(&step.inputs),
        "outputs": outputs,
        "startTime": start.to_string(),
        "endTime": end.map(|end| end.to_string()),
    })
}

#[cfg(test)]
mod tests;
