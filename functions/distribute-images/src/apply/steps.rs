//! The steps of a release in a target, one after the other, each written down before and after.

use std::collections::VecDeque;

use steward::distribution::{Change, DistributionStep, Finding, Going, Grantee, MadeCopy, PublicObstacle, Stood};
use steward::{AmiId, Intent, Words, Worker};
use steward_aws::{AtTarget, Begun, Carried, Problem};
use steward_lambda::Moment;

use super::Distributed;
use super::work::Here;
use crate::{ONE_STEP, Room};

/// So many calls about a release are made again in halves, as EC2 refused a name in them. What is left then waits for the next
/// look, which has the fewer names.
const MOST_HALVED: usize = 40;

/// Where steps are taken, and for what.
pub(super) struct Steps<'a, 'h> {
    pub(super) room: &'a Room,
    pub(super) here: &'a mut Here<'h>,
    pub(super) at: &'a AtTarget,
    pub(super) going: &'a Going,
    pub(super) moment: Moment,
}

/// What came of them.
#[derive(Default)]
pub(super) struct Taken {
    /// Whether any was made.
    pub(super) made: bool,
    /// Whether any was not.
    pub(super) failed: bool,
    /// Whether any failed for another reason than a name that EC2 does not know.
    pub(super) failed_otherwise: bool,
    /// Whether EC2 has no room for one now.
    pub(super) waits: bool,
    /// Whether time ran out or the switch was thrown: the release is looked at again as it stood.
    pub(super) cut_short: bool,
}

impl Taken {
    /// Whether all that was left to do is what EC2 refuses for a name alone.
    pub(super) const fn all_refused(&self) -> bool {
        self.failed && !self.made && !self.failed_otherwise && !self.waits
    }
}

impl Steps<'_, '_> {
    pub(super) async fn take(
        &mut self,
        steps: &[DistributionStep],
        now: &mut Stood,
        outcome: &mut Distributed,
    ) -> Result<Taken, Problem> {
        let mut taken = Taken::default();
        let mut steps: VecDeque<DistributionStep> = steps.iter().cloned().collect();
        let mut halved = 0;
        while let Some(step) = steps.pop_front() {
            if !self.moment.deadline.leaves(ONE_STEP) {
                outcome.unfinished = true;
                taken.cut_short = true;
                break;
            }
            if let (DistributionStep::Copy { .. }, Some(why)) = (&step, &self.here.no_room) {
                wait(why, &mut taken, now);
                break;
            }
            if let DistributionStep::DeregisterFailed { ami } = &step {
                self.spend(*ami, now).await?;
            }
            match Box::pin(self.carry_out(&step, now)).await? {
                Carried::Made(copy) => {
                    taken.made = true;
                    outcome.steps.push(format!("{step} in {}", self.here.there.target));
                    if let Some(ami) = copy {
                        now.made = Some(MadeCopy::answered(now.made, ami, self.moment.now));
                        self.here.there.of_all.count_copy(self.going);
                    }
                }
                Carried::Failed(problem) => {
                    let is_of_a_name = problem.is_of_a_name();
                    if let Some(halves) = step.halves()
                        && is_of_a_name
                        && halved < MOST_HALVED
                    {
                        halved += 1;
                        halves.into_iter().rev().for_each(|half| steps.push_front(half));
                        continue;
                    }
                    taken.failed = true;
                    taken.failed_otherwise |= !is_of_a_name || step.halves().is_some();
                    now.findings.push(self.refused(&step, &problem));
                    outcome.problems.push(problem.to_string());
                    // What comes after a copy or a permission may stand on it, but not on somebody's who is not there.
                    if !stands_alone(&step) && !is_of_a_name {
                        // What ends a grant stands on nothing.
                        steps.retain(|step| matches!(step, DistributionStep::TakeBackKey { .. }));
                    }
                }
                Carried::Waits(problem) => {
                    let why = Words::from(problem.cause.to_string());
                    self.here.no_room = Some(why.clone());
                    wait(&why, &mut taken, now);
                    break;
                }
                Carried::ByAnother => {
                    taken.failed = true;
                    taken.failed_otherwise = true;
                    break;
                }
                Carried::Paused(why) => {
                    outcome.paused = Some(why);
                    taken.cut_short = true;
                    break;
                }
            }
        }
        Ok(taken)
    }

    /// Before a failed copy goes: with the same token EC2 would answer the next one with it.
    async fn spend(&self, failed: AmiId, now: &mut Stood) -> Result<(), Problem> {
        now.failed.insert(failed);
        self.here.stands(self.room, self.going.release, now).await
    }

    /// Why a step was not made, as it is said of its release.
    fn refused(&self, step: &DistributionStep, problem: &Problem) -> Words {
        if let DistributionStep::Grant {
            ami,
            change: Change::Add(who),
        } = step
            && who.contains(&Grantee::Everybody)
            && problem.is_of_a_quota()
        {
            let obstacle = PublicObstacle::Quota;
            return Words::from(Finding::NotPublic { ami: *ami, obstacle }.to_string());
        }
        let why = Words::from(problem.cause.to_string());
        let finding = Finding::of_refused(step, self.here.there.target, &why);
        Words::from(finding.map_or_else(|| problem.to_string(), |finding| finding.to_string()))
    }

    async fn carry_out(&self, step: &DistributionStep, now: &Stood) -> Result<Carried<Option<AmiId>>, Problem> {
        let (target, release) = (self.here.there.target, self.going.release);
        let intent = Intent {
            worker: Worker::ApplyDistribution,
            target,
            step: step.journaled(release),
            release,
            says: step.says(),
        };
        let spent = now.failed.len();
        let call = async |begun: Begun| {
            let token = step.token(target, release, spent, begun.attempt);
            self.at.distribute(step, &token, self.room.own_role.as_deref()).await
        };
        let first = self.room.switch_at_first;
        Box::pin(self.room.record.carry_out(intent, first, self.moment.now, call)).await
    }
}

/// Whether nothing that comes after it stands on it.
const fn stands_alone(step: &DistributionStep) -> bool {
    match step {
        DistributionStep::Tag { .. } | DistributionStep::LendKey { .. } | DistributionStep::TakeBackKey { .. } => true,
        DistributionStep::DeregisterFailed { .. }
        | DistributionStep::Enable { .. }
        | DistributionStep::Copy { .. }
        | DistributionStep::Permit { .. }
        | DistributionStep::Grant { .. } => false,
    }
}

/// Leaves a copy to the next sweep.
fn wait(why: &Words, taken: &mut Taken, now: &mut Stood) {
    taken.waits = true;
    now.findings.push(Words::from(Finding::NoRoom(why.clone()).to_string()));
}
