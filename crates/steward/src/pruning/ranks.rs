use std::collections::{BTreeMap, BinaryHeap};

use super::release::{BuildTime, Line, Place, ReleaseFacts};
use crate::{Architecture, ReleaseOrder, Timestamp};

/// Where a release stands among those of its line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Ranked {
    /// The newest is 1.
    pub(super) rank: usize,
    /// Since when so many newer ones are there that it is not among those that stay; none: it is.
    pub(super) beyond: Option<Timestamp>,
}

/// What is ranked together: the architecture, and the values of the group keys.
type Of<'a> = (Architecture, &'a [String]);

/// Ranks releases by their lines, where the newest `stay` of each do; in the order in which they are given.
///
/// What cannot be judged at all takes nobody's rank: what is of no line, has no date, has no image that could be used, or is still
/// being built, and may yet fail. What is protected does take its own.
pub(super) fn ranks(releases: &[&ReleaseFacts], stay: usize, now: Timestamp) -> Vec<Option<Ranked>> {
    let mut lines: BTreeMap<Of<'_>, Vec<(ReleaseOrder, usize, Timestamp)>> = BTreeMap::new();
    for (at, release) in releases.iter().enumerate() {
        let BuildTime::At(built) = release.built else { continue };
        if built <= now
            && release.is_there()
            && release.building().is_none()
            && let Some((line, order)) = ordered(&release.place, built)
        {
            lines.entry(line).or_default().push((order, at, built));
        }
    }
    let mut ranks = vec![None; releases.len()];
    for mut line in lines.into_values() {
        line.sort_unstable_by(|(a, x, _), (b, y, _)| {
            b.cmp(a).then_with(|| releases[*x].release.cmp(&releases[*y].release))
        });
        // The dates of the newer ones, the earliest so many of them: the last of these is when the line had enough of newer ones.
        let mut newer: BinaryHeap<Timestamp> = BinaryHeap::with_capacity(stay + 1);
        for (rank, (_, at, built)) in (1..).zip(line) {
            let beyond = (rank > stay).then(|| newer.peek().copied()).flatten();
            ranks[at] = Some(Ranked { rank, beyond });
            newer.push(built);
            if newer.len() > stay {
                newer.pop();
            }
        }
    }
    ranks
}

fn ordered(place: &Place, built: Timestamp) -> Option<(Of<'_>, ReleaseOrder)> {
    match place {
        Place::Built { architecture, order } => Some(((*architecture, &[]), ReleaseOrder::Built(*order))),
        Place::Adopted {
            line: Line { architecture, group },
            ami,
            region,
        } => {
            let order = ReleaseOrder::Adopted {
                created: built,
                id: *ami,
                region: *region,
            };
            Some(((*architecture, group), order))
        }
        Place::Ungrouped(_) | Place::LeftByFailedBuild => None,
    }
}
