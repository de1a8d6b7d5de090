//! Whom each family's images reach, as evidence last had it: who left is remembered, whatever manifests say today.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use steward::evidence::FamilyReach;
use steward::{AccountId, FamilyName, Timestamp};

use super::Record;
use super::keys::Key;
use super::table::Condition;
use crate::Problem;

/// Whom a family reaches, as the record has it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HeldReach {
    /// Whom.
    pub reach: FamilyReach,
    /// How often that changed.
    changes: u64,
}

/// Who left at once is one list: a unit may be taken out of a manifest with thousands of accounts in it.
#[derive(Serialize, Deserialize, Debug)]
struct ReachItem {
    changes: u64,
    accounts: BTreeSet<AccountId>,
    left: Vec<LeftItem>,
}

#[derive(Serialize, Deserialize, Debug)]
struct LeftItem {
    until: Timestamp,
    accounts: BTreeSet<AccountId>,
}

impl Record {
    /// Whom a family's images reach, and did until lately; nobody where evidence was never gathered of it.
    pub async fn family_reach(&self, family: &FamilyName) -> Result<HeldReach, Problem> {
        let item: Option<ReachItem> = self.get(Key::reach(family)).await?;
        Ok(item.map(ReachItem::held).unwrap_or_default())
    }

    /// Writes whom a family reaches now, after it reached whom `before` says. Where somebody else wrote meanwhile that stays:
    /// the next run decides by it.
    pub async fn write_family_reach(
        &self,
        family: &FamilyName,
        before: &HeldReach,
        reach: &FamilyReach,
    ) -> Result<(), Problem> {
        let FamilyReach { accounts, left } = reach;
        let mut lists: BTreeMap<Timestamp, BTreeSet<AccountId>> = BTreeMap::new();
        for (account, until) in left {
            lists.entry(*until).or_default().insert(*account);
        }
        let left = lists.into_iter().map(|(until, accounts)| LeftItem { until, accounts });
        let item = ReachItem {
            changes: before.changes + 1,
            accounts: accounts.clone(),
            left: left.collect(),
        };
        let condition = match before.changes {
            0 => Condition::not_there(),
            changes => Condition::still("changes", changes),
        };
        self.set(Key::reach(family), item, Some(condition)).await.map(drop)
    }
}

impl ReachItem {
    fn held(self) -> HeldReach {
        let Self {
            changes,
            accounts,
            left,
        } = self;
        let left = left.into_iter();
        let left = left.flat_map(|LeftItem { until, accounts }| accounts.into_iter().map(move |one| (one, until)));
        let reach = FamilyReach {
            accounts,
            left: left.collect(),
        };
        HeldReach { reach, changes }
    }
}
