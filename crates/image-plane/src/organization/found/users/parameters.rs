//! Parameters that people keep images in.

use super::super::super::dice::Dice;
use super::super::super::{ParameterVersion, Who};
use super::{Founding, Parameter};
use crate::world::Target;

const LABELS: [&str; 3] = ["blue", "green", "approved"];

impl Founding<'_> {
    pub(super) fn own_parameters(&mut self) {
        let mut dice = self.dice.of("parameters");
        for _ in 0..self.settings.users.parameters {
            let Some((place, home)) = self.usable(&mut dice) else {
                return;
            };
            let name = format!("/app/{}/ami", self.number());
            let versions = self.history(place, &mut dice);
            let labelled = dice.below(versions.len());
            let label = dice.pick(&LABELS).filter(|_| dice.clone().chance(600));
            let label = label.map(|label| (labelled, *label));
            self.parameter(Parameter {
                home,
                name,
                versions,
                label,
            });
        }
    }

    /// Up to five images of one line in one place, older ones first, the last of them this one or a younger one.
    pub(super) fn history(&self, place: usize, dice: &mut Dice) -> Vec<usize> {
        let placement = &self.made.placements[place];
        let beside = self.lines.beside(placement, &self.made.releases);
        let there = beside
            .iter()
            .copied()
            .filter(|place| self.made.placements[*place].is_there());
        let mut some: Vec<usize> = there.filter(|_| dice.chance(500)).collect();
        if !some.contains(&place) {
            some.push(place);
            some.sort_unstable();
        }
        let surplus = some.len().saturating_sub(5);
        some.drain(..surplus);
        some
    }

    fn parameter(&mut self, parameter: Parameter) {
        let Parameter {
            home,
            name,
            versions,
            label,
        } = &parameter;
        for (at, place) in versions.iter().enumerate() {
            let value = self.made.placements[*place].ami.to_string();
            let number = self.write_parameter(*home, name, &value);
            let label = label.filter(|(labelled, _)| *labelled == at).map(|(_, label)| label);
            if let Some(label) = label {
                let at = usize::try_from(number).unwrap_or(usize::MAX);
                self.world.label_parameter(*home, name, at, label);
            }
            let is_current = at + 1 == versions.len();
            self.note_parameter(*home, name, (number, is_current, label), *place);
        }
        self.parameters.push(parameter);
    }

    /// Writes the next version of a parameter.
    pub(super) fn write_parameter(&mut self, home: Target, name: &str, value: &str) -> u64 {
        let at = self.made.founded;
        let number = self.world.parameters.put(home, name, value, at);
        u64::try_from(number).unwrap_or(u64::MAX)
    }

    pub(super) fn note_parameter(
        &mut self,
        home: Target,
        name: &str,
        (number, is_current, label): (u64, bool, Option<&str>),
        place: usize,
    ) {
        let version = ParameterVersion {
            name: name.into(),
            number,
            is_current,
            label: label.map(Into::into),
        };
        self.note(home, Who::Parameter(Box::new(version)), Some(place));
    }
}
