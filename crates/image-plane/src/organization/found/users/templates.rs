//! Launch templates.

use super::super::super::dice::Dice;
use super::super::super::{Chosen, InstanceStanding, TemplateUse, TemplateVersion, Who};
use super::{Founding, Template};
use crate::ec2::launch_templates::place::NewTemplate;
use crate::ids::LaunchTemplateId;
use crate::world::Target;

impl Founding<'_> {
    pub(super) fn templates(&mut self) {
        let mut dice = self.dice.of("templates");
        for _ in 0..self.settings.users.templates {
            // A third of them leaves it to a parameter which image it is.
            let aliased = dice.chance(350).then(|| dice.pick(&self.parameters).cloned()).flatten();
            if let Some(parameter) = aliased {
                let (reference, place) = match dice.below(3) {
                    0 => (parameter.name.clone(), parameter.versions.last().copied()),
                    1 => {
                        let at = dice.below(parameter.versions.len());
                        let reference = format!("{}:{}", parameter.name, at + 1);
                        (reference, parameter.versions.get(at).copied())
                    }
                    _ => match parameter.label {
                        Some((at, label)) => {
                            let reference = format!("{}:{label}", parameter.name);
                            (reference, parameter.versions.get(at).copied())
                        }
                        None => (parameter.name.clone(), parameter.versions.last().copied()),
                    },
                };
                let images = place.map(|place| (place, Some(reference))).into_iter().collect();
                self.template(parameter.home, images, &mut dice);
                continue;
            }
            let Some((place, home)) = self.usable(&mut dice) else {
                return;
            };
            let images = self.history(place, &mut dice);
            let images = images.into_iter().map(|place| (place, None)).collect();
            let template = self.template(home, images, &mut dice);
            if dice.chance(300) {
                self.launch_old(&template, &mut dice);
            }
        }
    }

    /// Puts a template into a target: a version for each image, each by its id or by a parameter.
    pub(super) fn template(&mut self, home: Target, images: Vec<(usize, Option<String>)>, dice: &mut Dice) -> Template {
        let id = LaunchTemplateId::draw(&mut dice.random);
        let name = format!("app-{}", self.number());
        let count = u64::try_from(images.len()).unwrap_or(1);
        // Half of them is set to the latest by hand each time.
        let default = if dice.chance(500) {
            count
        } else {
            dice.between(1, count)
        };
        let mut template = Template {
            home,
            id: id.to_string().into(),
            versions: Vec::new(),
            default,
        };
        let mut named = Vec::new();
        for ((place, parameter), number) in images.into_iter().zip(1..) {
            let image = match &parameter {
                Some(reference) => format!("resolve:ssm:{reference}"),
                None => self.made.placements[place].ami.to_string(),
            };
            named.push((number, image));
            template.versions.push((number, place));
            let version = TemplateVersion {
                template: template.id.clone(),
                name: name.as_str().into(),
                number,
                is_default: number == default,
                is_latest: number == count,
                parameter: parameter.map(Into::into),
            };
            self.note(home, Who::TemplateVersion(Box::new(version)), Some(place));
        }
        let created = self.made.founded;
        self.world.place_launch_template(
            home,
            NewTemplate {
                id,
                name,
                created,
                versions: named,
                default,
            },
        );
        self.templates.push(template.clone());
        template
    }

    /// An instance that was started by some version of a template, and keeps that version in use.
    fn launch_old(&mut self, template: &Template, dice: &mut Dice) {
        let Some((number, place)) = dice.pick(&template.versions).copied() else {
            return;
        };
        let from = TemplateUse {
            template: template.id.clone(),
            version: Chosen::Number(number),
        };
        self.instance(template.home, place, InstanceStanding::Running, Some(from), dice);
    }

    /// One of the templates, and one way to name a version of it: by number more often than not.
    pub(super) fn some_template(&self, dice: &mut Dice) -> Option<(Target, TemplateUse, Option<usize>)> {
        let template = dice.pick(&self.templates)?;
        let version = match dice.below(6) {
            0 => Chosen::Latest,
            1 => Chosen::Default,
            _ => Chosen::Number(dice.pick(&template.versions)?.0),
        };
        let named = TemplateUse {
            template: template.id.clone(),
            version,
        };
        Some((template.home, named, template.chosen(version)))
    }
}
