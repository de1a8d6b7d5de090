//! Our tag where Image Builder left it out: on the snapshots behind our images, and on its own image of a build.

mod decide;
mod output;

pub use decide::{
    LeftBare, LeftCause, Recorded, SnapshotSeen, Tagging, TaggingFacts, TaggingPlan, bare_snapshots, decide_tagging,
    unused_snapshots,
};
pub use output::{OutputFacts, OutputFate, OutputSeen, OutputTagging, decide_output, output_of};
