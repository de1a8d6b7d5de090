//! A release's copy in the target, from one look to the next.

use std::collections::BTreeSet;

use steward::distribution::{MadeCopy, Stood, TargetStanding};
use steward::{AmiId, AmiState, ReleaseId, Timestamp, decide_copy};
use steward_aws::{AtTarget, HeldPlacement, Problem};
use steward_lambda::Moment;

use super::work::Here;
use crate::Room;

/// The copy that there is by this look, or that EC2 said it makes; and those whose tokens are spent, as they failed or are gone:
/// asked with the same token EC2 would answer with them for ever.
pub(super) async fn copy_before(
    here: &Here<'_>,
    at: &AtTarget,
    stood: Option<&Stood>,
    standing: &TargetStanding,
    placements: &[HeldPlacement],
    now: Timestamp,
) -> Result<(Option<MadeCopy>, BTreeSet<AmiId>), Problem> {
    let mut spent = stood.map(|stood| stood.failed.clone()).unwrap_or_default();
    let before = stood.and_then(|stood| stood.made);
    let mut copy = look_again(here, at, before, standing, now).await?;
    // The record has looked twice.
    let is_tombstone = |copy: &MadeCopy| {
        let of_it = |placed: &&HeldPlacement| placed.ami == copy.ami && placed.target == here.there.target;
        let placed = placements.iter().find(of_it);
        copy.missed.is_some() && placed.is_some_and(|placed| placed.state == AmiState::Deregistered)
    };
    let gone = copy.take_if(|copy| copy.is_gone(now) || is_tombstone(copy));
    spent.extend(gone.map(|copy| copy.ami));
    Ok((copy, spent))
}

/// What the list lacks is asked for by its id: somebody may have taken its tags away.
async fn look_again(
    here: &Here<'_>,
    at: &AtTarget,
    before: Option<MadeCopy>,
    standing: &TargetStanding,
    now: Timestamp,
) -> Result<Option<MadeCopy>, Problem> {
    if here.there.target == here.there.home {
        return Ok(None);
    }
    if let TargetStanding::There(ami) | TargetStanding::Pending { ami, .. } = standing {
        return Ok(Some(MadeCopy::found(before, *ami, now)));
    }
    let Some(copy) = before else { return Ok(None) };
    let is_there = |state| state != AmiState::Deregistered;
    let found = match here.there.images.get(&copy.ami) {
        Some(image) => is_there(image.state),
        None if here.there.of_all.enabled => at.see_image(copy.ami).await?.is_some_and(|facts| is_there(facts.state)),
        // Nobody can look.
        None => return Ok(before),
    };
    Ok(Some(if found {
        MadeCopy::found(before, copy.ami, now)
    } else {
        copy.missing(now)
    }))
}

/// Writes an image that we made down as ours, once it is there.
pub(super) async fn place(
    room: &Room,
    here: &Here<'_>,
    at: &AtTarget,
    release: ReleaseId,
    standing: &TargetStanding,
    placements: &[HeldPlacement],
    moment: Moment,
) -> Result<(), Problem> {
    let TargetStanding::There(ami) = *standing else {
        return Ok(());
    };
    let is_placed = |placed: &HeldPlacement| placed.ami == ami && placed.target == here.there.target && placed.managed;
    if placements.iter().any(is_placed) {
        return Ok(());
    }
    let Some(facts) = at.see_image(ami).await? else {
        return Ok(());
    };
    if let Some(mut placement) = decide_copy(release, &facts, moment.now) {
        placement.managed = true;
        room.record.place(&placement).await?;
    }
    Ok(())
}
