//! Whom a family's images reach: who may use them by its manifest, and who might until lately.

use std::collections::{BTreeMap, BTreeSet};

use crate::manifest::{Audience, Distribute, Manifest};
use crate::{AccountId, Duration, Timestamp};

/// So long an account is looked at after a manifest named it last, or a unit that it was in.
const AFTERWARDS: Duration = Duration::days(90);
/// And then from day to day, where it still uses an image, or may.
const LONGER: Duration = Duration::days(1);
/// Accounts of units that were looked up before this may not be all there are by now.
const LATE: Duration = Duration::hours(1);

/// The accounts that a family's images reach.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FamilyReach {
    /// Those that may use them, by its manifest.
    pub accounts: BTreeSet<AccountId>,
    /// Those that might once, each with until when it is looked at all the same.
    pub left: BTreeMap<AccountId, Timestamp>,
}

/// A family's audience, account by account, as it was last looked up.
#[derive(Clone, Copy, Debug)]
pub struct LookedUp<'a> {
    /// The accounts.
    pub accounts: &'a BTreeSet<AccountId>,
    /// When. What is younger was not looked up, or not with success.
    pub as_of: Timestamp,
    /// Whether that was for the manifest that holds, and the last look had success.
    pub holds: bool,
}

/// A family, as evidence asks about it.
#[derive(Clone, Copy, Debug)]
pub struct Reaching<'a> {
    /// Its manifest; none where that cannot be read.
    pub manifest: Option<&'a Manifest>,
    /// Whom it reaches.
    pub reach: &'a FamilyReach,
    /// Whether that is known of all whom its manifest names.
    pub known: bool,
}

impl LookedUp<'_> {
    /// Whether it is too old to be relied on.
    pub fn is_late(&self, now: Timestamp) -> bool {
        self.as_of.checked_add(LATE).is_none_or(|late| late < now)
    }
}

impl FamilyReach {
    /// Everybody.
    pub fn everybody(&self) -> impl Iterator<Item = AccountId> {
        self.accounts.iter().chain(self.left.keys()).copied()
    }
}

/// Whether a manifest names accounts by what they are in.
pub fn names_units(manifest: &Manifest) -> bool {
    let Audience {
        accounts: _,
        units,
        organizations,
        public: _,
        everybody_may_use: _,
        may_copy: _,
    } = &manifest.distribute.share_with;
    !units.is_empty() || !organizations.is_empty()
}

/// Whether it is known of all whom a manifest names who they are.
pub fn knows_everybody(manifest: &Manifest, looked_up: Option<LookedUp<'_>>, now: Timestamp) -> bool {
    !names_units(manifest) || looked_up.is_some_and(|looked_up| !looked_up.is_late(now))
}

/// Decides whom a family reaches now, by whom it reached before.
///
/// While it is not known who is in its units, nobody leaves. Who has left is remembered for 90 days, and longer while it uses
/// an image of ours (`using`) or while the family takes back nothing that was shared; but not one that is `closed` by then.
pub fn decide_reach(
    before: &FamilyReach,
    manifest: &Manifest,
    looked_up: Option<LookedUp<'_>>,
    (using, closed): (&BTreeSet<AccountId>, &BTreeSet<AccountId>),
    now: Timestamp,
) -> FamilyReach {
    let Distribute {
        regions: _,
        copy_to,
        share_with,
        exclusive,
        tags: _,
        publish: _,
    } = &manifest.distribute;
    let mut accounts: BTreeSet<AccountId> = share_with.accounts.iter().chain(copy_to).copied().collect();
    if names_units(manifest) {
        accounts.extend(looked_up.into_iter().flat_map(|looked_up| looked_up.accounts));
        if !looked_up.is_some_and(|looked_up| looked_up.holds && !looked_up.is_late(now)) {
            accounts.extend(&before.accounts);
        }
    }
    let from_now = |wait| now.checked_add(wait).unwrap_or(now);
    let stays = |account: &AccountId, until: Timestamp| {
        if now < until {
            Some(until)
        } else if (!exclusive || using.contains(account)) && !closed.contains(account) {
            Some(from_now(LONGER))
        } else {
            None
        }
    };
    let earlier = before.left.iter();
    let earlier = earlier.filter_map(|(account, until)| Some((*account, stays(account, *until)?)));
    let lately = before.accounts.iter().map(|account| (*account, from_now(AFTERWARDS)));
    let left = earlier.chain(lately).filter(|(account, _)| !accounts.contains(account));
    let left = left.collect();
    FamilyReach { accounts, left }
}

#[cfg(test)]
mod tests;
