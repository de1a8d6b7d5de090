//! What becomes of placements although nobody told: doubts are looked at again, and targets compared with the record.

use std::collections::{BTreeMap, BTreeSet};

use steward::{AmiFacts, AmiId, AmiState, Output, ReleaseId, Target, decide_copy};
use steward_aws::{ImagesOf, Odd, Placed, Problem};
use steward_lambda::Moment;

use crate::lineage::{copied_from, is_made_by_hub};
use crate::observe::observe;
use crate::{ONE_LOOK, Outcome, Room};

/// Looks again at every placement whose state is in doubt.
pub(crate) async fn settle_doubts(room: &Room, moment: Moment) -> Result<Outcome, Problem> {
    let mut total = Outcome::default();
    let doubts = room.record.doubts().await?;
    let gone = room
        .record
        .gone_among(doubts.iter().map(|(_, output)| output.target))
        .await?;
    for (release, output) in doubts {
        if !moment.deadline.leaves(ONE_LOOK) {
            total.unfinished = true;
            return Ok(total);
        }
        if gone.contains(&output.target.account()) {
            continue;
        }
        total.looked_at += 1;
        match Box::pin(settle(room, release, output, moment)).await {
            Ok(changed) => total.placements += usize::from(changed),
            Err(problem) => total.problems.push(problem.to_string()),
        }
    }
    Ok(total)
}

async fn settle(room: &Room, release: ReleaseId, output: Output, moment: Moment) -> Result<bool, Problem> {
    let seen = room.aws.at(output.target).await.see_image(output.ami).await?;
    let state = seen.map_or(AmiState::Deregistered, |facts| facts.state);
    observe(room, release, output, state, moment).await
}

/// Compares each target with what the record has there, once an hour.
pub(crate) async fn compare_targets(room: &Room, moment: Moment) -> Result<Outcome, Problem> {
    let mut total = Outcome::default();
    let targets = room.record.targets().await?;
    let gone = room.record.gone_among(targets.iter().copied()).await?;
    for target in targets {
        if !moment.deadline.leaves(ONE_LOOK) {
            total.unfinished = true;
            return Ok(total);
        }
        if gone.contains(&target.account()) || !room.record.is_to_be_compared(target, moment.now).await? {
            continue;
        }
        match Box::pin(compare(room, target, moment)).await {
            Ok(compared) => total.add(compared),
            // One target that cannot be read must not hide the others.
            Err(problem) => total.problems.push(problem.to_string()),
        }
    }
    Ok(total)
}

/// Whether an image that the record does not have is placed now, as somebody's copy of one that it has.
async fn place_copy(room: &Room, stranger: &AmiFacts, moment: Moment) -> Result<bool, Problem> {
    // What a build says it made is placed when the build is looked at.
    if is_made_by_hub(room, stranger).await? {
        return Ok(false);
    }
    let of = copied_from(room, stranger).await?;
    match of.and_then(|release| decide_copy(release, stranger, moment.now)) {
        Some(copy) => room.record.place(&copy).await,
        None => Ok(false),
    }
}

/// The placements of a target that changed, or came to be in doubt.
async fn compare(room: &Room, target: Target, moment: Moment) -> Result<Outcome, Problem> {
    let at = room.aws.at(target).await;
    // The record first: what is placed while the images are listed must not look as if it were gone.
    let placed_before = room.record.placed_in(target).await?;
    let mut outcome = Outcome::default();
    let mut images: BTreeMap<AmiId, AmiFacts> = BTreeMap::new();
    let (mut odd, mut is_any_missing) = (BTreeSet::new(), false);
    for image in at.images_or_odd(&ImagesOf::Owner(target.account())).await? {
        match image {
            Ok(facts) => drop(images.insert(facts.ami, facts)),
            Err(Odd { ami, why }) => {
                outcome.problems.push(format!("an image in {target}: {why}"));
                is_any_missing |= ami.is_none();
                odd.extend(ami);
            }
        }
    }
    for placed in placed_before {
        let Placed {
            ami,
            release,
            state,
            since: _,
            watermarks,
            output_settled: _,
            output_missed: _,
        } = &placed;
        // It is there, or may be: it is only not known how.
        if odd.contains(ami) || is_any_missing && !images.contains_key(ami) {
            continue;
        }
        let output = Output { target, ami: *ami };
        let there = images.remove(ami);
        if let Some(facts) = &there
            && watermarks.as_ref() != Some(&facts.watermarks)
        {
            let marked = room.record.mark(*release, output, &facts.watermarks, moment.now);
            outcome.placements += usize::from(marked.await?);
        }
        let seen = there.map_or(AmiState::Deregistered, |facts| facts.state);
        if *state == Some(seen) {
            continue;
        }
        if observe(room, *release, output, seen, moment).await? {
            outcome.placements += 1;
        } else {
            room.record.restate(target, &placed).await?;
        }
    }
    for stranger in images.values() {
        match place_copy(room, stranger, moment).await {
            Ok(is_placed) => outcome.placements += usize::from(is_placed),
            // One image of others that cannot be looked into must not hide the others.
            Err(problem) => outcome.problems.push(problem.to_string()),
        }
    }
    room.record.mark_compared(target, moment.now).await?;
    Ok(outcome)
}
