//! The project's own commands. `cargo xtask --help` names them.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command line tool speaks on its terminal"
)]

mod arguments;
mod cache;
mod deny;
mod failure;
mod process;
mod python;
mod report;
mod steps;
mod suite;
mod tally;
mod workshop;

use std::process::ExitCode;

use arguments::Request;

/// The caller asked for something that does not exist, apart from a check that failed (1).
const MISTAKE: u8 = 2;

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
        Err(mistake) => {
            eprint!("xtask: {mistake}\n\n{}", arguments::help());
            ExitCode::from(MISTAKE)
        }
    }
}
