use std::collections::{BTreeMap, HashMap};

use serde::{Serialize, Serializer};

use super::fleet::Fleet;
use super::image::FleetImage;
use super::releases::Releases;
use crate::distribution::NotOurs;
use crate::manifest::Manifest;
use crate::pruning::{
    Blocked, Blocker, Expendable, Keeps, Kept, Makes, PruningFacts, PruningPlan, Rung, Shared, Spent, Switch,
    TargetEvidence, Unmanaged, decide_pruning,
};
use crate::{AmiId, FamilyName, ReleaseId, SnapshotId, Timestamp, Words};

/// What would become of every image that was recorded. Each is in one of the lists, once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OfflinePlan {
    /// What no rule keeps.
    pub expendable: Vec<OfflineExpendable>,
    /// What stays.
    pub kept: Vec<OfflineKept>,
    /// What might go, and does not.
    pub blocked: Vec<OfflineBlocked>,
    /// The sources that were recorded: of who uses an image by another nothing is known.
    #[serde(skip)]
    pub recorded: Vec<Words>,
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
    /// What its snapshots take at most, in GiB.
    #[serde(skip)]
    pub gib: u64,
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
pub fn plan_offline(fleet: Fleet<'_>, now: Timestamp) -> OfflinePlan {
    let Fleet {
        target,
        mut images,
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
        recorded: evidence.sources.iter().map(|read| read.source.clone()).collect(),
    };
    let mut families: BTreeMap<&FamilyName, (&Manifest, Releases)> = BTreeMap::new();
    images.sort_by_key(|image| image.member.as_ref().map_or(0, |member| member.identity.turn()));
    for image in images {
        let FleetImage {
            ami,
            owner,
            member,
            seen,
        } = image;
        let member = match owner {
            Some(owner) if owner == target.account() => member,
            Some(owner) => Err(Unmanaged::NotOurs(NotOurs::OfAnother(owner))),
            None => Err(Unmanaged::Unowned),
        };
        match member {
            Ok(member) => {
                let manifest = member.family;
                let family = families.entry(&manifest.family);
                let (_, releases) = family.or_insert_with(|| (manifest, Releases::default()));
                let uses = references.remove(&ami).unwrap_or_default();
                releases.add((ami, target), member, seen, uses, now);
            }
            Err(why) => plan.kept.push(OfflineKept {
                image: ami,
                why: Keeps::Unmanaged(why),
            }),
        }
    }
    for (family, (manifest, releases)) in families {
        let facts = PruningFacts {
            family: family.clone(),
            makes: Makes::by(manifest),
            retain: manifest.retain.clone(),
            shared: shared(manifest),
            switch: Switch::On,
            releases: releases.into_facts(),
            gone: Vec::new(),
            evidence: vec![evidence.clone()],
            accepted: None,
        };
        let decided = decide_pruning(&facts, now);
        let titles = facts
            .releases
            .into_iter()
            .map(|release| (release.release, release.name));
        plan.add(decided, &titles.collect());
    }
    plan
}

/// Nothing says that anybody lets us look.
fn shared(manifest: &Manifest) -> Shared {
    if manifest.distribute.share_with.is_nobody() {
        Shared::WithNobody
    } else {
        Shared::WithoutRoles
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
            orphans: _,
            left_behind: _,
            containers: _,
            newly: _,
            cleared: _,
            to_announce: _,
            orphans_to_announce: _,
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
                gib,
                since: _,
                refused: _,
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
                gib,
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
