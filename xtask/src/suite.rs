//! All tests: by cargo-nextest where it is installed, else by cargo.

use std::sync::{Mutex, PoisonError};

use crate::failure::Failure;
use crate::tally::{Runner, Tally};
use crate::workshop::Workshop;
use crate::{process, python};

const NEXTEST: &[&str] = &["nextest", "run", "--workspace", "--locked"];
// Nextest cannot run the examples in the documentation.
const DOCTESTS: &[&str] = &["test", "--doc", "--workspace", "--locked", "--no-fail-fast"];
const EVERYTHING: &[&str] = &["test", "--workspace", "--locked", "--no-fail-fast"];

/// Runs them, and adds up in `tally` how many there were, also when it fails.
pub(crate) fn run(workshop: &Workshop, tally: &mut Tally) -> Result<(), Failure> {
    let interpreter = python::prepare(workshop, python::JUDGES)?;
    let counted = Mutex::new(Tally::default());
    let run = |arguments: &[&str], runner| {
        let mut command = workshop.cargo(arguments);
        process::run_reading(command.env("IMAGE_STEWARD_PYTHON", &interpreter), &|line: &str| {
            counted
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .read(runner, line);
        })
    };

    let (first, result) = if process::answer(&mut workshop.cargo(&["nextest", "--version"])).is_some() {
        (
            NEXTEST,
            run(NEXTEST, Runner::Nextest).and_then(|()| run(DOCTESTS, Runner::CargoTest)),
        )
    } else {
        (EVERYTHING, run(EVERYTHING, Runner::CargoTest))
    };
    *tally = counted.into_inner().unwrap_or_else(PoisonError::into_inner);
    result?;
    if tally.is_empty() {
        return Err(Failure::NothingTested {
            command: process::shown(&workshop.cargo(first)),
        });
    }
    Ok(())
}
