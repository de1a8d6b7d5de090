use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use super::{AccountPath, AccountState, UnitPath};
use crate::{
    AccountId, OrganizationArn, OrganizationId, OrganizationRootId, OrganizationalUnitArn, OrganizationalUnitId,
    Partition, Timestamp,
};

/// An organization as one reading showed it, whole and free of contradictions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OrganizationSeen {
    arn: OrganizationArn,
    root: OrganizationRootId,
    /// Each with the unit right above it; none where that is the root.
    units: BTreeMap<OrganizationalUnitId, Option<OrganizationalUnitId>>,
    accounts: BTreeMap<AccountId, AccountSeen>,
    as_of: Timestamp,
}

/// An account of an organization.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountSeen {
    /// How it stands.
    pub state: AccountState,
    /// The units it is in, from the root's child down to its own; none where it is right below the root.
    pub units: Vec<OrganizationalUnitId>,
}

/// An account as a list of all of them shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedAccount {
    /// Which.
    pub id: AccountId,
    /// How it stands.
    pub state: AccountState,
    /// Where it is.
    pub path: AccountPath,
}

/// Why what was read is no picture of an organization: nobody's permissions may hang on it.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Contradiction {
    /// Part of it is another organization's.
    #[error("{path} is not in the organization {organization}")]
    Elsewhere {
        /// As it was listed.
        path: UnitPath,
        /// The one that was read.
        organization: OrganizationId,
    },
    /// An account has the path of another.
    #[error("the account {account} is listed with the path of {path}")]
    OtherAccount {
        /// As it was listed.
        account: AccountId,
        /// The account at the end of its path.
        path: AccountId,
    },
    /// An account was listed twice, and not alike.
    #[error("the account {0} changed while the organization was read")]
    Changed(AccountId),
    /// Units and the root, which never move, stand in two places.
    #[error("{0} contradicts what else was listed of the units above it")]
    Torn(UnitPath),
    /// An account that is in it was not listed.
    #[error("the account {0} is in the organization, and not in the list of its accounts")]
    Missing(AccountId),
}

/// Why a reading does not say which accounts are meant.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotThere {
    /// No partition of AWS knows anything of another.
    #[error("{named} is in the partition {}, and this organization in {ours}", named.partition())]
    OtherPartition {
        /// As a manifest names it.
        named: Named,
        /// The organization's.
        ours: Partition,
    },
    /// It is somebody else's, whose accounts nobody here can list.
    #[error("{named} is not of the organization {ours}, and the accounts of another cannot be listed")]
    OtherOrganization {
        /// As a manifest names it.
        named: Named,
        /// The one that was read.
        ours: OrganizationArn,
    },
    /// There is no such unit, as far as this reading goes.
    #[error("the organization {organization} has no unit {unit}")]
    NoUnit {
        /// As a manifest names it.
        unit: OrganizationalUnitId,
        /// The one that was read.
        organization: OrganizationId,
    },
}

/// A part of an organization, or all of it, as manifests name them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Named {
    /// A unit.
    Unit(OrganizationalUnitArn),
    /// All of it.
    Organization(OrganizationArn),
}

impl OrganizationSeen {
    /// What was listed, if it makes one organization: of all its accounts, and of units that may have none.
    ///
    /// `reader` is the account that read it, which is in it: a list that lacks it, or the account that manages the
    /// organization, lacks others too.
    pub fn of(
        arn: OrganizationArn,
        reader: AccountId,
        accounts: impl IntoIterator<Item = ListedAccount>,
        units: impl IntoIterator<Item = UnitPath>,
        as_of: Timestamp,
    ) -> Result<Self, Contradiction> {
        let mut tree = Tree::default();
        let mut known: BTreeMap<AccountId, AccountSeen> = BTreeMap::new();
        for ListedAccount { id, state, path } in accounts {
            let AccountPath { within, account } = path;
            if account != id {
                return Err(Contradiction::OtherAccount {
                    account: id,
                    path: account,
                });
            }
            let units = tree.add(&arn, within)?;
            let seen = AccountSeen { state, units };
            match known.insert(id, seen.clone()) {
                Some(before) if before != seen => return Err(Contradiction::Changed(id)),
                Some(_) | None => {}
            }
        }
        for path in units {
            tree.add(&arn, path)?;
        }
        let mut needed = [reader, arn.management_account()].into_iter();
        if let Some(missing) = needed.find(|account| !known.contains_key(account)) {
            return Err(Contradiction::Missing(missing));
        }
        Ok(Self {
            root: tree.root.ok_or(Contradiction::Missing(reader))?,
            units: tree.units,
            accounts: known,
            arn,
            as_of,
        })
    }

    /// Which organization it is.
    pub const fn arn(&self) -> &OrganizationArn {
        &self.arn
    }

    /// The one root that holds all its units.
    pub const fn root(&self) -> &OrganizationRootId {
        &self.root
    }

    /// When it was read.
    pub const fn as_of(&self) -> Timestamp {
        self.as_of
    }

    /// Its accounts, in whatever state.
    pub const fn accounts(&self) -> &BTreeMap<AccountId, AccountSeen> {
        &self.accounts
    }

    /// Its units as far as they were read, each with the one above it; none where that is the root.
    pub const fn units(&self) -> &BTreeMap<OrganizationalUnitId, Option<OrganizationalUnitId>> {
        &self.units
    }

    /// Its accounts that work, wherever they are.
    pub fn active(&self) -> BTreeSet<AccountId> {
        self.active_where(|_| true)
    }

    /// Whether an account is in it and can be used. One that is to be closed can be until it is.
    pub fn works(&self, account: AccountId) -> bool {
        self.accounts.get(&account).is_some_and(|seen| seen.state.works())
    }

    /// The accounts that work in a unit and in those within it.
    pub fn active_in(&self, unit: &OrganizationalUnitArn) -> Result<BTreeSet<AccountId>, NotThere> {
        let whose = (unit.partition(), unit.management_account(), unit.organization());
        self.ours(whose, || Named::Unit(unit.clone()))?;
        let unit = unit.unit();
        if !self.units.contains_key(unit) {
            return Err(NotThere::NoUnit {
                unit: unit.clone(),
                organization: self.arn.organization().clone(),
            });
        }
        Ok(self.active_where(|account| account.units.contains(unit)))
    }

    /// All its accounts that work, if it is this organization that is meant.
    pub fn active_of(&self, organization: &OrganizationArn) -> Result<BTreeSet<AccountId>, NotThere> {
        let whose = (
            organization.partition(),
            organization.management_account(),
            organization.organization(),
        );
        self.ours(whose, || Named::Organization(organization.clone()))?;
        Ok(self.active())
    }

    fn ours(
        &self,
        (partition, management, organization): (Partition, AccountId, &OrganizationId),
        named: impl FnOnce() -> Named,
    ) -> Result<(), NotThere> {
        let ours = &self.arn;
        if partition != ours.partition() {
            return Err(NotThere::OtherPartition {
                named: named(),
                ours: ours.partition(),
            });
        }
        if (management, organization) != (ours.management_account(), ours.organization()) {
            return Err(NotThere::OtherOrganization {
                named: named(),
                ours: ours.clone(),
            });
        }
        Ok(())
    }

    fn active_where(&self, holds: impl Fn(&AccountSeen) -> bool) -> BTreeSet<AccountId> {
        self.accounts
            .iter()
            .filter(|(_, account)| account.state == AccountState::Active && holds(account))
            .map(|(id, _)| *id)
            .collect()
    }
}

/// The root and the units, as the paths that were listed make them up.
#[derive(Default)]
struct Tree {
    root: Option<OrganizationRootId>,
    units: BTreeMap<OrganizationalUnitId, Option<OrganizationalUnitId>>,
}

impl Tree {
    /// Takes in what a path goes through, and gives back its units.
    fn add(&mut self, arn: &OrganizationArn, path: UnitPath) -> Result<Vec<OrganizationalUnitId>, Contradiction> {
        if path.organization != *arn.organization() {
            return Err(Contradiction::Elsewhere {
                path,
                organization: arn.organization().clone(),
            });
        }
        if *self.root.get_or_insert_with(|| path.root.clone()) != path.root {
            return Err(Contradiction::Torn(path));
        }
        let mut above = None;
        for unit in &path.units {
            let known = self.units.entry(unit.clone()).or_insert_with(|| above.clone());
            if *known != above {
                return Err(Contradiction::Torn(path));
            }
            above = Some(unit.clone());
        }
        Ok(path.units)
    }
}

impl Named {
    const fn partition(&self) -> Partition {
        match self {
            Self::Unit(unit) => unit.partition(),
            Self::Organization(organization) => organization.partition(),
        }
    }
}

impl fmt::Display for Named {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unit(unit) => unit.fmt(f),
            Self::Organization(organization) => organization.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests;
