//! What a message is about, read once for all its releases.

use std::collections::BTreeMap;

use steward::distribution::{FamilyWork, ImageThere, KeySeen, MemberFinding, PublicAccess, Stood, audience_in};
use steward::manifest::Manifest;
use steward::{AmiId, Duration, FamilyName, ReleaseId, Target, Timestamp, Words};
use steward_aws::{Cause, HeldAudience, Problem};
use steward_lambda::Moment;

use super::Distributed;
use super::publish::publish;
use super::release::{IN_VAIN, bring_on, put_off};
use super::view::view;
use super::visit::Visit;
use crate::{ONE_STEP, Room};

/// Who may use a family is looked up by each sweep. What is older may be wrong by now, and nothing is granted or taken by it.
const AUDIENCE_HOLDS: Duration = Duration::hours(1);

/// What holds of a family, wherever it is looked at.
pub(crate) struct Held {
    pub(crate) manifest: Manifest,
    /// The manifest's number.
    pub(crate) number: u32,
    /// Who may use it.
    pub(crate) audience: HeldAudience,
}

impl Held {
    /// The digest of the audience that counts in a target.
    pub(super) fn audience_in(&self, room: &Room, target: Target) -> &str {
        audience_in(target, room.aws.hub(), &self.audience.digest)
    }
}

/// What is known of a family and of a target, whatever the release.
pub(crate) struct Here<'a> {
    pub(crate) held: &'a Held,
    pub(crate) visit: &'a Visit,
    pub(crate) target: Target,
    /// Where the family is built.
    pub(crate) home: Target,
    /// Where what is to be there is copied from: where the family is built, or for a member the hub in its Region.
    pub(crate) from: Target,
    /// The family's images there.
    pub(crate) sources: BTreeMap<AmiId, ImageThere>,
    /// The family's images in the target.
    pub(crate) images: BTreeMap<AmiId, ImageThere>,
    pub(crate) key: Option<KeySeen>,
    pub(crate) in_flight: usize,
    /// Why EC2 takes no more copies now, as it said of an earlier release.
    pub(crate) no_room: Option<Words>,
    pub(crate) public: PublicAccess,
    pub(crate) enabled: bool,
}

impl Here<'_> {
    /// How a release stood here when a worker last looked.
    pub(super) async fn stood(&self, room: &Room, release: ReleaseId) -> Result<Option<Stood>, Problem> {
        let family = &self.held.manifest.family;
        room.record.stood_in(family, release, self.target).await
    }

    /// Writes how a release stands here.
    pub(super) async fn stands(&self, room: &Room, release: ReleaseId, stood: &Stood) -> Result<(), Problem> {
        let family = &self.held.manifest.family;
        room.record.write_stood(family, release, self.target, stood).await
    }
}

/// Looks at what a message names of a family, and brings it on. What is left is sent again by the next sweep.
pub(crate) async fn work(
    room: &Room,
    visit: &Visit,
    work: &FamilyWork,
    moment: Moment,
) -> Result<Distributed, Problem> {
    let FamilyWork {
        family,
        releases,
        publish: is_to_publish,
        view: is_to_view,
    } = work;
    let mut outcome = Distributed::of(family);
    if !moment.deadline.leaves(ONE_STEP) {
        outcome.unfinished = true;
        return Ok(outcome);
    }
    let held = match held(room, family, moment.now).await? {
        Ok(held) => held,
        Err(nothing) => {
            outcome.nothing = Some(nothing);
            return Ok(outcome);
        }
    };
    let brought = if releases.is_empty() {
        Ok(())
    } else {
        Box::pin(bring_all_on(room, &held, visit, releases, moment, &mut outcome)).await
    };
    // Before anything here names an image: Auto Scaling must be able to launch it. What could not be shown holds up nothing.
    if *is_to_view
        && outcome.paused.is_none()
        && let Err(problem) = Box::pin(view(room, &held, visit, moment, &mut outcome)).await
    {
        outcome.problems.push(problem.to_string());
    }
    // What could not be read of releases is no reason to leave a channel unpublished.
    if *is_to_publish && outcome.paused.is_none() {
        Box::pin(publish(room, &held, visit, moment, &mut outcome)).await?;
    }
    brought.map(|()| outcome)
}

async fn bring_all_on(
    room: &Room,
    held: &Held,
    visit: &Visit,
    releases: &[ReleaseId],
    moment: Moment,
    outcome: &mut Distributed,
) -> Result<(), Problem> {
    let target = visit.target;
    let mut here = match Box::pin(look(room, held, visit)).await {
        Ok(here) => here,
        // One member that nobody can look at is said of it, and of no other.
        Err(problem) if !room.is_hubs(target) && problem.target.account() == target.account() => {
            return Box::pin(shut_out(room, (held, target), releases, &problem, moment, outcome)).await;
        }
        Err(problem) => return Err(problem),
    };
    for release in releases {
        if !moment.deadline.leaves(ONE_STEP) {
            outcome.unfinished = true;
            break;
        }
        // One release that cannot be read must not hold up the others.
        if let Err(problem) = Box::pin(bring_on(room, &mut here, *release, moment, outcome)).await {
            let problem = problem.to_string();
            if put_off(room, (held, target), *release, &problem, moment).await? >= IN_VAIN {
                outcome.in_vain.push(problem.clone());
            }
            outcome.problems.push(problem);
        }
        if outcome.paused.is_some() {
            break;
        }
    }
    Ok(())
}

/// Writes of each release that its member could not be looked at.
async fn shut_out(
    room: &Room,
    (held, target): (&Held, Target),
    releases: &[ReleaseId],
    problem: &Problem,
    moment: Moment,
    outcome: &mut Distributed,
) -> Result<(), Problem> {
    let why = match &problem.cause {
        Cause::Refused { .. } | Cause::Unanswered(_) => MemberFinding::Shut {
            account: target.account(),
            why: Words::from(problem.to_string()),
        }
        .to_string(),
        Cause::Broke { .. } | Cause::NoRoom { .. } | Cause::NotUnderstood(_) => problem.to_string(),
    };
    let mut is_in_vain = false;
    for release in releases {
        is_in_vain |= put_off(room, (held, target), *release, &why, moment).await? >= IN_VAIN;
    }
    outcome.in_vain.extend(is_in_vain.then(|| why.clone()));
    outcome.problems.push(why);
    Ok(())
}

/// The manifest that holds, and who may use the family by it. The inner error: there is nothing to go by.
async fn held(room: &Room, family: &FamilyName, now: Timestamp) -> Result<Result<Held, String>, Problem> {
    let Some(holding) = room.record.holding(family).await? else {
        return Ok(Err(format!("no manifest of {family} holds")));
    };
    let manifest = match holding.manifest {
        Ok(manifest) => manifest,
        Err(unreadable) => return Ok(Err(unreadable.to_string())),
    };
    let audience = room.record.audience(family).await?;
    let is_fresh = |held: &HeldAudience| held.as_of.checked_add(AUDIENCE_HOLDS).is_none_or(|until| now < until);
    // Of another manifest's audience some would be taken back whom this one names.
    let of_it = |held: &HeldAudience| held.manifest == holding.version && is_fresh(held);
    let Some(audience) = audience.filter(of_it) else {
        return Ok(Err(format!(
            "who may use {family} by this manifest was not looked up within an hour; the sweep does"
        )));
    };
    Ok(Ok(Held {
        manifest,
        number: holding.version,
        audience,
    }))
}

/// Reads what holds for all releases in a target.
async fn look<'a>(room: &Room, held: &'a Held, visit: &'a Visit) -> Result<Here<'a>, Problem> {
    let target = visit.target;
    let Manifest { family, distribute, .. } = &held.manifest;
    let hub = room.aws.hub();
    let at = room.at(target).await;
    let from = if room.is_hubs(target) {
        hub
    } else {
        Target::new(hub.account(), target.region())
    };
    // Where a Region is not enabled nobody answers: the account is asked elsewhere.
    let elsewhere = room.at(Target::new(target.account(), hub.region())).await;
    let enabled = elsewhere.is_enabled(target.region()).await?;
    let sources = room.aws.at(from).await.images_of_family(family).await?;
    let (mut images, mut in_flight, mut public, mut key) = (BTreeMap::new(), 0, PublicAccess::default(), None);
    if enabled {
        images = if target == from {
            sources.clone()
        } else {
            at.images_of_family(family).await?
        };
        in_flight = at.copies_in_flight().await?;
        public = at
            .public_access(distribute.share_with.public && room.is_hubs(target))
            .await?;
        let copy = distribute.regions.get(&target.region());
        if let Some(wanted) = copy.and_then(|copy| copy.kms_key.as_ref()) {
            // A member may look at the hub's key only while it is lent to it.
            let looks = if wanted.account() == Some(hub.account()) {
                room.aws.at(Target::new(hub.account(), target.region())).await
            } else {
                at
            };
            key = Some(looks.key(&wanted.arn_in(target)).await);
        }
    }
    Ok(Here {
        held,
        visit,
        target,
        home: hub,
        from,
        sources,
        images,
        key,
        in_flight,
        no_room: None,
        public,
        enabled,
    })
}
