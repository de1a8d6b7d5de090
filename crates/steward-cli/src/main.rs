//! The `steward` command.

mod arguments;
mod failure;
mod pause;

use std::process::ExitCode;

use arguments::{Arguments, Command};
use clap::Parser as _;

/// The caller's own mistake, apart from a failure of ours or AWS's (1).
const MISTAKE: u8 = 2;

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    // clap answers --help and mistakes by itself, with exit code 0 and 2.
    let Arguments { hub, command } = Arguments::parse();
    let done = match command {
        Command::Pause { because } => pause::throw(&hub, true, &because).await,
        Command::Resume { because } => pause::throw(&hub, false, &because).await,
        Command::Switch => pause::show(&hub).await,
    };
    match done {
        Ok(said) => {
            #[expect(clippy::print_stdout, reason = "a command speaks on its terminal")]
            {
                println!("{said}");
            }
            ExitCode::SUCCESS
        }
        Err(failure) => {
            #[expect(clippy::print_stderr, reason = "a command speaks on its terminal")]
            {
                eprintln!("steward: {failure}");
            }
            ExitCode::from(if failure.is_a_mistake() { MISTAKE } else { 1 })
        }
    }
}
