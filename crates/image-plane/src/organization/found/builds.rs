//! Image Builder's side of the releases, and the pipelines that made them.

use super::super::{Built, Release, Who};
use super::Founding;
use crate::imagebuilder::place::{NewBuild, NewRecipe};

impl Founding<'_> {
    /// Puts every release Image Builder still has onto its shelf, and a pipeline for each line.
    pub(super) fn builds(&mut self) {
        for release in 0..self.made.releases.len() {
            let made = &self.made.releases[release];
            if made.built == Built::Deleted {
                continue;
            }
            let hub = self.settings.hub;
            let parent = match made.parent {
                Some(parent) => self.lines.of_release(parent, hub),
                None => Some(Self::base(made.architecture)),
            };
            let parent = parent.map(|place| &self.made.placements[place]);
            let outputs = self.lines.everywhere(release);
            let outputs = outputs.map(|(home, place)| {
                let placement = &self.made.placements[place];
                (home, placement.ami, placement.name.to_string())
            });
            // Image Builder distributes in the hub alone; copies for members are ours.
            let outputs = outputs.filter(|(home, ..)| home.account == hub.account);
            let build = NewBuild {
                recipe: self.recipe(made),
                build: made.build,
                parent: parent.map(|parent| (parent.ami, parent.home)),
                outputs: outputs.collect(),
                deprecated: (made.built == Built::Deprecated).then_some(self.made.founded),
            };
            let arn = self.world.place_build(hub, build);
            debug_assert_eq!(arn, self.made.releases[release].arn, "one name for one build");
        }
        let mut start = 0;
        while let Some(release) = self.made.releases.get(start) {
            let line = self.in_order(start);
            let newest = line.first().map_or(release, |newest| &self.made.releases[*newest]);
            let recipe = self.recipe(newest);
            let (family, architecture) = (newest.family, newest.architecture);
            let parent: Box<str> = recipe.parent.as_str().into();
            let arn = self.world.place_pipeline(self.settings.hub, recipe).into();
            let image = match self.made.families[family].parent {
                None => Some(Self::base(architecture)),
                Some(above) => self.on_channel(above, architecture, "stable", self.settings.hub),
            };
            self.note(self.settings.hub, Who::Pipeline { arn, parent }, image);
            start += line.len().max(1);
        }
    }

    /// The recipe of a release: on the channel of its parent, or on a vendor's image.
    fn recipe(&self, release: &Release) -> NewRecipe {
        let family = &self.made.families[release.family];
        let parent = match family.parent {
            Some(parent) => {
                let parent = &self.made.families[parent].name;
                format!("ssm:/golden/{parent}/{}/stable", release.architecture)
            }
            None => self.made.placements[Self::base(release.architecture)].ami.to_string(),
        };
        NewRecipe {
            name: family.line(release.architecture),
            version: release.version,
            parent,
            tags: vec![(String::from("image-steward:family"), family.name.clone())],
            created: release.created,
        }
    }
}
