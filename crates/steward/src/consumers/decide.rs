use std::collections::{BTreeMap, BTreeSet};

use super::facts::{OwnersImage, SharedImage, ViewFacts};
use super::finding::ViewFinding;
use super::plan::ViewPlan;
use super::shown::shown;
use super::step::ViewStep;
use crate::distribution::FAMILY;
use crate::manifest::Manifest;
use crate::{AmiId, KmsKeyRef, ReleaseId};

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

fn decide_grants(facts: ViewFacts<'_>, plan: &mut ViewPlan) {
    let read = |image: &SharedImage| read_well(facts.manifest, image).is_some();
    let mut wanted: BTreeMap<&KmsKeyRef, ReleaseId> = BTreeMap::new();
    let mut behind: BTreeSet<&KmsKeyRef> = BTreeSet::new();
    for image in facts.images.values() {
        let Some(owners) = &image.owners else { continue };
        behind.extend(owners.keys.iter().chain(&owners.unseen));
        // One that the consumer does not see it cannot launch.
        if image.shared && image.consumers.is_some() {
            for key in &owners.keys {
                wanted.entry(key).or_insert(image.release);
            }
        }
    }
    for (key, release) in wanted {
        // Of nobody else's key may the hub's role there make grants.
        if key.account() != Some(facts.owner) {
            let (key, target) = (key.clone(), facts.target);
            plan.findings.push(ViewFinding::KeyElsewhere { key, target });
        } else if !facts.put.grants.contains_key(key) {
            let key = key.clone();
            plan.steps.push(ViewStep::Grant { key, release });
        }
    }
    // While one image was not read, any key may be behind it.
    if !facts.images.values().all(read) {
        return;
    }
    for (key, held) in &facts.put.grants {
        if !behind.contains(key) {
            plan.steps.push(ViewStep::Retire {
                key: key.clone(),
                grant: held.grant.clone(),
                release: held.release,
            });
        }
    }
}
