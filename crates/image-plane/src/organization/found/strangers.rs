//! Images that are nobody's here, and used all the same: what families without a parent are built on.

use super::super::{Architecture, Claim, Made, Placement, Protection, State};
use super::Founding;
use crate::ids::{ImageId, SnapshotId};
use crate::world::Target;
use std::time::Duration;

impl Founding<'_> {
    /// A base image of each architecture, public, where builds happen: the first two placements there are.
    pub(super) fn strangers(&mut self) {
        let Some(vendor) = self.made.outsiders.first().copied() else {
            return;
        };
        let region = self.settings.hub.region;
        for architecture in [Architecture::X86, Architecture::Arm] {
            let name = format!("linux-base-{}", architecture.slug());
            let home = Target {
                account: vendor,
                region,
            };
            self.add_foreign(home, &name, Made::Outsider);
        }
    }

    /// The base image for an architecture.
    pub(super) const fn base(architecture: Architecture) -> usize {
        match architecture {
            Architecture::X86 => 0,
            Architecture::Arm => 1,
        }
    }

    /// Writes down an image of no release and no family, of moderate age.
    pub(super) fn add_foreign(&mut self, home: Target, name: &str, made: Made) -> usize {
        let mut dice = self.dice.of(&format!("foreign {name} in {home}"));
        let age = Duration::from_hours(dice.between(30 * 24, 300 * 24));
        self.add(Placement {
            home,
            ami: ImageId::draw(&mut dice.random),
            name: name.into(),
            created: self.made.founded - age,
            release: None,
            snapshots: Box::new([SnapshotId::draw(&mut dice.random)]),
            state: State::Available,
            made,
            claim: Claim::None,
            kept: false,
            protection: Protection::Off,
            last_launched: None,
        })
    }
}
