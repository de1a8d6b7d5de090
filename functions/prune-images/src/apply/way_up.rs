//! The way back up: of an image that somebody needs by now, with what was saved of it and is still declared.

use std::collections::BTreeSet;

use steward::pruning::{PruningCall, PruningStep, Seen, WayUp};
use steward::{AmiState, Output};
use steward_aws::{Begun, Cause, Problem};

use super::Applied;
use super::family::Known;
use super::step::{unknown, written};
use super::visit::{Called, Then, Visit};

/// Brings an image up all the way, or does what an earlier visit left undone of that. Where pruning did not take it down any more, it
/// is not enabled.
pub(super) async fn climb(
    visit: &Visit<'_>,
    known: &mut Known,
    step: &PruningStep,
    (seen, is_to_climb): (&Seen, bool),
    outcome: &mut Applied,
) -> Result<Then, Problem> {
    let (Some(at), Some(image)) = (step.effect.image(), &seen.image) else {
        return Ok(Then::GoOn);
    };
    if !is_to_climb && image.state != AmiState::Available {
        outcome.found += 1;
        return Ok(Then::GoOn);
    }
    let Output { ami, .. } = at;
    let record = &visit.room.record;
    let Some(down) = record.taken_down(step.release, at).await? else {
        outcome
            .refused
            .push(format!("{}: the record does not know it", step.effect));
        return Ok(Then::GoOn);
    };
    let there = if down.saved.is_empty() {
        None
    } else {
        visit.at.who_may_launch(ami).await?
    };
    let nobody = BTreeSet::new();
    let declared = known.declared.as_ref();
    let permissions = (declared.unwrap_or(&nobody), &there.unwrap_or_default());
    let WayUp { mut calls, left_out } = WayUp::of(ami, image, down.taken, &down.saved, permissions);
    // Until it is known who is declared it can be launched by its owner alone, and stays on its way: the next plan goes on with it.
    let is_half = declared.is_none() && !down.saved.is_empty();
    if is_half {
        calls.retain(|call| matches!(call, PruningCall::Enable(_)));
    }
    if calls.is_empty() {
        outcome.found += 1;
    }
    let mut said = Vec::new();
    for (n, call) in calls.iter().enumerate() {
        if n > 0 {
            visit.at.turn(call.kind()).await;
        }
        let now = visit.clock.now();
        let make = async |begun: Begun| {
            let token = call.token(visit.target, begun.attempt, begun.since);
            let left = visit.at.prune(call, &token, now).await?;
            let of = (step.release, &known.facts.family);
            written(visit, of, (Some(at), call), &left, now).await.map_err(unknown)
        };
        match visit.carry_out(step.release, call, outcome, make).await? {
            Called::Made(()) => {}
            // Whoever shares what is declared makes it public once that may be.
            Called::NotMade(Problem {
                cause: cause @ Cause::Refused { .. },
                ..
            }) if call.is_for_everybody() => {
                said.push(format!("{ami} is up again, and is not public any more: {cause}"));
            }
            // What comes after it stands on it.
            Called::NotMade(_) => return Ok(Then::GoOn),
            Called::Late => return Ok(Then::Later),
            Called::Stop => return Ok(Then::Stop),
        }
    }
    if is_half {
        let why = "who may launch it by its manifest is not known yet";
        outcome.problems.push(format!("{}: {why}", step.effect));
        return Ok(Then::GoOn);
    }
    let now = visit.clock.now();
    if !left_out.is_empty() {
        let who: Vec<String> = left_out.iter().map(ToString::to_string).collect();
        said.push(format!(
            "{ami} is up again; not let launch it any more, as not declared: {}",
            who.join(", ")
        ));
    }
    for (n, says) in said.into_iter().enumerate() {
        let what = format!("left out of {ami}: {n}");
        visit.journal(step.release, &what, says.clone(), now).await?;
        outcome.left_out.push(says);
    }
    record.write_up(step.release, at).await?;
    known.facts.made(step, now);
    Ok(Then::GoOn)
}
