//! Which images are of which line, and where.

use std::collections::BTreeMap;

use super::super::{Architecture, Placement, Release};
use crate::world::Target;

/// A family and an architecture in one target.
type Spot = (usize, Architecture, Target);

/// The placements of each line in each target, in the order of their releases.
#[derive(Debug, Default)]
pub(super) struct Lines {
    places: BTreeMap<Spot, Vec<usize>>,
    /// The placement of each release in each target; a copy by hand is not it.
    of_release: BTreeMap<usize, BTreeMap<Target, usize>>,
}

impl Lines {
    pub(super) fn add(&mut self, release: usize, at: &Release, home: Target, placement: usize) {
        let spot = (at.family, at.architecture, home);
        self.places.entry(spot).or_default().push(placement);
        self.of_release.entry(release).or_default().insert(home, placement);
    }

    /// The placements beside one of the same line in the same target, itself among them.
    pub(super) fn beside(&self, placement: &Placement, releases: &[Release]) -> &[usize] {
        let spot = placement.release.map(|release| {
            let release = &releases[release];
            (release.family, release.architecture, placement.home)
        });
        spot.and_then(|spot| self.places.get(&spot)).map_or(&[], Vec::as_slice)
    }

    pub(super) fn of_release(&self, release: usize, home: Target) -> Option<usize> {
        self.of_release.get(&release)?.get(&home).copied()
    }

    /// Every placement of a release, by target.
    pub(super) fn everywhere(&self, release: usize) -> impl Iterator<Item = (Target, usize)> {
        let everywhere = self.of_release.get(&release).into_iter().flatten();
        everywhere.map(|(home, placement)| (*home, *placement))
    }
}
