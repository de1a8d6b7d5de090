//! Runs the chosen steps and says how each went.

use std::process::ExitCode;
use std::time::{Duration, Instant};

use crate::failure::Failure;
use crate::progress::duration;
use crate::steps::{Action, Step};
use crate::tally::Tally;
use crate::workshop::Workshop;
use crate::{deny, process, python, suite};

/// A step that has ended.
struct Done {
    name: &'static str,
    passed: bool,
    took: Duration,
}

pub(crate) fn run(chosen: &[&Step]) -> ExitCode {
    let workshop = match Workshop::open() {
        Ok(workshop) => workshop,
        Err(failure) => {
            eprintln!("xtask: {failure}.");
            return ExitCode::FAILURE;
        }
    };

    let mut done = Vec::new();
    let mut tally = Tally::default();
    for step in chosen {
        println!("{}: checking that {}", step.name, step.claim);
        let start = Instant::now();
        let result = perform(step, &workshop, &mut tally);
        done.push(Done {
            name: step.name,
            passed: result.is_ok(),
            took: start.elapsed(),
        });
        if let Err(failure) = result {
            println!("{}: failed after {}", step.name, duration(start.elapsed()));
            close(&done, chosen.len(), tally);
            eprintln!("{}", sentence(step, &failure));
            return ExitCode::FAILURE;
        }
        println!("{}: passed in {}", step.name, duration(start.elapsed()));
    }
    close(&done, chosen.len(), tally);
    ExitCode::SUCCESS
}

fn perform(step: &Step, workshop: &Workshop, tally: &mut Tally) -> Result<(), Failure> {
    match step.action {
        Action::Cargo { arguments, variables } => {
            process::run(workshop.cargo(arguments).envs(variables.iter().copied()))
        }
        Action::Python => python::prepare(workshop, python::JUDGES).map(drop),
        Action::Tests => suite::run(workshop, tally),
        Action::Deployed => suite::run_deployed(workshop, tally),
        Action::Deny => deny::check(workshop),
    }
}

fn close(done: &[Done], chosen: usize, tally: Tally) {
    println!("\n{}", summary(done, chosen));
    if !tally.is_empty() {
        println!("{tally}");
    }
}

fn summary(done: &[Done], chosen: usize) -> String {
    let mut lines: Vec<String> = done
        .iter()
        .map(|Done { name, passed, took }| {
            format!(
                "{name:<10}{:<8}{:>14}",
                if *passed { "passed" } else { "failed" },
                duration(*took)
            )
        })
        .collect();
    let passed = done.iter().filter(|step| step.passed).count();
    let total = done.iter().map(|step| step.took).sum();
    lines.push(format!("{passed} of {chosen} steps passed in {}", duration(total)));
    lines.join("\n")
}

/// What went wrong, what to do about it, and how to run only this again.
fn sentence(step: &Step, failure: &Failure) -> String {
    let Step { name, advice, .. } = step;
    format!("Step {name} failed: {failure}; {advice}, then run only this step again with `cargo xtask test {name}`.")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::steps::STEPS;

    #[test]
    fn the_summary_says_how_each_step_went_and_how_many_did_not_run() {
        let done = [
            Done {
                name: "fmt",
                passed: true,
                took: Duration::from_millis(840),
            },
            Done {
                name: "clippy",
                passed: false,
                took: Duration::from_secs(61),
            },
        ];
        let expected = "fmt       passed           0.8 s\n\
                        clippy    failed       1 min 1 s\n\
                        1 of 6 steps passed in 1 min 1 s";
        assert_eq!(summary(&done, 6), expected);
    }

    #[test]
    fn a_failure_is_one_sentence_with_the_way_to_run_it_again() {
        let failure = Failure::NothingTested {
            command: "cargo nextest run".to_owned(),
        };
        let expected = "Step tests failed: `cargo nextest run` did not say that it ran a test; mend what is named above, \
                        then run only this step again with `cargo xtask test tests`.";
        let step = STEPS.iter().find(|step| step.name == "tests").unwrap();
        assert_eq!(sentence(step, &failure), expected);
    }
}
