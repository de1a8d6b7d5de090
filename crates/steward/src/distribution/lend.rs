//! What members that make their own copies are let do with the hub's: no more than a copy takes, no longer than it takes.

use std::collections::BTreeSet;

use super::audience::{Copier, Grantee, SnapshotAudience};
use super::decide::Deciding;
use super::facts::{DistributionFacts, Encryption, ImageThere, SnapshotThere};
use super::key_policy::lending_statement;
use super::lending::{KeyGrant, Lent, LetBefore, key_grant_name};
use super::member_finding::MemberFinding;
use super::plan::TargetStanding;
use super::sharing::MOST_SHARED;
use super::step::{Change, DistributionStep};
use super::tags::not_ours;
use crate::{AccountId, AmiId, KmsKeyRef, SnapshotId};

/// So many members are let in by one look, and as many grants of keys end: others' work waits for it.
const AT_ONCE: usize = 100;

impl Deciding<'_> {
    /// Snapshots come first, then their image, then their keys; and what is lent no longer goes in that order too.
    pub(super) fn lend(&mut self, standing: &TargetStanding) -> Lent {
        // One look may have missed it: whoever uses its keys may use them still.
        let (image, is_missed) = match standing {
            TargetStanding::There(ami) => {
                let image = self.facts.seen.images.get(ami).map(|image| (*ami, image));
                (image, image.is_none())
            }
            TargetStanding::Pending { .. }
            | TargetStanding::Missing
            | TargetStanding::Failed { .. }
            | TargetStanding::Blocked => (None, true),
            TargetStanding::OnLadder(_) | TargetStanding::Gone | TargetStanding::NotWanted => (None, false),
        };
        let lending = self.facts.lending;
        let (to, still_lent) = match image {
            Some((ami, image)) => {
                let (to, mut still_lent) = self.lend_image(ami, image);
                // Another image of the release's may have been there before.
                still_lent.extend(self.take_back_left());
                (to, still_lent)
            }
            None if is_missed => (BTreeSet::new(), lending.served.clone()),
            None => (BTreeSet::new(), self.take_back_left()),
        };
        let before = self.before(image);
        let (keys, leaving) = self.lend_keys(image.map(|(_, image)| image), is_missed, &to);
        // Of a key whose grants nobody could read any of them may have one.
        let unread = lending.served.iter().copied().filter(|_| !lending.unread.is_empty());
        let taking_back = still_lent.into_iter().chain(leaving).chain(unread);
        let taking_back = taking_back.filter(|account| lending.served.contains(account));
        let taking_back: BTreeSet<AccountId> = taking_back.collect();
        let is_ready = |account: &AccountId| image.is_some_and(|(_, image)| self.is_lent_to(*account, image));
        Lent {
            to: lending.lacking.clone(),
            ready: lending.lacking.iter().copied().filter(is_ready).collect(),
            before: before.of(&lending.lacking.union(&taking_back).copied().collect()),
            taking_back,
            keys,
            tries: 0,
        }
    }

    /// What members were let do before it was lent to them, those included that it is lent to now for the first time.
    fn before(&self, image: Option<(AmiId, &ImageThere)>) -> LetBefore {
        let DistributionFacts { lending, audience, .. } = self.facts;
        let mut before = lending.before.clone();
        let Some((ami, image)) = image else { return before };
        let copiers = match &audience.snapshots {
            SnapshotAudience::Known(copiers) => Some(copiers),
            SnapshotAudience::Unknown(_) => None,
        };
        for account in &lending.new {
            let grantee = Grantee::Account(*account);
            let is_declared = audience.images.contains(&grantee);
            if !is_declared && image.grants.as_ref().is_some_and(|held| held.contains(&grantee)) {
                before.launch.entry(ami).or_default().insert(*account);
            }
            let copier = Copier::Account(*account);
            let is_declared = copiers.is_some_and(|copiers| copiers.contains(&copier));
            for (snapshot, there) in image.snapshots.iter().filter(|_| !is_declared) {
                if there.permitted.as_ref().is_some_and(|held| held.contains(&copier)) {
                    before.copy.entry(*snapshot).or_default().insert(*account);
                }
            }
        }
        before
    }

    /// Gives whom it is lent to now, and to whom it is lent still although they have their own.
    fn lend_image(&mut self, ami: AmiId, image: &ImageThere) -> (BTreeSet<AccountId>, BTreeSet<AccountId>) {
        let lending = self.facts.lending;
        let Some(held) = &image.grants else {
            return (BTreeSet::new(), lending.served.clone());
        };
        let declared = &self.facts.audience.images;
        // Who is declared as well is let in as that.
        let is_in = |account: &AccountId| {
            let account = Grantee::Account(*account);
            held.contains(&account) || declared.contains(&account)
        };
        let room = MOST_SHARED.saturating_sub(held.union(declared).count());
        let is_lendable = !image.is_under_the_default_key() && image.unseen_key().is_none();
        let new = lending.lacking.iter().copied().filter(|account| !is_in(account));
        // The others wait until these have theirs.
        let new: Vec<AccountId> = new.filter(|_| is_lendable).collect();
        let waiting = new.len().saturating_sub(room);
        if waiting > 0 {
            self.findings.push(MemberFinding::NoRoom { ami, waiting }.into());
        }
        let new: BTreeSet<AccountId> = new.into_iter().take(room.min(AT_ONCE)).collect();
        let old = lending.lacking.iter().copied().filter(is_in);
        let to: BTreeSet<AccountId> = old.chain(new.iter().copied()).filter(|_| is_lendable).collect();
        let mut still_lent = BTreeSet::new();
        for (snapshot, there) in &image.snapshots {
            still_lent.extend(self.lend_snapshot(ami, (*snapshot, there), &to));
        }
        let is_certain = matches!(self.facts.audience.snapshots, SnapshotAudience::Known(_));
        let leaving = |account: &AccountId| {
            let grantee = Grantee::Account(*account);
            held.contains(&grantee) && !declared.contains(&grantee) && !lending.before.might_launch(ami, *account)
        };
        let leaving: BTreeSet<AccountId> = lending.served.iter().copied().filter(leaving).collect();
        let all = |accounts: &BTreeSet<AccountId>| accounts.iter().copied().map(Grantee::Account).collect();
        let going = if is_certain { all(&leaving) } else { BTreeSet::new() };
        let calls = Change::calls(&going, &all(&new)).into_iter();
        self.lending
            .extend(calls.map(|change| DistributionStep::Grant { ami, change }));
        still_lent.extend(leaving);
        (to, still_lent)
    }

    /// What is disabled or gone is launched and copied by nobody, but its snapshots stay lent until they are taken back. Gives to
    /// whom they are lent still.
    fn take_back_left(&mut self) -> BTreeSet<AccountId> {
        let mut still_lent = BTreeSet::new();
        for (ami, snapshots) in &self.facts.lending.left {
            for (snapshot, there) in snapshots {
                still_lent.extend(self.lend_snapshot(*ami, (*snapshot, there), &BTreeSet::new()));
            }
        }
        still_lent
    }

    /// Gives to whom it is lent still although they have their own.
    fn lend_snapshot(
        &mut self,
        ami: AmiId,
        (snapshot, there): (SnapshotId, &SnapshotThere),
        to: &BTreeSet<AccountId>,
    ) -> BTreeSet<AccountId> {
        let facts = self.facts;
        let Some(held) = &there.permitted else {
            return facts.lending.served.clone();
        };
        let copiers = match &facts.audience.snapshots {
            SnapshotAudience::Known(copiers) => Some(copiers),
            SnapshotAudience::Unknown(_) => None,
        };
        let is_declared = |copier: &Copier| copiers.is_some_and(|copiers| copiers.contains(copier));
        let new = to.iter().copied().map(Copier::Account);
        let new = new
            .filter(|copier| !held.contains(copier) && !is_declared(copier))
            .collect();
        let leaving = |account: &AccountId| {
            let copier = Copier::Account(*account);
            let is_lent = !facts.lending.before.might_copy(snapshot, *account);
            held.contains(&copier) && !is_declared(&copier) && is_lent
        };
        let leaving: BTreeSet<AccountId> = facts.lending.served.iter().copied().filter(leaving).collect();
        // As long as nobody knows who may copy, one of them may be declared.
        let going = leaving
            .iter()
            .copied()
            .filter(|_| copiers.is_some())
            .map(Copier::Account);
        let calls = Change::calls(&going.collect(), &new);
        if calls.is_empty() {
            return leaving;
        }
        let family = &facts.going.family;
        if not_ours(there.owner, facts.target.account(), &there.tags, family).is_some() {
            self.findings
                .push(MemberFinding::SnapshotNotOurs { snapshot, ami }.into());
            return leaving;
        }
        let calls = calls.into_iter();
        self.lending
            .extend(calls.map(|change| DistributionStep::Permit { ami, snapshot, change }));
        leaving
    }

    /// Gives the keys that have grants, or get them, and who has one that is to end.
    fn lend_keys(
        &mut self,
        image: Option<&ImageThere>,
        is_missed: bool,
        to: &BTreeSet<AccountId>,
    ) -> (BTreeSet<KmsKeyRef>, BTreeSet<AccountId>) {
        let DistributionFacts { lending, target, .. } = self.facts;
        let keys: BTreeSet<&KmsKeyRef> = image.map(ImageThere::keys).unwrap_or_default();
        for (key, why) in &lending.unread {
            let finding = MemberFinding::KeyGrantsUnread {
                key: key.clone(),
                why: why.clone(),
                statement: lending_statement(target.account(), target.region().partition()),
            };
            self.findings.push(finding.into());
        }
        // While one look missed the image, somebody may copy it by that key.
        let is_behind = |key: &KmsKeyRef| is_missed || keys.contains(key);
        let is_wanted = |grant: &&KeyGrant| is_behind(&grant.key) && lending.lacking.contains(&grant.to);
        let release = self.facts.going.release;
        let granted: BTreeSet<(&KmsKeyRef, AccountId)> =
            lending.grants.iter().map(|grant| (&grant.key, grant.to)).collect();
        for key in keys.iter().copied().filter(|key| !lending.unread.contains_key(key)) {
            let new = to.iter().copied().filter(|to| !granted.contains(&(key, *to)));
            self.lending
                .extend(new.take(AT_ONCE).map(|to| DistributionStep::LendKey {
                    key: key.clone(),
                    to,
                    name: key_grant_name(release, to),
                }));
        }
        let unwanted = || lending.grants.iter().filter(|grant| !is_wanted(grant));
        let take_back = unwanted().take(AT_ONCE).cloned();
        self.lending
            .extend(take_back.map(|grant| DistributionStep::TakeBackKey { grant }));
        let lent = keys.iter().copied().filter(|_| !to.is_empty());
        let lent = lent.chain(lending.grants.iter().map(|grant| &grant.key));
        let lent = lent.chain(lending.unread.keys()).cloned().collect();
        (lent, unwanted().map(|grant| grant.to).collect())
    }

    /// Whether a member may copy the hub's image, and use its keys for that.
    pub(super) fn is_lent_to(&self, account: AccountId, image: &ImageThere) -> bool {
        let may_launch = image
            .grants
            .as_ref()
            .is_some_and(|grants| grants.contains(&Grantee::Account(account)) || grants.contains(&Grantee::Everybody));
        let is_lent = |there: &SnapshotThere| {
            let may_copy = there.permitted.as_ref().is_some_and(|permitted| {
                permitted.contains(&Copier::Account(account)) || permitted.contains(&Copier::Everybody)
            });
            let has_key = match &there.encryption {
                Encryption::None => true,
                Encryption::DefaultKey | Encryption::Unseen { .. } => false,
                Encryption::Key(key) => {
                    let mut grants = self.facts.lending.grants.iter();
                    grants.any(|grant| grant.key == *key && grant.to == account)
                }
            };
            may_copy && has_key
        };
        may_launch && image.snapshots.values().all(is_lent)
    }

    /// What a member lets others do with what it owns is its own affair; where grants are exclusive, it is said.
    pub(super) fn say_who_else_may_use(&mut self, ami: AmiId, image: &ImageThere) {
        let owner = self.facts.target.account();
        let launch = image.grants.iter().flatten().cloned();
        let copy = image
            .snapshots
            .values()
            .flat_map(|there| there.permitted.iter().flatten());
        let copy = copy.map(|copier| match copier {
            Copier::Account(account) => Grantee::Account(*account),
            Copier::Everybody => Grantee::Everybody,
        });
        let who: BTreeSet<Grantee> = launch
            .chain(copy)
            .filter(|who| *who != Grantee::Account(owner))
            .collect();
        if self.facts.distribute.exclusive && !who.is_empty() {
            self.findings.push(MemberFinding::Shares { ami, owner, who }.into());
        }
    }
}
