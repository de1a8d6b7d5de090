//! Who may launch an image and copy its snapshots: what is declared comes, what is not goes, and in doubt all stays.

use std::collections::BTreeSet;

use super::audience::{Copier, Grantee, SnapshotAudience};
use super::decide::Deciding;
use super::facts::{Encryption, ImageThere, SnapshotThere};
use super::finding::Finding;
use super::found::Seen;
use super::obstacle::PublicObstacle;
use super::step::{Change, DistributionStep};
use super::tags::not_ours;
use crate::{AccountId, AmiId, AmiState, SnapshotId};

/// So many an image can be shared with; a unit or an organization is one.
pub(super) const MOST_SHARED: usize = 1_000;

/// So many public images AWS lets an account have in a Region, unless it raised the quota.
const MOST_PUBLIC: usize = 5;

/// What there is to change.
struct Difference<T> {
    missing: BTreeSet<T>,
    /// Those who are to go. None while anything was not read.
    leaving: BTreeSet<T>,
    /// Those who stay although nobody declared them.
    undeclared: BTreeSet<T>,
}

impl Deciding<'_> {
    /// Snapshots come before their image: who may launch it may copy it then, if that is declared.
    pub(super) fn share(&mut self, ami: AmiId, image: &ImageThere) {
        let audience = self.facts.audience;
        if let SnapshotAudience::Unknown(why) = &audience.snapshots {
            self.findings.push(Finding::AudienceUnknown(why.clone()));
        }
        let is_sharable = !image.is_under_the_default_key();
        let is_for_others =
            audience.reaches_beyond(self.facts.target.account()) || !self.facts.lending.lacking.is_empty();
        if !is_sharable && is_for_others {
            self.findings.push(if self.is_home {
                Finding::BuiltByDefaultKey(ami)
            } else {
                let region = self.facts.target.region();
                Finding::CopiedByDefaultKey { ami, region }
            });
        }
        let unseen = image.unseen_key();
        if let Some((key, why)) = unseen
            && is_for_others
        {
            let (key, why) = (key.clone(), why.clone());
            self.findings.push(Finding::KeyUnseen { ami, key, why });
        }
        // EC2 would refuse it for AWS's own.
        let is_sharable = is_sharable && unseen.is_none();
        let Some(held) = &image.grants else {
            self.findings.push(Finding::GrantsUnread(ami));
            return;
        };
        if let SnapshotAudience::Known(copiers) = &audience.snapshots {
            for (snapshot, there) in &image.snapshots {
                self.permit(ami, (*snapshot, there), copiers, is_sharable);
            }
        }
        self.grant(ami, image, held, is_sharable);
    }

    /// Of images that do not count, beside the one that does.
    pub(super) fn withdraw_all(&mut self, images: &[Seen<'_>], kept: Option<&ImageThere>) {
        for image in images {
            self.withdraw(*image, kept);
        }
    }

    /// What is disabled, or does not count, is shared with nobody more, and with nobody whom nobody declares any more: what is
    /// behind it can be copied all the same. What is behind the image that counts too is shared as that is.
    pub(super) fn withdraw(&mut self, (ami, image): Seen<'_>, kept: Option<&ImageThere>) {
        let held = match (image.state, &image.grants) {
            // Who could launch it EC2 has forgotten.
            (AmiState::Disabled, _) => None,
            (AmiState::Available, Some(held)) => Some(held),
            _ => return,
        };
        let (true, SnapshotAudience::Known(copiers)) = (self.is_hubs, &self.facts.audience.snapshots) else {
            return;
        };
        let (owner, family) = (self.facts.target.account(), &self.facts.going.family);
        let is_behind_kept = |snapshot: &SnapshotId| kept.is_some_and(|kept| kept.snapshots.contains_key(snapshot));
        let alone = image.snapshots.iter().filter(|(snapshot, _)| !is_behind_kept(snapshot));
        for (snapshot, there) in alone.filter(|(_, there)| not_ours(there.owner, owner, &there.tags, family).is_none())
        {
            let Some(held) = &there.permitted else { continue };
            let leaving = self.difference(copiers, held, Copier::account).leaving;
            let (calls, snapshot) = (Change::calls(&leaving, &BTreeSet::new()), *snapshot);
            let calls = calls.into_iter();
            self.steps
                .extend(calls.map(|change| DistributionStep::Permit { ami, snapshot, change }));
        }
        let Some(held) = held else { return };
        let leaving = self
            .difference(&self.facts.audience.images, held, Grantee::account)
            .leaving;
        let calls = Change::calls(&leaving, &BTreeSet::new()).into_iter();
        self.steps
            .extend(calls.map(|change| DistributionStep::Grant { ami, change }));
    }

    fn permit(
        &mut self,
        ami: AmiId,
        (snapshot, there): (SnapshotId, &SnapshotThere),
        copiers: &BTreeSet<Copier>,
        is_sharable: bool,
    ) {
        let owner = self.facts.target.account();
        let Some(held) = &there.permitted else {
            self.findings.push(Finding::PermissionsUnread(snapshot));
            return;
        };
        let Difference {
            mut missing,
            leaving,
            undeclared,
        } = self.difference(copiers, held, Copier::account);
        if !undeclared.is_empty() {
            self.findings.push(Finding::UndeclaredPermissions {
                snapshot,
                who: undeclared,
            });
        }
        if missing.contains(&Copier::Everybody) {
            let obstacles = [
                (there.encryption != Encryption::None, PublicObstacle::Encrypted),
                (self.facts.seen.public.snapshots_blocked, PublicObstacle::Blocked),
            ];
            for obstacle in met(obstacles) {
                self.findings.push(Finding::SnapshotNotPublic { snapshot, obstacle });
                missing.remove(&Copier::Everybody);
            }
        }
        if !is_sharable {
            missing.clear();
        }
        let calls = Change::calls(&leaving, &missing);
        let family = &self.facts.going.family;
        match not_ours(there.owner, owner, &there.tags, family) {
            Some(cause) if !calls.is_empty() => self.findings.push(Finding::SnapshotNotOurs {
                snapshot,
                ami,
                cause,
                family: family.clone(),
            }),
            Some(_) => {}
            None => {
                let calls = calls.into_iter();
                self.steps
                    .extend(calls.map(|change| DistributionStep::Permit { ami, snapshot, change }));
            }
        }
    }

    fn grant(&mut self, ami: AmiId, image: &ImageThere, held: &BTreeSet<Grantee>, is_sharable: bool) {
        let Difference {
            mut missing,
            leaving,
            undeclared,
        } = self.difference(&self.facts.audience.images, held, Grantee::account);
        if !undeclared.is_empty() {
            self.findings.push(Finding::UndeclaredGrants { ami, who: undeclared });
        }
        if missing.contains(&Grantee::Everybody) {
            let public = self.facts.seen.public;
            let obstacles = [
                (image.is_encrypted(), PublicObstacle::Encrypted),
                (public.images_blocked, PublicObstacle::Blocked),
                (image.watermarked, PublicObstacle::Watermarked),
            ];
            for obstacle in met(obstacles) {
                self.findings.push(Finding::NotPublic { ami, obstacle });
                missing.remove(&Grantee::Everybody);
            }
            let count = public.public_images;
            // EC2 alone knows whether somebody raised the quota.
            if missing.contains(&Grantee::Everybody) && count >= MOST_PUBLIC {
                self.findings.push(Finding::PublicImages { ami, count });
            }
        }
        if !is_sharable {
            missing.clear();
        }
        let room = MOST_SHARED.saturating_sub(held.len() - leaving.len());
        if missing.len() > room {
            let left_out = missing.len() - room;
            self.findings.push(Finding::TooMany { ami, left_out });
            missing = missing.into_iter().take(room).collect();
        }
        let calls = Change::calls(&leaving, &missing).into_iter();
        self.steps
            .extend(calls.map(|change| DistributionStep::Grant { ami, change }));
    }

    /// What is lent to a member that makes its own copy is neither declared nor undeclared.
    fn difference<T: Ord + Clone>(
        &self,
        declared: &BTreeSet<T>,
        held: &BTreeSet<T>,
        account: impl Fn(&T) -> Option<AccountId>,
    ) -> Difference<T> {
        let owner = self.facts.target.account();
        let lending = self.facts.lending;
        let others = |from: &BTreeSet<T>, without: &BTreeSet<T>| -> BTreeSet<T> {
            let others = from.difference(without).filter(|one| account(one) != Some(owner));
            others.cloned().collect()
        };
        let mut undeclared = others(held, declared);
        undeclared.retain(|one| !account(one).is_some_and(|account| lending.concerns(account)));
        let is_certain = matches!(self.facts.audience.snapshots, SnapshotAudience::Known(_));
        let (leaving, undeclared) = match (self.facts.distribute.exclusive, is_certain) {
            (true, true) => (undeclared, BTreeSet::new()),
            (true, false) => (BTreeSet::new(), BTreeSet::new()),
            (false, _) => (BTreeSet::new(), undeclared),
        };
        Difference {
            missing: others(declared, held),
            leaving,
            undeclared,
        }
    }
}

fn met<const N: usize>(obstacles: [(bool, PublicObstacle); N]) -> impl Iterator<Item = PublicObstacle> {
    let met = obstacles.into_iter().filter(|(is_met, _)| *is_met);
    met.map(|(_, obstacle)| obstacle)
}
