//! Our tag on the snapshots behind our images, which Image Builder leaves bare.

mod decide;

pub use decide::{
    LeftBare, LeftCause, Recorded, SnapshotSeen, Tagging, TaggingFacts, TaggingPlan, bare_snapshots, decide_tagging,
};
