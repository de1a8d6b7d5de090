//! The project's own commands. `cargo xtask --help` names them.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command line tool speaks on its terminal"
)]

mod arguments;
mod cache;
mod cloud;
mod deny;
mod failure;
mod process;
mod progress;
mod python;
mod report;
mod steps;
mod suite;
mod tally;
mod workshop;

use std::process::ExitCode;

use arguments::Request;
use failure::Failure;
use workshop::Workshop;

/// The caller asked for something that does not exist, apart from a check that failed (1).
const MISTAKE: u8 = 2;

/// Does it, or says in one sentence why not.
fn on_the_cloud(name: &str, work: impl FnOnce(&Workshop) -> Result<(), Failure>) -> ExitCode {
    match Workshop::open().and_then(|workshop| work(&workshop)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("cargo xtask {name} failed: {failure}. Mend that and type it again: it goes on from there.");
            ExitCode::FAILURE
        }
    }
}

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args_os()
        .skip(1)
        .map(|word| word.to_string_lossy().into_owned())
        .collect();
    match arguments::parse(&words) {
        Ok(Request::Help) => {
            print!("{}", arguments::help());
            ExitCode::SUCCESS
        }
        Ok(Request::Test(chosen)) => report::run(&chosen),
        Ok(Request::Up { port }) => on_the_cloud("up", |workshop| cloud::up(workshop, port)),
        Ok(Request::Down { port }) => on_the_cloud("down", |workshop| cloud::down(workshop, port)),
        Err(mistake) => {
            eprint!("xtask: {mistake}\n\n{}", arguments::help());
            ExitCode::from(MISTAKE)
        }
    }
}
