//! Accounts: how each stands with AWS, and its place in an organization. Whoever asks where an account is, asks here.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use super::versioned::Versioned;
use crate::ids::AccountId;
use crate::kms::KeyArn;
use crate::region::Region;
use crate::time::Time;

/// Where an account stands.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Account {
    /// Regions it opted in to, beyond those that need no opting in.
    pub opted_in: BTreeSet<Region>,
    /// Regions switched off although they need no opting in.
    pub disabled: BTreeSet<Region>,
    /// Where in its life it is: of an account that is not usable, every call is refused.
    pub state: AccountState,
    /// Whether AWS has no account of this number, or no longer: it can be let use nothing.
    pub nonexistent: bool,
    /// Its place in an organization.
    pub membership: Option<Membership>,
    /// Whether EC2 blocks making images public; on by default for accounts that have none.
    pub block_public_images: BTreeSet<Region>,
    /// Whether EC2 blocks making snapshots public.
    pub block_public_snapshots: BTreeSet<Region>,
    /// Where EBS encrypts whatever nobody asks to be encrypted.
    pub encrypts_by_default: BTreeSet<Region>,
    /// The key by which EBS encrypts where nobody names one, if it is not AWS's own.
    pub default_keys: BTreeMap<Region, KeyArn>,
    /// The values that its organization's tag policy lets a tag have, by the tag's key.
    pub tag_policy: BTreeMap<String, BTreeSet<String>>,
    /// Whether EC2 leaves what services of AWS manage in it out of its listings, unless they are asked for it.
    pub hides_managed_resources: bool,
}

/// Where in its life an account is, as Organizations has it.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum AccountState {
    /// Its sign-up was never completed.
    PendingActivation,
    /// It works.
    #[default]
    Active,
    /// AWS restricted it.
    Suspended,
    /// Somebody asked to close it, and it still works.
    PendingClosure,
    /// Closed, for 90 days before it is gone for good.
    Closed,
}

impl AccountState {
    /// Whether the account's calls are answered.
    #[must_use]
    pub const fn usable(self) -> bool {
        match self {
            Self::Active | Self::PendingClosure => true,
            Self::PendingActivation | Self::Suspended | Self::Closed => false,
        }
    }
}

/// An account's place in an organization.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Membership {
    /// `arn:aws:organizations::111122223333:organization/o-exampleorgid`.
    pub organization_arn: String,
    /// The ARNs of the units it is in, from the root's child down.
    pub unit_arns: Vec<String>,
}

impl Membership {
    /// `o-exampleorgid`.
    pub(crate) fn organization_id(&self) -> &str {
        last_part(&self.organization_arn)
    }

    /// `ou-ab12-11111111`, the unit it is in itself; `None` right below the root.
    pub(crate) fn unit_id(&self) -> Option<&str> {
        self.unit_arns.last().map(|arn| last_part(arn))
    }

    /// `o-exampleorgid/r-ab12/ou-ab12-11111111/`: organization, root, and the units down to the account's own.
    ///
    /// A unit's id carries its root's. Right below the root nothing says it but the organization, where there is one in
    /// this world: else a policy that names the root matches it only as `r-root`.
    pub(crate) fn path(&self, root: Option<&str>) -> String {
        let units: Vec<&str> = self.unit_arns.iter().map(|arn| last_part(arn)).collect();
        let by_unit = units.first().and_then(|unit| unit.split('-').nth(1));
        let root = by_unit.map_or_else(|| root.unwrap_or("r-root").to_owned(), |part| format!("r-{part}"));
        let mut path = format!("{}/{root}/", self.organization_id());
        for unit in units {
            path.push_str(unit);
            path.push('/');
        }
        path
    }
}

fn last_part(arn: &str) -> &str {
    arn.rsplit('/').next().unwrap_or(arn)
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
    known: BTreeMap<AccountId, Versioned<Account>>,
}

impl Accounts {
    /// Whether AWS has an account of this number.
    pub(crate) fn exists(&self, id: AccountId) -> bool {
        self.get(id).is_none_or(|account| !account.nonexistent)
    }

    pub(crate) fn get(&self, id: AccountId) -> Option<&Account> {
        self.known.get(&id).and_then(Versioned::now)
    }

    /// The account, to be changed so that every reader sees it at once.
    pub(crate) fn entry(&mut self, id: AccountId) -> &mut Account {
        self.known.entry(id).or_default().at_once()
    }

    /// Changes an account; what it was stays readable for the lag.
    pub(crate) fn change(&mut self, id: AccountId, at: Time, lag: Duration, change: impl FnOnce(&mut Account)) {
        let account = self
            .known
            .entry(id)
            .or_insert_with(|| Versioned::settled(Account::default()));
        if let Some(account) = account.edit(at, lag) {
            change(account);
        }
    }

    /// Every account as a reader sees it whose view is as old as `as_of`.
    pub(crate) fn seen(&self, as_of: Time) -> impl Iterator<Item = (AccountId, &Account)> {
        self.known
            .iter()
            .filter_map(move |(id, account)| Some((*id, account.seen(as_of)?)))
    }

    pub(crate) fn enabled(&self, id: AccountId, region: Region) -> bool {
        self.get(id)
            .map_or_else(|| Account::default().enabled(region), |account| account.enabled(region))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_path_of_an_account_ends_in_its_own_unit_and_a_slash() {
        let unit = |id: &str| format!("arn:aws:organizations::111122223333:ou/o-exampleorgid/{id}");
        let organization_arn = String::from("arn:aws:organizations::111122223333:organization/o-exampleorgid");
        let nested = Membership {
            organization_arn: organization_arn.clone(),
            unit_arns: vec![unit("ou-ab12-11111111"), unit("ou-ab12-22222222")],
        };
        assert_eq!(
            nested.path(None),
            "o-exampleorgid/r-ab12/ou-ab12-11111111/ou-ab12-22222222/"
        );
        assert_eq!(nested.unit_id(), Some("ou-ab12-22222222"));
        let top = Membership {
            organization_arn,
            unit_arns: Vec::new(),
        };
        assert_eq!(top.path(None), "o-exampleorgid/r-root/");
        assert_eq!(top.path(Some("r-ab12")), "o-exampleorgid/r-ab12/");
        assert_eq!(top.unit_id(), None);
    }

    #[test]
    fn a_change_shows_late_and_what_is_declared_shows_at_once() {
        let (id, lag) = (AccountId::new(1), Duration::from_millis(100));
        let mut accounts = Accounts::default();
        accounts.change(id, Time::from_millis(1000), lag, |account| {
            account.state = AccountState::Suspended;
        });
        let state = |accounts: &Accounts, at| accounts.seen(Time::from_millis(at)).next().unwrap().1.state;
        assert_eq!(state(&accounts, 999), AccountState::Active);
        assert_eq!(state(&accounts, 1000), AccountState::Suspended);
        accounts.entry(id).state = AccountState::Closed;
        assert_eq!(state(&accounts, 999), AccountState::Closed);
    }
}
