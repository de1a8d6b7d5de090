//! One message: who may be at work in its target, and for how long.

use std::sync::Arc;
use std::time::Duration;

use steward::pruning::{CallKind, FamilyPruning, PruningCall, PruningWork};
use steward::{Intent, ReleaseId, Target, Worker};
use steward_aws::{AtTarget, Begun, Carried, Cause, Lease, Leased, Problem, Work};
use steward_lambda::{Deadline, Moment};

use super::Applied;
use super::family::take_family;
use super::left::take_left;
use super::settle::{SHOWN, settle};
use crate::Room;
use crate::clock::Clock;

/// A lease ends so long before Lambda ends the invocation.
const BEFORE_THE_END: Duration = Duration::from_secs(10);
/// No call is begun with less time left: none begins within a minute of the lease's end, and none takes longer than two minutes,
/// however often it is tried.
const ONE_CALL: Duration = Duration::from_secs(190);

/// Where a message sends the worker, while it has the right to be there.
pub(super) struct Visit<'a> {
    pub(super) room: &'a Room,
    pub(super) run: String,
    pub(super) target: Target,
    /// How many messages of its run there were before.
    part: u32,
    /// AWS there, by the role that retires.
    pub(super) at: Arc<AtTarget>,
    /// AWS where Image Builder is.
    pub(super) hub: Arc<AtTarget>,
    pub(super) clock: Clock,
    deadline: Deadline,
    lease: Lease,
}

/// Whether there is more to do here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Then {
    /// There may be.
    GoOn,
    /// There is, and no time for it: another message goes on with it.
    Later,
    /// The switch was thrown, or another is at work here by now.
    Stop,
}

/// What became of a call.
pub(super) enum Called<T> {
    /// It was made.
    Made(T),
    /// It was not, or nobody knows.
    NotMade(Problem),
    /// It was not begun: time ran out meanwhile.
    Late,
    /// None is made any more.
    Stop,
}

/// Does what a message says, as long as time lets it.
pub(super) async fn visit(room: &Room, work: PruningWork, moment: Moment) -> Result<Applied, Problem> {
    let PruningWork {
        run,
        target,
        part,
        families,
    } = work;
    let mut outcome = Applied::of(&run, target);
    let clock = Clock::of(moment);
    let lasts = moment.deadline.left().saturating_sub(BEFORE_THE_END);
    let asked = Lease {
        who: Worker::ApplyPruning.to_string(),
        run: run.clone(),
        until: clock.now().saturating_add(lasts),
    };
    let of = (Worker::ApplyPruning, target);
    let lease = match room.record.lease_target(of, asked, clock.now()).await? {
        Leased::Yes(lease) => lease,
        Leased::Taken(by) => {
            outcome.another = Some(format!("run {} is at work here until {}", by.run, by.until));
            return Ok(outcome);
        }
    };
    let visit = Visit {
        room,
        run,
        target,
        part,
        at: room.at(target).await,
        hub: room.aws.at(room.aws.hub()).await,
        clock,
        deadline: moment.deadline,
        lease,
    };
    let is_sent_to_ask = families.is_empty();
    let worked = Box::pin(visit.work(families, &mut outcome)).await;
    let marked = if worked.is_err() || outcome.open > 0 {
        let again = clock.now().saturating_add(SHOWN);
        room.record.leave_unsettled(target, again).await
    } else if is_sent_to_ask {
        room.record.forget_unsettled(target).await
    } else {
        Ok(())
    };
    room.record.leave_target(of, &visit.lease, clock.now()).await?;
    worked.and(marked).map(|()| outcome)
}

impl Visit<'_> {
    async fn work(&self, families: Vec<FamilyPruning>, outcome: &mut Applied) -> Result<(), Problem> {
        Box::pin(settle(self, outcome)).await?;
        let mut families = families.into_iter();
        let mut left = Vec::new();
        for mut family in families.by_ref() {
            let then = Box::pin(take_family(self, &mut family, outcome)).await?;
            if !family.steps.is_empty() {
                left.push(family);
            }
            match then {
                Then::GoOn => {}
                Then::Later => break,
                Then::Stop => return Ok(()),
            }
        }
        left.extend(families);
        if left.is_empty() {
            return Box::pin(take_left(self, outcome)).await;
        }
        self.go_on_later(left, outcome).await
    }

    /// Sends what is left to whoever comes next.
    async fn go_on_later(&self, families: Vec<FamilyPruning>, outcome: &mut Applied) -> Result<(), Problem> {
        let steps = families.iter().map(|family| family.steps.len()).sum();
        let Some(queue) = &self.room.queue else {
            return Ok(());
        };
        let body = PruningWork {
            run: self.run.clone(),
            target: self.target,
            part: self.part.saturating_add(1),
            families,
        };
        let work = Work {
            target: self.target,
            once: body.once(),
            body,
        };
        queue.send(&[work]).await?;
        outcome.continued = steps;
        Ok(())
    }

    /// Whether a call may still be begun.
    pub(super) fn has_time(&self) -> bool {
        self.deadline.leaves(BEFORE_THE_END + ONE_CALL)
    }

    /// AWS where a call is made.
    pub(super) fn aws(&self, kind: CallKind) -> &AtTarget {
        match kind {
            CallKind::Rung | CallKind::Permission | CallKind::Deregistration | CallKind::Snapshot => &self.at,
            CallKind::Output => &self.hub,
        }
    }

    /// Makes a call for a release, and what is to be written once it is made, in one: whoever dies between leaves it open, and the
    /// next visit settles it.
    pub(super) async fn carry_out<T>(
        &self,
        release: ReleaseId,
        call: &PruningCall,
        outcome: &mut Applied,
        make: impl AsyncFnOnce(Begun) -> Result<T, Problem>,
    ) -> Result<Called<T>, Problem> {
        // Its turn and its look may have taken long.
        if !self.has_time() {
            return Ok(Called::Late);
        }
        let of = (Worker::ApplyPruning, self.target);
        if !self.room.record.holds_target(of, &self.lease).await? {
            outcome.another = Some(String::from("the right to be at work here was lost"));
            return Ok(Called::Stop);
        }
        let intent = self.intent(release, call);
        let (first, now) = (self.room.switch_at_first, self.clock.now());
        let carried = Box::pin(self.room.record.carry_out(intent, first, now, make)).await?;
        Ok(match carried {
            Carried::Made(answer) => {
                outcome.made.push(call.to_string());
                Called::Made(answer)
            }
            Carried::Failed(problem) | Carried::Waits(problem) => {
                outcome.problems.push(problem.to_string());
                // What AWS did not answer may have been carried out.
                outcome.open += usize::from(!matches!(problem.cause, Cause::Refused { .. }));
                Called::NotMade(problem)
            }
            Carried::ByAnother => {
                outcome.another = Some(format!("another makes this step at the moment: {call}"));
                Called::Stop
            }
            Carried::Paused(why) => {
                outcome.paused = Some(why);
                Called::Stop
            }
        })
    }

    pub(super) fn intent(&self, release: ReleaseId, call: &PruningCall) -> Intent {
        Intent {
            worker: Worker::ApplyPruning,
            target: self.target,
            step: call.key(),
            release,
            says: call.says(),
        }
    }
}
