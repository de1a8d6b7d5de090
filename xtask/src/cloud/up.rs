use std::path::PathBuf;

use super::ground::Ground;
use super::tools::Tools;
use super::{deploy, server, story};
use crate::failure::Failure;
use crate::progress::{Progress, Steps};
use crate::workshop::Workshop;

/// Brings the cloud up, deploys into it, and shows what the system does. Run again, it updates.
pub(crate) fn up(workshop: &Workshop, port: u16) -> Result<(), Failure> {
    let ground = Ground::of_people(workshop, port);
    let tools = bring_up(workshop, &ground)?;
    story::tell(&ground, workshop, &tools)
}

/// The same for tests, without the story; says where Python and its tools are, and by what programs follow the cloud's clock.
pub(crate) fn deployed(workshop: &Workshop, ground: &Ground) -> Result<(PathBuf, PathBuf), Failure> {
    let tools = bring_up(workshop, ground)?;
    let faketime = tools.faketime.clone().ok_or(Failure::NoClock)?;
    Steps::new(1, &ground.log("lint"))?.step("checking the templates (cfn-lint, sam validate)", |progress| {
        deploy::lint(ground, workshop, &tools, progress)
    })?;
    Ok((tools.bin, faketime))
}

fn bring_up(workshop: &Workshop, ground: &Ground) -> Result<Tools, Failure> {
    // Before minutes of building, not after them.
    server::ports_are_ours(ground)?;
    let mut steps = Steps::new(7, &ground.log("up"))?;
    let tools = steps.step("preparing the tools", |progress| Tools::prepare(workshop, progress))?;
    if tools.faketime.is_none() {
        println!("{}: functions will live in this computer's time.", Failure::NoClock);
    }
    let (ground, tools_there) = (ground, &tools);
    let with = |work: Work| move |progress: &mut Progress<'_>| work(ground, workshop, tools_there, progress);
    steps.step("building the image plane", |progress| {
        progress.run(&mut workshop.cargo(&["build", "--package", "image-plane", "--locked"]))
    })?;
    steps.step("building the functions (sam build)", with(deploy::build))?;
    steps.step("starting the local cloud", with(server::start))?;
    steps.step("deploying the hub (sam deploy)", with(deploy::hub))?;
    steps.step("deploying to two member accounts", with(deploy::members))?;
    steps.step("applying the families (steward apply)", with(deploy::families))?;
    Ok(tools)
}

type Work = fn(&Ground, &Workshop, &Tools, &mut Progress<'_>) -> Result<(), Failure>;
