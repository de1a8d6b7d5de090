//! What becomes of Image Builder's images.

use std::collections::BTreeSet;

use super::super::super::*;
use super::super::stage::World;
use super::ladder::wait;
use super::{DAY, Expected, built, ms, step, time, was_refused_within_a_day};
use crate::{AmiId, BuildState, ReleaseId};

/// Whether all of its images are gone but what another hand made of them, and Image Builder has something that can be deleted.
pub(in super::super) fn is_orphan(release: &ReleaseFacts) -> bool {
    let is_any_left = release
        .placements
        .iter()
        .any(|image| image.unmanaged != Some(Unmanaged::ByAnotherHand));
    let is_at_it = matches!(release.since, ExpendableSince::Recorded(_));
    let can_go = release.output.as_ref().is_some_and(|output| is_deletable(output.state));
    is_at_it && can_go && !is_any_left
}

fn is_deletable(state: BuildState) -> bool {
    state.ended() && state != BuildState::Deleted
}

/// What becomes of what Image Builder has of a release that is gone.
pub(super) fn look_at_orphans(expected: &mut Expected, world: &World, release: &ReleaseFacts, is_blocked: bool) {
    let (Some(output), ExpendableSince::Recorded(since)) = (&release.output, release.since) else {
        return;
    };
    if !is_orphan(release) {
        return;
    }
    let mut may_be_said = Vec::new();
    if is_blocked {
        for trouble in expected.troubles.clone() {
            may_be_said.push(OrphanFate::Blocked(Blocker::Evidence(trouble.into())));
        }
        if world.facts.switch != Switch::On {
            may_be_said.push(OrphanFate::Blocked(Blocker::Paused));
        }
    } else if let Some(retain) = &world.facts.retain {
        may_be_said.extend(keeps(world, release).into_iter().map(OrphanFate::Kept));
        if may_be_said.is_empty() {
            let announced = output.announced.filter(|told| ms(*told) >= ms(since));
            let at = wait(retain, Rung::Deregistered).map(|wait| ms(since) + wait);
            let now = ms(world.now);
            let is_time = at.is_some_and(|at| now >= at);
            let is_told = announced.is_some_and(|told| now - ms(told) >= DAY);
            if at.is_some_and(|at| now >= at - DAY) && now >= ms(since) && announced.is_none() {
                expected.orphans_to_announce.insert(output.arn.clone());
            }
            if is_time && !is_told {
                may_be_said.push(OrphanFate::Blocked(Blocker::NotAnnounced { since: announced }));
            } else {
                may_be_said.push(OrphanFate::Goes { at: at.map(time) });
            }
            if is_time && is_told {
                let is_late = was_refused_within_a_day(world, output.refused);
                let delete = step(release, Effect::DeleteOutput(output.arn.clone()));
                expected.down.push((is_late, built(release), delete));
            }
        }
    } else {
        may_be_said.push(OrphanFate::Kept(Keeps::NothingGoes));
    }
    expected.orphans.insert(output.arn.clone(), may_be_said);
}

fn keeps(world: &World, release: &ReleaseFacts) -> Vec<Keeps> {
    let mut keeps: Vec<Keeps> = release.channels.iter().cloned().map(Keeps::Channel).collect();
    keeps.extend(release.parent_of.iter().cloned().map(Keeps::Parent));
    for hold in &release.holds {
        if world.now < hold.until {
            keeps.push(Keeps::Hold(hold.clone()));
        }
    }
    keeps
}

/// What is to be done with Image Builder's images, once these images go, and these releases' that have none left: one goes with
/// the last image that is not a copy by another hand.
pub(in super::super) fn outputs(
    world: &World,
    going: &BTreeSet<AmiId>,
    left: &BTreeSet<ReleaseId>,
) -> BTreeSet<PruningStep> {
    let mut steps = BTreeSet::new();
    for release in &world.facts.releases {
        let Some(output) = &release.output else {
            continue;
        };
        let is_any_left = release
            .placements
            .iter()
            .any(|image| image.unmanaged != Some(Unmanaged::ByAnotherHand) && !going.contains(&image.ami));
        let is_any_going = release.placements.iter().any(|image| going.contains(&image.ami));
        if is_any_left || !(is_any_going || left.contains(&release.release)) {
            continue;
        }
        if output.state == BuildState::Available {
            steps.insert(step(release, Effect::DeprecateOutput(output.arn.clone())));
        }
        if is_deletable(output.state) {
            steps.insert(step(release, Effect::DeleteOutput(output.arn.clone())));
        }
    }
    steps
}
