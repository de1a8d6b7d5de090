//! What members that make their own copies are let do with the hub's, as it is now.

use std::collections::{BTreeMap, BTreeSet};

use steward::distribution::{Going, ImageThere, KeyGrant, Lending, Lent, lacking};
use steward::manifest::Distribute;
use steward::{AccountId, AmiId, AmiState, KmsKeyRef, ReleaseId, Words};

use super::look::FamilyThere;
use crate::{AtTarget, Cause, Problem, Record};

impl FamilyThere<'_> {
    /// Reads it, of all members where the target is the hub's, and of itself where it is a member's.
    pub(super) async fn lending(
        &self,
        record: &Record,
        (at, from): (&AtTarget, &AtTarget),
        declared: (&Distribute, &BTreeSet<AccountId>),
        going: &mut Going,
        images: &BTreeMap<AmiId, ImageThere>,
        lent: Option<&Lent>,
    ) -> Result<Lending, Problem> {
        if self.is_hubs() {
            of_hub(record, at, declared, going, images, lent).await
        } else {
            of_member(at, from, going, images).await
        }
    }
}

async fn of_hub(
    record: &Record,
    at: &AtTarget,
    (distribute, owners): (&Distribute, &BTreeSet<AccountId>),
    going: &Going,
    images: &BTreeMap<AmiId, ImageThere>,
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
        match grants(at, going.release, &key, &accounts).await? {
            Ok(grants) => lending.grants.extend(grants),
            Err(why) => drop(lending.unread.insert(key, why)),
        }
    }
    Ok(lending)
}

/// What matters only where there is no copy yet.
async fn of_member(
    at: &AtTarget,
    from: &AtTarget,
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
    let own = BTreeSet::from([at.target.account()]);
    let mut lending = Lending::default();
    for key in image.keys() {
        // That nobody can read them the hub's own target says.
        let grants = grants(from, *release, key, &own).await?;
        lending.grants.extend(grants.unwrap_or_default());
    }
    Ok(lending)
}

/// The grants on a key that were made for a release's copies of these accounts; or why they cannot be read.
async fn grants(
    at: &AtTarget,
    release: ReleaseId,
    key: &KmsKeyRef,
    accounts: &BTreeSet<AccountId>,
) -> Result<Result<BTreeSet<KeyGrant>, Words>, Problem> {
    match at.copy_grants(key, release, accounts).await {
        Err(problem) if matches!(problem.cause, Cause::Refused { .. }) => {
            Ok(Err(Words::from(problem.cause.to_string())))
        }
        grants => grants.map(Ok),
    }
}
