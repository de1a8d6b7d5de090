//! What members that make their own copies are let do with the hub's, as it is now.

use std::collections::{BTreeMap, BTreeSet};

use steward::distribution::{Going, ImageThere, KeyGrant, Lending, Lent, SnapshotThere, key_grant_name, lacking};
use steward::manifest::Distribute;
use steward::{AccountId, AmiId, AmiState, KmsKeyRef, ReleaseId, SnapshotId, Target};

use super::look::{FamilyThere, TargetThere};
use crate::problem::unless_refused;
use crate::{AtTarget, HeldPlacement, Problem, Record};

/// Grants of so few accounts are asked for one by one: a key may have thousands of others'.
const FEW: usize = 5;

impl FamilyThere<'_> {
    /// Reads it, of all members where the target is the hub's, and of itself where it is a member's.
    pub(super) async fn lending(
        &self,
        record: &Record,
        (at, from): (&AtTarget, &AtTarget),
        declared: (&Distribute, &BTreeSet<AccountId>),
        going: &mut Going,
        (images, placements): (&BTreeMap<AmiId, ImageThere>, &[HeldPlacement]),
        lent: Option<&Lent>,
    ) -> Result<Lending, Problem> {
        if self.is_hubs() {
            of_hub(record, (self.of_all, at), declared, going, (images, placements), lent).await
        } else {
            of_member(from, at.target, going, images).await
        }
    }
}

async fn of_hub(
    record: &Record,
    (of_all, at): (&TargetThere, &AtTarget),
    (distribute, owners): (&Distribute, &BTreeSet<AccountId>),
    going: &Going,
    (images, placements): (&BTreeMap<AmiId, ImageThere>, &[HeldPlacement]),
    lent: Option<&Lent>,
) -> Result<Lending, Problem> {
    let none = Lent::default();
    let lent = lent.unwrap_or(&none);
    if owners.is_empty() && *lent == none {
        return Ok(Lending::default());
    }
    let region = at.target.region();
    let stood = record.stood_with_members(&going.family, going.release, region).await?;
    let lacking = lacking(region, distribute, owners, |target| stood.get(&target));
    let mut lending = Lending::of(lacking, lent);
    let of_images = images.values().flat_map(ImageThere::keys);
    let keys: BTreeSet<KmsKeyRef> = of_images.chain(&lent.keys).cloned().collect();
    let accounts: BTreeSet<AccountId> = lending.lacking.union(&lending.served).copied().collect();
    for key in keys {
        let grants = copy_grants(of_all, at, going.release, &key, &accounts).await;
        match unless_refused(grants)? {
            Ok(grants) => lending.grants.extend(grants),
            Err(why) => drop(lending.unread.insert(key, why)),
        }
    }
    if !lending.served.is_empty() {
        lending.left = left(at, images, placements).await?;
    }
    Ok(lending)
}

/// The snapshots that are there of images that are not, or that nobody may launch, with who may copy them: an image that is
/// disabled or deregistered leaves them lent.
async fn left(
    at: &AtTarget,
    images: &BTreeMap<AmiId, ImageThere>,
    placements: &[HeldPlacement],
) -> Result<BTreeMap<AmiId, BTreeMap<SnapshotId, SnapshotThere>>, Problem> {
    let is_left = |placed: &&HeldPlacement| {
        let image = images.get(&placed.ami);
        let is_whole = image.is_some_and(|image| image.state == AmiState::Available);
        placed.target == at.target && placed.managed && !is_whole
    };
    let mut left = BTreeMap::new();
    for placed in placements.iter().filter(is_left) {
        left.insert(placed.ami, at.snapshots_with_copiers(&placed.snapshots).await?);
    }
    Ok(left)
}

/// What matters only where there is no copy yet.
async fn of_member(
    from: &AtTarget,
    member: Target,
    going: &mut Going,
    images: &BTreeMap<AmiId, ImageThere>,
) -> Result<Lending, Problem> {
    let Going { release, source, .. } = going;
    let is_there = |image: &ImageThere| image.state != AmiState::Deregistered;
    let source_image = source.image.as_mut().filter(|image| image.state == AmiState::Available);
    let Some(image) = source_image.filter(|_| !images.values().any(is_there)) else {
        return Ok(Lending::default());
    };
    from.read_permissions(source.output.ami, image).await?;
    let own = member.account();
    let mut lending = Lending::default();
    for key in image.keys() {
        // That nobody can read them the hub's own target says.
        let grants = from.key_grants(key, own, &key_grant_name(*release, own)).await;
        lending.grants.extend(unless_refused(grants)?.unwrap_or_default());
    }
    Ok(lending)
}

/// The grants on a key that were made for a release's copies of these accounts. Of many all that the key has are listed, a hundred a call, rather than one's by one's; and once for all releases.
async fn copy_grants(
    of_all: &TargetThere,
    at: &AtTarget,
    release: ReleaseId,
    key: &KmsKeyRef,
    accounts: &BTreeSet<AccountId>,
) -> Result<BTreeSet<KeyGrant>, Problem> {
    if accounts.len() > FEW {
        let all = of_all.copy_grants(at, key).await?;
        return Ok(at.grants_among(&all, key, release, accounts));
    }
    let mut found = BTreeSet::new();
    for account in accounts {
        let name = key_grant_name(release, *account);
        found.extend(at.key_grants(key, *account, &name).await?);
    }
    Ok(found)
}
