use std::collections::BTreeSet;

use super::facts::{DistributionFacts, ImageThere, KeyProblem, KeySeen};
use super::finding::Finding;
use super::found::{Found, Seen, find, not_of_release};
use super::key_policy::statement;
use super::plan::{TargetPlan, TargetStanding};
use super::step::{DistributionStep, Tagged};
use super::tags::{Tags, declared, not_ours, of_copy};
use crate::manifest::{Distribute, RegionCopy};
use crate::{AmiId, AmiState, KmsKeyRef, Target};

/// So many volumes EBS copies at once into a Region of an account.
const MOST_IN_FLIGHT: usize = 20;
/// So many digits of a release's id tell its images' names apart from those of its likes.
const DIGITS: usize = 8;

/// Where a release is to be that was built at home: there, and in each Region that its manifest names.
pub fn distribution_targets(distribute: &Distribute, home: Target) -> BTreeSet<Target> {
    let regions = distribute.regions.keys().copied().chain([home.region()]);
    regions.map(|region| Target::new(home.account(), region)).collect()
}

/// Decides what is to be done for a release in a target.
///
/// An image that is there is kept as its manifest says even where that wants no copy any more: until it goes, it is to be
/// shared with nobody else. A target of another account than the build's has none of these images.
pub fn decide_target(facts: DistributionFacts<'_>) -> TargetPlan {
    let home = facts.going.source.output.target;
    let mut deciding = Deciding {
        facts,
        is_home: facts.target == home,
        steps: Vec::new(),
        findings: Vec::new(),
    };
    let standing = if facts.target.account() == home.account() {
        deciding.standing()
    } else {
        TargetStanding::NotWanted
    };
    let Deciding { steps, findings, .. } = deciding;
    TargetPlan {
        standing,
        steps,
        findings,
    }
}

pub(super) struct Deciding<'a> {
    pub(super) facts: DistributionFacts<'a>,
    /// Whether the release was built there.
    pub(super) is_home: bool,
    pub(super) steps: Vec<DistributionStep>,
    pub(super) findings: Vec<Finding>,
}

impl Deciding<'_> {
    fn standing(&mut self) -> TargetStanding {
        let Found {
            kept,
            failed_copies,
            left_failed,
        } = find(self.facts, self.is_home, &mut self.findings);
        if let Some((ami, image)) = kept
            && image.state == AmiState::Disabled
        {
            return TargetStanding::OnLadder(ami);
        }
        let left = left_failed.iter().map(|(ami, image)| Finding::LeftFailed {
            ami: *ami,
            why: image.why.clone(),
        });
        self.findings.extend(left);
        for (ami, image) in &failed_copies {
            self.findings.push(Finding::CopyFailed {
                ami: *ami,
                why: image.why.clone(),
                key: self.named_key().cloned(),
            });
            self.steps.push(DistributionStep::DeregisterFailed { ami: *ami });
        }
        if let Some((ami, image)) = kept {
            return self.kept(ami, image);
        }
        match failed_copies.last() {
            Some((ami, image)) => failed(*ami, image),
            None if self.is_home => self.lost(),
            None => self.copy(),
        }
    }

    fn kept(&mut self, ami: AmiId, image: &ImageThere) -> TargetStanding {
        if image.state != AmiState::Available {
            let since = image.created;
            return TargetStanding::Pending { ami, since };
        }
        if let Some(key) = self.key()
            && !image.is_encrypted_by(&key)
        {
            self.findings.push(if self.is_home {
                Finding::BuiltByOtherKey { ami, key }
            } else {
                Finding::CopiedByOtherKey { ami, key }
            });
        }
        self.tag((ami, image));
        self.share(ami, image);
        TargetStanding::There(ami)
    }

    /// Where the build's image is not what it was: there is nothing to make it from.
    fn lost(&self) -> TargetStanding {
        let going = self.facts.going;
        let ami = going.source.output.ami;
        let Some(image) = self.facts.seen.images.get(&ami) else {
            return TargetStanding::Gone;
        };
        match image.state {
            AmiState::Deregistered => TargetStanding::Gone,
            _ if not_of_release(image, self.facts.target.account(), going).is_some() => TargetStanding::Blocked,
            _ => failed(ami, image),
        }
    }

    fn copy(&mut self) -> TargetStanding {
        let DistributionFacts {
            target,
            going,
            distribute,
            audience,
            seen,
        } = self.facts;
        let output = going.source.output;
        if !distribute.regions.contains_key(&target.region()) {
            return TargetStanding::NotWanted;
        }
        let Some(source) = &going.source.image else {
            return TargetStanding::Gone;
        };
        if let Some(cause) = not_of_release(source, output.target.account(), going) {
            self.findings.push(Finding::SourceNotOurs {
                ami: output.ami,
                cause,
                family: going.family.clone(),
            });
            return TargetStanding::Blocked;
        }
        match source.state {
            AmiState::Available => {}
            state @ (AmiState::Pending | AmiState::Transient) => {
                let ami = output.ami;
                self.findings.push(Finding::SourceUnfinished { ami, state });
                return TargetStanding::Missing;
            }
            AmiState::Disabled => return TargetStanding::OnLadder(output.ami),
            AmiState::Invalid | AmiState::Deregistered | AmiState::Failed | AmiState::Error => {
                return TargetStanding::Gone;
            }
        }
        if !seen.enabled {
            self.findings.push(Finding::RegionOff(target));
        }
        let key = self.key();
        // Without a key EC2 encrypts a copy of what is encrypted by its own.
        if self.named_key().is_none() && source.is_encrypted() && audience.reaches_beyond(target.account()) {
            self.findings.push(Finding::NeedsKey(target.region()));
        }
        if self.findings.iter().any(Finding::blocks_a_copy) {
            return TargetStanding::Blocked;
        }
        let (in_flight, volumes) = (seen.in_flight, source.snapshots.len());
        // One that has more volumes than may be copied at once would wait for ever.
        if in_flight > 0 && in_flight + volumes > MOST_IN_FLIGHT {
            self.findings.push(Finding::CopiesUnderWay { in_flight, volumes });
            return TargetStanding::Missing;
        }
        let mut digits = going.release.to_string();
        digits.truncate(DIGITS);
        self.steps.push(DistributionStep::Copy {
            from: output,
            // With the longest family and the longest numbers there are it has 124 of EC2's 128 characters.
            name: format!("{}-{}-{digits}", going.name, going.architecture),
            key,
            tags: of_copy(going, distribute),
        });
        TargetStanding::Missing
    }

    /// What a manifest says of its Region is the key that is wanted there.
    fn named_key(&self) -> Option<&KmsKeyRef> {
        let RegionCopy { kms_key, required: _ } = self.facts.distribute.regions.get(&self.facts.target.region())?;
        kms_key.as_ref()
    }

    /// The key that is wanted, where it can be used.
    fn key(&mut self) -> Option<KmsKeyRef> {
        let region = self.facts.target.region();
        let named = self.named_key()?.clone();
        let unusable = |key, problem| Finding::KeyUnusable { key, region, problem };
        match &self.facts.seen.key {
            None => {
                let problem = KeyProblem::Unreadable("nobody looked at it".into());
                self.findings.push(unusable(named, problem));
                None
            }
            Some(KeySeen::Unusable(problem)) => {
                self.findings.push(unusable(named, problem.clone()));
                None
            }
            Some(KeySeen::Usable { key, shuts_out }) => {
                for who in shuts_out {
                    let shut_out = statement(who, region.partition()).map(|statement| Finding::KeyShutsOut {
                        key: key.clone(),
                        who: who.clone(),
                        statement,
                    });
                    self.findings.extend(shut_out);
                }
                Some(key.clone())
            }
        }
    }

    /// A tag that left the manifest stays: it may be somebody's.
    fn tag(&mut self, (ami, image): Seen<'_>) {
        let DistributionFacts {
            target,
            going,
            distribute,
            ..
        } = self.facts;
        let mut set = declared(distribute);
        let ours = image
            .snapshots
            .iter()
            .filter(|(_, there)| not_ours(there.owner, target.account(), &there.tags, &going.family).is_none())
            .map(|(snapshot, there)| (Tagged::Snapshot(*snapshot), &there.tags));
        let tagged: Vec<(Tagged, &Tags)> = [(Tagged::Image(ami), &image.tags)].into_iter().chain(ours).collect();
        let lacks = |tags: &Tags, (key, value): (&String, &String)| tags.get(key) != Some(value);
        set.retain(|key, value| tagged.iter().any(|(_, tags)| lacks(tags, (key, value))));
        let lacking = tagged.iter().filter(|(_, tags)| set.iter().any(|tag| lacks(tags, tag)));
        let on: BTreeSet<Tagged> = lacking.map(|(what, _)| *what).collect();
        if !on.is_empty() {
            self.steps.push(DistributionStep::Tag { on, set });
        }
    }
}

fn failed(ami: AmiId, image: &ImageThere) -> TargetStanding {
    let why = image.why.clone();
    TargetStanding::Failed { ami, why }
}
