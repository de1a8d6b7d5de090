use std::collections::BTreeSet;

use steward::{Target, Timestamp, Worker};
use steward_aws::{AtTarget, OpenStep, Problem, TargetThere};
use tokio::sync::OnceCell;

use crate::Room;

/// Where a message sends the worker, and what earlier runs began there: read once, for all families and releases.
pub(crate) struct Visit {
    pub(super) target: Target,
    /// Steps that nobody knows the outcome of, or that failed.
    open: Vec<OpenStep>,
    /// What the target is like, once somebody asked.
    there: OnceCell<TargetThere>,
}

impl Visit {
    pub(super) async fn of(room: &Room, target: Target) -> Result<Self, Problem> {
        let open = room.record.open_steps(Worker::ApplyDistribution, target).await?;
        let there = OnceCell::new();
        Ok(Self { target, open, there })
    }

    /// What the target is like, with `at` there. Where a Region is not enabled nobody answers: the account is asked elsewhere.
    pub(super) async fn there(&self, room: &Room, at: &AtTarget) -> Result<&TargetThere, Problem> {
        let elsewhere = Target::new(self.target.account(), room.aws.hub().region());
        let look = async || at.target_there(&*room.at(elsewhere).await).await;
        self.there.get_or_try_init(look).await
    }

    /// Closes those steps of one thing, by how their names begin, that nothing asks for any more.
    pub(super) async fn close_unwanted(
        &self,
        room: &Room,
        of_it: &str,
        wanted: &BTreeSet<String>,
        now: Timestamp,
    ) -> Result<(), Problem> {
        let open = self.open.iter().filter(|open| open.intent.step.starts_with(of_it));
        room.record.close_unwanted(open, wanted, now).await
    }
}
