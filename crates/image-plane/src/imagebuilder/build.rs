//! The walk of a build: PENDING, CREATING, BUILDING, TESTING, DISTRIBUTING, INTEGRATING, AVAILABLE, in the model's time.

use std::time::Duration;

use serde::Deserialize;
use serde_json::{Value, json};

use super::arn::{Arn, Kind, Place, normalise};
use super::check::TagMap;
use super::distribution::Distribution;
use super::errors::{combination, not_found, quota, request as refused};
use super::failure::{Failure, FailureCause};
use super::finding::Findings;
use super::image::{Image, Status, Work, own_build};
use super::infrastructure::Infrastructure;
use super::pipeline::{Scanning, Tests};
use super::recipe::{Makes, Recipe, container};
use super::request::Input;
use super::run::{Run, Stage};
use super::walk::Walk;
use super::{Due, component, distribute, machine, parent, push, sns, waiting, workflow};
use crate::wire::error::ApiError;
use crate::world::{Caller, Target, World};

/// Builds an account may have under way in a Region.
const MOST_BUILDS: usize = 100;
/// How often a distribution looks whether its copies are there.
const LOOK_EVERY: Duration = Duration::from_secs(15);

/// Everything a build is made from.
#[derive(Debug)]
pub(crate) struct Order {
    pub(crate) recipe: Recipe,
    pub(crate) infrastructure: Infrastructure,
    pub(crate) distribution: Option<Distribution>,
    pub(crate) tests: Tests,
    pub(crate) scanning: Option<Scanning>,
    pub(crate) enhanced: bool,
    pub(crate) workflows: Option<Vec<workflow::Use>>,
    pub(crate) execution_role: Option<String>,
    pub(crate) log_group: Option<String>,
    pub(crate) pipeline: Option<String>,
    pub(crate) tags: TagMap,
}

/// Puts a new build version on the books, PENDING, under the next number of its version.
pub(crate) fn start(world: &mut World, target: Target, order: Order) -> Result<Place, ApiError> {
    let under_way = world
        .builder
        .shelf(target)
        .images
        .values()
        .filter(|image| image.status.under_way())
        .count();
    if under_way >= MOST_BUILDS {
        return Err(quota(format!(
            "You have reached your quota of {MOST_BUILDS} concurrent builds."
        )));
    }
    // A watermarked parent is found out only when its AMI would become public.
    if order.distribution.as_ref().is_some_and(|to| to.settings.is_public()) && order.recipe.is_watermarked() {
        return Err(combination("A recipe with watermarks can't be distributed publicly."));
    }
    let Order {
        recipe,
        infrastructure,
        distribution,
        tests,
        scanning,
        enhanced,
        workflows,
        execution_role,
        log_group,
        pipeline,
        tags,
    } = order;
    let plan = pipeline
        .as_ref()
        .and_then(|pipeline| world.builder.plans.get_mut(pipeline));
    let mut work = plan.map_or_else(Work::default, |plan| Work {
        failure: plan.failures.pop_front(),
        found: plan.found.clone(),
        packages: plan.packages.clone(),
        test_only: plan.test_only,
        ..Work::default()
    });
    work.gates = waiting::gates(world, workflows.as_deref());
    let lag = world.settings.list_lag;
    let listed = world.now + world.draw_up_to(lag);
    let version = (normalise(&recipe.name), recipe.version);
    let shelf = world.builder.shelf_mut(target);
    let build = shelf.last_builds.entry(version.clone()).or_insert(0);
    *build += 1;
    let place = (version.0, version.1, *build);
    let image = Image {
        status: Status::Pending,
        failure: None,
        recipe,
        infrastructure,
        distribution,
        tests,
        scanning,
        scanned: None,
        enhanced,
        workflows,
        execution_role,
        log_group,
        pipeline,
        tags,
        created: world.now,
        listed,
        source: None,
        os_version: None,
        outputs: Vec::new(),
        containers: Vec::new(),
        deprecated_at: None,
        lifecycle_execution: None,
        walk: Walk::from(world.now),
        work,
    };
    shelf.images.insert(place.clone(), image);
    plan_advance(world, target, &place, Status::Pending, world.settings.build.starting);
    Ok(place)
}

pub(crate) fn plan_advance(world: &mut World, target: Target, place: &Place, from: Status, after: Duration) {
    world.plan(
        after,
        crate::world::Due::ImageBuilder(Due::BuildAdvances {
            target,
            place: place.clone(),
            from,
        }),
    );
}

/// The time of a state has passed: the build goes on, waits for what is not there yet, or fails.
pub(crate) fn advance(world: &mut World, target: Target, place: &Place, from: Status) {
    let Some(image) = world.builder.shelf(target).images.get(place) else {
        return;
    };
    if image.status != from || image.work.cancelling {
        return;
    }
    let asked = image
        .work
        .failure
        .clone()
        .filter(|failure| failure.stage.status() == from);
    // Failing Regions are the distribution's own business: the other Regions get their AMI.
    if let Some(asked) =
        asked.filter(|asked| !(from == Status::Distributing && matches!(asked.cause, FailureCause::Regions(_))))
    {
        let arn = Arn::of_build(target, Kind::Image, place);
        let image = image.clone();
        let failure = Failure::asked_for(&mut world.random, target, &arn, &image, &asked);
        return fail(world, target, place, failure);
    }
    if waiting::holds(world, target, place, from) {
        return;
    }
    let Some(image) = world.builder.shelf(target).images.get(place) else {
        return;
    };
    let test_only = image.work.test_only;
    let tests = image.tests.enabled();
    let container = matches!(image.recipe.makes, Makes::Container(_));
    let times = world.settings.build;
    let result = match from {
        Status::Pending => {
            enter(world, target, place, Status::Creating, times.starting);
            Ok(())
        }
        Status::Creating => {
            resolve(world, target, place).map(|()| enter(world, target, place, Status::Building, times.building))
        }
        Status::Building if test_only => {
            enter(world, target, place, Status::Testing, times.testing);
            Ok(())
        }
        Status::Building if container => pull(world, target, place).map(|()| {
            if tests {
                enter(world, target, place, Status::Testing, times.testing);
            } else {
                distribute(world, target, place);
            }
        }),
        Status::Building => machine::build(world, target, place).map(|ready| match ready {
            machine::Ready::After(wait) => plan_advance(world, target, place, from, wait),
            machine::Ready::Now if tests => {
                machine::launch_for_test(world, target, place);
                enter(world, target, place, Status::Testing, times.testing);
            }
            machine::Ready::Now => distribute(world, target, place),
        }),
        Status::Testing => push::to_be_scanned(world, target, place).map(|()| {
            scan(world, target, place);
            distribute(world, target, place);
        }),
        Status::Distributing if container && !test_only => push::distribute(world, target, place)
            .map(|()| enter(world, target, place, Status::Integrating, times.integrating)),
        Status::Distributing => distribute::look(world, target, place).map(|done| {
            if done {
                enter(world, target, place, Status::Integrating, times.integrating);
            } else {
                plan_advance(world, target, place, from, LOOK_EVERY);
            }
        }),
        Status::Integrating => {
            distribute::publish(world, target, place);
            enter(world, target, place, Status::Available, Duration::ZERO);
            Ok(())
        }
        _ => Ok(()),
    };
    if let Err(failure) = result {
        fail(world, target, place, failure);
    }
}

fn distribute(world: &mut World, target: Target, place: &Place) {
    distribute::start(world, target, place);
    let least = world.settings.build.distributing;
    enter(world, target, place, Status::Distributing, least);
}

/// Enters a state, says so, and plans to leave it where it does not last.
fn enter(world: &mut World, target: Target, place: &Place, status: Status, stay: Duration) {
    let now = world.now;
    let Some(image) = world.builder.image_mut(target, place) else {
        return;
    };
    let before = std::mem::replace(&mut image.status, status);
    image.walk.enter(status, now);
    if status != Status::Creating {
        let arn = Arn::of_build(target, Kind::Image, place).to_string();
        let detail =
            json!({ "previous-state": { "status": before.to_string() }, "state": { "status": status.to_string() } });
        world.emit(
            target,
            "aws.imagebuilder",
            "EC2 Image Builder Image State Change",
            &[arn],
            &detail,
        );
    }
    if matches!(status, Status::Available | Status::Failed) {
        sns::publish(world, target, place);
    }
    if status.under_way() {
        plan_advance(world, target, place, status, stay);
    }
}

/// Ends a build. AMIs it has already made or copied stay where they are, and the image does not name them.
pub(crate) fn fail(world: &mut World, target: Target, place: &Place, failure: Failure) {
    if let Some(image) = world.builder.image_mut(target, place) {
        image.failure = Some(failure);
        enter(world, target, place, Status::Failed, Duration::ZERO);
    }
}

/// Makes the recipe concrete: wildcards and parameters become what they mean now.
fn resolve(world: &mut World, target: Target, place: &Place) -> Result<(), Failure> {
    let Some(image) = world.builder.shelf(target).images.get(place) else {
        return Ok(());
    };
    let failed = |why: String| Failure::before_workflows(Status::Creating, why);
    let mut components = image.recipe.components.clone();
    for part in components.iter_mut().flatten() {
        let arn = Arn::parse("componentArn", &part.component_arn)
            .and_then(|arn| component::find(world, target, &arn))
            .map_err(|error| failed(error.message))?;
        part.component_arn = arn.0.to_string();
    }
    if let Makes::Container(_) = image.recipe.makes {
        let base = container::base(world, target, &image.recipe).map_err(failed)?;
        if let Some(image) = world.builder.image_mut(target, place) {
            image.recipe.components = components;
            image.recipe.parent_image = base.shown;
            image.source = Some("CUSTOM");
            image.os_version = base.system;
        }
        return Ok(());
    }
    let parent = parent::resolve(world, target, &image.recipe.parent_image).map_err(failed)?;
    let base = machine::launch(world, target, parent.ami).map(Box::new);
    if let Some(image) = world.builder.image_mut(target, place) {
        image.recipe.components = components;
        image.recipe.parent_image.clone_from(&parent.shown);
        image.source = Some(parent.source);
        image.os_version.clone_from(&parent.os_version);
        image.work.parent = Some(parent);
        image.work.base = base;
    }
    Ok(())
}

/// Pulls what a container image is built on.
fn pull(world: &mut World, target: Target, place: &Place) -> Result<(), Failure> {
    let Some(image) = world.builder.shelf(target).images.get(place) else {
        return Ok(());
    };
    let base = image.recipe.parent_image.clone();
    // Which step fails AWS does not say.
    container::pull(world, target, &base).map_err(|why| Failure::before_workflows(Status::Building, why))
}

/// Reports what Inspector found on the test instance, zeros too.
fn scan(world: &mut World, target: Target, place: &Place) {
    let now = world.now;
    let Some(image) = world.builder.image_mut(target, place) else {
        return;
    };
    if !image.scanning.as_ref().is_some_and(Scanning::enabled) {
        return;
    }
    image.scanned = Some(now);
    let Findings {
        all,
        critical,
        high,
        medium,
    } = image.work.found.counts();
    let arn = Arn::of_build(target, Kind::Image, place);
    let instance = Run::of(target, &arn, image, Stage::Test).instance();
    let resources: Vec<String> = [arn.to_string()].into_iter().chain(image.pipeline.clone()).collect();
    let counts = json!({ "all": all, "critical": critical, "high": high, "medium": medium });
    let detail = json!({ "resource-id": instance.to_string(), "finding-severity-counts": counts });
    world.emit(
        target,
        "aws.imagebuilder",
        "EC2 Image Builder CVE Detected",
        &resources,
        &detail,
    );
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Cancel {
    image_build_version_arn: String,
    #[serde(rename = "clientToken")]
    _client_token: String,
}

/// Cancels a build that is under way. It comes to rest a little later; what it has made stays.
pub(crate) fn cancel(world: &mut World, caller: &Caller, input: &Input) -> Result<Value, ApiError> {
    let request: Cancel = input.body()?;
    let target = caller.target;
    let (arn, place) = own_build("imageBuildVersionArn", &request.image_build_version_arn, target)?;
    let image = world.builder.image_mut(target, &place).ok_or_else(|| not_found(&arn))?;
    if !image.status.under_way() {
        return Err(refused(format!(
            "The image '{arn}' is {} and can't be cancelled.",
            image.status
        )));
    }
    image.work.cancelling = true;
    // How long it takes is not documented; here as long as a build takes to start.
    world.plan(
        world.settings.build.starting,
        crate::world::Due::ImageBuilder(Due::BuildStops { target, place }),
    );
    Ok(json!({ "imageBuildVersionArn": arn.to_string() }))
}

/// A cancelled build has come to rest.
pub(crate) fn stop(world: &mut World, target: Target, place: &Place) {
    if world
        .builder
        .shelf(target)
        .images
        .get(place)
        .is_some_and(|image| image.status.under_way())
    {
        enter(world, target, place, Status::Cancelled, Duration::ZERO);
    }
}

#[cfg(test)]
mod tests;
