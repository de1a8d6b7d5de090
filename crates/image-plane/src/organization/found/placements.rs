//! Placements: each release in its targets, retired as far as its age in the line has it.

use std::sync::Arc;
use std::time::Duration;

use super::super::dice::Dice;
use super::super::{Built, Claim, Made, Placement, Protection, State};
use super::Founding;
use crate::ids::{ImageId, SnapshotId};
use crate::time::Time;
use crate::world::Target;

/// How far a release has come down the ladder.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Rung {
    Available,
    Deprecated,
    Disabled,
    Deregistered,
}

impl Rung {
    const fn at(steps: u64) -> Self {
        match steps {
            0 => Self::Available,
            1 => Self::Deprecated,
            2 => Self::Disabled,
            _ => Self::Deregistered,
        }
    }

    const fn before(self) -> Self {
        match self {
            Self::Available | Self::Deprecated => Self::Available,
            Self::Disabled => Self::Deprecated,
            Self::Deregistered => Self::Disabled,
        }
    }
}

impl Founding<'_> {
    pub(super) fn placements(&mut self) {
        // Of a hundred thousand a growing list would need half as much space again.
        let releases = self.made.releases.iter();
        let all: usize = releases
            .map(|release| self.made.families[release.family].targets.len())
            .sum();
        self.made.placements.reserve(all + self.made.families.len() * 8);
        let mut start = 0;
        while start < self.made.releases.len() {
            let line = self.in_order(start);
            for (rank, release) in line.iter().enumerate() {
                let mut dice = self.dice.of(&self.made.releases[*release].arn);
                let rung = self.rung(rank, line.len(), &mut dice);
                self.placements_of(*release, rung, &mut dice);
            }
            start += line.len().max(1);
        }
    }

    fn rung(&self, rank: usize, line: usize, dice: &mut Dice) -> Rung {
        let untouched = self.settings.untouched;
        if rank < untouched {
            return Rung::Available;
        }
        let old = u64::try_from((rank - untouched) * 100 / (line - untouched)).unwrap_or(0);
        Rung::at((old * 4 + dice.between(0, 200)).saturating_sub(50) / 100)
    }

    fn placements_of(&mut self, release: usize, rung: Rung, dice: &mut Dice) {
        let made = &self.made.releases[release];
        let (major, minor, patch) = (made.version[0], made.version[1], made.version[2]);
        let family = &self.made.families[made.family];
        let line = family.line(made.architecture);
        let name: Arc<str> = format!("{line}-{major}.{minor}.{patch}-{}", made.build).into();
        let targets = family.targets.clone();
        // Two volumes in one family of five.
        let volumes = if made.family % 5 == 4 { 2 } else { 1 };
        let mut gone = true;
        for home in targets {
            let built = home == self.settings.hub;
            let later = if built { 0 } else { dice.between(5, 120) };
            let created = self.made.releases[release].created + Duration::from_mins(later);
            let state = self.state(home, rung, created, dice);
            gone &= state == State::Deregistered;
            let placement = Placement {
                home,
                ami: ImageId::draw(&mut dice.random),
                name: Arc::clone(&name),
                created,
                release: Some(release),
                snapshots: (0..volumes).map(|_| SnapshotId::draw(&mut dice.random)).collect(),
                state,
                made: if built { Made::Built } else { Made::Copied },
                claim: Claim::Own,
                kept: dice.chance(self.settings.kept),
                protection: self.protection(dice),
                last_launched: self.last_launched(created, dice),
            };
            self.add(placement);
        }
        let built = &mut self.made.releases[release].built;
        if gone {
            *built = Built::Deleted;
        } else if rung >= Rung::Disabled {
            *built = Built::Deprecated;
        }
    }

    /// Writes down an image, and says at which place. Nothing of it is in the world yet.
    pub(super) fn add(&mut self, placement: Placement) -> usize {
        let place = self.made.placements.len();
        if let Some(release) = placement.release
            && matches!(placement.made, Made::Built | Made::Copied)
        {
            self.lines
                .add(release, &self.made.releases[release], placement.home, place);
        }
        self.made.placements.push(placement);
        place
    }

    fn state(&self, home: Target, rung: Rung, created: Time, dice: &mut Dice) -> State {
        // Here and there the last step is still to come; in a closed account none was ever made.
        let rung = if self.is_closed(home.account) {
            Rung::Available
        } else if dice.chance(150) {
            rung.before()
        } else {
            rung
        };
        match rung {
            Rung::Available => State::Available,
            Rung::Deprecated => State::Deprecated {
                since: self.between(created, dice).nearest_minute().min(self.made.founded),
            },
            Rung::Disabled => State::Disabled,
            Rung::Deregistered => State::Deregistered,
        }
    }

    fn protection(&self, dice: &mut Dice) -> Protection {
        if !dice.chance(self.settings.protected) {
            Protection::Off
        } else if dice.chance(300) {
            Protection::Until(self.made.founded + Duration::from_hours(dice.between(1, 23)))
        } else {
            Protection::On
        }
    }

    /// A third of all images was launched some time, and not so lately that their owner could not know.
    fn last_launched(&self, created: Time, dice: &mut Dice) -> Option<Time> {
        let known = Duration::from_hours(24);
        let launched = self.between(created, dice) - known;
        (dice.chance(330) && launched >= created).then_some(launched)
    }

    /// Some time since then.
    pub(super) fn between(&self, then: Time, dice: &mut Dice) -> Time {
        let minutes = self.made.founded.since(then).as_secs() / 60;
        then + Duration::from_mins(dice.between(0, minutes))
    }
}
