//! All tests: by cargo-nextest where it is installed, else by cargo.

use std::ffi::OsString;
use std::sync::{Mutex, PoisonError};

use crate::cloud::{self, Ground};
use crate::failure::Failure;
use crate::tally::{Runner, Tally};
use crate::workshop::Workshop;
use crate::{cache, process, python};

/// The package whose tests need a local cloud.
const DEPLOYED: &str = "steward-deployed";
const NEXTEST: &[&str] = &["nextest", "run", "--workspace", "--exclude", DEPLOYED, "--locked"];
// Nextest cannot run the examples in the documentation.
const DOCTESTS: &[&str] = &["test", "--doc", "--workspace", "--locked", "--no-fail-fast"];
const EVERYTHING: &[&str] = &[
    "test",
    "--workspace",
    "--exclude",
    DEPLOYED,
    "--locked",
    "--no-fail-fast",
];

/// Runs them, and adds to `tally` how many there were, also when it fails.
pub(crate) fn run(workshop: &Workshop, tally: &mut Tally) -> Result<(), Failure> {
    let interpreter = python::prepare(workshop, python::JUDGES)?;
    let variables = [("IMAGE_STEWARD_PYTHON", interpreter.into_os_string())];
    if has_nextest(workshop) {
        count(workshop, NEXTEST, Runner::Nextest, &variables, tally)?;
        // There may be no examples.
        count(workshop, DOCTESTS, Runner::CargoTest, &variables, tally).or_else(nothing_is_fine)
    } else {
        count(workshop, EVERYTHING, Runner::CargoTest, &variables, tally)
    }
}

/// Runs the tests of the deployed system, in a local cloud that is there for them alone.
pub(crate) fn run_deployed(workshop: &Workshop, tally: &mut Tally) -> Result<(), Failure> {
    let ground = Ground::of_tests(workshop)?;
    // Another clone's tests have the same folder.
    let _alone = cache::lock(&workshop.cache.join("cloud-of-tests-in-use"))?;
    let (bin, faketime) = cloud::deployed(workshop, &ground)?;
    let panics = cloud::build_panics(workshop)?;
    let variables = [
        ("IMAGE_STEWARD_PANICS", panics.into_os_string()),
        ("IMAGE_STEWARD_CLOUD", ground.url().into()),
        ("IMAGE_STEWARD_CLOUD_PLANE", ground.plane_url().into()),
        ("IMAGE_STEWARD_CLOUD_BIN", bin.into_os_string()),
        ("IMAGE_STEWARD_CLOUD_FAKETIME", faketime.into_os_string()),
        ("IMAGE_STEWARD_COMMAND", cloud::steward(workshop).into_os_string()),
        ("IMAGE_STEWARD_CLOUD_FOLDER", ground.folder.clone().into_os_string()),
    ];
    // Alone in this package: what it is built with is built for it.
    let tested = if has_nextest(workshop) {
        let arguments = ["nextest", "run", "--package", DEPLOYED, "--locked"];
        count(workshop, &arguments, Runner::Nextest, &variables, tally)
    } else {
        let arguments = ["test", "--package", DEPLOYED, "--locked", "--no-fail-fast"];
        count(workshop, &arguments, Runner::CargoTest, &variables, tally)
    };
    // The logs of what failed stay.
    let ended = if tested.is_ok() {
        cloud::remove(&ground)
    } else {
        cloud::end(&ground)
    };
    tested.and(ended)
}

fn has_nextest(workshop: &Workshop) -> bool {
    process::answer(&mut workshop.cargo(&["nextest", "--version"])).is_some()
}

fn nothing_is_fine(failure: Failure) -> Result<(), Failure> {
    match failure {
        Failure::NothingTested { .. } => Ok(()),
        other => Err(other),
    }
}

/// Runs one command and counts its tests; that there are none is a failure.
fn count(
    workshop: &Workshop,
    arguments: &[&str],
    runner: Runner,
    variables: &[(&str, OsString)],
    tally: &mut Tally,
) -> Result<(), Failure> {
    let counted = Mutex::new(Tally::default());
    let mut command = workshop.cargo(arguments);
    command.envs(variables.iter().map(|(name, value)| (name, value)));
    let result = process::run_reading(&mut command, &|line: &str| {
        counted
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .read(runner, line);
    });
    let counted = counted.into_inner().unwrap_or_else(PoisonError::into_inner);
    tally.add(counted);
    result?;
    if counted.is_empty() {
        return Err(Failure::NothingTested {
            command: process::shown(&command),
        });
    }
    Ok(())
}
