use clap::{Args, Parser, Subcommand};

/// Plans, applies and explains what Image Steward does.
#[derive(Parser, Debug)]
#[command(
    name = "steward",
    version,
    about,
    after_help = "Example:\n  steward pause --because \"a bad base image\""
)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) hub: Hub,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Where the record is. Credentials and Region come from the environment, as every AWS tool takes them.
#[derive(Args, Debug)]
pub(crate) struct Hub {
    /// The record's table: the stack's output `Table`
    #[arg(long, env = "STEWARD_TABLE", value_name = "NAME", global = true)]
    pub(crate) table: Option<String>,
}

#[derive(Subcommand, Debug)]
pub(crate) enum Command {
    /// Hold every function back: from now on at most the call in flight changes anything in AWS
    #[command(after_help = "Example:\n  steward pause --because \"a bad base image\"")]
    Pause {
        /// Why, for everybody who looks
        #[arg(long, value_name = "TEXT")]
        because: String,
    },
    /// Let the functions act again
    #[command(after_help = "Example:\n  steward resume --because \"the base image is fixed\"")]
    Resume {
        /// Why, for everybody who looks
        #[arg(long, value_name = "TEXT")]
        because: String,
    },
    /// Say whether the functions are held back, by whom and why
    #[command(after_help = "Example:\n  steward switch")]
    Switch,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_sound_and_every_command_gives_an_example() {
        let mut command = Arguments::command();
        command.build();
        command.clone().debug_assert();
        for sub in command.get_subcommands().filter(|sub| sub.get_name() != "help") {
            let help = sub
                .get_after_help()
                .unwrap_or_else(|| panic!("{}", sub.get_name()))
                .to_string();
            assert!(help.contains(&format!("steward {}", sub.get_name())), "{help}");
        }
    }

    #[test]
    fn nobody_pauses_without_saying_why() {
        assert!(Arguments::try_parse_from(["steward", "pause"]).is_err());
        assert!(Arguments::try_parse_from(["steward", "pause", "--because", "x"]).is_ok());
    }
}
