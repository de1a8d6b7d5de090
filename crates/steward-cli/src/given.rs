//! What is given to commands that write something: manifests, what they say, and where channels point.

use std::path::PathBuf;

use clap::Args;
use steward::FamilyName;

use crate::arguments::Format;

/// So many run at once where the stack's parameter `BuildsAtOnce` says nothing else.
const BUILDS_AT_ONCE: u16 = 5;

/// What is to be built, and why.
#[derive(Args, Debug)]
pub(crate) struct Build {
    /// The family
    pub(crate) family: String,
    /// Only for this architecture; each of the manifest's unless said otherwise
    #[arg(long, value_name = "ARCHITECTURE")]
    pub(crate) architecture: Option<String>,
    /// Why, for everybody who looks
    #[arg(long, value_name = "TEXT")]
    pub(crate) because: String,
}

/// Of what it is shown what would be built.
#[derive(Args, Debug)]
pub(crate) struct PlanBuild {
    /// Only this family
    #[arg(value_name = "FAMILY", conflicts_with = "if_parent")]
    pub(crate) family: Option<String>,
    /// What this release (base/1.5.0, or base for its newest) would set off if the channels of its family named it
    #[arg(long, value_name = "RELEASE")]
    pub(crate) if_parent: Option<String>,
    /// With --if-parent: so many builds run at once, as the stack's parameter BuildsAtOnce says
    #[arg(long, value_name = "NUMBER", requires = "if_parent", default_value_t = BUILDS_AT_ONCE)]
    #[arg(value_parser = clap::value_parser!(u16).range(1..))]
    pub(crate) at_once: u16,
    /// For people or for programs
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,
}

/// What is answered to a build that waits.
#[derive(Args, Debug)]
pub(crate) struct Approve {
    /// A build that waits (web/1.4.2/7, or web/1.4.2), a family where one of it waits, or the ARN of a build
    pub(crate) build: String,
    /// In which step, where it waits in several
    #[arg(long, value_name = "NAME")]
    pub(crate) step: Option<String>,
    /// Why, for everybody who looks
    #[arg(long, value_name = "TEXT")]
    pub(crate) because: String,
    /// End it here, instead of letting it go on
    #[arg(long)]
    pub(crate) stop: bool,
}

/// Which manifests are meant.
#[derive(Args, Debug)]
pub(crate) struct Which {
    /// The folder of manifests
    #[arg(default_value = "families", value_name = "DIR")]
    pub(crate) dir: PathBuf,
    /// Only this family; may be given more than once
    #[arg(long, value_name = "FAMILY")]
    pub(crate) family: Vec<String>,
    /// Delete old versions of recipes and components that nothing refers to any more
    #[arg(long)]
    pub(crate) prune_versions: bool,
}

impl Which {
    /// Whether a family is meant.
    pub(crate) fn asks_for(&self, family: &FamilyName) -> bool {
        self.family.is_empty() || self.family.iter().any(|name| name == family.as_str())
    }
}

/// What pruning is planned by, instead of the record.
#[derive(Args, Debug)]
pub(crate) struct Offline {
    /// Show what pruning would do with the images that this file records
    #[arg(long = "offline", value_name = "FLEET", required = true)]
    pub(crate) fleet: Option<PathBuf>,
    /// The folder of manifests
    #[arg(long, default_value = "families", value_name = "DIR")]
    pub(crate) families: PathBuf,
    /// At which time; now unless said
    #[arg(long, value_name = "TIME")]
    pub(crate) now: Option<String>,
    /// For people or for programs
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,
}

#[derive(Args, Debug)]
pub(crate) struct Apply {
    #[command(flatten)]
    pub(crate) which: Which,
    /// Why, for everybody who looks
    #[arg(long, value_name = "TEXT")]
    pub(crate) message: Option<String>,
    /// Ask nothing
    #[arg(long, conflicts_with = "plan")]
    pub(crate) yes: bool,
    /// Ask nothing, and do exactly the plan of this number or nothing
    #[arg(long, value_name = "NUMBER")]
    pub(crate) plan: Option<String>,
    /// Wait while somebody else applies
    #[arg(long)]
    pub(crate) wait: bool,
}

#[derive(Args, Debug)]
pub(crate) struct Prune {
    /// The family
    #[arg(long, value_name = "FAMILY")]
    pub(crate) family: String,
    /// Let through more at once than its manifest allows: those releases that this names, and no others
    #[arg(long, value_name = "DIGEST")]
    pub(crate) accept: Option<String>,
    /// Ask nothing
    #[arg(long)]
    pub(crate) yes: bool,
}

#[derive(Args, Debug)]
pub(crate) struct Simulate {
    /// The family
    pub(crate) family: String,
    /// So many days forward
    #[arg(long, default_value_t = 180, value_name = "DAYS", value_parser = clap::value_parser!(u32).range(1..=730))]
    pub(crate) days: u32,
    /// So many days backward
    #[arg(long, default_value_t = 90, value_name = "DAYS", value_parser = clap::value_parser!(u32).range(1..=730))]
    pub(crate) back: u32,
    /// By the manifest in this folder, which need not be applied; by the one that holds unless said
    #[arg(long, value_name = "DIR")]
    pub(crate) families: Option<PathBuf>,
    /// For people or for programs
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,
}

/// What is let pass, or no longer.
#[derive(Args, Debug)]
pub(crate) struct Exempt {
    /// A release, an image, or a build's ARN
    pub(crate) what: String,
    /// The last day, or a moment
    #[arg(long, value_name = "TIME", required_unless_present = "end")]
    pub(crate) until: Option<String>,
    /// End now what was to last longer
    #[arg(long, conflicts_with = "until")]
    pub(crate) end: bool,
    /// Why, for everybody who looks
    #[arg(long, value_name = "TEXT")]
    pub(crate) because: String,
}

/// What is to be kept, or no longer.
#[derive(Args, Debug)]
pub(crate) struct Hold {
    /// The image; with --end also a release, for all of its images
    #[arg(value_name = "AMI|RELEASE")]
    pub(crate) what: String,
    /// The last day, or a moment
    #[arg(long, value_name = "TIME", required_unless_present = "end")]
    pub(crate) until: Option<String>,
    /// End now what was to last longer
    #[arg(long, conflicts_with = "until")]
    pub(crate) end: bool,
    /// With --end: which hold, where there are several: the moment it was made
    #[arg(long, value_name = "TIME", requires = "end")]
    pub(crate) of: Option<String>,
    /// Why, for everybody who looks
    #[arg(long, value_name = "TEXT")]
    pub(crate) because: String,
    /// With --end: ask nothing
    #[arg(long, requires = "end")]
    pub(crate) yes: bool,
}

#[derive(Args, Debug)]
pub(crate) struct Restore {
    /// An image, or a release: web/1.4.2
    #[arg(value_name = "AMI|RELEASE")]
    pub(crate) what: String,
    /// How long it is kept: a day, to its end in UTC, or a moment; 30 days where that is left out
    #[arg(long, value_name = "DATE")]
    pub(crate) until: Option<String>,
    /// Why, for everybody who looks; who did, where that is left out
    #[arg(long, value_name = "TEXT")]
    pub(crate) because: Option<String>,
    /// Ask nothing
    #[arg(long)]
    pub(crate) yes: bool,
}

#[derive(Args, Debug)]
pub(crate) struct Adopt {
    /// The family
    pub(crate) family: String,
    /// Look in this Region, and not in the hub's and those that the manifest distributes to; may be given more than once
    #[arg(long, value_name = "REGION")]
    pub(crate) region: Vec<String>,
    /// Adopt them, once you said yes
    #[arg(long, requires = "because", conflicts_with = "format")]
    pub(crate) apply: bool,
    /// Why, for everybody who looks
    #[arg(long, value_name = "TEXT", requires = "apply")]
    pub(crate) because: Option<String>,
    /// Ask nothing
    #[arg(long, requires = "apply")]
    pub(crate) yes: bool,
    /// For people or for programs
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(crate) format: Format,
}

#[derive(Args, Debug)]
pub(crate) struct Promote {
    /// A release: web/1.4.2 for its newest build of each architecture, or one build as in web/1.4.2/7
    #[arg(value_name = "RELEASE")]
    pub(crate) release: String,
    /// The channel
    #[arg(long, value_name = "CHANNEL")]
    pub(crate) to: String,
    /// Why, for everybody who looks
    #[arg(long, value_name = "TEXT")]
    pub(crate) because: String,
    /// Also to an older release than it points to
    #[arg(long)]
    pub(crate) force: bool,
    /// Ask nothing
    #[arg(long)]
    pub(crate) yes: bool,
    /// Where the release is disabled: wait until it is restored and the channel has moved
    #[arg(long)]
    pub(crate) wait: bool,
}

#[derive(Args, Debug)]
pub(crate) struct Rollback {
    /// The family
    pub(crate) family: String,
    /// The channel
    #[arg(long, value_name = "CHANNEL")]
    pub(crate) channel: String,
    /// To where this move had brought it, as `steward channels FAMILY CHANNEL` numbers them; the last good one unless said
    #[arg(long, value_name = "MOVE")]
    pub(crate) to: Option<u32>,
    /// Why, for everybody who looks
    #[arg(long, value_name = "TEXT")]
    pub(crate) because: String,
    /// Ask nothing
    #[arg(long)]
    pub(crate) yes: bool,
    /// Where that is disabled: wait until it is restored and the channel has moved
    #[arg(long)]
    pub(crate) wait: bool,
}

/// What is taken back.
#[derive(Args, Debug)]
pub(crate) struct Withdraw {
    /// The family
    pub(crate) family: String,
    /// The channel
    #[arg(long, value_name = "CHANNEL")]
    pub(crate) channel: String,
    /// Why, for everybody who looks
    #[arg(long, value_name = "TEXT")]
    pub(crate) because: String,
}

#[derive(Args, Debug)]
pub(crate) struct Init {
    /// The family
    pub(crate) name: String,
    /// The folder of manifests
    #[arg(long, default_value = "families", value_name = "DIR")]
    pub(crate) dir: PathBuf,
    /// What it is, in a few words
    #[arg(long, value_name = "TEXT")]
    pub(crate) description: Option<String>,
    /// The family it is built on
    #[arg(long, value_name = "FAMILY", conflicts_with_all = ["parameter", "image", "container"])]
    pub(crate) parent: Option<String>,
    /// The parameter that names what it is built on; Amazon Linux 2023 unless said otherwise
    #[arg(long, value_name = "NAME", conflicts_with_all = ["image", "container"])]
    pub(crate) parameter: Option<String>,
    /// Whose images the parameter names: amazon, self, or an account
    #[arg(long, value_name = "OWNER")]
    pub(crate) owner: Option<String>,
    /// The Image Builder image it is built on
    #[arg(long, value_name = "ARN", conflicts_with = "container")]
    pub(crate) image: Option<String>,
    /// The container image it is built on: the family is one of container images
    #[arg(long, value_name = "IMAGE")]
    pub(crate) container: Option<String>,
    /// linux, windows or macos
    #[arg(long)]
    pub(crate) platform: Option<String>,
    /// x86_64, arm64, or both with a comma between
    #[arg(long, value_name = "LIST")]
    pub(crate) architectures: Option<String>,
    /// What builds run on, with commas between
    #[arg(long, value_name = "LIST")]
    pub(crate) instance_types: Option<String>,
    /// The instance profile that builds run with
    #[arg(long, value_name = "NAME")]
    pub(crate) instance_profile: Option<String>,
    /// Ask nothing: what no flag says is as the help says
    #[arg(long)]
    pub(crate) yes: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn so_many_builds_are_taken_to_run_at_once_as_the_template_says() {
        let template = include_str!("../../../template.yaml");
        let default = format!("\n  BuildsAtOnce:\n    Type: Number\n    Default: {BUILDS_AT_ONCE}\n");
        assert!(template.contains(&default));
    }
}
