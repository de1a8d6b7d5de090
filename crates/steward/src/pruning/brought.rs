use serde::Serialize;

use super::facts::PruningFacts;
use super::placement::PlacementStanding;
use crate::Timestamp;

/// How many images pruning brought to which rung since a moment. One that went down two rungs counts on the lower one.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Brought {
    /// New users are warned off.
    pub deprecated: usize,
    /// Launches fail.
    pub disabled: usize,
    /// They are gone for good.
    pub deregistered: usize,
}

impl PruningFacts {
    /// What pruning brought down from then on, as the record has it: what was planned and not made is not among it.
    pub fn brought_since(&self, then: Timestamp) -> Brought {
        let gone = self.releases.iter().flat_map(|release| &release.gone);
        let mut brought = Brought {
            deregistered: gone
                .filter(|gone| gone.by_us && gone.since.is_some_and(|at| then <= at))
                .count(),
            ..Brought::default()
        };
        for placement in self.releases.iter().flat_map(|release| &release.placements) {
            let (since, count) = match placement.standing {
                PlacementStanding::Unsettled(_) | PlacementStanding::Available => continue,
                PlacementStanding::Deprecated(since) => (since, &mut brought.deprecated),
                PlacementStanding::Disabled(since) => (since, &mut brought.disabled),
            };
            if since.by_us && since.at.is_some_and(|at| then <= at) {
                *count += 1;
            }
        }
        brought
    }
}
