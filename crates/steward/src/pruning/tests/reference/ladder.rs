//! How an image goes down.

use super::super::super::*;
use super::super::stage::World;
use super::{DAY, length, ms, time};
use crate::Timestamp;
use crate::manifest::{Retain, Wait};

/// When a rung is reached at the earliest, from when a release became expendable.
pub(super) fn wait(retain: &Retain, rung: Rung) -> Option<i64> {
    let wait = match rung {
        Rung::Available => return Some(0),
        Rung::Deprecated => retain.ladder.deprecate,
        Rung::Disabled => retain.ladder.disable,
        Rung::Deregistered => retain.ladder.delete,
    };
    match wait {
        Wait::After(wait) => Some(length(wait)),
        Wait::Never => None,
    }
}

/// When an image came to its rung: as it was written down, or as its ladder says.
pub(super) fn reached(retain: &Retain, image: &PlacementSeen, since: Timestamp) -> Timestamp {
    let as_the_ladder_says = |rung: Rung| time(ms(since) + wait(retain, rung).unwrap_or(0));
    match image.standing {
        PlacementStanding::Deprecated(Since { at, .. }) => at.unwrap_or_else(|| as_the_ladder_says(Rung::Deprecated)),
        PlacementStanding::Disabled(Since { at, .. }) => at.unwrap_or_else(|| as_the_ladder_says(Rung::Disabled)),
        PlacementStanding::Available => since,
        PlacementStanding::Unsettled(_) => panic!("that keeps it"),
    }
}

/// What comes next, and when.
pub(super) fn next(world: &World, retain: &Retain, image: &PlacementSeen, since: Timestamp) -> Option<Next> {
    let here = image.standing.rung()?;
    let rung = match here {
        Rung::Available => Rung::Deprecated,
        Rung::Deprecated => Rung::Disabled,
        Rung::Disabled => Rung::Deregistered,
        Rung::Deregistered => return None,
    };
    let in_all = wait(retain, rung)?;
    let mut on_this_rung = in_all - wait(retain, here).unwrap_or(0);
    if rung == Rung::Deregistered && world.facts.shared != Shared::WithNobody && on_this_rung < 7 * DAY {
        on_this_rung = 7 * DAY;
    }
    let at = (ms(since) + in_all).max(ms(reached(retain, image, since)) + on_this_rung);
    Some(Next { rung, at: time(at) })
}

/// When the deregistration of an image on its present way down was announced.
pub(super) fn announced(retain: &Retain, image: &PlacementSeen, since: Timestamp) -> Option<Timestamp> {
    let announced = image.announced?;
    (is_known(image) && announced >= since && announced >= reached(retain, image, since)).then_some(announced)
}

/// From when on a usage report is to be asked for that is not there.
pub(super) fn report_needed(
    world: &World,
    retain: &Retain,
    image: &PlacementSeen,
    since: Timestamp,
) -> Option<Timestamp> {
    let from = time(ms(reached(retain, image, since)) + 4 * DAY);
    // Of what was disabled at a time nobody knows, no report is known to be late enough.
    let is_reported = is_known(image) && image.reported.is_some_and(|reported| reported >= from);
    (world.facts.shared == Shared::WithoutRoles && !is_reported).then_some(from)
}

/// Whether somebody wrote down when it came to its rung.
pub(super) fn is_known(image: &PlacementSeen) -> bool {
    match image.standing {
        PlacementStanding::Deprecated(Since { at, .. }) | PlacementStanding::Disabled(Since { at, .. }) => at.is_some(),
        PlacementStanding::Available | PlacementStanding::Unsettled(_) => false,
    }
}
