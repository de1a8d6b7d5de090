use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::given::{
    Adopt, Apply, Approve, Build, Exempt, Hold, Init, Offline, PlanBuild, Promote, Prune, Restore, Rollback, Simulate,
    Which, Withdraw,
};

/// Plans, applies and explains what Image Steward does.
#[derive(Parser, Debug)]
#[command(name = "steward", version, about, after_help = "Example:\n  steward check families")]
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
    /// Say whether manifests are right: each by itself, the files it names, and all together; without a network
    #[command(
        after_help = "Exit code: 0 all right, 2 something to mend, 1 a failure of steward itself\n\nExample:\n  steward check families --format json"
    )]
    Check {
        /// The folder of manifests
        #[arg(default_value = "families", value_name = "DIR")]
        dir: PathBuf,
        /// For people or for programs
        #[arg(long, value_enum, default_value_t = Format::Text)]
        format: Format,
    },
    /// Write a commented manifest to start from; at a terminal what no flag says is asked
    #[command(after_help = "Example:\n  steward init web --parent base --architectures x86_64,arm64")]
    Init(Box<Init>),
    /// Write the manifest of a pipeline that exists; the pipeline is left as it is
    #[command(
        after_help = "Example:\n  steward import arn:aws:imagebuilder:eu-west-1:111122223333:image-pipeline/web --family web"
    )]
    Import {
        /// The pipeline
        #[arg(value_name = "PIPELINE_ARN")]
        pipeline: String,
        /// What to call the family; the pipeline's name unless said otherwise
        #[arg(long, value_name = "FAMILY")]
        family: Option<String>,
        /// The folder of manifests
        #[arg(long, default_value = "families", value_name = "DIR")]
        dir: PathBuf,
    },
    /// Show what something would do, reading only
    #[command(
        after_help = "An offline plan decides by what was recorded: {\"account\", \"region\", \"images\": as describe-images lists them, \
                      \"references\": [{\"image\", \"by\"}], \"evidence\": [{\"source\", \"complete\", \"as_of\"}]}. It asks nobody, and \
                      knows of no channels, holds and parents.\n\n\
                      Exit code: 0 there is a plan, 2 something to mend, 1 a call failed\n\n\
                      Examples:\n  steward plan apply families\n  steward plan distribute web\n  \
                      steward plan --offline fleet.json --families families --now 2026-06-01T00:00:00Z --format json",
        args_conflicts_with_subcommands = true,
        arg_required_else_help = true
    )]
    Plan {
        #[command(subcommand)]
        what: Option<Plan>,
        #[command(flatten)]
        given: Offline,
    },
    /// Say what will fail, and what would put it right: in targets, of keys and names, for audiences, and by others at work
    #[command(
        after_help = "It changes nothing. What it may not read it says, with the permission that is lacking.\n\n\
                      Exit code: 0 nothing is known that will fail, 2 something to mend, 1 a call failed\n\nExample:\n  steward doctor --family web"
    )]
    Doctor {
        /// Only this family
        #[arg(long, value_name = "FAMILY")]
        family: Option<String>,
        /// Say also whether anybody is subscribed to this topic: the stack's output `ReleasesTopic`
        #[arg(long, env = "STEWARD_RELEASES_TOPIC", value_name = "ARN")]
        topic: Option<String>,
        /// For people or for programs
        #[arg(long, value_enum, default_value_t = Format::Text)]
        format: Format,
    },
    /// Make Image Builder match the manifests, and let the functions read them from now on
    #[command(
        after_help = "Exit code: 0 applied or nothing to do, 2 something to mend, 1 a call failed: run it again, it goes on\n\nExample:\n  steward apply families --message \"nginx 1.28\""
    )]
    Apply(Apply),
    /// Say which manifest of every family holds, or what held before
    #[command(after_help = "Example:\n  steward families show web --at 2026-10-01")]
    Families {
        /// For people or for programs
        #[arg(long, value_enum, default_value_t = Format::Text, global = true)]
        format: Format,
        #[command(subcommand)]
        what: Option<Families>,
    },
    /// List the releases of a family that have images, each architecture's in their order, and the channels they are on
    #[command(after_help = "Example:\n  steward releases web")]
    Releases {
        /// The family
        family: String,
        /// For people or for programs
        #[arg(long, value_enum, default_value_t = Format::Text)]
        format: Format,
    },
    /// Show where a release came from and what came from it, to the vendor's image
    #[command(
        after_help = "Examples:\n  steward lineage web/1.4.2 --way up\n  steward lineage web/1.4.2 --format html > web.html",
        args_conflicts_with_subcommands = true
    )]
    Lineage {
        #[command(subcommand)]
        repair: Option<LineageRepair>,
        /// A release (web/1.4.2/7, or web/1.4.2 for all its builds), a family for its newest, an image, or a build's ARN
        #[arg(required = true)]
        what: Option<String>,
        /// Which way to go
        #[arg(long, value_enum, default_value_t = Way::Both)]
        way: Way,
        /// How many steps; all of them unless said
        #[arg(long, value_name = "STEPS")]
        depth: Option<u16>,
        /// A tree for people, a page of its own, a picture for other pages, or for programs
        #[arg(long, value_enum, default_value_t = LineageFormat::Tree)]
        format: LineageFormat,
    },
    /// List the images of a release: in which account and Region, in which state
    #[command(after_help = "Example:\n  steward where web/1.4.2")]
    Where {
        /// A release, a family for its newest, an image, or a build's ARN
        what: String,
        /// For people or for programs
        #[arg(long, value_enum, default_value_t = Format::Text)]
        format: Format,
    },
    /// List how far the releases of a family are where its manifest wants them, and what is in the way
    #[command(after_help = "Example:\n  steward distribution web")]
    Distribution {
        /// A family
        family: String,
        /// For people or for programs
        #[arg(long, value_enum, default_value_t = Format::Text)]
        format: Format,
    },
    /// List what each channel of a family points to, what it waits for, and what is in the way of publishing it
    #[command(after_help = "Examples:\n  steward channels web\n  steward channels web stable")]
    Channels {
        /// A family
        family: String,
        /// Every move of this channel, and who made it
        channel: Option<String>,
        /// For people or for programs
        #[arg(long, value_enum, default_value_t = Format::Text)]
        format: Format,
    },
    /// Show what people and their programs are told of a release that became usable; nothing is sent
    #[command(after_help = "Examples:\n  steward message web/1.4.2\n  steward message web/1.4.2 --format chat")]
    Message {
        /// A release, a family for its newest, an image, or a build's ARN
        what: String,
        /// For people, for programs, or for a chat
        #[arg(long, value_enum, default_value_t = MessageFormat::Text)]
        format: MessageFormat,
    },
    /// Move a channel to a release; shown first, and asked
    #[command(
        after_help = "Where the release is disabled, it is restored first.\n\nExample:\n  steward promote web/1.4.2 --to stable --because \"tested by the shop\""
    )]
    Promote(Promote),
    /// Move a channel back to where it was before; shown first, and asked
    #[command(
        after_help = "It does not move on by itself again before there is something newer than what it left.\n\nExample:\n  steward rollback web --channel stable --because \"the agent does not start\""
    )]
    Rollback(Rollback),
    /// Take back a promotion or rollback that waits until its release is restored
    #[command(after_help = "Example:\n  steward withdraw web --channel stable --because \"it boots after all\"")]
    Withdraw(Withdraw),
    /// List what was heard of a release, and of its family as a whole where that is named, by the times that the events themselves say
    #[command(after_help = "Example:\n  steward history web/1.4.2")]
    History {
        /// A release, a family for its newest, an image, or a build's ARN
        what: String,
        /// For people or for programs
        #[arg(long, value_enum, default_value_t = Format::Text)]
        format: Format,
    },
    /// Show what went into one release and not into another: parent, recipe, components, parameters, packages
    #[command(after_help = "Example:\n  steward diff web/1.4.1 web/1.4.2")]
    Diff {
        /// A release, or a family for its newest
        before: String,
        /// Another
        after: String,
        /// For people or for programs
        #[arg(long, value_enum, default_value_t = Format::Text)]
        format: Format,
    },
    /// Say everything about a release: where it came from, on which channels and where it is, who uses it, whether it is revoked or held
    #[command(after_help = "Example:\n  steward explain ami-0123456789abcdef0")]
    Explain {
        /// A release, a family for its newest, an image, or a build's ARN
        what: String,
        /// For people or for programs
        #[arg(long, value_enum, default_value_t = Format::Text)]
        format: Format,
    },
    /// Show what a release reaches: all that came from it, on which channels and where that is, and who uses it
    #[command(after_help = "Examples:\n  steward impact base/1.4.2\n  steward impact base/1.4.2 --cve CVE-2026-1234")]
    Impact {
        /// A release, a family for its newest, an image, or a build's ARN
        what: String,
        /// Say also which of them have this vulnerability, by the scans of their builds
        #[arg(long, value_name = "CVE")]
        cve: Option<String>,
        /// For people or for programs
        #[arg(long, value_enum, default_value_t = Format::Text)]
        format: Format,
    },
    /// List who runs revoked releases, or releases much older than their family's newest, by account and owner
    #[command(after_help = "The owner is what an instance's tag `owner` says.\n\nExample:\n  steward old --than 30d")]
    Old {
        /// Only this family; may be given more than once
        #[arg(long, value_name = "FAMILY")]
        family: Vec<String>,
        /// So much older than the newest is old
        #[arg(long, default_value = "30d", value_name = "TIME")]
        than: String,
        /// For people or for programs
        #[arg(long, value_enum, default_value_t = Format::Text)]
        format: Format,
    },
    /// Say as of when it is known who uses images, and how far that can be believed
    #[command(
        args_conflicts_with_subcommands = true,
        after_help = "Example:\n  steward evidence 111122223333/eu-west-1"
    )]
    Evidence {
        #[command(subcommand)]
        accept: Option<Accept>,
        /// Each source of this target, as in 111122223333/eu-west-1
        #[arg(value_name = "ACCOUNT/REGION")]
        target: Option<String>,
        /// For people or for programs
        #[arg(long, value_enum, default_value_t = Format::Text)]
        format: Format,
    },
    /// Say that nobody should use a release any more, nor what came from it or will; shown first, and asked
    #[command(after_help = "Example:\n  steward revoke base/1.4.2 --because \"CVE-2026-1234 in openssl\"")]
    Revoke {
        /// A release, an image, or a build's ARN
        what: String,
        /// Why, for everybody who looks
        #[arg(long, value_name = "TEXT")]
        because: String,
        /// Only the release itself: what came from it is not revoked with it
        #[arg(long)]
        only: bool,
        /// Ask nothing
        #[arg(long)]
        yes: bool,
    },
    /// Take back a revocation of a release itself; what it inherits from others stays
    #[command(after_help = "Example:\n  steward restore-release base/1.4.2 --because \"not affected after all\"")]
    RestoreRelease {
        /// A release, an image, or a build's ARN
        what: String,
        /// Which, where there are several: the moment it was made
        #[arg(long, value_name = "TIME")]
        of: Option<String>,
        /// Why, for everybody who looks
        #[arg(long, value_name = "TEXT")]
        because: String,
        /// Ask nothing
        #[arg(long)]
        yes: bool,
    },
    /// Let a release be used for a while although something it came from is revoked; or no longer
    #[command(
        after_help = "Examples:\n  steward exempt web/1.4.2 --until 2026-12-31 --because \"no openssl in it\"\n  \
                      steward exempt web/1.4.2 --end --because \"openssl came with curl\""
    )]
    Exempt(Exempt),
    /// Have a family built now, whatever changed
    #[command(
        after_help = "It writes down who asks and why, and shows what would be built and what is in its way; a function starts it. What \
                      nothing could start for a day is over.\n\n\
                      Exit code: 0 asked for, 2 asked for and something is in the way, or a mistake, 1 a call failed\n\n\
                      Example:\n  steward build web --because \"a new kernel\""
    )]
    Build(Build),
    /// Let a build go on that waits in a step of its workflow, or end it
    #[command(
        after_help = "People are told of each such step, with the command that answers it. It writes down who answers and why; a function \
                      sends it. What nothing could send for a day, or AWS refuses, is over, and asked anew. The same words said again \
                      answer nothing that came to wait meanwhile: that is named by its ARN and its step.\n\n\
                      Exit code: 0 asked for, 2 nothing waits so or a mistake, 1 a call failed\n\n\
                      Examples:\n  steward approve web/1.4.2 --because \"it boots\"\n  \
                      steward approve web/1.4.2 --step approve --stop --because \"the agent does not start\""
    )]
    Approve(Approve),
    /// Keep an image until a time, whatever the rules say; or no longer
    #[command(
        after_help = "What pruning took down comes back. Where a hold is ended, that is shown first, and asked; what is held no more waits \
                      anew before anything is done with it.\n\n\
                      Examples:\n  steward hold ami-0123456789abcdef0 --until 2026-12-31 --because \"an audit\"\n  \
                      steward hold ami-0123456789abcdef0 --end --because \"the audit is over\""
    )]
    Hold(Hold),
    /// Have a family pruned by its plan as it is now, or let through more at once than its manifest allows
    #[command(
        after_help = "It shows the plan and asks. What is done is planned anew and looked at again before each step: what changed since \
                      is left alone.\n\nExit code: 0 asked for, 2 nothing was, 1 a call failed\n\n\
                      Examples:\n  steward prune --family web\n  steward prune --family web --accept 1f0c5a2b9d3e"
    )]
    Prune(Prune),
    /// Bring back what pruning deprecated or disabled, and keep it until a time
    #[command(
        after_help = "It shows what comes back, and asks. Launch permissions come back as they were saved, where they are still declared.\n\n\
                      Examples:\n  steward restore ami-0123456789abcdef0\n  \
                      steward restore web/1.4.2 --until 2027-01-31 --because \"a rollback\""
    )]
    Restore(Restore),
    /// Play a manifest forward, and backward over what was launched: how many images there would be, and which would have been missed
    #[command(
        after_help = "Forward it adds releases as they have come till now. It reads the record alone, and changes nothing.\n\n\
                      Exit code: 0 nothing that was launched would have been gone, 2 something would, 1 a call failed\n\n\
                      Examples:\n  steward simulate web --days 180\n  steward simulate web --families families"
    )]
    Simulate(Simulate),
    /// Show which images that Image Builder did not build a family would take in by its manifest's `adopt`, or have it take them in
    #[command(
        after_help = "It reads, and with --apply tags, with your own credentials: ec2:Describe*, and ec2:CreateTags of the tag \
                      image-steward:family on images and snapshots of the hub's account. From then on pruning retires them.\n\n\
                      Exit code: 0 shown or adopted, 2 something to mend, 1 a call failed: run it again, it goes on\n\n\
                      Examples:\n  steward adopt web\n  steward adopt web --apply --because \"images of before the pipeline\""
    )]
    Adopt(Adopt),
    /// Do without knowing who uses images in a target, for a time: whoever does may lose them
    #[command(
        after_help = "Example:\n  steward waive 222233334444/eu-west-1 --until 2027-01-31 --because \"the account is being closed\""
    )]
    Waive {
        /// An account and a Region
        #[arg(value_name = "ACCOUNT/REGION")]
        target: String,
        /// Until when: a day, to its end in UTC, or a moment
        #[arg(long, value_name = "DATE")]
        until: String,
        /// Why, for everybody who looks
        #[arg(long, value_name = "TEXT")]
        because: String,
    },
    /// List the wakes that functions refused: malformed, forged, or of a shape that AWS has changed
    #[command(after_help = "`--format json` shows each as it came.\n\nExample:\n  steward refused")]
    Refused {
        /// For people or for programs
        #[arg(long, value_enum, default_value_t = Format::Text)]
        format: Format,
    },
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
    Switch {
        /// For people or for programs
        #[arg(long, value_enum, default_value_t = Format::Text)]
        format: Format,
    },
}

#[derive(Subcommand, Debug)]
pub(crate) enum Accept {
    /// Believe a source that suddenly lists much less than it did
    #[command(
        after_help = "Example:\n  steward evidence accept 111122223333/eu-west-1 instances --count 11 --because \"the old shop is shut down\""
    )]
    Accept {
        /// Where
        #[arg(value_name = "ACCOUNT/REGION")]
        target: String,
        /// Which source
        source: String,
        /// How many things it lists, as `steward evidence` shows it
        #[arg(long, value_name = "NUMBER")]
        count: u64,
        /// Why, for everybody who looks
        #[arg(long, value_name = "TEXT")]
        because: String,
    },
}

#[derive(Subcommand, Debug)]
pub(crate) enum Plan {
    /// What `steward apply` would do: `+` is made, `~` is changed, `-` goes
    #[command(
        after_help = "Exit code: 0 all of it can be done, 2 something to mend, 1 a call failed\n\nExample:\n  steward plan apply families --format markdown"
    )]
    Apply {
        #[command(flatten)]
        which: Which,
        /// For people, for programs, or for a pull request
        #[arg(long, value_enum, default_value_t = PlanFormat::Text)]
        format: PlanFormat,
    },
    /// What would be built now, and why; `+` starts, `!` waits for somebody to do something
    #[command(
        after_help = "It reads as the function does, with your own credentials: imagebuilder:Get*, ssm:GetParameters and ec2:DescribeImages in \
                      the hub. That only so many run at once is not looked at.\n\n\
                      With --if-parent it shows, as if the channels of its family named that release, what is built at the same time, wave by \
                      wave, and what is not and why. A wave begins when the builds of the one before have succeeded and their channels moved; \
                      how long that takes nobody knows. Builds of other families, which count among those that run at once, are not looked at.\n\n\
                      Exit code: 0 nothing is in the way, 2 something is, 1 a call failed\n\n\
                      Examples:\n  steward plan build web\n  steward plan build --if-parent base/1.5.0"
    )]
    Build(PlanBuild),
    /// What distribution would do for each release that matters, in order; `!` fails until somebody does something
    #[command(
        after_help = "It reads as the worker does, with your own credentials, and so needs what the worker reads with: \
                      ec2:Describe*, ec2:Get*, kms:DescribeKey, kms:GetKeyPolicy and kms:ListGrants in the hub's account.\n\n\
                      Exit code: 0 all of it can be done, 2 something to mend, 1 a call failed\n\nExample:\n  steward plan distribute web"
    )]
    Distribute {
        /// Only this family
        #[arg(value_name = "FAMILY")]
        family: Option<String>,
        /// For people or for programs
        #[arg(long, value_enum, default_value_t = Format::Text)]
        format: Format,
    },
    /// What pruning would do: what goes and when, what stays and why, what is blocked and by what
    #[command(after_help = "It reads the record alone, as the planner does.\n\n\
                      Exit code: 0 nothing is in the way, 2 something is blocked, 1 a call failed\n\nExample:\n  steward plan prune web")]
    Prune {
        /// Only this family
        #[arg(value_name = "FAMILY")]
        family: Option<String>,
        /// For people or for programs
        #[arg(long, value_enum, default_value_t = Format::Text)]
        format: Format,
    },
}

#[derive(Subcommand, Debug)]
pub(crate) enum Families {
    /// Print the manifest that holds, or held at a time
    #[command(after_help = "Example:\n  steward families show web --at 2026-10-01")]
    Show {
        /// The family
        family: String,
        /// A moment, or a day: then what held at its end, in UTC
        #[arg(long, value_name = "TIME")]
        at: Option<String>,
    },
    /// List every manifest a family had: since when, by whom, why
    #[command(after_help = "Example:\n  steward families history web")]
    History {
        /// The family
        family: String,
    },
}

/// Who reads a plan.
#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum PlanFormat {
    /// People
    Text,
    /// Programs
    Json,
    /// A pull request
    Markdown,
}

#[derive(Subcommand, Debug)]
pub(crate) enum LineageRepair {
    /// Compare the index of all lineages with the edges it is made of: it reads the whole record
    #[command(
        after_help = "Exit code: 0 the index is right, 2 it is not and nothing was written\n\nExample:\n  steward lineage rebuild --write"
    )]
    Rebuild {
        /// Set right what differs
        #[arg(long)]
        write: bool,
    },
}

/// Which way a lineage is followed.
#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// To what it came from
    Up,
    /// To what came from it
    Down,
    /// Both ways
    Both,
}

/// Who is told of a release.
#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MessageFormat {
    /// People who get mails
    Text,
    /// Programs
    Json,
    /// People in a chat, by the document that AWS's integration takes
    Chat,
}

/// Who looks at a lineage.
#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum LineageFormat {
    /// People at a terminal
    Tree,
    /// Programs
    Json,
    /// Pages that draw Mermaid
    Mermaid,
    /// People with a browser: one file that needs nothing else
    Html,
}

/// Who reads what is said.
#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    /// People
    Text,
    /// Programs
    Json,
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
