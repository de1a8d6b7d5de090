//! What a consumer sees of a family, and which keys its Auto Scaling may use: looked at, put right, and written down.

use std::collections::{BTreeMap, BTreeSet};

use steward::consumers::{
    GrantsSeen, HeldGrant, LEFT, PutThere, SharedImage, ViewFacts, ViewFinding, ViewPlan, ViewStep, Viewed,
    consumer_targets, decide_leaving, decide_view, granted_keys, is_shared, view_of, when_view_due,
};
use steward::manifest::Manifest;
use steward::{AmiId, AmiState, Intent, KmsKeyRef, ReleaseId, Target, Words, Worker};
use steward_aws::{AtTarget, Begun, Carried, Cause, Problem};
use steward_lambda::Moment;

use super::Distributed;
use super::release::IN_VAIN;
use super::visit::Visit;
use super::work::Held;
use crate::{ONE_STEP, Room};

/// Looks at what a consumer sees of a family, takes the steps that are due, and writes how it stands. While nobody knows whose
/// audience it is, nothing is changed.
pub(crate) async fn view(
    room: &Room,
    held: &Held,
    visit: &Visit,
    moment: Moment,
    outcome: &mut Distributed,
) -> Result<(), Problem> {
    let target = visit.target;
    let family = &held.manifest.family;
    let Some(readers) = held.audience.known_readers() else {
        return Ok(());
    };
    let before = room.record.viewed_in(family, target).await?;
    let at = room.consumers.at(target).await;
    let viewing = Viewing {
        room,
        held,
        visit,
        target,
        at: &at,
        moment,
    };
    if !consumer_targets(&held.manifest, room.aws.hub(), readers).contains(&target) {
        return Box::pin(viewing.leave(before, outcome)).await;
    }
    let mut known = viewing.known().await?;
    let shared = known.iter().filter(|(_, (_, shared))| *shared);
    let shared: BTreeMap<AmiId, ReleaseId> = shared.map(|(ami, (release, _))| (*ami, *release)).collect();
    let what = view_of(&held.manifest, &shared);
    let last = before.as_ref().map(Viewed::last_look);
    if !when_view_due(last.as_ref(), &what).has_come(moment.now) {
        // Sent twice: another worker was here.
        return Ok(());
    }
    let put = room.record.put_in(family, target).await?;
    viewing.remember(&mut known, &put).await?;
    let looked = Box::pin(viewing.look(known)).await;
    Box::pin(viewing.put_right(looked, (what, before), put, outcome)).await
}

/// A family, and a consumer of it in a Region.
struct Viewing<'a> {
    room: &'a Room,
    held: &'a Held,
    visit: &'a Visit,
    target: Target,
    /// There, by the role that lets the hub see and tag.
    at: &'a AtTarget,
    moment: Moment,
}

/// What came of a look.
enum Looked {
    Seen(BTreeMap<AmiId, SharedImage>),
    /// Nobody lets the hub in there, or AWS does not answer: nobody can tell which.
    Unverified(Words),
    /// The owner's images could not be read.
    Unread(Problem),
}

/// What came of a consumer's steps.
enum Taken {
    /// They were taken, as far as AWS let them; and whether any was.
    Made(bool),
    /// Time ran out, or the switch was thrown.
    CutShort,
}

impl Viewing<'_> {
    /// The family's images that the hub owns in the Region, as the record has them: each one's release, and whether it is
    /// shared with all who are declared.
    async fn known(&self) -> Result<BTreeMap<AmiId, (ReleaseId, bool)>, Problem> {
        let Held {
            manifest,
            number,
            audience,
        } = self.held;
        let region = self.target.region();
        let stood = self.room.record.stood_with_hub(&manifest.family, region).await?;
        let known = stood.into_iter().filter_map(|(release, stood)| {
            let shared = is_shared(&stood, *number, &audience.digest);
            Some((stood.ami?, (release, shared)))
        });
        Ok(known.collect())
    }

    /// Adds the images that something was put there for and that were not found when their releases were last looked at: until
    /// two looks agree that one is gone, it may only have been missed.
    async fn remember(&self, known: &mut BTreeMap<AmiId, (ReleaseId, bool)>, put: &PutThere) -> Result<(), Problem> {
        let (record, owned) = (&self.room.record, self.owned());
        let mut releases: BTreeSet<ReleaseId> = put.grants.values().map(|held| held.release).collect();
        for ami in put.tags.keys().filter(|ami| !known.contains_key(ami)) {
            releases.extend(record.release_of(*ami, owned.region()).await?);
        }
        let named: BTreeSet<ReleaseId> = known.values().map(|(release, _)| *release).collect();
        for release in releases.difference(&named) {
            let placements = record.placements(*release).await?.into_iter();
            let there = placements.filter(|placed| placed.target == owned && placed.state != AmiState::Deregistered);
            known.extend(there.map(|placed| (placed.ami, (*release, false))));
        }
        Ok(())
    }

    /// Where the hub owns what is shared here.
    const fn owned(&self) -> Target {
        Target::new(self.room.aws.hub().account(), self.target.region())
    }

    async fn look(&self, known: BTreeMap<AmiId, (ReleaseId, bool)>) -> Looked {
        let owned = self.room.aws.at(self.owned()).await;
        let mut owners = match owned.owners_images(&self.held.manifest.family).await {
            Ok(owners) => owners,
            Err(problem) => return Looked::Unread(problem),
        };
        let shared = known.iter().filter(|(_, (_, shared))| *shared);
        let shared: BTreeSet<AmiId> = shared.map(|(ami, _)| *ami).collect();
        let mut shown = match self.at.shown(self.owned().account(), &shared).await {
            Ok(shown) => shown,
            Err(problem) => return Looked::Unverified(Words::from(problem.cause.to_string())),
        };
        let images = known.into_iter().map(|(ami, (release, shared))| {
            let image = SharedImage {
                release,
                shared,
                owners: owners.remove(&ami),
                consumers: shown.remove(&ami),
            };
            (ami, image)
        });
        Looked::Seen(images.collect())
    }

    async fn put_right(
        &self,
        looked: Looked,
        (what, before): (String, Option<Viewed>),
        mut put: PutThere,
        outcome: &mut Distributed,
    ) -> Result<(), Problem> {
        let is_first = before.is_none();
        let tries = before.map_or(0, |before| before.tries) + 1;
        let mut now = Viewed {
            what,
            settled: false,
            under_way: false,
            findings: Vec::new(),
            looked: self.moment.now,
            tries,
        };
        match looked {
            Looked::Unread(problem) => {
                now.findings.push(Words::from(problem.to_string()));
                self.close(&[]).await?;
                say_in_vain(tries, &[problem.to_string()], outcome);
            }
            Looked::Unverified(why) => {
                let account = self.target.account();
                now.findings = said(&[ViewFinding::Unverified { account, why }]);
                // What AWS did not answer has passed by then; who lets nobody in is asked once a day.
                now.settled = tries >= IN_VAIN;
            }
            Looked::Seen(images) => {
                let grants = self.grants(&images, &mut put).await?;
                let plan = decide_view(ViewFacts {
                    target: self.target,
                    owner: self.owned().account(),
                    manifest: &self.held.manifest,
                    images: &images,
                    put: &put,
                    grants: &grants,
                    no_auto_scaling: put.lacks_auto_scaling(self.moment.now),
                });
                self.close(&plan.steps).await?;
                if is_first && !plan.steps.is_empty() {
                    // By this it is found again, whoever is declared by then, if nobody comes to its end.
                    let begun = Viewed {
                        under_way: true,
                        ..now.clone()
                    };
                    let family = &self.held.manifest.family;
                    self.room.record.write_viewed(family, self.target, &begun).await?;
                }
                let mut findings = plan.findings;
                let mut problems = Vec::new();
                let taken = self
                    .take(&plan.steps, &mut put, (&mut findings, &mut problems), outcome)
                    .await?;
                let Taken::Made(made) = taken else {
                    // The next sweep goes on as if nobody had looked.
                    return Ok(());
                };
                self.forget_images(&images, &mut put).await?;
                let rests = problems.is_empty() && findings.iter().all(ViewFinding::is_a_note);
                now.settled = rests && !made;
                now.under_way = rests && made;
                now.findings = said(&findings);
                now.findings
                    .extend(problems.iter().map(|problem| Words::from(problem.as_str())));
                if now.settled || now.under_way {
                    now.tries = 0;
                }
                say_in_vain(now.tries, &problems, outcome);
            }
        }
        outcome.viewed = Some(now.settled);
        outcome.unviewed.clone_from(&now.findings);
        self.room
            .record
            .write_viewed(&self.held.manifest.family, self.target, &now)
            .await
    }

    /// The family's grants for Auto Scaling there, as the owner of their keys sees them: of those that are wanted, and of those
    /// that were. What is there and not written down was lost on the way.
    async fn grants(
        &self,
        images: &BTreeMap<AmiId, SharedImage>,
        put: &mut PutThere,
    ) -> Result<BTreeMap<KmsKeyRef, GrantsSeen>, Problem> {
        let wanted = granted_keys(self.owned().account(), images).into_iter();
        let wanted: BTreeMap<KmsKeyRef, ReleaseId> = wanted.map(|(key, release)| (key.clone(), release)).collect();
        let seen = self
            .grants_on(wanted.keys().chain(put.grants.keys()).cloned().collect())
            .await;
        let mut found = false;
        for (key, release) in wanted {
            if let Some(GrantsSeen::Read(grants)) = seen.get(&key)
                && !grants.is_empty()
                && !put.grants.contains_key(&key)
            {
                let grants = grants.clone();
                put.grants.insert(key, HeldGrant { grants, release });
                found = true;
            }
        }
        if found {
            self.write(put).await?;
        }
        Ok(seen)
    }

    async fn grants_on(&self, keys: BTreeSet<KmsKeyRef>) -> BTreeMap<KmsKeyRef, GrantsSeen> {
        let owner = self.room.aws.at(self.owned()).await;
        let mut seen = BTreeMap::new();
        for key in keys {
            let family = &self.held.manifest.family;
            let grants = match owner.auto_scaling_grants(&key, self.target, family).await {
                Ok(grants) => GrantsSeen::Read(grants),
                Err(problem) => GrantsSeen::Unread(Words::from(problem.cause.to_string())),
            };
            seen.insert(key, grants);
        }
        seen
    }

    /// Of images that the record does not name any more nothing need be known.
    async fn forget_images(&self, images: &BTreeMap<AmiId, SharedImage>, put: &mut PutThere) -> Result<(), Problem> {
        let count = put.tags.len();
        put.tags
            .retain(|ami, keys| images.contains_key(ami) && !keys.is_empty());
        if put.tags.len() == count {
            return Ok(());
        }
        self.write(put).await
    }

    async fn write(&self, put: &PutThere) -> Result<(), Problem> {
        let family = &self.held.manifest.family;
        self.room.record.write_put(family, self.target, put).await
    }

    /// Takes steps one after the other. What one key or image refuses is no reason to leave another as it is.
    async fn take(
        &self,
        steps: &[ViewStep],
        put: &mut PutThere,
        (findings, problems): (&mut Vec<ViewFinding>, &mut Vec<String>),
        outcome: &mut Distributed,
    ) -> Result<Taken, Problem> {
        let owner = self.room.aws.at(self.owned()).await;
        let mut made = false;
        for step in steps {
            if !self.moment.deadline.leaves(ONE_STEP) {
                outcome.unfinished = true;
                return Ok(Taken::CutShort);
            }
            let intent = Intent {
                worker: Worker::ApplyDistribution,
                target: self.target,
                step: step_of(&self.held.manifest, step),
                release: step.release(),
                says: step.says(),
            };
            let was = put.clone();
            let call = async |_: Begun| {
                // What is there and not written down would be taken for the consumer's own.
                if claim(step, put) {
                    self.write(put).await?;
                }
                let retired_by = self.room.own_role.as_deref();
                let at = if let ViewStep::Retire { .. } = step {
                    &*owner
                } else {
                    self.at
                };
                at.show(step, &self.held.manifest.family, retired_by).await
            };
            let first = self.room.switch_at_first;
            let record = &self.room.record;
            match Box::pin(record.carry_out(intent, first, self.moment.now, call)).await? {
                Carried::Made(grant) => {
                    made = true;
                    if note(step, grant, put) {
                        self.write(put).await?;
                    }
                    outcome.steps.push(format!("{step} in {}", self.target));
                }
                Carried::Failed(problem) | Carried::Waits(problem) => {
                    let refused = matches!(problem.cause, Cause::Refused { .. }).then_some(was);
                    let mut now = refused.unwrap_or_else(|| put.clone());
                    let finding = self.finding(step, &problem);
                    if let Some(ViewFinding::NoAutoScaling { account: _ }) = finding {
                        now.no_auto_scaling = Some(self.moment.now);
                    }
                    if *put != now {
                        *put = now;
                        self.write(put).await?;
                    }
                    match finding {
                        Some(finding) => findings.push(finding),
                        None => problems.push(problem.to_string()),
                    }
                }
                Carried::ByAnother => {}
                Carried::Paused(why) => {
                    outcome.paused = Some(why);
                    return Ok(Taken::CutShort);
                }
            }
        }
        Ok(Taken::Made(made))
    }

    /// What somebody there, or who owns a key, is to put right.
    fn finding(&self, step: &ViewStep, problem: &Problem) -> Option<ViewFinding> {
        let account = self.target.account();
        let why = || Words::from(problem.cause.to_string());
        match step {
            // Auto Scaling was never used there, and has no role.
            ViewStep::Grant { .. } if problem.is_of_nobody() => Some(ViewFinding::NoAutoScaling { account }),
            ViewStep::Grant { key, .. } if problem.is_denied() => {
                let (key, why) = (key.clone(), why());
                Some(ViewFinding::KeyRefuses { key, account, why })
            }
            ViewStep::Retire { key, grant, .. } if problem.is_denied() => {
                let (key, grant, why) = (key.clone(), grant.clone(), why());
                Some(ViewFinding::GrantStays { key, grant, why })
            }
            ViewStep::Grant { .. } | ViewStep::Retire { .. } | ViewStep::Tag { .. } | ViewStep::Untag { .. } => None,
        }
    }

    /// Takes back what an account was granted that is no consumer any more, and forgets it once all of that is gone. Its tags went
    /// with the images. The hub does it: whoever left lets nobody in. What stays is tried thrice, then daily.
    async fn leave(&self, before: Option<Viewed>, outcome: &mut Distributed) -> Result<(), Problem> {
        let family = &self.held.manifest.family;
        let Some(before) = before else { return Ok(()) };
        let left = before.what == LEFT;
        if left && !when_view_due(Some(&before.last_look()), LEFT).has_come(self.moment.now) {
            return Ok(());
        }
        let mut put = self.room.record.put_in(family, self.target).await?;
        let seen = self.grants_on(put.grants.keys().cloned().collect()).await;
        let ViewPlan { steps, mut findings } = decide_leaving(&put, &seen);
        self.close(&steps).await?;
        let mut problems = Vec::new();
        let taken = self
            .take(&steps, &mut put, (&mut findings, &mut problems), outcome)
            .await?;
        if let Taken::CutShort = taken {
            return Ok(());
        }
        let tries = if left { before.tries + 1 } else { 1 };
        problems.extend(findings.iter().map(ViewFinding::to_string));
        outcome.problems.extend(problems.iter().cloned());
        if problems.is_empty() {
            return self.room.record.forget_consumer(family, self.target).await;
        }
        let now = Viewed {
            what: LEFT.to_owned(),
            settled: tries >= IN_VAIN,
            under_way: false,
            findings: problems.into_iter().map(Words::from).collect(),
            looked: self.moment.now,
            tries,
        };
        self.room.record.write_viewed(family, self.target, &now).await
    }

    /// Closes what earlier runs began here and nothing asks for any more.
    async fn close(&self, steps: &[ViewStep]) -> Result<(), Problem> {
        let manifest = &self.held.manifest;
        let wanted = steps.iter().map(|step| step_of(manifest, step)).collect();
        self.visit
            .close_unwanted(self.room, &of_family(manifest), &wanted, self.moment.now)
            .await
    }
}

/// Notes what is about to be put there; says whether that was not known.
fn claim(step: &ViewStep, put: &mut PutThere) -> bool {
    match step {
        ViewStep::Tag { ami, release: _, set } => {
            let keys = put.tags.entry(*ami).or_default();
            let known = keys.len();
            keys.extend(set.keys().cloned());
            keys.len() > known
        }
        ViewStep::Grant { key, release } => {
            let known = put.grants.len();
            let release = *release;
            let grants = BTreeSet::new();
            put.grants.entry(key.clone()).or_insert(HeldGrant { grants, release });
            put.grants.len() > known
        }
        ViewStep::Retire { .. } | ViewStep::Untag { .. } => false,
    }
}

/// Notes what was done; says whether that was not known.
fn note(step: &ViewStep, grant: Option<String>, put: &mut PutThere) -> bool {
    match step {
        ViewStep::Grant { key, release } => {
            let (release, grants) = (*release, BTreeSet::new());
            let held = put.grants.entry(key.clone());
            held.or_insert(HeldGrant { grants, release }).grants.extend(grant);
            put.no_auto_scaling = None;
            true
        }
        ViewStep::Retire { key, grant, .. } => {
            if let Some(held) = put.grants.get_mut(key) {
                held.grants.remove(grant);
            }
            put.grants.retain(|of, held| of != key || !held.grants.is_empty());
            true
        }
        ViewStep::Tag { .. } => false,
        ViewStep::Untag { ami, keys: gone, .. } => {
            let keys = put.tags.entry(*ami).or_default();
            keys.retain(|key| !gone.contains(key));
            true
        }
    }
}

/// Says what went wrong, and of what goes wrong again and again that it does.
fn say_in_vain(tries: u32, problems: &[String], outcome: &mut Distributed) {
    outcome.problems.extend(problems.iter().cloned());
    if tries >= IN_VAIN {
        outcome.in_vain.extend(problems.iter().cloned());
    }
}

fn said(findings: &[ViewFinding]) -> Vec<Words> {
    let said = findings.iter().map(|finding| Words::from(finding.to_string()));
    said.collect()
}

fn of_family(manifest: &Manifest) -> String {
    format!("view#{}#", manifest.family)
}

fn step_of(manifest: &Manifest, step: &ViewStep) -> String {
    format!("{}{}", of_family(manifest), step.key())
}
