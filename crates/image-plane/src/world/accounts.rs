//! Accounts and the organization they are in, as far as visibility and permission need them.

use std::collections::{BTreeMap, BTreeSet};

use crate::ids::AccountId;
use crate::region::Region;

/// Where an account stands.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Account {
    /// Regions it opted in to, beyond those that need no opting in.
    pub opted_in: BTreeSet<Region>,
    /// Regions switched off although they need no opting in.
    pub disabled: BTreeSet<Region>,
    /// Closed or suspended: every call is refused.
    pub suspended: bool,
    /// Its place in an organization.
    pub membership: Option<Membership>,
    /// Whether EC2 blocks making images public; on by default for accounts that have none.
    pub block_public_images: BTreeSet<Region>,
    /// Whether EC2 leaves what services of AWS manage in it out of its listings, unless they are asked for it.
    pub hides_managed_resources: bool,
}

/// An account's place in an organization.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Membership {
    /// `arn:aws:organizations::111122223333:organization/o-exampleorgid`.
    pub organization_arn: String,
    /// The ARNs of the units it is in, from the root's child down.
    pub unit_arns: Vec<String>,
}

impl Account {
    /// Whether the account may call services in this Region.
    #[must_use]
    pub fn enabled(&self, region: Region) -> bool {
        if region.needs_opt_in() {
            self.opted_in.contains(&region)
        } else {
            !self.disabled.contains(&region)
        }
    }
}

/// Every account anybody spoke of. One nobody declared exists all the same, with the defaults.
#[derive(Debug, Default)]
pub(crate) struct Accounts {
    known: BTreeMap<AccountId, Account>,
}

impl Accounts {
    pub(crate) fn get(&self, id: AccountId) -> Option<&Account> {
        self.known.get(&id)
    }

    pub(crate) fn entry(&mut self, id: AccountId) -> &mut Account {
        self.known.entry(id).or_default()
    }

    pub(crate) fn enabled(&self, id: AccountId, region: Region) -> bool {
        self.get(id)
            .map_or_else(|| Account::default().enabled(region), |account| account.enabled(region))
    }
}
