//! Workflows, as pipelines name them: which there are, and what may be said of them. What one says is never read: every
//! build walks the same way.

use serde::{Deserialize, Serialize};

use super::arn::{Pattern, Version};
use super::check;
use super::errors::{invalid, request as refused};
use crate::wire::error::ApiError;
use crate::world::{Target, World};

/// Of one image.
const MOST: usize = 10;
/// Those of Amazon's that every account has, all in version 1.0.2.
const MANAGED: [&str; 5] = [
    "build/build-container",
    "build/build-image",
    "test/test-container",
    "test/test-image",
    "distribution/distribute-image",
];

/// A workflow in a pipeline.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Use {
    pub(crate) workflow_arn: String,
    parameters: Option<Vec<Parameter>>,
    pub(crate) parallel_group: Option<String>,
    on_failure: Option<String>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Parameter {
    name: String,
    value: Vec<String>,
}

/// Workflows must exist, and run as a role of the account's own. Which parameters they take is not looked at.
pub(crate) fn check(world: &World, target: Target, uses: Option<&[Use]>, role: Option<&str>) -> Result<(), ApiError> {
    let Some(uses) = uses else { return Ok(()) };
    check::count("workflows", uses.len(), 1..=MOST)?;
    if role.is_none() {
        return Err(refused("Custom workflows need an executionRole."));
    }
    for (at, used) in uses.iter().enumerate() {
        let parameter = |member: &str| format!("workflows[{at}].{member}");
        let is_test = used.workflow_arn.contains(":workflow/test/");
        if resolve(world, target, &used.workflow_arn).is_none() {
            let why = format!("The workflow '{}' does not exist.", used.workflow_arn);
            return Err(invalid(parameter("workflowArn"), why));
        }
        if let Some(reaction) = &used.on_failure {
            check::one_of(&parameter("onFailure"), reaction, &["CONTINUE", "ABORT"])?;
        }
        if !is_test && (used.on_failure.is_some() || used.parallel_group.is_some()) {
            return Err(refused("onFailure and parallelGroup are for test workflows only."));
        }
        for Parameter { name, value } in used.parameters.iter().flatten() {
            check::length(&parameter("parameters.name"), name, 1..=128)?;
            check::count(&parameter("parameters.value"), value.len(), 1..=usize::MAX)?;
        }
    }
    Ok(())
}

/// The workflows with their wildcards filled in, as a build that starts now runs them.
pub(crate) fn resolved(world: &World, target: Target, uses: Option<&[Use]>) -> Option<Vec<Use>> {
    let concrete = |used: &Use| Use {
        workflow_arn: resolve(world, target, &used.workflow_arn).unwrap_or_else(|| used.workflow_arn.clone()),
        ..used.clone()
    };
    uses.map(|uses| uses.iter().map(concrete).collect())
}

/// The build version of a workflow of Amazon's: `build/build-image`.
pub(crate) fn managed(target: Target, name: &str) -> String {
    let region = target.region;
    format!(
        "arn:{}:imagebuilder:{region}:aws:workflow/{name}/1.0.2/1",
        region.partition()
    )
}

/// The build version an ARN means, the newest where it means several.
fn resolve(world: &World, target: Target, arn: &str) -> Option<String> {
    let Target { account, region } = target;
    let of = |owner: &str| format!("arn:{}:imagebuilder:{region}:{owner}:workflow/", region.partition());
    if let Some(rest) = arn.strip_prefix(&of("aws")) {
        let (name, version) = MANAGED
            .iter()
            .find_map(|name| Some((name, rest.strip_prefix(*name)?.strip_prefix('/')?)))?;
        let version = version.strip_suffix("/1").unwrap_or(version);
        let meant = Pattern::read("workflowArn", version).is_ok_and(|pattern| pattern.matches(Version::new(1, 0, 2)));
        return meant.then(|| managed(target, name));
    }
    let own = of(&account.to_string());
    let wanted = arn.strip_prefix(&own)?;
    let known = world.builder.workflows.iter();
    let fitting = known.filter_map(|known| {
        let version = version_if_meant(wanted, known.strip_prefix(&own)?)?;
        Some((version, known.clone()))
    });
    fitting.max().map(|(_, known)| known)
}

/// `build/name/1.x.x` or the very build against `build/name/1.2.3/1`.
fn version_if_meant(wanted: &str, known: &str) -> Option<Version> {
    let (name, _build) = known.rsplit_once('/')?;
    let (name, version) = name.rsplit_once('/')?;
    let version = Version::read("workflowArn", version).ok()?;
    if wanted == known {
        return Some(version);
    }
    let (wanted, pattern) = wanted.rsplit_once('/')?;
    let pattern = Pattern::read("workflowArn", pattern).ok()?;
    (wanted == name && pattern.matches(version)).then_some(version)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::testing::Bench;

    fn with(bench: &mut Bench, workflows: Value, role: Option<&str>) -> u16 {
        let mut request = bench.pipeline_request("web");
        request["workflows"] = workflows;
        request["executionRole"] = json!(role);
        request["dryRun"] = json!(true);
        bench.refused("CreateImagePipeline", request).0
    }

    #[test]
    fn a_pipeline_keeps_and_shows_the_workflows_it_names() {
        let mut bench = Bench::new();
        bench.family("web");
        let own = bench.world.place_workflow(bench.hub, "test", "smoke", "1.2.3");
        let workflows = json!([
            { "workflowArn": "arn:aws:imagebuilder:eu-west-1:aws:workflow/build/build-image/x.x.x" },
            { "workflowArn": own, "parallelGroup": "one", "onFailure": "CONTINUE", "parameters": [{ "name": "Wait", "value": ["5"] }] },
        ]);
        let mut request = bench.pipeline_request("web");
        request["workflows"] = workflows.clone();
        request["executionRole"] = json!("arn:aws:iam::111122223333:role/ImageBuilder");
        let pipeline = bench.ok("CreateImagePipeline", request)["imagePipelineArn"].clone();
        let shown = bench.get("GetImagePipeline", "imagePipelineArn", pipeline.as_str().unwrap());
        assert_eq!(shown["imagePipeline"]["workflows"], workflows);
    }

    #[test]
    fn workflows_must_exist_and_have_a_role_and_only_tests_may_fail() {
        let mut bench = Bench::new();
        bench.family("web");
        bench.world.place_workflow(bench.hub, "build", "own", "1.2.3");
        let arn = |rest: &str| format!("arn:aws:imagebuilder:eu-west-1:{rest}");
        let role = Some("ImageBuilder");
        for name in [
            "111122223333:workflow/build/own/1.2.x",
            "111122223333:workflow/build/own/x.x.x",
            "aws:workflow/test/test-image/1.x.x",
        ] {
            assert_eq!(
                with(&mut bench, json!([{ "workflowArn": arn(name) }]), role),
                412,
                "{name}"
            );
            assert_eq!(
                with(&mut bench, json!([{ "workflowArn": arn(name) }]), None),
                400,
                "{name}"
            );
        }
        for name in [
            "111122223333:workflow/build/own/2.x.x",
            "111122223333:workflow/test/own/1.2.3",
            "aws:workflow/test/test-image/2.x.x",
            "aws:workflow/test/other/x.x.x",
        ] {
            assert_eq!(
                with(&mut bench, json!([{ "workflowArn": arn(name) }]), role),
                400,
                "{name}"
            );
        }
        let build = arn("111122223333:workflow/build/own/1.2.3/1");
        assert_eq!(
            with(
                &mut bench,
                json!([{ "workflowArn": build, "onFailure": "ABORT" }]),
                role
            ),
            400
        );
        assert_eq!(with(&mut bench, json!([]), role), 400);
    }
}
