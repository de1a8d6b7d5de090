//! Sets of releases, one of each architecture, and which of two is the newer.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use super::facts::ReleaseSeen;
use super::held::Pointed;
use super::wait::Wait;
use crate::{Architecture, BuildVersion, ReleaseId};

/// A good release of every architecture of the manifest.
pub(super) type GoodSet<'a> = BTreeMap<Architecture, &'a ReleaseSeen>;

/// Of each architecture a place in the order.
pub(super) type Orders = BTreeMap<Architecture, BuildVersion>;

pub(super) fn pointed(set: &GoodSet<'_>) -> Pointed {
    let releases = set.iter();
    releases
        .map(|(architecture, seen)| (*architecture, seen.release))
        .collect()
}

pub(super) fn orders(set: &GoodSet<'_>) -> Orders {
    let releases = set.iter();
    releases
        .map(|(architecture, seen)| (*architecture, seen.order))
        .collect()
}

/// Whether something goes beyond the mark, and nothing below it. What has no mark yet goes beyond it.
pub(super) fn is_ahead(orders: &Orders, mark: &Orders) -> bool {
    let ways: Vec<Ordering> = orders
        .iter()
        .map(|(architecture, order)| {
            let mark = mark.get(architecture);
            mark.map_or(Ordering::Greater, |mark| order.cmp(mark))
        })
        .collect();
    ways.contains(&Ordering::Greater) && !ways.contains(&Ordering::Less)
}

/// What would go below the mark where something else would go beyond it.
pub(super) fn behind(orders: &Orders, mark: &Orders) -> Vec<Wait> {
    let ahead =
        |(architecture, order): (&Architecture, &BuildVersion)| mark.get(architecture).is_none_or(|mark| order > mark);
    if !orders.iter().any(ahead) {
        return Vec::new();
    }
    let below = orders.iter().filter_map(|(architecture, build)| {
        let mark = *mark.get(architecture)?;
        (*build < mark).then_some(Wait::Behind {
            build: *build,
            architecture: *architecture,
            mark,
        })
    });
    below.collect()
}

/// How new a set is: as its oldest release, then the next. Where that is the same it is decided by architecture and id, so
/// that there is one newest whatever came first.
pub(super) fn newness(set: &GoodSet<'_>) -> (Vec<BuildVersion>, Vec<(BuildVersion, ReleaseId)>) {
    let mut sorted: Vec<BuildVersion> = set.values().map(|seen| seen.order).collect();
    sorted.sort();
    (sorted, set.values().map(|seen| (seen.order, seen.release)).collect())
}
