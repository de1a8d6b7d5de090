//! The organization itself: its units, what it knows of its accounts besides where they are, and whom it lets read.
//!
//! Which accounts are in it and in which of its units, it does not keep: their memberships say it.

use std::collections::{BTreeMap, BTreeSet};

use crate::ids::AccountId;
use crate::region::Region;
use crate::sts::ResourcePolicy;
use crate::time::Time;
use crate::world::accounts::Membership;

/// An organization, with one root.
#[derive(Debug)]
pub(crate) struct Organization {
    pub(super) partition: String,
    pub(super) management: AccountId,
    pub(super) id: String,
    pub(super) root: String,
    pub(super) founded: Time,
    pub(super) units: BTreeMap<String, Unit>,
    pub(super) details: BTreeMap<AccountId, Details>,
    pub(super) invitations: BTreeMap<AccountId, Invitation>,
    /// Its resource-based policy.
    pub(super) delegation: Option<ResourcePolicy>,
    /// Accounts that are administrators for some service of AWS.
    pub(super) administrators: BTreeSet<AccountId>,
    /// Whether a trail logs calls: only then EventBridge hears of them.
    pub(super) trail: bool,
}

/// An organizational unit. It never moves.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Unit {
    pub(super) name: String,
    /// The root's id, or a unit's.
    pub(super) parent: String,
}

/// What the organization knows of an account. One nobody described has the defaults.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Details {
    pub(super) name: String,
    pub(super) joined: Joined,
    pub(super) since: Time,
    /// Since when it is closed.
    pub(super) closed: Option<Time>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Joined {
    Created,
    Invited,
}

/// An invitation that nobody answered yet.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Invitation {
    pub(super) handshake: String,
    pub(super) until: Time,
}

impl Organization {
    pub(crate) fn new(partition: &str, management: AccountId, id: &str, root: &str, founded: Time) -> Self {
        Self {
            partition: partition.to_owned(),
            management,
            id: id.to_owned(),
            root: root.to_owned(),
            founded,
            units: BTreeMap::new(),
            details: BTreeMap::new(),
            invitations: BTreeMap::new(),
            delegation: None,
            administrators: BTreeSet::new(),
            trail: true,
        }
    }

    /// Adds a unit below the root, and says its ARN.
    pub(crate) fn add_unit(&mut self, id: &str, parent: &str, name: &str) -> String {
        let unit = Unit {
            name: name.to_owned(),
            parent: parent.to_owned(),
        };
        self.units.insert(id.to_owned(), unit);
        self.unit_arn(id)
    }

    /// `r-ab12`.
    pub(crate) fn root(&self) -> &str {
        &self.root
    }

    /// Whether this is a place in it.
    pub(crate) fn has(&self, place: &Membership) -> bool {
        place.organization_arn == self.arn()
    }

    pub(crate) fn arn(&self) -> String {
        self.arn_of(&format!("organization/{}", self.id))
    }

    pub(super) fn root_arn(&self) -> String {
        self.arn_of(&format!("root/{}/{}", self.id, self.root))
    }

    pub(super) fn unit_arn(&self, unit: &str) -> String {
        self.arn_of(&format!("ou/{}/{unit}", self.id))
    }

    pub(super) fn account_arn(&self, account: AccountId) -> String {
        self.arn_of(&format!("account/{}/{account}", self.id))
    }

    pub(super) fn arn_of(&self, resource: &str) -> String {
        format!("arn:{}:organizations::{}:{resource}", self.partition, self.management)
    }

    /// Where its API and its events are.
    pub(super) fn region(&self) -> Option<Region> {
        home(&self.partition)
    }

    /// Whether this is the root or a unit of it.
    pub(super) fn is_parent(&self, id: &str) -> bool {
        id == self.root || self.units.contains_key(id)
    }

    /// A place in it: right below the root, or in this unit.
    pub(crate) fn place(&self, parent: &str) -> Membership {
        Membership {
            organization_arn: self.arn(),
            unit_arns: self.units_down_to(parent).iter().map(|id| self.unit_arn(id)).collect(),
        }
    }

    /// The units from the root's child down to this one; none for the root.
    pub(super) fn units_down_to<'a>(&'a self, id: &'a str) -> Vec<&'a str> {
        let mut units: Vec<&str> = std::iter::successors(Some(id), |id| Some(self.units.get(*id)?.parent.as_str()))
            .filter(|id| self.units.contains_key(*id))
            .collect();
        units.reverse();
        units
    }

    /// The id of what a place is directly in: a unit, or the root.
    pub(super) fn parent<'a>(&'a self, place: &'a Membership) -> &'a str {
        place.unit_id().unwrap_or(&self.root)
    }

    pub(super) fn details(&self, account: AccountId) -> Details {
        let unknown = || Details {
            name: format!("account-{account}"),
            joined: Joined::Invited,
            since: self.founded,
            closed: None,
        };
        self.details.get(&account).cloned().unwrap_or_else(unknown)
    }

    /// The same, to be changed.
    pub(super) fn details_mut(&mut self, account: AccountId) -> &mut Details {
        let details = self.details(account);
        self.details.entry(account).or_insert(details)
    }
}

/// The Region that has Organizations for all of a partition.
pub(super) fn home(partition: &str) -> Option<Region> {
    let name = match partition {
        "aws" => "us-east-1",
        "aws-cn" => "cn-northwest-1",
        "aws-us-gov" => "us-gov-west-1",
        "aws-eusc" => "eusc-de-east-1",
        _ => return None,
    };
    name.parse().ok()
}
