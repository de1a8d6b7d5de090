//! What the caller asks for.

use std::fmt::Write as _;

use crate::steps::{self, STEPS, Step};

pub(crate) enum Request {
    Help,
    /// Run these steps, in the order of [`STEPS`].
    Test(Vec<&'static Step>),
    /// Bring the local cloud up, its AWS on this port.
    Up {
        port: u16,
    },
    /// End the local cloud.
    Down {
        port: u16,
    },
}

/// Reads the words after `cargo xtask`; an error is one sentence about the word that is wrong.
pub(crate) fn parse(words: &[String]) -> Result<Request, String> {
    let Some((command, rest)) = words.split_first() else {
        return Ok(Request::Help);
    };
    if words.iter().any(|word| word == "--help" || word == "-h") {
        return Ok(Request::Help);
    }
    match command.as_str() {
        "help" => Ok(Request::Help),
        "test" => steps::choose(rest).map(Request::Test),
        "up" => port(rest).map(|port| Request::Up { port }),
        "down" => port(rest).map(|port| Request::Down { port }),
        unknown => Err(format!("there is no command `{unknown}`.")),
    }
}

/// Where AWS's own local servers listen, by custom.
const PORT: u16 = 4566;

fn port(words: &[String]) -> Result<u16, String> {
    match words {
        [] => Ok(PORT),
        // Its neighbour is the image plane's.
        [flag, number] if flag == "--port" => match number.parse() {
            Ok(port @ 1024..=65534) => Ok(port),
            _ => Err(format!("--port must be a number from 1024 to 65534, not `{number}`.")),
        },
        [flag] if flag == "--port" => Err(String::from("--port needs a number.")),
        [unknown, ..] => Err(format!("there is no option `{unknown}`; there is --port N.")),
    }
}

pub(crate) fn help() -> String {
    let mut help = String::from(
        "The project's own commands.\n\
         \n\
         Usage: cargo xtask up [--port N]\n       \
                cargo xtask down\n       \
                cargo xtask test [STEP]...\n\
         \n\
         up   starts an AWS of its own on this machine (ports 4566 and 4567), deploys the hub and\n     \
              two members into it with sam, and shows what happens when a pipeline is started\n\
         down ends it and removes what it wrote\n\
         \n\
         test runs these steps, in this order, and stops at the first that fails:\n",
    );
    for Step { name, claim, .. } in STEPS {
        // Writing to a String cannot fail.
        let _ = writeln!(help, "  {name:<10}{claim}");
    }
    help.push_str(
        "\n\
         Examples:\n  \
           cargo xtask up               try it\n  \
           cargo xtask test             everything, as CI runs it\n  \
           cargo xtask test fmt clippy  only these two\n\
         \n\
         Tools that cargo does not bring are installed once, below $IMAGE_STEWARD_CACHE\n\
         (unless set: ~/.cache/image-steward). After that no network is needed.\n\
         Exit code: 0 all passed, 1 a step failed, 2 the command line is wrong.\n",
    );
    help
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(line: &str) -> Result<Request, String> {
        parse(&line.split_whitespace().map(str::to_owned).collect::<Vec<_>>())
    }

    #[test]
    fn no_words_at_all_ask_for_help() {
        assert!(matches!(parsed(""), Ok(Request::Help)));
    }

    #[test]
    fn help_is_understood_anywhere() {
        for line in ["help", "--help", "-h", "test --help", "test fmt -h"] {
            assert!(matches!(parsed(line), Ok(Request::Help)), "{line}");
        }
    }

    #[test]
    fn test_alone_means_every_step() {
        let Ok(Request::Test(chosen)) = parsed("test") else {
            panic!("`test` is a command")
        };
        assert_eq!(chosen.len(), STEPS.len());
    }

    #[test]
    fn an_unknown_command_is_named() {
        assert_eq!(parsed("tset").err().unwrap(), "there is no command `tset`.");
    }

    #[test]
    fn help_names_every_step_and_gives_an_example() {
        let help = help();
        assert!(help.contains("cargo xtask test fmt clippy"));
        for step in STEPS {
            assert!(
                help.contains(&format!("\n  {:<10}{}\n", step.name, step.claim)),
                "{}",
                step.name
            );
        }
    }
}
