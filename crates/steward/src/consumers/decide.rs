use std::collections::{BTreeMap, BTreeSet};

use super::due::{HeldGrant, PutThere};
use super::facts::{GrantsSeen, OwnersImage, SharedImage, ViewFacts};
use super::finding::ViewFinding;
use super::plan::ViewPlan;
use super::shown::shown;
use super::step::ViewStep;
use crate::distribution::FAMILY;
use crate::manifest::Manifest;
use crate::{AccountId, AmiId, KmsKeyRef, ReleaseId};

/// Decides what is to be put into a consumer's view of a family's images, and which keys its Auto Scaling is granted.
///
/// Tags are shown as the owner's image has them, under the keys that the manifest declares. They are taken away only where
/// they were put there before and the owner's image was read and lacks them, or nobody declares them any more.
pub fn decide_view(facts: ViewFacts<'_>) -> ViewPlan {
    let mut plan = ViewPlan::default();
    decide_grants(facts, &mut plan);
    let shown = shown(facts.manifest);
    for (ami, image) in facts.images {
        if image.shared {
            decide_tags(facts, &shown, (*ami, image), &mut plan);
        }
    }
    plan
}

fn decide_tags(facts: ViewFacts<'_>, shown: &BTreeSet<&str>, (ami, image): (AmiId, &SharedImage), plan: &mut ViewPlan) {
    let ViewPlan { steps, findings } = plan;
    let release = image.release;
    // An empty answer lacks our tag too, and is no word of the owner's on any other.
    let Some(owners) = read_well(facts.manifest, image) else {
        findings.push(ViewFinding::OwnersUnread { ami });
        return;
    };
    let Some(consumers) = &image.consumers else {
        let account = facts.target.account();
        findings.push(ViewFinding::NotShown { ami, account });
        return;
    };
    let none = BTreeSet::new();
    let ours = facts.put.tags.get(&ami).unwrap_or(&none);
    let wanted = owners.tags.iter().filter(|(key, _)| shown.contains(key.as_str()));
    let wanted: BTreeMap<&String, &String> = wanted.collect();
    let (mut set, mut theirs) = (BTreeMap::new(), BTreeSet::new());
    for (key, value) in &wanted {
        match consumers.get(*key) {
            Some(there) if there == *value => {}
            Some(_) if !ours.contains(*key) => {
                theirs.insert((*key).clone());
            }
            Some(_) | None => {
                set.insert((*key).clone(), (*value).clone());
            }
        }
    }
    let gone = |key: &&String| !wanted.contains_key(key) && consumers.contains_key(*key);
    let keys: BTreeSet<String> = ours.iter().filter(gone).cloned().collect();
    if !theirs.is_empty() {
        findings.push(ViewFinding::TheirTags { ami, keys: theirs });
    }
    if !set.is_empty() {
        steps.push(ViewStep::Tag { ami, release, set });
    }
    if !keys.is_empty() {
        steps.push(ViewStep::Untag { ami, release, keys });
    }
}

fn read_well<'a>(manifest: &Manifest, image: &'a SharedImage) -> Option<&'a OwnersImage> {
    let of_it = |owners: &&OwnersImage| owners.tags.get(FAMILY).map(String::as_str) == Some(manifest.family.as_str());
    image.owners.as_ref().filter(of_it)
}

/// The keys of the images' owner that Auto Scaling of a consumer is to use, each with a release that it is behind.
pub fn granted_keys(owner: AccountId, images: &BTreeMap<AmiId, SharedImage>) -> BTreeMap<&KmsKeyRef, ReleaseId> {
    let mut keys = keys_seen(images);
    keys.retain(|key, _| key.account() == Some(owner));
    keys
}

/// The keys behind the images that a consumer sees.
fn keys_seen(images: &BTreeMap<AmiId, SharedImage>) -> BTreeMap<&KmsKeyRef, ReleaseId> {
    let mut wanted = BTreeMap::new();
    for image in images.values() {
        let Some(owners) = &image.owners else { continue };
        // One that the consumer does not see it cannot launch.
        if image.shared && image.consumers.is_some() {
            for key in &owners.keys {
                wanted.entry(key).or_insert(image.release);
            }
        }
    }
    wanted
}

/// Decides what is taken back of whoever is no consumer any more: all that it was granted. Its tags went with the images.
pub fn decide_leaving(put: &PutThere, grants: &BTreeMap<KmsKeyRef, GrantsSeen>) -> ViewPlan {
    let mut plan = ViewPlan::default();
    for (key, held) in &put.grants {
        take_back((key, held), grants.get(key), &mut plan);
    }
    plan
}

fn decide_grants(facts: ViewFacts<'_>, plan: &mut ViewPlan) {
    let account = facts.target.account();
    for (key, release) in keys_seen(facts.images) {
        // Of nobody else's key may the hub's role there make grants.
        if key.account() != Some(facts.owner) {
            let (key, target) = (key.clone(), facts.target);
            plan.findings.push(ViewFinding::KeyElsewhere { key, target });
            continue;
        }
        let is_held = facts.put.grants.contains_key(key);
        let is_there = match facts.grants.get(key) {
            Some(GrantsSeen::Read(there)) => !there.is_empty(),
            // By its name it is made once, but that takes a call.
            Some(GrantsSeen::Unread(why)) => {
                let (key, why) = (key.clone(), why.clone());
                plan.findings.push(ViewFinding::GrantsUnread { key, why });
                is_held
            }
            None => is_held,
        };
        if is_there {
            continue;
        }
        if facts.no_auto_scaling {
            let finding = ViewFinding::NoAutoScaling { account };
            if !plan.findings.contains(&finding) {
                plan.findings.push(finding);
            }
        } else {
            let key = key.clone();
            plan.steps.push(ViewStep::Grant { key, release });
        }
    }
    let read = |image: &SharedImage| read_well(facts.manifest, image).is_some();
    // While one image was not read, any key may be behind it.
    if !facts.images.values().all(read) {
        return;
    }
    let owned = facts.images.values().filter_map(|image| image.owners.as_ref());
    let behind: BTreeSet<&KmsKeyRef> = owned
        .flat_map(|owners| owners.keys.iter().chain(&owners.unseen))
        .collect();
    for (key, held) in facts.put.grants.iter().filter(|(key, _)| !behind.contains(key)) {
        take_back((key, held), facts.grants.get(key), plan);
    }
}

/// What is known by its id is taken back by that, and what only the key knows as soon as that can be read.
fn take_back((key, held): (&KmsKeyRef, &HeldGrant), seen: Option<&GrantsSeen>, plan: &mut ViewPlan) {
    let mut grants = held.grants.clone();
    match seen {
        Some(GrantsSeen::Read(there)) => grants.extend(there.iter().cloned()),
        Some(GrantsSeen::Unread(why)) if grants.is_empty() => {
            let (key, why) = (key.clone(), why.clone());
            plan.findings.push(ViewFinding::GrantsUnread { key, why });
        }
        Some(GrantsSeen::Unread(_)) | None => {}
    }
    let retire = |grant| ViewStep::Retire {
        key: key.clone(),
        grant,
        release: held.release,
    };
    plan.steps.extend(grants.into_iter().map(retire));
}
