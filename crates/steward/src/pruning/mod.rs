//! Pruning: what nobody needs goes down the ladder, one rung a run, and what somebody needs climbs back.
//!
//! A family is decided by itself, from all that is known of its releases and of who uses them. Every image of it is in the plan
//! once: expendable, with what comes next and when; kept, by which rule; or blocked, by what.

mod bin;
mod blocked;
mod brought;
mod call;
mod check;
mod containers;
mod decide;
mod due;
mod evidence;
mod facts;
mod fate;
mod image_now;
mod keeps;
mod ladder;
mod left;
mod left_behind;
mod leftovers;
mod let_through;
mod looked;
mod needed;
pub mod offline;
mod orphans;
mod placement;
mod plan;
mod ranks;
mod recorded;
mod refusal;
mod release;
mod report;
mod rules;
mod rung;
mod second_look;
mod simulate;
mod step;
mod taken;
mod troubles;
mod wishes;
mod work;

pub use bin::{BinAhead, BinCover, BinKind, BinReach, BinRule, BinRules, TagNamed, bins_ahead, on_their_way};
pub use blocked::{Blocker, Cause, Doubt, Trouble};
pub use brought::Brought;
pub use call::{CallKind, PruningCall, WayUp};
pub use check::{Invariant, Violation, check_plan};
pub use containers::{ContainerSeen, ContainerVerdict, JudgedContainer};
pub use decide::decide_pruning;
pub use evidence::{LastRead, SourceRead, TargetEvidence, Waiver};
pub use facts::{Makes, PruningFacts, Shared, Switch};
pub use fate::ImageFate;
pub use image_now::{ImageNow, OutputNow};
pub use keeps::{Keeps, Rule, Undated};
pub use ladder::NOTICE;
pub use left::{LeftSnapshot, StillThere, WhyLeft};
pub use left_behind::LeftBehind;
pub use leftovers::{
    LastSeen, LeftoverFacts, Leftovers, NoImage, OutputLeft, SnapshotsLeft, UnknownList, Unlisted, UnmadeBuild,
    leftovers,
};
pub use let_through::{LetThrough, NotAsked};
pub use needed::{Needed, needed_evidence};
pub use orphans::{Orphan, OrphanFate};
pub use placement::{
    LastLaunch, PlacementSeen, PlacementStanding, Protection, Refused, Since, TagSeen, Unmanaged, Use, UsedBy,
};
pub use plan::{Blocked, Expendable, Kept, Next, OverShare, PruningPlan, Spent};
pub use recorded::{RecordedImage, RecordedUses};
pub use refusal::{Awaited, Refusal};
pub use release::{
    BuildOutput, BuildTime, BuildsOnIt, ExpendableSince, GoneImage, Held, Line, Place, Pointing, ReleaseFacts,
    Ungrouped,
};
pub use report::{
    ContainerTotals, Gib, LastTold, LeftTotals, LeftoverTotals, PruningMessage, PruningReport, RunMode, RunSummary,
    SinceTold, StepCounts, Totals,
};
pub use rung::Rung;
pub use second_look::{SecondLook, Seen, look_again};
pub use simulate::{LookBack, Missed, SimulatedDay, Simulation, look_back, simulate};
pub use step::{Effect, PRUNE_ROLE, PruningStep};
pub use taken::{DEPRECATED_FROM, KnownStanding, TakenDown};
pub use troubles::FRESH;
pub use wishes::Wishes;
pub use work::{FamilyPruning, PruningWork, pruning_work};

#[cfg(test)]
mod tests;
