//! Whatever uses the images, or seems to.

mod fleets;
mod groups;
mod instances;
mod odd;
mod parameters;
mod pipelines;
mod templates;

use super::super::dice::Dice;
use super::super::{Chosen, GroupSource, InstanceStanding, SpotStanding, TemplateUse, User, Who};
use super::super::{Made, State};
use super::Founding;
use crate::world::Target;

/// A launch template that is in the world.
#[derive(Clone, Debug)]
pub(super) struct Template {
    home: Target,
    id: Box<str>,
    /// Number and placement of each version.
    versions: Vec<(u64, usize)>,
    default: u64,
}

/// A parameter of somebody's own, with the placement each of its versions names.
#[derive(Clone, Debug)]
pub(super) struct Parameter {
    home: Target,
    name: String,
    versions: Vec<usize>,
    label: Option<(usize, &'static str)>,
}

impl Template {
    fn latest(&self) -> u64 {
        self.versions.last().map_or(self.default, |(number, _)| *number)
    }

    /// The number that a choice of version comes to.
    fn number(&self, version: Chosen) -> u64 {
        match version {
            Chosen::Latest => self.latest(),
            Chosen::Default => self.default,
            Chosen::Number(number) => number,
        }
    }

    /// The placement that a choice of version comes to.
    fn chosen(&self, version: Chosen) -> Option<usize> {
        let number = self.number(version);
        let mut versions = self.versions.iter();
        versions.find(|(known, _)| *known == number).map(|(_, place)| *place)
    }
}

impl Founding<'_> {
    pub(super) fn users(&mut self) {
        self.instances();
        self.own_parameters();
        self.templates();
        self.configurations();
        self.groups();
        self.fleets();
        self.spot_requests();
        self.own_pipelines();
        self.odd_users();
    }

    /// An image that somebody could have launched some time, and who and where.
    fn usable(&self, dice: &mut Dice) -> Option<(usize, Target)> {
        // Most are there; among a hundred there is one, or the organization is hardly one.
        for _ in 0..100 {
            let place = dice.below(self.made.placements.len());
            let placement = self.made.placements.get(place)?;
            let launched = matches!(
                placement.state,
                State::Available | State::Deprecated { .. } | State::Disabled
            );
            let ours = matches!(placement.made, Made::Built | Made::Copied | Made::Hand);
            if !launched || !ours || self.switched_off(placement.home) {
                continue;
            }
            let audience = placement
                .release
                .filter(|_| placement.home.account == self.settings.hub.account);
            let audience = audience.map(|release| &self.made.families[self.made.releases[release].family].audience);
            let shared = audience.filter(|_| placement.made != Made::Hand && placement.state != State::Disabled);
            let other = shared.and_then(|audience| dice.pick(audience)).map(|account| Target {
                account: *account,
                ..placement.home
            });
            let other = other.filter(|other| !self.switched_off(*other) && dice.chance(400));
            return Some((place, other.unwrap_or(placement.home)));
        }
        None
    }

    fn switched_off(&self, home: Target) -> bool {
        self.switched_off.contains(&home)
    }

    /// The instance type that fits an image.
    fn kind(&self, place: usize) -> &'static str {
        let placement = &self.made.placements[place];
        match placement.release {
            Some(release) => self.made.releases[release].architecture.kind(),
            None if place == Self::base(super::super::Architecture::Arm) => "t4g.micro",
            None => "t3.micro",
        }
    }

    /// Notes which template version a user names by number.
    fn pin(&mut self, named: &TemplateUse) {
        if let Chosen::Number(number) = named.version {
            self.pinned.insert((named.template.clone(), number));
        }
    }

    /// Decides of everybody who names an image whether that is a use. Only now is it known which old versions are named.
    pub(super) fn count_uses(&mut self) {
        let mut users = std::mem::take(&mut self.made.users);
        // Parameters count by the templates that name them.
        for user in &mut users {
            user.counts = self.counts(user);
            if let Who::TemplateVersion(version) = &user.who
                && let Some(parameter) = version.parameter.as_ref().filter(|_| user.counts)
            {
                self.resolved.insert((user.home, parameter.clone()));
            }
        }
        for user in &mut users {
            if let Who::Parameter(_) = user.who {
                user.counts = self.counts(user);
            }
        }
        self.made.users = users;
    }

    fn counts(&self, user: &User) -> bool {
        if user.image.is_none() || self.is_closed(user.home.account) {
            return false;
        }
        match &user.who {
            Who::Instance { standing, .. } => *standing != InstanceStanding::Terminated,
            Who::TemplateVersion(version) => {
                let pinned = || self.pinned.contains(&(version.template.clone(), version.number));
                version.is_default || version.is_latest || pinned()
            }
            Who::Parameter(version) => {
                let named = |selector: &str| (user.home, format!("{}:{selector}", version.name).into());
                version.is_current
                    || self.resolved.contains(&named(&version.number.to_string()))
                    || version
                        .label
                        .as_deref()
                        .is_some_and(|label| self.resolved.contains(&named(label)))
            }
            Who::Fleet { ended, .. } | Who::SpotFleet { ended, .. } => !ended,
            Who::SpotRequest { standing, .. } => !matches!(standing, SpotStanding::Closed | SpotStanding::Cancelled),
            Who::Configuration { .. } | Who::Group { .. } | Who::Pipeline { .. } => true,
            Who::Recipe { .. } => false,
        }
    }

    /// Notes one way of a group to an image.
    fn note_group(&mut self, home: Target, name: &str, source: GroupSource, place: Option<usize>) {
        if let GroupSource::Template(named) | GroupSource::Mixed(named) | GroupSource::OverrideTemplate(named) = &source
        {
            self.pin(&named.clone());
        }
        let name = name.into();
        self.note(home, Who::Group { name, source }, place);
    }
}
