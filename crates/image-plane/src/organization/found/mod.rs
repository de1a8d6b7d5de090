//! Founding an organization: accounts, families and releases are thought up first, then images and whatever uses them are
//! put into the world, each written down as it is.

mod accounts;
mod builds;
mod channels;
mod families;
mod lines;
mod oddities;
mod placements;
mod placing;
mod releases;
mod strangers;
mod users;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::dice::Dice;
use super::{Oddity, Organization, OrganizationSettings, Strange, User, Who};
use crate::ec2::image::Image;
use crate::ids::AccountId;
use crate::world::{Target, World};
use lines::Lines;
use users::{Parameter, Template};

/// An organization that is being founded.
struct Founding<'w> {
    world: &'w mut World,
    settings: &'w OrganizationSettings,
    dice: Dice,
    made: Organization,
    /// Which images are of which line, and where.
    lines: Lines,
    /// Deregistered images whose instances run on: which placement, and the image as they remember it.
    haunted: BTreeMap<usize, Option<Arc<Image>>>,
    templates: Vec<Template>,
    parameters: Vec<Parameter>,
    /// Versions of templates that something names by number.
    pinned: BTreeSet<(Box<str>, u64)>,
    /// Versions of parameters, as `name:3` or `name:blue`, that a template names.
    resolved: BTreeSet<(Target, Box<str>)>,
    closed: BTreeSet<AccountId>,
    /// Regions that accounts have switched off.
    switched_off: BTreeSet<Target>,
    counted: usize,
}

impl World {
    /// Founds an organization: puts its accounts, images and users into the world, past every API and as of now, and says
    /// what it put there. What is in the world already stays; an organization's ids depend on its settings alone.
    pub fn found_organization(&mut self, settings: &OrganizationSettings) -> Organization {
        let dice = Dice::new(settings.seed).of("organization");
        let founded = self.now;
        let mut founding = Founding {
            world: self,
            settings,
            dice,
            made: Organization {
                founded,
                hub: settings.hub,
                arn: String::new(),
                regions: Vec::new(),
                accounts: Vec::new(),
                outsiders: Vec::new(),
                families: Vec::new(),
                releases: Vec::new(),
                placements: Vec::new(),
                orphans: Vec::new(),
                users: Vec::new(),
                strange: Vec::new(),
            },
            lines: Lines::default(),
            haunted: BTreeMap::new(),
            templates: Vec::new(),
            parameters: Vec::new(),
            pinned: BTreeSet::new(),
            resolved: BTreeSet::new(),
            closed: BTreeSet::new(),
            switched_off: BTreeSet::new(),
            counted: 0,
        };
        founding.accounts();
        founding.families();
        founding.releases();
        founding.strangers();
        founding.placements();
        founding.odd_images();
        founding.builds();
        founding.place_all();
        founding.channels();
        founding.users();
        founding.count_uses();
        founding.made
    }
}

impl Founding<'_> {
    /// A number nobody had before, to tell names apart.
    fn number(&mut self) -> usize {
        self.counted += 1;
        self.counted
    }

    /// Whether an oddity happens to a family.
    fn happens(&self, oddity: Oddity, family: usize) -> bool {
        let mut dice = self.dice.of(&format!("{oddity:?} of family {family}"));
        dice.chance(self.settings.odds.of(oddity))
    }

    fn strange(&mut self, oddity: Oddity, family: usize, about: Vec<String>) {
        self.made.strange.push(Strange { oddity, family, about });
    }

    /// Writes down something that names the image of a placement.
    fn note(&mut self, home: Target, who: Who, placement: Option<usize>) {
        let image = placement.map(|at| self.made.placements[at].ami);
        let counts = false;
        self.made.users.push(User {
            home,
            who,
            image,
            counts,
        });
    }

    /// Whether the account answers nothing any more.
    fn is_closed(&self, account: AccountId) -> bool {
        self.closed.contains(&account)
    }
}
