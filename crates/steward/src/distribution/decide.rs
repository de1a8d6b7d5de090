use std::collections::BTreeSet;

use super::audience::Grantee;
use super::encrypted::Unkeyed;
use super::facts::{DefaultKey, DistributionFacts, EbsDefaults, ImageThere, KeyProblem, KeySeen};
use super::finding::Finding;
use super::found::{Found, Seen, find, not_of_release};
use super::key_policy::{KeyAudience, statement};
use super::lending::{Lent, owns_in};
use super::made::GOES_ON;
use super::member_finding::MemberFinding;
use super::plan::{TargetPlan, TargetStanding};
use super::step::{DistributionStep, Tagged};
use super::tags::{Tags, declared, not_ours, of_copy};
use crate::manifest::RegionCopy;
use crate::{AmiId, AmiState, KmsKeyRef, Words};

/// So many volumes EBS copies at once into a Region of an account.
const MOST_IN_FLIGHT: usize = 20;
/// So many digits of a release's id tell its images' names apart from those of its likes.
const DIGITS: usize = 8;

/// Decides what is to be done for a release in a target.
///
/// An image that is there is kept as its manifest says even where that wants no copy any more: until it goes, it is to be
/// shared with nobody else. What a member owns it shares itself.
pub fn decide_target(facts: DistributionFacts<'_>) -> TargetPlan {
    let source = facts.going.source.output.target;
    let mut deciding = Deciding {
        facts,
        is_home: facts.target == source,
        is_hubs: facts.target.account() == source.account(),
        steps: Vec::new(),
        lending: Vec::new(),
        findings: Vec::new(),
    };
    let standing = deciding.standing();
    let lent = if deciding.is_hubs {
        deciding.lend(&standing)
    } else {
        Lent::default()
    };
    let Deciding {
        steps,
        lending,
        findings,
        ..
    } = deciding;
    let image = match &standing {
        // What is disabled may come back, and somebody asks of it too.
        TargetStanding::There(ami) | TargetStanding::OnLadder(ami) => facts.seen.images.get(ami),
        TargetStanding::NotWanted
        | TargetStanding::Pending { .. }
        | TargetStanding::Missing
        | TargetStanding::Failed { .. }
        | TargetStanding::Gone
        | TargetStanding::Blocked => None,
    };
    TargetPlan {
        standing,
        steps,
        lending,
        lent,
        keys: image.map(ImageThere::keys_to_ask),
        unkeyed: image.map(Unkeyed::of),
        grants: image.and_then(|image| image.grants.clone()),
        findings,
    }
}

pub(super) struct Deciding<'a> {
    pub(super) facts: DistributionFacts<'a>,
    /// Whether the release was built there.
    pub(super) is_home: bool,
    /// Whether the target is the hub's.
    pub(super) is_hubs: bool,
    pub(super) steps: Vec<DistributionStep>,
    /// What members are let do, or no longer, while they make their own copies of what is there.
    pub(super) lending: Vec<DistributionStep>,
    pub(super) findings: Vec<Finding>,
}

impl Deciding<'_> {
    fn standing(&mut self) -> TargetStanding {
        let Found {
            kept,
            others,
            failed_copies,
            left_failed,
        } = find(self.facts, self.is_home, &mut self.findings);
        if let Some((ami, image)) = kept
            && image.state == AmiState::Disabled
        {
            if self.facts.asked_for && self.is_hubs && self.is_wanted() {
                self.steps.push(DistributionStep::Enable { ami });
            }
            self.withdraw((ami, image), None);
            self.withdraw_all(&others, Some(image));
            return TargetStanding::OnLadder(ami);
        }
        let left = left_failed.iter().map(|(ami, image)| Finding::LeftFailed {
            ami: *ami,
            why: image.why.clone(),
        });
        self.findings.extend(left);
        for (ami, image) in &failed_copies {
            self.findings.push(self.copy_failed(*ami, image));
            self.steps.push(DistributionStep::DeregisterFailed { ami: *ami });
        }
        self.withdraw_all(&others, kept.map(|(_, image)| image));
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
            let overdue = since.filter(|since| since.checked_add(GOES_ON).is_some_and(|until| until <= self.facts.now));
            self.findings.extend(overdue.map(|since| Finding::Overdue {
                ami,
                since,
                state: image.state,
                why: image.why.clone(),
            }));
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
        if self.is_hubs {
            for key in image.keys() {
                self.say_whom_it_lets(key);
            }
            self.share(ami, image);
        } else {
            self.say_who_else_may_use(ami, image);
        }
        TargetStanding::There(ami)
    }

    fn copy_failed(&self, ami: AmiId, image: &ImageThere) -> Finding {
        let (target, why, key) = (self.facts.target, image.why.clone(), self.named_key().cloned());
        if self.is_hubs {
            return Finding::CopyFailed { ami, why, key };
        }
        let source = self.facts.going.source.image.as_ref();
        let of_source = source.and_then(|source| source.keys().into_iter().next().cloned());
        Finding::from(MemberFinding::CopyFailed {
            ami,
            why,
            key: key.map(|key| key.arn_in(target)).or(of_source),
            statement: statement(
                &[Grantee::Account(target.account())].into(),
                target.region().partition(),
            ),
        })
    }

    /// Where the build's image is not what it was: there is nothing to make it from.
    fn lost(&mut self) -> TargetStanding {
        let going = self.facts.going;
        let ami = going.source.output.ami;
        let Some(image) = self.facts.seen.images.get(&ami) else {
            if going.source.ended {
                return TargetStanding::Gone;
            }
            self.findings.push(Finding::Unlisted {
                ami,
                family: going.family.clone(),
            });
            return TargetStanding::Missing;
        };
        match image.state {
            AmiState::Deregistered => TargetStanding::Gone,
            _ if not_of_release(image, self.facts.target.account(), going).is_some() => TargetStanding::Blocked,
            _ => failed(ami, image),
        }
    }

    /// Whether the manifest wants the release there.
    fn is_wanted(&self) -> bool {
        let DistributionFacts {
            target,
            distribute,
            owners,
            ..
        } = self.facts;
        if self.is_hubs {
            self.is_home || distribute.regions.contains_key(&target.region())
        } else {
            owns_in(target.account(), target.region(), distribute, owners)
        }
    }

    fn copy(&mut self) -> TargetStanding {
        let DistributionFacts {
            target,
            going,
            distribute,
            audience,
            owners,
            lending: _,
            seen,
            asked_for: _,
            now: _,
        } = self.facts;
        let output = going.source.output;
        if !self.is_wanted() {
            return TargetStanding::NotWanted;
        }
        let Some(source) = &going.source.image else {
            if going.source.ended {
                return TargetStanding::Gone;
            }
            self.findings.push(Finding::SourceUnlisted(output.ami));
            return TargetStanding::Missing;
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
        let key = self.key();
        if self.is_hubs {
            if !seen.enabled {
                self.findings.push(Finding::RegionOff(target));
            }
            let is_for_others = audience.reaches_beyond(target.account()) || !owners.is_empty();
            let by_default = if self.named_key().is_none() && is_for_others {
                self.default_key(source)
            } else {
                None
            };
            if let Some(key) = key.as_ref().or(by_default.as_ref()) {
                self.say_whom_it_lets(key);
            }
        } else if !seen.enabled {
            self.findings.push(MemberFinding::RegionOff(target).into());
        } else if !self.findings.iter().any(Finding::blocks_a_copy) && !self.is_lent_to(target.account(), source) {
            // Nothing is lent to one that could not copy all the same.
            let account = target.account();
            let ami = output.ami;
            self.findings.push(MemberFinding::NotLent { ami, account }.into());
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
        let target = self.facts.target;
        let named = self.named_key()?.clone();
        let unusable = |key, problem| Finding::KeyUnusable { key, target, problem };
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
            Some(KeySeen::Usable(key)) => Some(key.clone()),
        }
    }

    /// The key that a copy for which none is named would be encrypted by; none where it would not be encrypted.
    fn default_key(&mut self, source: &ImageThere) -> Option<KmsKeyRef> {
        let region = self.facts.target.region();
        match (&self.facts.seen.ebs, source.is_encrypted()) {
            (Some(Ok(EbsDefaults { encrypts: true, key })), _) | (Some(Ok(EbsDefaults { key, .. })), true) => match key
            {
                DefaultKey::Customers(key) => return Some(key.clone()),
                DefaultKey::OfAws => self.findings.push(Finding::NeedsKey(region)),
            },
            // What is encrypted stays so, and by AWS's own key for all that is known.
            (Some(Err(_)) | None, true) => self.findings.push(Finding::NeedsKey(region)),
            (Some(Err(why)), false) => self.findings.push(Finding::DefaultsUnread {
                region,
                why: why.clone(),
            }),
            (
                Some(Ok(EbsDefaults {
                    encrypts: false,
                    key: _,
                }))
                | None,
                false,
            ) => {}
        }
        None
    }

    /// Says who of the audience may not use a key, as far as that can be told.
    pub(super) fn say_whom_it_lets(&mut self, key: &KmsKeyRef) {
        let DistributionFacts {
            target, audience, seen, ..
        } = self.facts;
        let by_key = audience.by_key(target.account());
        if by_key.is_empty() {
            return;
        }
        let key = key.clone();
        let statement = |who: &BTreeSet<Grantee>| statement(who, target.region().partition());
        let unread = |why: Words| Finding::KeyPolicyUnread {
            key: key.clone(),
            why,
            statement: statement(&by_key),
        };
        match seen.keys.get(&key) {
            None => self.findings.push(unread("nobody looked at it".into())),
            Some(KeyAudience::Unread(why)) => self.findings.push(unread(why.clone())),
            Some(KeyAudience::Read { shuts_out, unclear }) => {
                let shut_out = (!shuts_out.is_empty()).then(|| Finding::KeyShutsOut {
                    key: key.clone(),
                    statement: statement(shuts_out),
                    who: shuts_out.clone(),
                });
                let unclear = (!unclear.is_empty()).then(|| Finding::KeyUnclear {
                    key: key.clone(),
                    statement: statement(unclear),
                    who: unclear.clone(),
                });
                self.findings.extend(shut_out.into_iter().chain(unclear));
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
