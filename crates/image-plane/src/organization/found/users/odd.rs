//! Odd users.

use super::super::super::dice::Dice;
use super::super::super::{Chosen, InstanceStanding, Made, Oddity, TemplateUse};
use super::Founding;
use crate::ids::LaunchTemplateId;
use crate::world::Target;

const USERS: [Oddity; 7] = [
    Oddity::DeletedTemplate,
    Oddity::DeletedVersion,
    Oddity::ParameterOfSeveral,
    Oddity::ParameterOfJson,
    Oddity::ForeignInstance,
    Oddity::Swarm,
    Oddity::TerminatedListed,
];

impl Founding<'_> {
    pub(super) fn odd_users(&mut self) {
        self.haunt();
        self.appliances();
        for family in 0..self.made.families.len() {
            for oddity in USERS {
                if !self.happens(oddity, family) {
                    continue;
                }
                let mut dice = self.dice.of(&format!("{oddity:?} about {family}"));
                let Some((place, home)) = self.usable(&mut dice) else {
                    return;
                };
                let about = self.use_oddly(oddity, place, home, &mut dice);
                self.strange(oddity, family, about);
            }
        }
    }

    /// Instances of images that are gone.
    fn haunt(&mut self) {
        for (place, remembered) in std::mem::take(&mut self.haunted) {
            let mut dice = self.dice.of(&format!("haunted {place}"));
            let home = self.made.placements[place].home;
            let how = (InstanceStanding::Running, None);
            self.instance_of(home, place, remembered.as_ref(), how, &mut dice);
        }
    }

    /// Instances of what was bought in the Marketplace.
    fn appliances(&mut self) {
        let bought = self.made.placements.iter().enumerate();
        let bought = bought.filter(|(_, placement)| placement.made == Made::Marketplace);
        for place in bought.map(|(place, _)| place).collect::<Vec<_>>() {
            let mut dice = self.dice.of(&format!("appliance {place}"));
            let home = Target {
                account: self.settings.hub.account,
                ..self.made.placements[place].home
            };
            self.instance(home, place, InstanceStanding::Running, None, &mut dice);
        }
    }

    /// Makes an odd user of an image, and says what it is about.
    fn use_oddly(&mut self, oddity: Oddity, place: usize, home: Target, dice: &mut Dice) -> Vec<String> {
        let ami = self.made.placements[place].ami.to_string();
        match oddity {
            Oddity::DeletedTemplate => {
                let gone = LaunchTemplateId::draw(&mut dice.random).to_string();
                self.broken_group(home, &gone, Chosen::Default)
            }
            Oddity::DeletedVersion => {
                let template = self.template(home, vec![(place, None)], dice);
                self.broken_group(home, &template.id, Chosen::Number(7))
            }
            Oddity::ParameterOfSeveral | Oddity::ParameterOfJson => self.crowded_parameter(oddity, place, home, dice),
            Oddity::ForeignInstance => self.foreign_instance(home, dice),
            Oddity::Swarm => {
                let region = self.made.placements[place].home.region;
                let remembered = self.world.remembered_image(region, self.made.placements[place].ami);
                for _ in 0..self.settings.swarm {
                    let how = (InstanceStanding::Running, None);
                    self.instance_of(home, place, remembered.as_ref(), how, dice);
                }
                vec![ami]
            }
            _ => {
                let id = self.instance(home, place, InstanceStanding::Terminated, None, dice);
                vec![id.to_string(), ami]
            }
        }
    }

    /// A group that could launch nothing: what it names is gone.
    fn broken_group(&mut self, home: Target, template: &str, version: Chosen) -> Vec<String> {
        let name = format!("asg-{}", self.number());
        let gone = TemplateUse {
            template: template.into(),
            version,
        };
        self.group_of_template(home, &name, gone, None);
        vec![name, template.to_owned()]
    }

    fn crowded_parameter(&mut self, oddity: Oddity, place: usize, home: Target, dice: &mut Dice) -> Vec<String> {
        let places = self.history(place, dice);
        let amis: Vec<String> = places
            .iter()
            .map(|place| self.made.placements[*place].ami.to_string())
            .collect();
        let name = format!("/app/{}/amis", self.number());
        let value = if oddity == Oddity::ParameterOfJson {
            serde_json::json!({ "images": amis, "owner": "team", "note": "ami- is no id" }).to_string()
        } else {
            amis.join(",")
        };
        let number = self.write_parameter(home, &name, &value);
        for place in places {
            self.note_parameter(home, &name, (number, true, None), place);
        }
        let mut about = vec![name];
        about.extend(amis);
        about
    }

    fn foreign_instance(&mut self, home: Target, dice: &mut Dice) -> Vec<String> {
        let Some(partner) = self.made.outsiders.get(1).copied() else {
            return Vec::new();
        };
        let theirs = Target {
            account: partner,
            ..home
        };
        let name = format!("partner-{}", self.number());
        let place = self.add_foreign(theirs, &name, Made::Outsider);
        self.place(place);
        let id = self.instance(home, place, InstanceStanding::Running, None, dice);
        vec![id.to_string(), self.made.placements[place].ami.to_string()]
    }
}
