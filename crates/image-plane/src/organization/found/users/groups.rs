//! Launch configurations and Auto Scaling groups.

use super::super::super::{Chosen, GroupSource, InstanceStanding, TemplateUse, Who};
use super::Founding;
use crate::autoscaling::place::{NamedTemplate, NewGroup, NewOverride, NewSource};
use crate::ids::InstanceId;
use crate::world::Target;

/// A template as Auto Scaling names it.
fn named(template: &TemplateUse) -> NamedTemplate {
    NamedTemplate {
        id: template.template.to_string(),
        version: Some(template.version.text()),
    }
}

impl Founding<'_> {
    pub(super) fn configurations(&mut self) {
        let mut dice = self.dice.of("configurations");
        for round in 0..self.settings.users.configurations {
            let Some((place, home)) = self.usable(&mut dice) else {
                return;
            };
            let name = format!("lc-{}", self.number());
            let created = self.made.founded;
            let (image, kind) = (self.made.placements[place].ami, self.kind(place));
            self.world
                .place_launch_configuration(home, &name, created, (image, kind));
            let group = (round % 2 == 0).then(|| format!("asg-{}", self.number()));
            let who = Who::Configuration {
                name: name.as_str().into(),
                group: group.as_deref().map(Into::into),
            };
            self.note(home, who, Some(place));
            let Some(group) = group else { continue };
            let mut instances = Vec::new();
            for _ in 0..dice.below(3) {
                instances.push(self.instance(home, place, InstanceStanding::Running, None, &mut dice));
            }
            self.note_group(
                home,
                &group,
                GroupSource::Configuration(name.as_str().into()),
                Some(place),
            );
            self.group(home, group, NewSource::Configuration(name), instances);
        }
    }

    pub(super) fn groups(&mut self) {
        let mut dice = self.dice.of("groups");
        for _ in 0..self.settings.users.groups {
            let Some((home, template, place)) = self.some_template(&mut dice) else {
                return;
            };
            let name = format!("asg-{}", self.number());
            if dice.chance(500) {
                self.group_of_template(home, &name, template, place);
                continue;
            }
            let mut overrides = vec![plain(place.map_or("t3.small", |place| self.kind(place)))];
            let same: Vec<_> = self
                .templates
                .iter()
                .filter(|other| other.home == home)
                .cloned()
                .collect();
            if let Some(other) = dice.pick(&same)
                && let Some((number, place)) = dice.pick(&other.versions).copied()
            {
                let by = TemplateUse {
                    template: other.id.clone(),
                    version: Chosen::Number(number),
                };
                overrides.push(NewOverride {
                    kind: "t4g.small",
                    template: Some(named(&by)),
                    image: None,
                });
                self.note_group(home, &name, GroupSource::OverrideTemplate(by), Some(place));
            }
            if let Some(place) = place.filter(|_| dice.chance(500))
                && let Some(other) = dice.pick(&self.history(place, &mut dice.clone())).copied()
            {
                overrides.push(NewOverride {
                    image: Some(self.made.placements[other].ami),
                    ..plain("t3.medium")
                });
                self.note_group(home, &name, GroupSource::OverrideImage, Some(other));
            }
            let source = NewSource::Mixed(named(&template), overrides);
            let instances = self.launched_by(home, &template, place);
            self.note_group(home, &name, GroupSource::Mixed(template), place);
            self.group(home, name, source, instances);
        }
    }

    /// A group that launches from a template, or could not.
    pub(super) fn group_of_template(&mut self, home: Target, name: &str, template: TemplateUse, place: Option<usize>) {
        let source = NewSource::Template(named(&template));
        let instances = self.launched_by(home, &template, place);
        self.note_group(home, name, GroupSource::Template(template), place);
        self.group(home, name.to_owned(), source, instances);
    }

    /// A few instances that a group has launched from what a template comes to now; none where it comes to nothing.
    fn launched_by(&mut self, home: Target, template: &TemplateUse, place: Option<usize>) -> Vec<InstanceId> {
        let mut dice = self.dice.of(&format!("group {}", self.counted));
        let known = self.templates.iter().find(|known| known.id == template.template);
        let (Some(place), Some(known)) = (place, known) else {
            return Vec::new();
        };
        let from = TemplateUse {
            template: template.template.clone(),
            version: Chosen::Number(known.number(template.version)),
        };
        let mut instances = Vec::new();
        for _ in 0..dice.below(3) {
            let from = Some(from.clone());
            instances.push(self.instance(home, place, InstanceStanding::Running, from, &mut dice));
        }
        instances
    }

    fn group(&mut self, home: Target, name: String, source: NewSource, instances: Vec<InstanceId>) {
        let created = self.made.founded;
        self.world.place_group(
            home,
            NewGroup {
                name,
                created,
                source,
                instances,
            },
        );
    }
}

/// An override of the type alone.
fn plain(kind: &'static str) -> NewOverride {
    NewOverride {
        kind,
        template: None,
        image: None,
    }
}
