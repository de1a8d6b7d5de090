//! The same decision once more, slowly and one effect at a time: what is to be done, without the how.

use std::collections::BTreeSet;

use super::super::*;
use super::stage::{Case, away, home, hub, release};
use crate::{AccountId, AmiId, AmiState, KmsKeyRef, SnapshotId};

/// One thing that is otherwise afterwards.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Effect {
    Gone(AmiId),
    Enabled(AmiId),
    Copied(Option<KmsKeyRef>),
    Tagged(Tagged, String, String),
    MayCopy(SnapshotId, Copier),
    MayNotCopy(SnapshotId, Copier),
    MayLaunch(AmiId, Grantee),
    MayNotLaunch(AmiId, Grantee),
    MayUse(KmsKeyRef, AccountId),
    MayNotUse(KmsKeyRef, AccountId),
}

/// How the release stands, in a word, and the effects.
pub(super) fn expected(case: &Case) -> (&'static str, BTreeSet<Effect>) {
    let mut effects = BTreeSet::new();
    let own = case.target.account();
    let is_ours = |image: &ImageThere| is_ours(image, own);
    let output = case.going.source.output;
    let is_home = case.target == home();
    let mut usable = Vec::new();
    let mut disabled = Vec::new();
    let mut failed = Vec::new();
    for (ami, image) in &case.seen.images {
        if !is_ours(image) {
            continue;
        }
        if ["pending", "available", "transient"].contains(&image.state.as_str()) {
            usable.push((*ami, image));
        }
        if image.state.as_str() == "disabled" {
            disabled.push((*ami, image));
        }
        if is_failed(image)
            && !is_home
            && image.tags.contains_key("image-steward:release")
            && image.source == Some((output.target.region(), output.ami))
        {
            failed.push(*ami);
        }
    }
    let mut all = usable.clone();
    all.extend(disabled.iter().copied());
    if is_home {
        usable.retain(|(ami, _)| *ami == case.going.source.output.ami);
        disabled.retain(|(ami, _)| *ami == case.going.source.output.ami);
    }
    let never = super::stage::day(31);
    usable.sort_by_key(|(ami, image)| (image.created.unwrap_or(never), *ami));
    if usable.is_empty() && !disabled.is_empty() {
        disabled.sort_by_key(|(ami, image)| (image.created.unwrap_or(never), *ami));
        let is_wanted = is_home || case.distribute.regions.contains_key(&away().region());
        if case.asked_for && own == hub() && is_wanted {
            effects.insert(Effect::Enabled(disabled[0].0));
        }
        for (ami, image) in all {
            withdraw(case, ami, image, &mut effects);
        }
        return ("on the ladder", effects);
    }
    effects.extend(failed.iter().map(|ami| Effect::Gone(*ami)));
    for (ami, image) in all {
        if usable.first().map(|(kept, _)| *kept) != Some(ami) {
            withdraw(case, ami, image, &mut effects);
        }
    }
    if let Some((ami, image)) = usable.first() {
        if image.state != AmiState::Available {
            return ("pending", effects);
        }
        tag(case, *ami, image, &mut effects);
        if own == hub() {
            share(case, *ami, image, &mut effects);
        }
        return ("there", effects);
    }
    if !failed.is_empty() {
        return ("failed", effects);
    }
    if is_home {
        let standing = match case.seen.images.get(&case.going.source.output.ami) {
            None if !case.going.source.ended => "missing",
            None => "gone",
            Some(image) if image.state == AmiState::Deregistered => "gone",
            Some(image) if !is_ours(image) => "blocked",
            Some(_) => "failed",
        };
        return (standing, effects);
    }
    let (standing, copy) = copy(case);
    effects.extend(copy);
    (standing, effects)
}

fn is_ours(image: &ImageThere, own: AccountId) -> bool {
    let is_this_release = match image.tags.get("image-steward:release") {
        Some(tag) => *tag == release().to_string(),
        None => true,
    };
    image.owner == own && image.tags.get("image-steward:family").map(String::as_str) == Some("web") && is_this_release
}

fn is_failed(image: &ImageThere) -> bool {
    ["failed", "error", "invalid"].contains(&image.state.as_str())
}

fn copy(case: &Case) -> (&'static str, Option<Effect>) {
    let own = case.target.account();
    let Some(region) = case.distribute.regions.get(&away().region()) else {
        return ("not wanted", None);
    };
    if own != hub() && !case.owners.contains(&own) {
        return ("not wanted", None);
    }
    let Some(source) = &case.going.source.image else {
        return (if case.going.source.ended { "gone" } else { "missing" }, None);
    };
    if !is_ours(source, hub()) {
        return ("blocked", None);
    }
    if is_failed(source) || source.state == AmiState::Deregistered {
        return ("gone", None);
    }
    if source.state == AmiState::Disabled {
        return ("on the ladder", None);
    }
    if source.state != AmiState::Available {
        return ("missing", None);
    }
    if !case.seen.enabled {
        return ("blocked", None);
    }
    let mut by = None;
    if region.kms_key.is_some() {
        match &case.seen.key {
            Some(KeySeen::Usable(key)) => by = Some(key.clone()),
            _ => return ("blocked", None),
        }
    }
    let encrypted = source
        .snapshots
        .values()
        .any(|there| there.encryption != Encryption::None);
    if own == hub() && by.is_none() && (has_audience(case) || !case.owners.is_empty()) {
        let blocked = match &case.seen.ebs {
            None | Some(Err(_)) => encrypted,
            Some(Ok(defaults)) => (encrypted || defaults.encrypts) && defaults.key == DefaultKey::OfAws,
        };
        if blocked {
            return ("blocked", None);
        }
    }
    if own != hub() && !may_copy(case, own, source) {
        return ("blocked", None);
    }
    if case.seen.in_flight != 0 && case.seen.in_flight + source.snapshots.len() > 20 {
        return ("missing", None);
    }
    ("missing", Some(Effect::Copied(by)))
}

fn may_copy(case: &Case, own: AccountId, source: &ImageThere) -> bool {
    let is_in = |one: &Grantee| *one == Grantee::Account(own) || *one == Grantee::Everybody;
    let mut lacks = usize::from(!source.grants.iter().flatten().any(is_in));
    for there in source.snapshots.values() {
        let is_in = |one: &Copier| *one == Copier::Account(own) || *one == Copier::Everybody;
        lacks += usize::from(!there.permitted.iter().flatten().any(is_in));
        lacks += match &there.encryption {
            Encryption::None => 0,
            Encryption::DefaultKey | Encryption::Unseen { .. } => 1,
            Encryption::Key(key) => {
                let held = case
                    .lending
                    .grants
                    .iter()
                    .filter(|held| held.to == own && held.key == *key);
                usize::from(held.count() == 0)
            }
        };
    }
    lacks == 0
}

fn has_audience(case: &Case) -> bool {
    let mut images = case.audience.images.clone();
    images.remove(&Grantee::Account(hub()));
    let copiers = match &case.audience.snapshots {
        SnapshotAudience::Known(copiers) => copiers.clone(),
        SnapshotAudience::Unknown(_) => return true,
    };
    !images.is_empty() || copiers.iter().any(|copier| *copier != Copier::Account(hub()))
}

fn tag(case: &Case, ami: AmiId, image: &ImageThere, effects: &mut BTreeSet<Effect>) {
    for (key, value) in case.distribute.tags.iter() {
        let (key, value) = (key.as_str().to_owned(), value.as_str().to_owned());
        if image.tags.get(&key) != Some(&value) {
            effects.insert(Effect::Tagged(Tagged::Image(ami), key.clone(), value.clone()));
        }
        for (snapshot, there) in &image.snapshots {
            if is_our_snapshot(there, case.target.account()) && there.tags.get(&key) != Some(&value) {
                let what = Tagged::Snapshot(*snapshot);
                effects.insert(Effect::Tagged(what, key.clone(), value.clone()));
            }
        }
    }
}

fn is_our_snapshot(there: &SnapshotThere, own: AccountId) -> bool {
    there.owner == own && there.tags.get("image-steward:family").map(String::as_str) == Some("web")
}

fn share(case: &Case, ami: AmiId, image: &ImageThere, effects: &mut BTreeSet<Effect>) {
    let Some(grants) = &image.grants else { return };
    let encryptions: Vec<&Encryption> = image.snapshots.values().map(|there| &there.encryption).collect();
    let is_stuck = |encryption: &&Encryption| matches!(encryption, Encryption::DefaultKey | Encryption::Unseen { .. });
    let is_stuck = encryptions.iter().any(is_stuck);
    let is_encrypted = encryptions.iter().any(|encryption| **encryption != Encryption::None);
    let public = &case.seen.public;
    let may_remove = case.distribute.exclusive && matches!(case.audience.snapshots, SnapshotAudience::Known(_));
    for grantee in &case.audience.images {
        let is_owner = *grantee == Grantee::Account(hub());
        let is_refused = *grantee == Grantee::Everybody && (is_encrypted || public.images_blocked || image.watermarked);
        if !grants.contains(grantee) && !is_owner && !is_stuck && !is_refused {
            effects.insert(Effect::MayLaunch(ami, grantee.clone()));
        }
    }
    for grantee in grants {
        let is_owner = *grantee == Grantee::Account(hub());
        if may_remove && !is_owner && !is_lent(case, grantee) && !case.audience.images.contains(grantee) {
            effects.insert(Effect::MayNotLaunch(ami, grantee.clone()));
        }
    }
    let SnapshotAudience::Known(copiers) = &case.audience.snapshots else {
        return;
    };
    for (snapshot, there) in &image.snapshots {
        let Some(permitted) = &there.permitted else { continue };
        if !is_our_snapshot(there, hub()) {
            continue;
        }
        for copier in copiers {
            let is_owner = *copier == Copier::Account(hub());
            let is_refused =
                *copier == Copier::Everybody && (there.encryption != Encryption::None || public.snapshots_blocked);
            if !permitted.contains(copier) && !is_owner && !is_stuck && !is_refused {
                effects.insert(Effect::MayCopy(*snapshot, *copier));
            }
        }
        for copier in permitted {
            let is_owner = *copier == Copier::Account(hub());
            let as_grantee = match copier {
                Copier::Account(account) => Grantee::Account(*account),
                Copier::Everybody => Grantee::Everybody,
            };
            if may_remove && !is_owner && !is_lent(case, &as_grantee) && !copiers.contains(copier) {
                effects.insert(Effect::MayNotCopy(*snapshot, *copier));
            }
        }
    }
}

/// Who is not declared loses what he may do with an image that is not shared any further.
fn withdraw(case: &Case, ami: AmiId, image: &ImageThere, effects: &mut BTreeSet<Effect>) {
    let is_read = image.state == AmiState::Disabled || image.state == AmiState::Available && image.grants.is_some();
    if case.target.account() != hub() || !is_read {
        return;
    }
    let mut shared = BTreeSet::new();
    share(case, ami, image, &mut shared);
    if image.grants.is_none() {
        let mut unread = image.clone();
        unread.grants = Some(BTreeSet::new());
        share(case, ami, &unread, &mut shared);
    }
    effects.extend(shared.into_iter().filter(|effect| match effect {
        Effect::MayNotCopy(..) => true,
        Effect::MayNotLaunch(..) => image.state == AmiState::Available,
        _ => false,
    }));
}

fn is_lent(case: &Case, grantee: &Grantee) -> bool {
    let lending = &case.lending;
    let mut accounts = lending.lacking.union(&lending.served);
    accounts.any(|account| *grantee == Grantee::Account(*account))
}

/// What members are let do, or no longer, for their own copies; whose place in an image's grants is never scarce here.
pub(super) fn expected_lending(case: &Case) -> BTreeSet<Effect> {
    let mut effects = BTreeSet::new();
    if case.target.account() != hub() {
        return effects;
    }
    let Lending {
        lacking,
        new: _,
        served,
        before,
        grants: held_grants,
        unread: _,
        left: _,
    } = &case.lending;
    let image = match case.plan().standing {
        TargetStanding::There(ami) => Some((ami, &case.seen.images[&ami])),
        _ => None,
    };
    let mut wanted_keys = BTreeSet::new();
    if let Some((ami, image)) = image {
        let encryptions = || image.snapshots.values().map(|there| &there.encryption);
        for encryption in encryptions() {
            if let Encryption::Key(key) = encryption {
                wanted_keys.extend(lacking.iter().map(|account| (key.clone(), *account)));
            }
        }
        let is_stuck = encryptions().any(|one| matches!(one, Encryption::DefaultKey | Encryption::Unseen { .. }));
        if let Some(grants) = &image.grants {
            let known = match &case.audience.snapshots {
                SnapshotAudience::Known(copiers) => Some(copiers),
                SnapshotAudience::Unknown(_) => None,
            };
            for account in lacking.iter().filter(|_| !is_stuck) {
                let grantee = Grantee::Account(*account);
                if !grants.contains(&grantee) && !case.audience.images.contains(&grantee) {
                    effects.insert(Effect::MayLaunch(ami, grantee));
                }
                for (snapshot, there) in &image.snapshots {
                    let copier = Copier::Account(*account);
                    let is_declared = known.is_some_and(|known| known.contains(&copier));
                    let is_in = there
                        .permitted
                        .as_ref()
                        .is_none_or(|permitted| permitted.contains(&copier));
                    if is_our_snapshot(there, hub()) && !is_in && !is_declared {
                        effects.insert(Effect::MayCopy(*snapshot, copier));
                    }
                }
                for (key, to) in wanted_keys.iter().filter(|(_, to)| to == account) {
                    if !held_grants.iter().any(|held| held.key == *key && held.to == *to) {
                        effects.insert(Effect::MayUse(key.clone(), *to));
                    }
                }
            }
            for account in served.iter().filter(|_| known.is_some()) {
                let grantee = Grantee::Account(*account);
                let was_let = before.launch.get(&ami).is_some_and(|who| who.contains(account));
                if grants.contains(&grantee) && !case.audience.images.contains(&grantee) && !was_let {
                    effects.insert(Effect::MayNotLaunch(ami, grantee));
                }
                for (snapshot, there) in &image.snapshots {
                    let copier = Copier::Account(*account);
                    let is_declared = known.is_some_and(|known| known.contains(&copier));
                    let is_in = there.permitted.iter().flatten().any(|held| *held == copier);
                    let was_let = before.copy.get(snapshot).is_some_and(|who| who.contains(account));
                    if is_our_snapshot(there, hub()) && is_in && !is_declared && !was_let {
                        effects.insert(Effect::MayNotCopy(*snapshot, copier));
                    }
                }
            }
        }
    }
    let may_come_back = matches!(
        case.plan().standing,
        TargetStanding::Pending { .. }
            | TargetStanding::Missing
            | TargetStanding::Failed { .. }
            | TargetStanding::Blocked
    );
    for held in held_grants {
        let waits = may_come_back && lacking.contains(&held.to);
        if !waits && !wanted_keys.contains(&(held.key.clone(), held.to)) {
            effects.insert(Effect::MayNotUse(held.key.clone(), held.to));
        }
    }
    effects
}

/// What a plan comes to.
pub(super) fn effects(case: &Case, plan: &TargetPlan) -> (&'static str, BTreeSet<Effect>) {
    let standing = match plan.standing {
        TargetStanding::NotWanted => "not wanted",
        TargetStanding::There(_) => "there",
        TargetStanding::Pending { .. } => "pending",
        TargetStanding::Missing => "missing",
        TargetStanding::Failed { .. } => "failed",
        TargetStanding::OnLadder(_) => "on the ladder",
        TargetStanding::Gone => "gone",
        TargetStanding::Blocked => "blocked",
    };
    (standing, effects_of(case, &plan.steps))
}

pub(super) fn effects_of(case: &Case, steps: &[DistributionStep]) -> BTreeSet<Effect> {
    let mut effects = BTreeSet::new();
    for step in steps {
        match step {
            DistributionStep::DeregisterFailed { ami } => drop(effects.insert(Effect::Gone(*ami))),
            DistributionStep::Enable { ami } => drop(effects.insert(Effect::Enabled(*ami))),
            DistributionStep::Copy { key, .. } => drop(effects.insert(Effect::Copied(key.clone()))),
            DistributionStep::Tag { on, set } => {
                for what in on {
                    let lacking = set.iter().filter(|(key, value)| !has(case, *what, key, value));
                    effects.extend(lacking.map(|(key, value)| Effect::Tagged(*what, key.clone(), value.clone())));
                }
            }
            DistributionStep::Permit {
                ami: _,
                snapshot,
                change,
            } => match change {
                Change::Add(who) => effects.extend(who.iter().map(|who| Effect::MayCopy(*snapshot, *who))),
                Change::Remove(who) => effects.extend(who.iter().map(|who| Effect::MayNotCopy(*snapshot, *who))),
            },
            DistributionStep::Grant { ami, change } => match change {
                Change::Add(who) => effects.extend(who.iter().map(|who| Effect::MayLaunch(*ami, who.clone()))),
                Change::Remove(who) => effects.extend(who.iter().map(|who| Effect::MayNotLaunch(*ami, who.clone()))),
            },
            DistributionStep::LendKey { key, to, name: _ } => drop(effects.insert(Effect::MayUse(key.clone(), *to))),
            DistributionStep::TakeBackKey { grant } => {
                effects.insert(Effect::MayNotUse(grant.key.clone(), grant.to));
            }
        }
    }
    effects
}

fn has(case: &Case, what: Tagged, key: &str, value: &str) -> bool {
    let images = &case.seen.images;
    let tags = match what {
        Tagged::Image(ami) => &images[&ami].tags,
        Tagged::Snapshot(snapshot) => {
            let mut images = images.values();
            &images.find_map(|image| image.snapshots.get(&snapshot)).unwrap().tags
        }
    };
    tags.get(key).is_some_and(|held| held == value)
}
