//! Builds that wait in a step of their workflow: people are told of each once, and what they answer is sent.

use std::collections::BTreeMap;

use steward::building::{StepAnswer, StepFate, StepPlan, StepState, USUAL_WAIT, WaitingStep, decide_step};
use steward::manifest::Manifest;
use steward::telling::WaitingNotice;
use steward::{Architecture, FamilyName, ImageBuilderOwner, OwnEvent, ResourceName, Timestamp, Words};
use steward_aws::{AtTarget, Cause, Problem, SwitchState};
use steward_lambda::{Moment, tell};
use tracing::{info, warn};

use super::Triggered;
use crate::{ONE_STEP, Room};

/// Looks through the steps that wait, where the workflows of any family could: those of a manifest that cannot be read may, and a
/// person may have answered. Steps of builds that are of none of our lines are somebody else's.
pub(super) async fn look_at_waits(
    room: &Room,
    hub: &AtTarget,
    (manifests, unread): (&[(Manifest, u32)], &[FamilyName]),
    outcome: &mut Triggered,
    moment: Moment,
) -> Result<(), Problem> {
    let gated = manifests.iter().filter(|(manifest, _)| manifest.has_own_workflows());
    let gated = gated.map(|(manifest, _)| &manifest.family).chain(unread);
    let mut of_families: BTreeMap<&FamilyName, Vec<WaitingStep>> = gated.map(|family| (family, Vec::new())).collect();
    if of_families.is_empty() {
        return Ok(());
    }
    let lines = lines(manifests, unread);
    let here = ImageBuilderOwner::Account(room.aws.hub().account());
    let mut is_whole = true;
    for step in hub.waiting_steps().await? {
        match step {
            Ok(step) if *step.build.owner() == here => {
                if let Some(family) = lines.get(step.build.name()).copied() {
                    of_families.entry(family).or_default().push(step);
                }
            }
            Ok(_) => {}
            Err(problem) => {
                is_whole = false;
                outcome.problems.push(problem.to_string());
            }
        }
    }
    for (family, listed) in of_families {
        if let Err(problem) = Box::pin(of_family(room, hub, (family, listed, is_whole), outcome, moment)).await {
            // One family must not hold up the others.
            outcome.problems.push(problem.to_string());
        }
    }
    Ok(())
}

/// The families by what Image Builder calls their lines.
fn lines<'m>(manifests: &'m [(Manifest, u32)], unread: &'m [FamilyName]) -> BTreeMap<ResourceName, &'m FamilyName> {
    let named = |family: &'m FamilyName, architecture| (ResourceName::of_line(family, architecture), family);
    let unread = unread.iter();
    let unread = unread.flat_map(|family| Architecture::ALL.map(|architecture| named(family, architecture)));
    let built = manifests.iter().filter(|(manifest, _)| manifest.build.is_some());
    let built = built.flat_map(
        |(
            Manifest {
                family, architectures, ..
            },
            _,
        )| {
            architectures
                .iter()
                .map(move |architecture| named(family, *architecture))
        },
    );
    unread.chain(built).collect()
}

async fn of_family(
    room: &Room,
    hub: &AtTarget,
    (family, listed, is_whole): (&FamilyName, Vec<WaitingStep>, bool),
    outcome: &mut Triggered,
    moment: Moment,
) -> Result<(), Problem> {
    let kept = room.record.waits_of(family).await?.into_iter();
    let mut kept: BTreeMap<String, (StepState, u64)> = kept
        .map(|(state, revision)| (state.step.id.clone(), (state, revision)))
        .collect();
    let mut waits = Vec::new();
    for step in listed {
        let state = if let Some(known) = kept.remove(&step.id) {
            known
        } else {
            let longest = hub.longest_wait(&step.id).await?;
            let until = step.since.saturating_add(longest.unwrap_or(USUAL_WAIT.length()));
            (StepState::seen(step, family.clone(), until), 0)
        };
        waits.push((state, true));
    }
    // What a list leaves out because it could not be read is not gone.
    let gone = kept
        .into_values()
        .filter(|(state, _)| is_whole || state.answer.is_some());
    waits.extend(gone.map(|state| (state, false)));
    for (state, is_listed) in waits {
        if let Err(problem) = Box::pin(carry_out(room, hub, &state, is_listed, outcome, moment)).await {
            outcome.problems.push(problem.to_string());
        }
    }
    Ok(())
}

async fn carry_out(
    room: &Room,
    hub: &AtTarget,
    (before, revision): &(StepState, u64),
    is_listed: bool,
    outcome: &mut Triggered,
    moment: Moment,
) -> Result<(), Problem> {
    let StepPlan { fate, mut state } = decide_step(before, is_listed, moment.now);
    let record = &room.record;
    if state.over.is_none() && is_listed {
        outcome.waits.push(state.headline());
    }
    match fate {
        StepFate::Quiet => {}
        StepFate::Told => {
            let says = state.says();
            info!(build = %state.title(), step = %state.step.name, "a build waits for an answer");
            record
                .hear_of_wait(&state, "waits", state.step.since, says.clone())
                .await?;
            state.told = tell_of(room, &state, says, moment.now).await.then_some(moment.now);
        }
        StepFate::Answered(answer) => {
            return Box::pin(send(room, hub, (state, *revision), answer, outcome, moment)).await;
        }
        StepFate::Lapsed(why) => {
            let asked = before.answer.as_ref().map_or(moment.now, |answer| answer.at);
            record.hear_of_wait(&state, "lapsed", asked, why.clone()).await?;
            outcome.answered.push(why.to_string());
        }
        StepFate::Over(why) => {
            let missed = state.missed.unwrap_or(moment.now);
            record.hear_of_wait(&state, "over", missed, why).await?;
        }
    }
    if *revision == 0 || state != *before {
        // Where somebody else wrote it since, the next sweep decides by that.
        record.keep_wait(&state, *revision).await?;
    }
    Ok(())
}

/// Tells people that a build waits; false where that failed, and the next sweep is to try it again.
async fn tell_of(room: &Room, waits: &StepState, says: Words, now: Timestamp) -> bool {
    if let Some(topic) = &room.releases {
        let notice = WaitingNotice { waits, told: now };
        if let Err(problem) = topic.tell_of_wait(&notice).await {
            warn!(%problem, "nobody was told that a build waits");
            return false;
        }
    }
    let family = waits.family.clone();
    tell(&room.bus, &OwnEvent::Blocked { family, cause: says }).await;
    true
}

/// Writes down that an answer is sent, sends it, and writes down what came of it.
async fn send(
    room: &Room,
    hub: &AtTarget,
    (mut state, mut revision): (StepState, u64),
    mut answer: StepAnswer,
    outcome: &mut Triggered,
    moment: Moment,
) -> Result<(), Problem> {
    if !moment.deadline.leaves(ONE_STEP) {
        outcome.unfinished = true;
        return Ok(());
    }
    if let SwitchState::Paused(why) = room.record.may_act(room.switch_at_first).await {
        outcome.paused = Some(why);
        return Ok(());
    }
    if !answer.sent {
        answer.sent = true;
        state.answer = Some(answer.clone());
        if !room.record.keep_wait(&state, revision).await? {
            // Somebody else wrote it since: the next sweep decides by that.
            return Ok(());
        }
        revision += 1;
    }
    let (what, says) = match hub.answer_step(&state.step, &answer).await {
        Ok(()) => {
            let what = if answer.stops { "was ended" } else { "goes on" };
            let (title, step) = (state.title(), &state.step.name);
            let says = format!(
                "{title} {what} at the step {step}: {} said so: {}",
                answer.who, answer.why
            );
            state.over = Some(Words::from(says.as_str()));
            ("answered", says)
        }
        Err(problem) => match problem.cause {
            // It was not carried out, and would be refused again.
            Cause::Refused { .. } if !problem.is_too_fast() => {
                state.ask_anew();
                let title = state.title();
                (
                    "refused",
                    format!("what {} answered to {title} came to nothing: {problem}", answer.who),
                )
            }
            // The next run sends the same with the same token, and is answered as this one was.
            Cause::Refused { .. }
            | Cause::Broke { .. }
            | Cause::NoRoom { .. }
            | Cause::Unanswered(_)
            | Cause::NotUnderstood(_) => return Err(problem),
        },
    };
    room.record.hear_of_wait(&state, what, answer.at, says.as_str()).await?;
    outcome.answered.push(says);
    room.record.keep_wait(&state, revision).await.map(drop)
}
