//! One step: its turn, a second look, and what follows from it.

use std::collections::BTreeSet;

use steward::distribution::{Grantee, undeclared};
use steward::pruning::{
    CallKind, Effect, LeftSnapshot, OutputNow, PruningCall, PruningStep, Refusal, SecondLook, Seen, WhyLeft, look_again,
};
use steward::{BuildState, FamilyName, Output, ReleaseId, Settled, Timestamp};
use steward_aws::{Begun, Cause, HeldSnapshot, Problem};
use tokio::time::Instant;
use tokio::try_join;

use super::Applied;
use super::family::Known;
use super::visit::{Called, Then, Visit};
use super::way_up::climb;

pub(super) async fn take_step(
    visit: &Visit<'_>,
    known: &mut Known,
    step: &PruningStep,
    outcome: &mut Applied,
) -> Result<Then, Problem> {
    let kind = step.effect.kind();
    visit.aws(kind).turn(kind).await;
    let looked = Instant::now();
    let (seen, launchers) = see(visit, known, step).await?;
    if is_available_again(known, step, &seen) {
        // The next plan has it deprecated again.
        let record = &visit.room.record;
        record.write_output(step.release, BuildState::Available).await?;
    }
    // Evidence grows old while AWS is asked.
    let now = visit.clock.now();
    if let Some(output) = seen.output {
        note(visit, known, (step.release, output), now).await?;
    }
    let look = look_again(&mut known.facts, step, &seen, now);
    match (look, step.effect.call()) {
        (SecondLook::Waits(what), _) => {
            outcome.waiting.push(format!("{}: {what}", step.effect));
            Ok(Then::GoOn)
        }
        (SecondLook::Refused(why), _) => {
            let says = format!("not made: {}: {why}", step.effect);
            visit.journal(step.release, &step.effect.to_string(), says, now).await?;
            if let (Refusal::Undeclared(_), Some(image)) = (&why, step.effect.image()) {
                // The plan cannot see it: others go first until somebody did something.
                visit.room.record.write_image_refused(step.release, image, now).await?;
            }
            outcome.refused.push(format!("{}: {why}", step.effect));
            Ok(Then::GoOn)
        }
        (SecondLook::Found, Some(call)) => {
            if let (CallKind::Output, Some(OutputNow::There(state))) = (call.kind(), seen.output) {
                // No event tells that another hand was at it: each plan would have the step again.
                visit.room.record.write_output(step.release, state).await?;
            }
            outcome.found += 1;
            Ok(Then::GoOn)
        }
        (look @ (SecondLook::Make | SecondLook::Found), None) => {
            let up = climb(visit, known, step, (&seen, look == SecondLook::Make), outcome);
            Box::pin(up).await
        }
        (SecondLook::Make, Some(call)) => {
            if let (Some(image), Some(launchers)) = (step.effect.image(), &launchers) {
                let record = &visit.room.record;
                record.save_launchers(step.release, image, launchers).await?;
            }
            let family = known.facts.family.clone();
            make(visit, known, (step, &family), &call, (looked, outcome)).await
        }
    }
}

/// What AWS says of the very thing at this moment, and people and channels of its release. All of it at once: nothing grows old
/// while something else is waited for. With it comes who may launch what is to be disabled, which EC2 forgets, and what names it since
/// everybody was asked.
async fn see(
    visit: &Visit<'_>,
    known: &Known,
    step: &PruningStep,
) -> Result<(Seen, Option<BTreeSet<Grantee>>), Problem> {
    let output = async {
        match known.facts.output_to_look_at(step) {
            Some(output) => visit.hub.output_now(&output.arn).await.map(Some),
            None => Ok(None),
        }
    };
    let image = async {
        match step.effect.image() {
            Some(Output { ami, target: _ }) => visit.at.image_now(ami).await,
            None => Ok(None),
        }
    };
    let wishes = async {
        if !step.effect.takes_away() {
            return Ok(None);
        }
        let (record, now) = (&visit.room.record, visit.clock.now());
        record.wishes(&known.manifest, step.release, now).await.map(Some)
    };
    let launchers = async {
        match step.effect {
            Effect::Disable { ami, .. } => visit.at.who_may_launch(ami).await,
            _ => Ok(None),
        }
    };
    let named_by = async {
        match step.effect {
            Effect::Disable { ami, .. } => visit.at.references(&BTreeSet::from([ami])).await.map(Some),
            _ => Ok(None),
        }
    };
    let (output, image, wishes, launchers, named_by) = try_join!(output, image, wishes, launchers, named_by)?;
    let audience = &known.manifest.distribute.share_with;
    let owner = visit.target.account();
    let seen = Seen {
        image,
        output,
        wishes,
        undeclared: launchers
            .as_ref()
            .map(|launchers| undeclared(audience, owner, launchers)),
        named_by,
    };
    Ok((seen, launchers))
}

/// Writes down whether Image Builder has anything of a release: that it has nothing any more, once a later look agrees.
async fn note(
    visit: &Visit<'_>,
    known: &Known,
    (release, seen): (ReleaseId, OutputNow),
    now: Timestamp,
) -> Result<(), Problem> {
    let record = &visit.room.record;
    match known.facts.settle_output(release, seen, now) {
        Settled::Nothing => Ok(()),
        Settled::Doubt => record.write_output_missed(release, Some(now)).await,
        Settled::NoDoubt => record.write_output_missed(release, None).await,
        Settled::Changed => record.write_output(release, BuildState::Deleted).await,
    }
}

/// Whether another hand made what Image Builder has of a release available again: the record knows nothing of that.
fn is_available_again(known: &Known, step: &PruningStep, seen: &Seen) -> bool {
    let known = known.facts.output_to_look_at(step).map(|output| output.state);
    let is_available = seen.output == Some(OutputNow::There(BuildState::Available));
    is_available && known != Some(BuildState::Available)
}

async fn make(
    visit: &Visit<'_>,
    known: &mut Known,
    (step, family): (&PruningStep, &FamilyName),
    call: &PruningCall,
    (looked, outcome): (Instant, &mut Applied),
) -> Result<Then, Problem> {
    let now = visit.clock.now();
    let mut unseen = outcome.unseen_ms;
    let made = async |begun: Begun| {
        unseen = unseen.max(looked.elapsed().as_millis());
        let token = call.token(visit.target, begun.attempt, begun.since);
        let left = visit.aws(call.kind()).prune(call, &token, now).await?;
        let written = written(visit, (step.release, family), (step.effect.image(), call), &left, now);
        written.await.map_err(unknown)?;
        Ok(left)
    };
    let called = visit.carry_out(step.release, call, outcome, made).await?;
    outcome.unseen_ms = outcome.unseen_ms.max(unseen);
    match called {
        Called::Made(left) => {
            known.facts.made(step, now);
            outcome.left.extend(left.iter().map(ToString::to_string));
            Ok(Then::GoOn)
        }
        Called::NotMade(problem) => {
            was_refused(visit, step, &problem, now).await?;
            Ok(Then::GoOn)
        }
        Called::Late => Ok(Then::Later),
        Called::Stop => Ok(Then::Stop),
    }
}

/// Writes down what a call that was made changed: an image's rung and state, or that of what Image Builder has; and which
/// snapshots are still to do.
pub(super) async fn written(
    visit: &Visit<'_>,
    (release, family): (ReleaseId, &FamilyName),
    (image, call): (Option<Output>, &PruningCall),
    left: &[LeftSnapshot],
    now: Timestamp,
) -> Result<(), Problem> {
    let record = &visit.room.record;
    // First: once the image is known to be gone, nothing but this leads to them.
    for LeftSnapshot { snapshot, why } in left {
        let again = match why {
            WhyLeft::NotTold => now,
            _ => WhyLeft::again(0, now),
        };
        let Some(Output { ami, target }) = image else { continue };
        let left = HeldSnapshot {
            target,
            snapshot: *snapshot,
            of: ami,
            release,
            family: family.clone(),
            why: why.to_string().into(),
            since: now,
            tries: 0,
            again,
        };
        record.leave(&left).await?;
    }
    match (image, call) {
        (_, PruningCall::DeprecateOutput(_)) => record.write_output(release, BuildState::Deprecated).await,
        (_, PruningCall::DeleteOutput(_)) => record.write_output(release, BuildState::Deleted).await,
        (Some(image), call) => {
            record.write_made(release, image, call, now).await?;
            if call.is_for_launches() {
                record.reconsider(family, release, image.target).await?;
            }
            Ok(())
        }
        (None, _) => Ok(()),
    }
}

/// What AWS refused goes behind what it did not, for a day.
async fn was_refused(visit: &Visit<'_>, step: &PruningStep, problem: &Problem, now: Timestamp) -> Result<(), Problem> {
    let Cause::Refused { .. } = problem.cause else {
        return Ok(());
    };
    let record = &visit.room.record;
    match step.effect.image() {
        Some(image) => record.write_image_refused(step.release, image, now).await,
        None => record.write_output_refused(step.release, now).await,
    }
}

/// The call was made, and could not be written down: whatever the table says, the call itself was not refused.
pub(super) fn unknown(problem: Problem) -> Problem {
    let Problem { doing, target, cause } = problem;
    Problem {
        doing,
        target,
        cause: Cause::Unanswered(cause.to_string()),
    }
}
