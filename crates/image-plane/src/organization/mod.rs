//! Organizations to test against: accounts, families with histories, whatever uses their images, and what goes wrong in
//! real ones. [`World::found_organization`] puts one into a world past every API, and describes it.
//!
//! The description is the truth a judge compares with. It is written while the world is filled, never read back from it.

mod account;
mod dice;
mod family;
mod found;
mod oddity;
mod placement;
mod settings;
#[cfg(test)]
mod tests;
mod truth;
mod user;

use crate::ids::{AccountId, SnapshotId};
use crate::region::Region;
use crate::time::Time;
use crate::world::Target;
#[cfg(doc)]
use crate::world::World;

pub use account::Account;
pub use family::{Architecture, Built, Channel, Family, Release};
pub use oddity::{Oddity, Odds, Strange};
pub use placement::{Claim, Made, Placement, Protection, State};
pub use settings::{OrganizationSettings, UserCounts};
pub use user::{
    Chosen, GroupSource, InstanceStanding, ParameterVersion, SpotStanding, TemplateUse, TemplateVersion, User, Who,
};

/// What was put into the world. Families and releases are named by their place in their lists.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Organization {
    /// When it was described; ages count up to here.
    pub founded: Time,
    /// Where builds happen.
    pub hub: Target,
    /// `arn:aws:organizations::…:organization/o-…`.
    pub arn: String,
    /// The Regions it works in, the hub's first.
    pub regions: Vec<Region>,
    /// The hub first, then the members.
    pub accounts: Vec<Account>,
    /// Accounts of nobody here whose images are about: vendors, partners, impostors.
    pub outsiders: Vec<AccountId>,
    /// Parents before their children.
    pub families: Vec<Family>,
    /// Family by family and architecture by architecture, each line oldest build first.
    pub releases: Vec<Release>,
    /// Every image there is or was, whoever made it.
    pub placements: Vec<Placement>,
    /// Snapshots that images of ours left behind.
    pub orphans: Vec<Orphan>,
    /// Everything that names an image, whether that is a use or not. What names several comes several times.
    pub users: Vec<User>,
    /// What is out of the ordinary, and where.
    pub strange: Vec<Strange>,
}

/// A snapshot whose image is gone.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Orphan {
    /// Whose, and where.
    pub home: Target,
    /// Its id.
    pub snapshot: SnapshotId,
    /// Whether it carries `image-steward:family`.
    pub tagged: bool,
}

impl Organization {
    /// The account, where it is one of the organization's.
    pub fn account(&self, id: AccountId) -> Option<&Account> {
        self.accounts.iter().find(|account| account.id == id)
    }
}
