//! A release in a target, read as it is decided by: by the worker that acts, and by whoever only asks.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use steward::distribution::{
    DefaultKey, DistributionFacts, EbsDefaults, Going, ImageThere, KeyAudience, KeySeen, PublicAccess, RELEASE, Reach,
    Source, Stood, TargetPlan, TargetSeen, decide_target,
};
use steward::manifest::Manifest;
use steward::{
    AmiId, AmiState, BuildState, CanonicalName, ChannelName, FamilyName, KmsKeyRef, Output, ReleaseId, ReleaseName,
    Target, Timestamp, Words,
};
use tokio::sync::{Mutex, OnceCell};

use super::lend::CopyGrant;
use crate::{AtTarget, Cause, HeldAudience, HeldPlacement, Problem, Record};

/// A target, as it is whatever the family: read once for all of them.
#[derive(Debug)]
pub struct TargetThere {
    /// Whether the Region is enabled.
    pub enabled: bool,
    /// The volumes of all copies that are under way into it.
    in_flight: AtomicUsize,
    /// What EBS does where no key is named, once somebody asked.
    ebs: OnceCell<Result<EbsDefaults, Words>>,
    /// The grants of keys that were made for copies, once somebody asked: of later releases they are as they were.
    copy_grants: Mutex<BTreeMap<KmsKeyRef, Arc<BTreeSet<CopyGrant>>>>,
}

/// A family in a target: what is known there whatever the release, read once for all of them.
#[derive(Debug)]
pub struct FamilyThere<'a> {
    /// What is so of all families there.
    pub of_all: &'a TargetThere,
    /// Where.
    pub target: Target,
    /// Where the family is built.
    pub home: Target,
    /// Where what is to be there is copied from: where the family is built, or for a member the hub in its Region.
    pub from: Target,
    /// The family's images in the target.
    pub images: BTreeMap<AmiId, ImageThere>,
    family: FamilyName,
    /// The family's images where they are copied from.
    sources: BTreeMap<AmiId, ImageThere>,
    key: Option<KeySeen>,
    ebs: Option<Result<EbsDefaults, Words>>,
    public: PublicAccess,
    /// Each key is asked once who may use it, however many releases it encrypts.
    keys: BTreeMap<KmsKeyRef, KeyAudience>,
}

/// A release in a target, as it was decided.
#[derive(Debug)]
pub struct Decided {
    /// What goes there.
    pub going: Going,
    /// The release's images, as the record has them.
    pub placements: Vec<HeldPlacement>,
    /// How it stood there when a worker last looked.
    pub stood: Option<Stood>,
    /// What is to be done.
    pub plan: TargetPlan,
}

impl TargetThere {
    /// Counts a copy in that is made, or would be: those of later releases wait for it, of whatever family.
    pub fn count_copy(&self, going: &Going) {
        let source = going.source.image.as_ref();
        let volumes = source.map_or(0, |source| source.snapshots.len());
        self.in_flight.fetch_add(volumes, Ordering::Relaxed);
    }

    pub(super) async fn copy_grants(
        &self,
        at: &AtTarget,
        key: &KmsKeyRef,
    ) -> Result<Arc<BTreeSet<CopyGrant>>, Problem> {
        let mut known = self.copy_grants.lock().await;
        if let Some(grants) = known.get(key) {
            return Ok(Arc::clone(grants));
        }
        let grants = Arc::new(at.all_copy_grants(key).await?);
        known.insert(key.clone(), Arc::clone(&grants));
        Ok(grants)
    }
}

impl AtTarget {
    /// Reads what holds here for all families, with `elsewhere` the same account in the home's Region, as nobody answers in a
    /// Region that is not enabled.
    pub async fn target_there(&self, elsewhere: &Self) -> Result<TargetThere, Problem> {
        let enabled = elsewhere.is_enabled(self.target.region()).await?;
        let in_flight = if enabled { self.copies_in_flight().await? } else { 0 };
        Ok(TargetThere {
            enabled,
            in_flight: in_flight.into(),
            ebs: OnceCell::new(),
            copy_grants: Mutex::default(),
        })
    }

    /// Reads what holds here for all releases of a family that is built at home, with `from` where copies are made from.
    pub async fn family_there<'a>(
        &self,
        of_all: &'a TargetThere,
        (home, from): (Target, &Self),
        manifest: &Manifest,
        audience: &HeldAudience,
    ) -> Result<FamilyThere<'a>, Problem> {
        let Manifest { family, distribute, .. } = manifest;
        let target = self.target;
        let sources = from.images_of_family(family).await?;
        let mut there = FamilyThere {
            target,
            home,
            from: from.target,
            images: BTreeMap::new(),
            of_all,
            family: family.clone(),
            sources,
            key: None,
            ebs: None,
            public: PublicAccess::default(),
            keys: BTreeMap::new(),
        };
        if !of_all.enabled {
            return Ok(there);
        }
        there.images = if target == from.target {
            there.sources.clone()
        } else {
            self.images_of_family(family).await?
        };
        if there.is_hubs() {
            there.public = self.public_access(&distribute.share_with).await?;
        }
        let Some(copy) = distribute.regions.get(&target.region()) else {
            return Ok(there);
        };
        let HeldAudience { audience, owners, .. } = audience;
        let is_for_others = audience.reaches_beyond(target.account()) || !owners.is_empty();
        match &copy.kms_key {
            Some(wanted) => {
                // A member may look at the hub's key only while it is lent to it.
                let is_lent = !there.is_hubs() && wanted.account() == Some(home.account());
                let looks = if is_lent { from } else { self };
                there.key = Some(looks.key(&wanted.arn_in(target)).await);
            }
            None if there.is_hubs() && target != home && is_for_others => {
                let look = async || match self.ebs_defaults().await {
                    // A default key that is gone too: only what needs it is to fail.
                    Err(problem) if matches!(problem.cause, Cause::Refused { .. } | Cause::NotUnderstood(_)) => {
                        Ok(Err(Words::from(problem.cause.to_string())))
                    }
                    defaults => defaults.map(Ok),
                };
                there.ebs = Some(of_all.ebs.get_or_try_init(look).await?.clone());
            }
            None => {}
        }
        Ok(there)
    }
}

impl FamilyThere<'_> {
    /// Where what is to be in a target is copied from, where the family is built at home.
    pub fn copied_from(home: Target, target: Target) -> Target {
        if target.account() == home.account() {
            home
        } else {
            Target::new(home.account(), target.region())
        }
    }

    /// Whether the target is the hub's own.
    pub(super) fn is_hubs(&self) -> bool {
        self.target.account() == self.home.account()
    }

    /// Decides what is to be done for a release; none where it is no build that ended well, or the record knows no image of it.
    pub async fn decide(
        &mut self,
        record: &Record,
        (at, from): (&AtTarget, &AtTarget),
        release: ReleaseId,
        (manifest, audience, now): (&Manifest, &HeldAudience, Timestamp),
    ) -> Result<Option<Decided>, Problem> {
        let distribute = &manifest.distribute;
        let placements = record.placements(release).await?;
        let Some(mut going) = self.going(record, release, &placements).await? else {
            return Ok(None);
        };
        let stood = record.stood_in(&self.family, release, self.target).await?;
        let images = self.images_of(at, &going, &placements).await?;
        let lent = stood.as_ref().map(|stood| &stood.lent);
        let declared = (distribute, &audience.owners);
        let there = (&images, placements.as_slice());
        let lending = Box::pin(self.lending(record, (at, from), declared, &mut going, there, lent)).await?;
        let asked_for = self.is_asked_for(record, &images, manifest, release, now).await?;
        let seen = self.seen(at, images, audience).await?;
        let plan = decide_target(DistributionFacts {
            target: self.target,
            going: &going,
            distribute,
            audience: &audience.audience,
            owners: &audience.owners,
            lending: &lending,
            seen: &seen,
            asked_for,
            now,
        });
        Ok(Some(Decided {
            going,
            placements,
            stood,
            plan,
        }))
    }

    /// Whether a person asks for a release of which something is disabled here. It is read anew for each, right before anything is
    /// enabled by it.
    async fn is_asked_for(
        &self,
        record: &Record,
        images: &BTreeMap<AmiId, ImageThere>,
        manifest: &Manifest,
        release: ReleaseId,
        now: Timestamp,
    ) -> Result<bool, Problem> {
        if !self.is_hubs() || images.values().all(|image| image.state != AmiState::Disabled) {
            return Ok(false);
        }
        let declared = |channel: &ChannelName| manifest.channels.contains_key(channel);
        record.is_asked_for(&self.family, declared, release, now).await
    }

    /// A release as it is to be distributed; none where it is no build that ended well, or the record does not know its image.
    async fn going(
        &self,
        record: &Record,
        release: ReleaseId,
        placements: &[HeldPlacement],
    ) -> Result<Option<Going>, Problem> {
        let Some(card) = record.card(release).await? else {
            return Ok(None);
        };
        let (CanonicalName::Build(build), Some(family), Some(architecture)) =
            (card.name, card.family, card.architecture)
        else {
            return Ok(None);
        };
        let home = self.home;
        let home_image = placements.iter().find(|placed| placed.target == home && placed.managed);
        let Some(home_image) =
            home_image.filter(|_| card.state == Some(BuildState::Available) && family == self.family)
        else {
            return Ok(None);
        };
        let is_tombstone = |ami: AmiId| {
            let mut of_it = placements
                .iter()
                .filter(|placed| placed.target == self.from && placed.ami == ami);
            of_it.any(|placed| placed.state == AmiState::Deregistered)
        };
        let (ami, ended) = if self.from == home {
            (home_image.ami, is_tombstone(home_image.ami))
        } else {
            let of_hub = record.stood_in(&family, release, self.from).await?;
            let is_retired = of_hub.as_ref().is_some_and(|stood| stood.reach == Reach::Retired);
            // Where the hub has none any more, none of its images has this id.
            let ami = of_hub.and_then(|stood| stood.ami).unwrap_or(home_image.ami);
            (ami, is_retired || is_tombstone(ami))
        };
        Ok(Some(Going {
            release,
            name: ReleaseName::new(family.clone(), build.version()),
            family,
            architecture,
            source: Source {
                output: Output { target: self.from, ami },
                image: self.sources.get(&ami).cloned(),
                ended,
            },
        }))
    }

    /// What there is of a release in the target, with who may use its keys.
    async fn seen(
        &mut self,
        at: &AtTarget,
        images: BTreeMap<AmiId, ImageThere>,
        audience: &HeldAudience,
    ) -> Result<TargetSeen, Problem> {
        let mut matter: BTreeSet<KmsKeyRef> = images.values().flat_map(ImageThere::keys).cloned().collect();
        if let Some(KeySeen::Usable(key)) = &self.key {
            matter.insert(key.clone());
        }
        if let Some(Ok(EbsDefaults {
            key: DefaultKey::Customers(key),
            ..
        })) = &self.ebs
        {
            matter.insert(key.clone());
        }
        let by_key = audience.audience.by_key(self.target.account());
        if self.is_hubs() && !by_key.is_empty() {
            for key in matter {
                if let Entry::Vacant(unseen) = self.keys.entry(key) {
                    let of_key = at.key_audience(unseen.key(), &by_key, &audience.places).await?;
                    unseen.insert(of_key);
                }
            }
        }
        Ok(TargetSeen {
            images,
            key: self.key.clone(),
            ebs: self.ebs.clone(),
            keys: self.keys.clone(),
            in_flight: self.of_all.in_flight.load(Ordering::Relaxed),
            public: self.public,
            enabled: self.of_all.enabled,
        })
    }

    /// The release's images in the target, with who may use them: those that the record names and those that say so themselves.
    async fn images_of(
        &self,
        at: &AtTarget,
        going: &Going,
        placements: &[HeldPlacement],
    ) -> Result<BTreeMap<AmiId, ImageThere>, Problem> {
        let says_so = going.release.to_string();
        let Output { target, ami } = going.source.output;
        // Tags are anybody's to write: what says so must also have been copied from the build's image.
        let is_copy = |image: &ImageThere| {
            image.tags.get(RELEASE) == Some(&says_so) && image.source == Some((target.region(), ami))
        };
        let of_target = |placed: &&HeldPlacement| placed.target == self.target && placed.managed;
        let recorded: BTreeSet<AmiId> = placements.iter().filter(of_target).map(|placed| placed.ami).collect();
        let of_it = self
            .images
            .iter()
            .filter(|(ami, image)| recorded.contains(ami) || is_copy(image));
        let mut images = BTreeMap::new();
        for (ami, image) in of_it {
            let mut image = image.clone();
            match image.state {
                // One that is gone by now is not there.
                AmiState::Available => {
                    if !at.read_permissions(*ami, &mut image).await? {
                        continue;
                    }
                }
                // Who could launch it EC2 has forgotten; who may copy what is behind it may copy it still.
                AmiState::Disabled => at.read_copiers(&mut image).await?,
                AmiState::Pending
                | AmiState::Transient
                | AmiState::Invalid
                | AmiState::Deregistered
                | AmiState::Failed
                | AmiState::Error => {}
            }
            images.insert(*ami, image);
        }
        Ok(images)
    }
}
