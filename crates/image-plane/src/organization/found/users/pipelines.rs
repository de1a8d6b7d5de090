//! Pipelines of people's own that build on images of families, and recipes that nobody builds by.

use super::super::super::dice::Dice;
use super::super::super::{Built, Who};
use super::Founding;
use crate::imagebuilder::place::NewRecipe;
use crate::world::Target;

impl Founding<'_> {
    pub(super) fn own_pipelines(&mut self) {
        let mut dice = self.dice.of("pipelines");
        for round in 0..self.settings.users.pipelines * 2 {
            let Some((place, home)) = self.usable(&mut dice) else {
                return;
            };
            let unused = round % 2 == 1;
            let (home, parent, image) = self.parent(home, place, unused, &mut dice);
            let recipe = NewRecipe {
                name: format!("team-{}", self.number()),
                version: [1, 0, 0],
                parent: parent.clone(),
                tags: Vec::new(),
                created: self.made.founded,
            };
            let who = if unused {
                let arn = self.world.place_recipe(home, recipe).into();
                Who::Recipe { arn }
            } else {
                let arn = self.world.place_pipeline(home, recipe).into();
                let parent = parent.into();
                Who::Pipeline { arn, parent }
            };
            self.note(home, who, image);
        }
    }

    /// A parent: an AMI, or in the hub's own Region a build or the newest one of a line.
    fn parent(&self, home: Target, place: usize, by_id: bool, dice: &mut Dice) -> (Target, String, Option<usize>) {
        let hub = self.settings.hub;
        let placement = &self.made.placements[place];
        let release = placement.release.map(|release| (release, &self.made.releases[release]));
        match (release, dice.below(3)) {
            (Some((release, made)), 0) if !by_id && made.built == Built::Available => (
                hub,
                made.arn.clone(),
                self.lines.of_release(release, hub).filter(|place| self.stands(*place)),
            ),
            (Some((release, made)), 1) if !by_id => {
                let line = made.arn.rsplitn(3, '/').nth(2).unwrap_or_default();
                let newest = self.newest_available(release);
                let place = newest.and_then(|newest| self.lines.of_release(newest, hub));
                (hub, format!("{line}/x.x.x"), place.filter(|place| self.stands(*place)))
            }
            _ => (home, placement.ami.to_string(), Some(place)),
        }
    }

    fn stands(&self, place: usize) -> bool {
        self.made.placements[place].is_there()
    }

    /// The newest release of a line that Image Builder has as AVAILABLE: what a wildcard means.
    fn newest_available(&self, release: usize) -> Option<usize> {
        let of = &self.made.releases[release];
        let same = self.made.releases.iter().enumerate().filter(|(_, other)| {
            (other.family, other.architecture, other.built) == (of.family, of.architecture, Built::Available)
        });
        same.max_by_key(|(_, other)| (other.version, other.build))
            .map(|(place, _)| place)
    }
}
