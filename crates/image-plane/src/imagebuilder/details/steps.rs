//! The steps of a workflow, and when each is due.
//!
//! Those of Amazon's workflows for AMIs are as the reference and its examples show them. The names of the steps of its
//! workflows for containers and for distribution are documented nowhere. A workflow of the account's own is taken to have
//! the steps of Amazon's.

use std::borrow::Cow;
use std::time::Duration;

use serde_json::{Value, json};

use super::super::arn::Arn;
use super::super::component;
use super::super::component::Platform;
use super::super::image::{Image, Status};
use super::super::pipeline::Scanning;
use super::super::recipe::Makes;
use super::super::run::{Run, Stage};
use super::super::waiting;
use crate::time::Time;
use crate::world::{Target, World};

/// A step as its workflow has it.
pub(super) struct Step {
    pub(super) name: Cow<'static, str>,
    pub(super) action: &'static str,
    /// Its condition does not hold.
    pub(super) skipped: bool,
    /// When it is due; `None` for what comes last, when all else is done.
    pub(super) due: Option<Time>,
    pub(super) inputs: Value,
    /// What it has when it is done.
    pub(super) outputs: Option<Value>,
    /// How long it may take, where that is known.
    pub(super) timeout: Option<Duration>,
}

/// The steps of a run that began at this time.
pub(super) fn of(world: &World, target: Target, image: &Image, run: &Run, start: Time) -> Vec<Step> {
    let mut steps = usual(world, target, image, run, start);
    add_gates(&mut steps, image, run);
    steps
}

/// Lets those steps in that wait for somebody. What follows one is due once it is answered.
fn add_gates(steps: &mut Vec<Step>, image: &Image, run: &Run) {
    for held in image.work.gates.iter().filter(|held| held.workflow == run.workflow) {
        let Some(since) = held.since else { continue };
        let follows = |step: &Step| step.due.is_none_or(|due| due >= since);
        let at = steps.iter().position(follows).unwrap_or(steps.len());
        let resumed = held.resumed.as_ref();
        match resumed {
            None => steps.truncate(at),
            Some(resumed) => {
                for step in steps.iter_mut().skip(at) {
                    step.due = step.due.map(|due| due.max(resumed.at));
                }
            }
        }
        let outputs = resumed.map(|resumed| json!({ "action": "RESUME", "reason": resumed.reason }));
        let step = Step {
            name: Cow::Owned(held.gate.step.clone()),
            outputs,
            timeout: Some(held.gate.timeout),
            ..Step::new(("", waiting::ACTION), Some(since))
        };
        steps.insert(at, step);
    }
}

fn usual(world: &World, target: Target, image: &Image, run: &Run, start: Time) -> Vec<Step> {
    let container = matches!(image.recipe.makes, Makes::Container(_));
    let idle = |in_test| !acts(world, target, image, in_test);
    let windows = image.recipe.platform == Platform::Windows;
    let scans = image.scanning.as_ref().is_some_and(Scanning::enabled);
    match run.stage {
        Stage::Build if container => {
            let steps = [
                (LAUNCH_BUILD, false),
                (("BootstrapBuildInstance", "BootstrapInstanceForContainer"), false),
                (APPLY_BUILD, idle(false)),
            ];
            let mut steps = spread(&steps, start, world.settings.build.building);
            give_instance(&mut steps, Some(run.instance().to_string()));
            steps
        }
        Stage::Build => {
            let steps = [
                (LAUNCH_BUILD, false),
                (APPLY_BUILD, idle(false)),
                (("InventoryCollection", "CollectImageMetadata"), !image.enhanced),
                (("RunSanitizeScript", "SanitizeInstance"), windows),
                (("RunSysPrepScript", "RunSysPrep"), !windows),
            ];
            let building = world.settings.build.building;
            let mut steps = spread(&steps, start, building);
            steps.push(Step::new(("CreateOutputAMI", "CreateImage"), Some(start + building)));
            steps.push(Step::new(("TerminateBuildInstance", "TerminateInstance"), None));
            let made = image.work.ami;
            let made = made.and_then(|ami| Some((ami, world.ec2.get(target.region)?.image(ami)?)));
            // The model knows the build machine once it is imaged.
            let machine = made.and_then(|(_, ami)| ami.source_instance);
            give_instance(&mut steps, machine.map(|machine| machine.to_string()));
            for step in &mut steps {
                step.outputs = match step.action {
                    "CollectImageMetadata" => image.os_version.as_ref().map(|system| json!({ "osVersion": system })),
                    "SanitizeInstance" => Some(json!({ "status": "Success" })),
                    "CreateImage" => made.map(|(ami, _)| json!({ "imageId": ami.to_string() })),
                    _ => step.outputs.take(),
                };
            }
            steps
        }
        Stage::Test => {
            let steps = [
                (("LaunchTestInstance", "LaunchInstance"), false),
                (("CollectImageScanFindings", "CollectImageScanFindings"), !scans),
                (("ApplyTestComponents", "ExecuteComponents"), idle(true)),
            ];
            let mut steps = spread(&steps, start, world.settings.build.testing);
            steps.push(Step::new(("TerminateTestInstance", "TerminateInstance"), None));
            give_instance(&mut steps, Some(run.instance().to_string()));
            steps
        }
        Stage::Distribution => {
            let integrating = image.walk.entered(Status::Integrating);
            let mut steps = vec![Step::new(("DistributeImage", "DistributeImage"), Some(start))];
            for named in [
                ("ModifyImageAttributes", "ModifyImageAttributes"),
                ("ApplyImageConfigurations", "ApplyImageConfigurations"),
            ] {
                steps.extend(integrating.map(|at| Step::new(named, Some(at))));
            }
            steps
        }
    }
}

/// How many steps a run has, before any of them has run.
pub(super) fn count(image: &Image, run: &Run) -> usize {
    let gates = image.work.gates.iter();
    let usual = match run.stage {
        Stage::Build if matches!(image.recipe.makes, Makes::Container(_)) => 3,
        Stage::Build => 7,
        Stage::Test => 4,
        Stage::Distribution => 3,
    };
    usual + gates.filter(|held| held.workflow == run.workflow).count()
}

/// The step in which a stage fails where the failure does not say it.
pub(super) const fn suspect(stage: Status) -> &'static str {
    match stage {
        Status::Testing => "ApplyTestComponents",
        Status::Distributing => "DistributeImage",
        Status::Integrating => "ApplyImageConfigurations",
        _ => APPLY_BUILD.0,
    }
}

type Named = (&'static str, &'static str);

const LAUNCH_BUILD: Named = ("LaunchBuildInstance", "LaunchInstance");
const APPLY_BUILD: Named = ("ApplyBuildComponents", "ExecuteComponents");

impl Step {
    const fn new((name, action): Named, due: Option<Time>) -> Self {
        Self {
            name: Cow::Borrowed(name),
            action,
            skipped: false,
            due,
            inputs: Value::Null,
            outputs: None,
            timeout: None,
        }
    }
}

/// Steps that share a time evenly. What is skipped is due with the step after it, and takes none.
fn spread(steps: &[(Named, bool)], start: Time, time: Duration) -> Vec<Step> {
    let shares = steps.iter().filter(|(_, skipped)| !skipped).count();
    let share = u32::try_from(shares).map_or(time, |shares| time / shares.max(1));
    let mut due = start;
    let mut spread = Vec::new();
    for &(named, skipped) in steps {
        spread.push(Step {
            skipped,
            ..Step::new(named, Some(due))
        });
        if !skipped {
            due = due + share;
        }
    }
    spread
}

/// Tells the launch what it launched and the others what they work on, as far as that is known.
fn give_instance(steps: &mut [Step], instance: Option<String>) {
    let known = instance.map(|instance| json!({ "instanceId": instance }));
    for step in steps {
        if step.action == "LaunchInstance" {
            step.inputs = json!({ "waitFor": "ssmAgent" });
            step.outputs.clone_from(&known);
        } else if !step.skipped {
            step.inputs = known.clone().unwrap_or_default();
        }
    }
}

/// Whether the recipe has components that act in the tests, or else in the build.
fn acts(world: &World, target: Target, image: &Image, in_test: bool) -> bool {
    image.recipe.components.iter().flatten().any(|part| {
        let arn = Arn::parse("componentArn", &part.component_arn);
        let found = arn.and_then(|arn| component::find(world, target, &arn));
        // One that was deleted since is taken to have acted.
        found.map_or(true, |(_, component)| component.document.acts(in_test))
    })
}
