//! What people and programs are told of a run of pruning: a document, a page, a message, and what a terminal shows.
//!
//! All of it is said from the plan. What is bounded says how many more there are; the document alone has all.

mod advice;
mod changes;
mod document;
mod key;
mod message;
mod news;
mod next;
mod page;
mod rows;
mod said;
mod since;
mod terminal;
mod totals;

use std::collections::BTreeMap;

pub use changes::RunSummary;
pub use message::PruningMessage;
pub use news::{LastTold, SinceTold};
pub use totals::{ContainerTotals, Gib, LeftTotals, LeftoverTotals, StepCounts, Totals};

use super::bin::BinAhead;
use super::left::StillThere;
use super::leftovers::Leftovers;
use super::plan::PruningPlan;
use crate::{ReleaseId, Timestamp, Words};

/// What no AWS read shows, in every report: who names an image there loses it.
const HOLES: &str = "No AWS read shows which images a Terraform file, a variable of CI or the settings of a node pool name. The disabled \
                     rung is the test for them: a launch fails there while all of it can still be undone.";
/// The same of container images, for which there is no rung and no test.
const CONTAINER_HOLES: &str = "Who uses a container image no AWS read shows completely: clusters, pipelines and people pull it from anywhere, and a \
                               node that starts next pulls it again. So nothing is ever done with one: whoever knows that nobody uses it \
                               deletes it in its registry.";
/// What a sum of sizes says.
const BOUND: &str = "at most: so much the images' volumes hold, and snapshots share what did not change and leave out what was never written";

/// What there is to say of a run for a family.
#[derive(Clone, Copy, Debug)]
pub struct PruningReport<'a> {
    /// Its plan.
    pub plan: &'a PruningPlan,
    /// When it was made.
    pub at: Timestamp,
    /// Whether it is carried out.
    pub mode: RunMode,
    /// What people call its releases; one that is not here is called by its id.
    pub names: &'a BTreeMap<ReleaseId, Words>,
    /// Snapshots of its images that are gone, which did not go with them.
    pub still_there: &'a [StillThere],
    /// What is left of it and nothing of ours takes away.
    pub leftovers: &'a Leftovers,
    /// What Recycle Bins will do with what is on its way to deletion.
    pub bins: &'a [BinAhead],
    /// The run before; none: there was none.
    pub before: Option<&'a RunSummary>,
    /// What people were told last; none: nothing.
    pub told: Option<SinceTold<'a>>,
}

/// Whether a plan is carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunMode {
    /// It is.
    Acts,
    /// It is shown, and nothing is done.
    Observes,
}

impl PruningReport<'_> {
    /// What it comes to.
    fn totals(&self) -> Totals {
        Totals::of(self.plan, self.leftovers)
    }

    /// What nobody can see.
    const fn holes(&self) -> &'static str {
        if self.plan.containers.is_empty() {
            HOLES
        } else {
            CONTAINER_HOLES
        }
    }

    fn title(&self, release: ReleaseId) -> String {
        let name = self.names.get(&release).map(Words::as_str);
        name.map_or_else(|| release.to_string(), str::to_owned)
    }
}
