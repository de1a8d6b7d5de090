use std::collections::{BTreeMap, HashMap};

use serde::{Serialize, Serializer};

use super::families::Families;
use super::fleet::Fleet;
use super::identity::{Identity, identify};
use super::image::FleetImage;
use crate::manifest::{Audience, Manifest, Retain};
use crate::pruning::{
    Blocked, Blocker, BuildTime, Expendable, ExpendableSince, Keeps, Kept, PlacementSeen, Protection, PruningFacts,
    PruningPlan, ReleaseFacts, Rung, Shared, Spent, Switch, TagSeen, TargetEvidence, Use, UsedBy, decide_pruning,
};
use crate::{AmiId, FamilyName, ReleaseId, SnapshotId, Target, Timestamp, Words};

/// What would become of every image that was recorded. Each is in one of the lists, once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OfflinePlan {
    /// What no rule keeps.
    pub expendable: Vec<OfflineExpendable>,
    /// What stays.
    pub kept: Vec<OfflineKept>,
    /// What might go, and does not.
    pub blocked: Vec<OfflineBlocked>,
}

/// An image that no rule keeps.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OfflineExpendable {
    /// Which.
    pub image: AmiId,
    /// Of which release; an adopted image is one by itself.
    pub release: ReleaseId,
    /// On which rung it is.
    pub rung: Rung,
    /// Which comes next; none: its ladder ends there.
    pub next: Option<Rung>,
    /// From when on.
    pub at: Option<Timestamp>,
    /// Its snapshots.
    pub snapshots: Vec<SnapshotId>,
    /// Why no rule keeps it.
    pub reason: Spent,
    /// What people call its release.
    #[serde(skip)]
    pub title: Words,
}

/// An image that stays.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OfflineKept {
    /// Which.
    pub image: AmiId,
    /// Why.
    pub why: Keeps,
}

/// An image that might go, and does not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OfflineBlocked {
    /// Which.
    pub image: AmiId,
    /// By what.
    pub by: Blocker,
}

/// Decides what would become of every image that was recorded, at this time.
pub fn plan_offline(fleet: Fleet, families: &Families<'_>, now: Timestamp) -> OfflinePlan {
    let Fleet {
        target,
        images,
        mut references,
        evidence,
    } = fleet;
    let evidence = TargetEvidence {
        target,
        sources: evidence,
        waiver: None,
    };
    let mut plan = OfflinePlan {
        expendable: Vec::new(),
        kept: Vec::new(),
        blocked: Vec::new(),
    };
    let mut members: BTreeMap<&FamilyName, Vec<FleetImage>> = BTreeMap::new();
    for image in images {
        match families.of(&image, target.account()) {
            Ok(manifest) => members.entry(&manifest.family).or_default().push(image),
            Err(why) => plan.kept.push(OfflineKept {
                image: image.ami,
                why: Keeps::Unmanaged(why),
            }),
        }
    }
    for manifest in families.all() {
        let Some(images) = members.remove(&manifest.family) else {
            continue;
        };
        let facts = PruningFacts {
            family: manifest.family.clone(),
            retain: manifest.retain.clone(),
            shared: shared(manifest),
            switch: Switch::On,
            releases: releases(images, manifest, target, &mut references, now),
            evidence: vec![evidence.clone()],
            accepted: None,
        };
        let decided = decide_pruning(&facts, now);
        let titles = facts
            .releases
            .into_iter()
            .map(|release| (release.release, release.name))
            .collect();
        plan.add(decided, &titles);
    }
    plan
}

/// Nothing says that anybody lets us look.
fn shared(manifest: &Manifest) -> Shared {
    let Audience {
        accounts,
        units,
        organizations,
        public,
        may_copy: _,
    } = &manifest.distribute.share_with;
    if accounts.is_empty() && units.is_empty() && organizations.is_empty() && !public {
        Shared::WithNobody
    } else {
        Shared::WithoutRoles
    }
}

fn releases(
    images: Vec<FleetImage>,
    manifest: &Manifest,
    target: Target,
    references: &mut BTreeMap<AmiId, Vec<Words>>,
    now: Timestamp,
) -> Vec<ReleaseFacts> {
    let mut releases: Vec<ReleaseFacts> = Vec::with_capacity(images.len());
    let mut known: HashMap<ReleaseId, usize> = HashMap::with_capacity(images.len());
    for image in images {
        let Identity { release, name, place } = identify(&image, manifest, target);
        let built = image.created.clone();
        let uses = references.remove(&image.ami).unwrap_or_default();
        let placement = placement(image, manifest.retain.as_ref(), target, uses, now);
        if let Some(known) = known.get(&release).and_then(|at| releases.get_mut(*at)) {
            known.built = earlier(&known.built, built);
            known.placements.push(placement);
            continue;
        }
        known.insert(release, releases.len());
        releases.push(ReleaseFacts {
            release,
            name,
            place,
            built,
            since: ExpendableSince::Reckoned,
            holds: Vec::new(),
            channels: Vec::new(),
            parent_of: Vec::new(),
            output: None,
            placements: vec![placement],
        });
    }
    releases
}

/// A release is as old as the first of its images; of one of which nothing says how old, nothing does.
fn earlier(one: &BuildTime, other: BuildTime) -> BuildTime {
    match (one, other) {
        (BuildTime::At(one), BuildTime::At(other)) => BuildTime::At((*one).min(other)),
        (BuildTime::At(_), other) => other,
        (one, _) => one.clone(),
    }
}

fn placement(
    image: FleetImage,
    retain: Option<&Retain>,
    target: Target,
    uses: Vec<Words>,
    now: Timestamp,
) -> PlacementSeen {
    let standing = image.standing(now);
    let by = target.account();
    let matters = |key: &str| retain.is_some_and(|retain| retain.keep_tags.keys().any(|keeps| keeps.as_str() == key));
    let tags = image.tags.into_iter().filter(|(key, _)| matters(key));
    let tag = |(key, value): (Box<str>, Box<str>)| TagSeen {
        by,
        key: key.into(),
        value: value.into(),
    };
    let in_use = |by| Use {
        seen_in: target,
        by: UsedBy::Said(by),
    };
    PlacementSeen {
        ami: image.ami,
        target,
        unmanaged: None,
        standing,
        launched: image.launched,
        uses: uses.into_iter().map(in_use).collect(),
        tags: tags.map(tag).collect(),
        protection: image.protected.then_some(Protection::On),
        snapshots: image.snapshots,
        announced: None,
        reported: None,
    }
}

impl OfflinePlan {
    fn add(&mut self, plan: PruningPlan, titles: &HashMap<ReleaseId, Words>) {
        let PruningPlan {
            family: _,
            steps: _,
            expendable,
            kept,
            blocked,
            newly: _,
            cleared: _,
            to_announce: _,
            troubles: _,
            waived: _,
            over_share: _,
        } = plan;
        let expendable = expendable.into_iter().map(|going| {
            let Expendable {
                ami,
                target: _,
                release,
                rung,
                next,
                snapshots,
                gib: _,
                since: _,
                reason,
            } = going;
            OfflineExpendable {
                image: ami,
                title: titles
                    .get(&release)
                    .cloned()
                    .unwrap_or_else(|| release.to_string().into()),
                release,
                rung,
                next: next.map(|next| next.rung),
                at: next.map(|next| next.at),
                snapshots,
                reason,
            }
        });
        self.expendable.extend(expendable);
        let kept = kept
            .into_iter()
            .map(|Kept { ami, why, .. }| OfflineKept { image: ami, why });
        self.kept.extend(kept);
        let blocked = blocked
            .into_iter()
            .map(|Blocked { ami, by, .. }| OfflineBlocked { image: ami, by });
        self.blocked.extend(blocked);
    }
}

impl Serialize for OfflineKept {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Entry<'a> {
            image: AmiId,
            rule: &'static str,
            reason: &'a str,
        }
        Entry {
            image: self.image,
            rule: self.why.rule().as_str(),
            reason: &self.why.to_string(),
        }
        .serialize(serializer)
    }
}

impl Serialize for OfflineBlocked {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Entry {
            image: AmiId,
            cause: &'static str,
        }
        Entry {
            image: self.image,
            cause: self.by.cause().as_str(),
        }
        .serialize(serializer)
    }
}
