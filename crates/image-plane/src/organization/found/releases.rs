//! Releases: the history of each line, oldest build first.

use std::cmp::Reverse;
use std::time::Duration;

use super::super::dice::Dice;
use super::super::{Architecture, Built, Channel, Oddity, Release};
use super::Founding;
use crate::time::Time;

const HOURS_A_DAY: u64 = 24;

/// What the two architectures of a family have in common in one round of builds.
struct Round {
    version: [u32; 3],
    build: u32,
    created: Time,
}

impl Founding<'_> {
    pub(super) fn releases(&mut self) {
        for family in 0..self.made.families.len() {
            let mut dice = self.dice.of(&format!("releases of family {family}"));
            let mut rounds = self.rounds(&mut dice);
            if self.happens(Oddity::LateFix, family) && rounds.len() > 3 {
                // The one before the last mends what was current two builds earlier.
                let late = rounds.len() - 2;
                rounds[late].version = rounds[late - 2].version;
                rounds[late].build = rounds[late - 2].build + 50;
                let about = vec![format!("{:?}/{}", rounds[late].version, rounds[late].build)];
                self.strange(Oddity::LateFix, family, about);
            }
            for architecture in self.made.families[family].architectures.clone() {
                self.line(family, architecture, &rounds);
            }
        }
    }

    fn rounds(&self, dice: &mut Dice) -> Vec<Round> {
        let count = u64::try_from(self.settings.releases_per_family).unwrap_or(1);
        let whole = u64::from(self.settings.days) * HOURS_A_DAY * 60;
        // Near enough to ten that comparing versions as texts goes wrong.
        let mut version = [1, 0, u32::try_from(dice.between(6, 9)).unwrap_or(9)];
        let mut build = 1;
        let mut rounds = Vec::new();
        for place in 0..count {
            let share = whole / count;
            let ago = share * (count - place) - dice.between(0, share * 9 / 10);
            rounds.push(Round {
                version,
                build,
                created: self.made.founded - Duration::from_mins(ago),
            });
            match dice.below(20) {
                0..4 => build += 1,
                4..8 => (version, build) = ([version[0], version[1] + 1, 0], 1),
                8 => (version, build) = ([version[0] + 1, 0, 0], 1),
                _ => (version, build) = ([version[0], version[1], version[2] + 1], 1),
            }
        }
        rounds
    }

    fn line(&mut self, family: usize, architecture: Architecture, rounds: &[Round]) {
        let start = self.made.releases.len();
        let name = self.made.families[family].line(architecture);
        let hub = self.settings.hub;
        for round in rounds {
            let Round {
                version: version @ [major, minor, patch],
                build,
                created,
            } = *round;
            let arn = format!(
                "arn:{}:imagebuilder:{}:{}:image/{name}/{major}.{minor}.{patch}/{build}",
                hub.region.partition(),
                hub.region,
                hub.account
            );
            self.made.releases.push(Release {
                family,
                architecture,
                version,
                build,
                created,
                arn,
                parent: self.built_on(family, architecture, created),
                built: Built::Available,
            });
        }
        let newest = self.in_order(start);
        let pointers = [
            ("candidate", newest.first()),
            ("stable", newest.get(1).or(newest.first())),
        ];
        for (name, release) in pointers {
            let channel = release.map(|release| Channel {
                name,
                architecture,
                release: *release,
            });
            self.made.families[family].channels.extend(channel);
        }
    }

    /// The newest release of the parent's line at that time.
    fn built_on(&self, family: usize, architecture: Architecture, at: Time) -> Option<usize> {
        let parent = self.made.families[family].parent?;
        let earlier = self.made.releases.iter().enumerate().filter(|(_, release)| {
            release.family == parent && release.architecture == architecture && release.created < at
        });
        earlier
            .max_by_key(|(_, release)| release.created)
            .map(|(place, _)| place)
    }

    /// The releases from this one on that are of its line, newest first as versions have it.
    pub(super) fn in_order(&self, start: usize) -> Vec<usize> {
        let releases = &self.made.releases;
        let Some(first) = releases.get(start) else {
            return Vec::new();
        };
        let same = |place: &usize| {
            let release = &releases[*place];
            (release.family, release.architecture) == (first.family, first.architecture)
        };
        let mut line: Vec<usize> = (start..releases.len()).filter(same).collect();
        line.sort_by_key(|place| Reverse((releases[*place].version, releases[*place].build)));
        line
    }
}
