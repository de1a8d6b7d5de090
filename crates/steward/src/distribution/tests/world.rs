//! What EC2 does with a step, and what it does by itself. A step that EC2 would refuse fails the test.

use std::collections::{BTreeMap, BTreeSet};

use super::super::*;
use super::stage::{Case, ami, day, snap};
use crate::{AmiState, SnapshotId};

/// An account's side of a target.
pub(super) struct World {
    pub(super) case: Case,
    /// So many copies fail before one succeeds.
    failing: usize,
    made: u64,
}

impl World {
    pub(super) fn new(case: Case, failing: usize) -> Self {
        Self {
            case,
            failing,
            made: 1_000,
        }
    }

    /// Takes all steps of a plan.
    pub(super) fn take_all(&mut self, plan: &TargetPlan) {
        let steps = plan.steps.iter().chain(&plan.lending);
        steps.for_each(|step| self.take(step));
    }

    fn take(&mut self, step: &DistributionStep) {
        let own = self.case.target.account();
        match step {
            DistributionStep::DeregisterFailed { ami } => {
                let gone = self.case.seen.images.remove(ami).expect("an image");
                assert!(
                    matches!(gone.state, AmiState::Failed | AmiState::Error | AmiState::Invalid),
                    "{step}"
                );
            }
            DistributionStep::Enable { ami } => {
                let image = self.case.seen.images.get_mut(ami).expect("an image");
                assert_eq!((image.owner, image.state), (own, AmiState::Disabled));
                image.state = AmiState::Available;
                // Disabling it took them away for good.
                image.grants = Some(BTreeSet::new());
            }
            DistributionStep::Copy { from, name, key, tags } => {
                assert_eq!(*from, self.case.going.source.output);
                assert!((3..=128).contains(&name.len()) && tags.len() <= 50);
                self.copy(key.as_ref(), tags);
            }
            DistributionStep::Tag { on, set } => {
                assert!(!set.keys().any(|key| key.starts_with("image-steward:")), "{step}");
                for what in on {
                    match what {
                        Tagged::Image(ami) => {
                            let image = self.case.seen.images.get_mut(ami).expect("an image");
                            image.tags.extend(set.clone());
                        }
                        Tagged::Snapshot(snapshot) => self.snapshot(*snapshot).tags.extend(set.clone()),
                    }
                }
            }
            DistributionStep::Permit {
                ami: _,
                snapshot,
                change,
            } => {
                let there = self.snapshot(*snapshot);
                assert_eq!(there.owner, own);
                if let Change::Add(copiers) = change {
                    assert_ne!(there.encryption, Encryption::DefaultKey, "{step}");
                    let public = copiers.contains(&Copier::Everybody);
                    assert!(!public || there.encryption == Encryption::None, "{step}");
                }
                changed(there.permitted.as_mut().expect("permissions that were read"), change);
            }
            DistributionStep::Grant { ami, change } => {
                let blocked = self.case.seen.public.images_blocked;
                let image = self.case.seen.images.get_mut(ami).expect("an image");
                assert_eq!((image.owner, image.state), (own, AmiState::Available));
                if let Change::Add(grantees) = change {
                    assert!(!image.is_under_the_default_key(), "{step}");
                    let public = grantees.contains(&Grantee::Everybody);
                    assert!(
                        !public || !(blocked || image.watermarked || image.is_encrypted()),
                        "{step}"
                    );
                }
                let grants = image.grants.as_mut().expect("grants that were read");
                changed(grants, change);
                assert!(grants.len() <= 1_000);
            }
            DistributionStep::LendKey { key, to, name } => {
                self.made += 1;
                let grant = KeyGrant {
                    key: key.clone(),
                    to: *to,
                    id: format!("{name} {}", self.made),
                };
                assert!(self.case.lending.grants.insert(grant));
            }
            DistributionStep::TakeBackKey { grant } => assert!(self.case.lending.grants.remove(grant)),
        }
    }

    /// Time passes: what is under way ends.
    pub(super) fn pass(&mut self) {
        self.case.seen.in_flight = 0;
        if let Some(source) = &mut self.case.going.source.image {
            settle(source, false);
        }
        for image in self.case.seen.images.values_mut() {
            let fails = image.state == AmiState::Pending && self.failing > 0;
            self.failing -= usize::from(fails);
            settle(image, fails);
        }
        self.case
            .seen
            .images
            .retain(|_, image| image.state != AmiState::Deregistered);
    }

    /// Whether anything is under way.
    pub(super) fn is_moving(&self) -> bool {
        let source = self.case.going.source.image.iter();
        let mut images = source.chain(self.case.seen.images.values());
        images.any(|image| !image.state.settled()) || self.case.seen.in_flight > 0
    }

    fn copy(&mut self, key: Option<&crate::KmsKeyRef>, tags: &BTreeMap<String, String>) {
        let source = self.case.going.source.image.clone().expect("something to copy");
        assert_eq!(source.state, AmiState::Available);
        let output = self.case.going.source.output;
        let own = self.case.target.account();
        let mut snapshots = BTreeMap::new();
        for from in source.snapshots.values() {
            self.made += 1;
            let defaults = self.case.seen.ebs.clone().and_then(Result::ok);
            let stays_plain = from.encryption == Encryption::None && !defaults.as_ref().is_some_and(|ebs| ebs.encrypts);
            let encryption = match (key, defaults.map(|ebs| ebs.key)) {
                (Some(key), _) => Encryption::Key(key.clone()),
                (None, _) if stays_plain => Encryption::None,
                (None, Some(DefaultKey::Customers(key))) => Encryption::Key(key),
                (None, Some(DefaultKey::OfAws) | None) => Encryption::DefaultKey,
            };
            snapshots.insert(
                snap(self.made),
                SnapshotThere {
                    owner: own,
                    encryption,
                    tags: tags.clone(),
                    permitted: Some(BTreeSet::new()),
                },
            );
        }
        self.case.seen.in_flight += snapshots.len();
        self.made += 1;
        let image = ImageThere {
            owner: own,
            state: AmiState::Pending,
            why: None,
            created: Some(day(28)),
            source: Some((output.target.region(), output.ami)),
            tags: tags.clone(),
            watermarked: source.watermarked,
            grants: Some(BTreeSet::new()),
            snapshots,
        };
        self.case.seen.images.insert(ami(self.made), image);
    }

    fn snapshot(&mut self, snapshot: SnapshotId) -> &mut SnapshotThere {
        let mut images = self.case.seen.images.values_mut();
        images
            .find_map(|image| image.snapshots.get_mut(&snapshot))
            .expect("a snapshot")
    }
}

fn settle(image: &mut ImageThere, fails: bool) {
    if !image.state.settled() {
        image.state = if fails { AmiState::Failed } else { AmiState::Available };
    }
}

fn changed<T: Ord + Clone>(held: &mut BTreeSet<T>, change: &Change<T>) {
    match change {
        Change::Add(who) => {
            assert!((1..=500).contains(&who.len()));
            held.extend(who.iter().cloned());
        }
        Change::Remove(who) => {
            assert!((1..=500).contains(&who.len()));
            held.retain(|one| !who.contains(one));
        }
    }
}
