//! Copies that members own are made by them, from the hub's in the same Region: until a member has its own, it is let copy that.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::due::Stood;
use super::facts::SnapshotThere;
use super::pace::{Looked, Pace, When, a_day_after};
use crate::manifest::Distribute;
use crate::{AccountId, AmiId, KmsKeyRef, Region, ReleaseId, SnapshotId, Target, Timestamp, Words};

/// The role of members, as infra/member.yaml makes it, that copies of their own are made by.
pub const COPY_ROLE: &str = "image-steward-copy";

/// A grant that lets a member's role use a key of the hub's image while it copies that.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct KeyGrant {
    /// On which key.
    pub key: KmsKeyRef,
    /// To whose role.
    pub to: AccountId,
    /// What the key calls it.
    pub id: String,
}

/// What is known of the members that own a copy of a release in a Region.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lending {
    /// Those that lack it yet: for that long they may copy the hub's.
    pub lacking: BTreeSet<AccountId>,
    /// Those of them that nothing was lent to before.
    pub new: BTreeSet<AccountId>,
    /// Those that were let copy the hub's, and are to be no longer.
    pub served: BTreeSet<AccountId>,
    /// What those of before were let do without that.
    pub before: LetBefore,
    /// The grants on keys that were made for that, of these and those.
    pub grants: BTreeSet<KeyGrant>,
    /// Keys whose grants could not be read, and why.
    pub unread: BTreeMap<KmsKeyRef, Words>,
    /// Images of the release's that are disabled or gone, while anything is lent: the snapshots of theirs that are left.
    pub left: BTreeMap<AmiId, BTreeMap<SnapshotId, SnapshotThere>>,
}

/// Which members an image of the hub's is lent to, as far as the next look must know.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Lent {
    /// Those that lacked their own.
    pub to: BTreeSet<AccountId>,
    /// Those of them that were found let do all that a copy takes: only they are sent to make it.
    pub ready: BTreeSet<AccountId>,
    /// Those that had theirs, and what they were let do was not all taken back yet.
    pub taking_back: BTreeSet<AccountId>,
    /// What any of them was let do before.
    pub before: LetBefore,
    /// Keys with grants for any of them.
    pub keys: BTreeSet<KmsKeyRef>,
    /// How often in a row something of that was left undone.
    pub tries: u32,
}

/// What members were let do before anything was lent to them: by somebody else, who may take it back.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct LetBefore {
    /// Who might launch an image.
    pub launch: BTreeMap<AmiId, BTreeSet<AccountId>>,
    /// Who might copy a snapshot.
    pub copy: BTreeMap<SnapshotId, BTreeSet<AccountId>>,
}

impl LetBefore {
    pub(super) fn might_launch(&self, ami: AmiId, account: AccountId) -> bool {
        self.launch.get(&ami).is_some_and(|who| who.contains(&account))
    }

    pub(super) fn might_copy(&self, snapshot: SnapshotId, account: AccountId) -> bool {
        self.copy.get(&snapshot).is_some_and(|who| who.contains(&account))
    }

    /// The same of these accounts alone.
    pub(super) fn of(mut self, accounts: &BTreeSet<AccountId>) -> Self {
        self.launch
            .values_mut()
            .for_each(|who| who.retain(|account| accounts.contains(account)));
        self.copy
            .values_mut()
            .for_each(|who| who.retain(|account| accounts.contains(account)));
        self.launch.retain(|_, who| !who.is_empty());
        self.copy.retain(|_, who| !who.is_empty());
        self
    }
}

impl Lent {
    /// Whether all are let in who are to be, and nobody else is.
    pub fn stands(&self) -> bool {
        self.ready == self.to && self.taking_back.is_empty()
    }

    /// Everybody whom anything may be lent to.
    fn all(&self) -> impl Iterator<Item = AccountId> {
        self.to.iter().chain(&self.taking_back).copied()
    }
}

impl Lending {
    /// What is to be lent to those that lack a copy, after this was lent. Grants on keys are not read yet.
    pub fn of(lacking: BTreeSet<AccountId>, lent: &Lent) -> Self {
        let known: BTreeSet<AccountId> = lent.all().collect();
        Self {
            new: lacking.difference(&known).copied().collect(),
            served: known.difference(&lacking).copied().collect(),
            before: lent.before.clone(),
            lacking,
            ..Self::default()
        }
    }

    /// Whether anything is lent to an account, or was.
    pub(super) fn concerns(&self, account: AccountId) -> bool {
        self.lacking.contains(&account) || self.served.contains(&account)
    }
}

/// The name of a grant on a key: by it the grant is found again, and made once.
pub fn key_grant_name(release: ReleaseId, to: AccountId) -> String {
    format!("{COPY_ROLE}-{release}-{to}")
}

/// Whether a member is to own a copy in a Region: in each that its manifest names.
pub(super) fn owns_in(
    account: AccountId,
    region: Region,
    distribute: &Distribute,
    owners: &BTreeSet<AccountId>,
) -> bool {
    owners.contains(&account) && distribute.regions.contains_key(&region)
}

/// The members that lack their copy of a release in a Region, by how it stood with them. Where nobody is let in, or something else
/// is in the way, nothing is lent, and nowhere before somebody has looked.
pub fn lacking<'a>(
    region: Region,
    distribute: &Distribute,
    owners: &BTreeSet<AccountId>,
    stood: impl Fn(Target) -> Option<&'a Stood>,
) -> BTreeSet<AccountId> {
    let lacks = |account: &AccountId| {
        let stood = stood(Target::new(*account, region));
        owns_in(*account, region, distribute, owners) && stood.is_some_and(|stood| stood.lacks && !stood.stuck)
    };
    owners.iter().copied().filter(lacks).collect()
}

/// When it is of use to look at a member's copy: where it lacks one, the hub must have its own and have lent it that. Before, it
/// is seen once whether the member lets anybody in, and so once a day.
pub fn can_go_on(member: AccountId, there: Option<&Stood>, at_the_hub: Option<&Stood>) -> When {
    if there.is_some_and(|there| !there.lacks) {
        return When::Now;
    }
    match (at_the_hub.filter(|hub| !hub.lacks), there) {
        (None, _) => When::Never,
        (Some(hub), Some(there)) if !there.stuck && !hub.lent.ready.contains(&member) => a_day_after(there.looked),
        (Some(_), _) => When::Now,
    }
}

/// Whether what is lent of an image of the hub's is to be looked at now, when these lack their copies.
pub fn is_lending_due(hub: &Stood, lacking: &BTreeSet<AccountId>, now: Timestamp) -> bool {
    let looked = Looked {
        at: hub.looked,
        settled: false,
        under_way: false,
        tries: hub.lent.tries,
    };
    hub.lent.to != *lacking || !hub.lent.stands() && looked.again(Pace::Daily).has_come(now)
}
