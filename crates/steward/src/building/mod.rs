//! What is to be built now, and why: one decision for all families at once.

mod approval;
mod because;
mod cascade;
mod decide;
mod ending;
mod facts;
mod foreseen;
mod freeze;
mod inputs;
mod line;
mod plan;
mod reason;
mod relatives;
mod schedule;
mod settle;
mod shown;
mod state;
mod superseded;
#[cfg(test)]
mod tests;

pub use approval::{StepAnswer, StepFate, StepPlan, StepState, USUAL_WAIT, WaitingStep, decide_step};
pub use because::Because;
pub use decide::decide_builds;
pub use ending::ending_of;
pub use facts::{BuildRequest, BuildsFacts, Built, Line, LineFacts, Look, UnderWay};
pub use foreseen::{
    ForeseenBuild, ForeseenBuilds, IfParent, ShownForeseen, ShownForeseenBuild, ShownRelease, ShownStaying, ShownWave,
    Staying, foresee_builds,
};
pub use inputs::{Inputs, MadeOf, Named};
pub use plan::{BuildPlan, Fate, LinePlan};
pub use reason::{Reason, Urgency};
pub use relatives::relatives;
pub use shown::{ShownBecause, ShownFate, ShownLine, ShownReason};
pub use state::{Attempt, Breaker, Ended, Ending, LineState, Looked, Pending, TriedCves};
pub use superseded::Superseded;
