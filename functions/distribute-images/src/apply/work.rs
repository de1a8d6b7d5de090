//! What a message is about, read once for all its releases.

use steward::distribution::{FamilyWork, MemberFinding, Stood, audience_in};
use steward::manifest::Manifest;
use steward::{FamilyName, ReleaseId, Target, Timestamp, Words};
use steward_aws::{Cause, FamilyThere, HeldAudience, Problem};
use steward_lambda::Moment;

use super::Distributed;
use super::publish::publish;
use super::reader::Locks;
use super::release::{PutOff, bring_on, put_off};
use super::view::view;
use super::visit::Visit;
use crate::{ONE_STEP, Room};

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

    /// Whether a target is the hub's, or of a member that is to own copies still.
    pub(super) fn is_concerned(&self, room: &Room, target: Target) -> bool {
        room.is_hubs(target) || self.audience.owners.contains(&target.account())
    }
}

/// What is known of a family and of a target, whatever the release.
pub(crate) struct Here<'a> {
    pub(crate) held: &'a Held,
    pub(crate) visit: &'a Visit,
    pub(crate) there: FamilyThere<'a>,
    /// Why EC2 takes no more copies now, as it said of an earlier release.
    pub(crate) no_room: Option<Words>,
}

impl Here<'_> {
    /// Writes how a release stands here.
    pub(super) async fn stands(&self, room: &Room, release: ReleaseId, stood: &Stood) -> Result<(), Problem> {
        let family = &self.held.manifest.family;
        let target = self.there.target;
        room.record.write_stood(family, release, target, stood).await
    }
}

/// Looks at what a message names of a family, and brings it on. What is left is sent again by the next sweep.
pub(crate) async fn work(
    room: &Room,
    visit: &Visit,
    locks: &mut Locks,
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
        Box::pin(publish(room, &held, visit, locks, moment, &mut outcome)).await?;
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
            if put_off(room, (held, target), *release, (&problem, false), moment).await? == PutOff::InVain {
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
    let (account, because) = (target.account(), Words::from(problem.to_string()));
    let (why, is_shut) = match &problem.cause {
        Cause::Refused { .. } | Cause::Unanswered(_) => {
            let finding = if held.is_concerned(room, target) {
                MemberFinding::Shut { account, why: because }
            } else {
                MemberFinding::Left { account, why: because }
            };
            (finding.to_string(), problem.is_denied())
        }
        Cause::Broke { .. } | Cause::NoRoom { .. } | Cause::NotUnderstood(_) => (problem.to_string(), false),
    };
    let mut is_in_vain = false;
    for release in releases {
        let put_off = put_off(room, (held, target), *release, (&why, is_shut), moment).await?;
        is_in_vain |= put_off == PutOff::InVain;
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
    let Some(audience) = audience.filter(|held| held.holds(holding.version, now)) else {
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
    let hub = room.aws.hub();
    let from = FamilyThere::copied_from(hub, target);
    let (at, from) = (room.at(target).await, room.aws.at(from).await);
    let of_all = visit.there(room, &at).await?;
    let there = at.family_there(of_all, (hub, &from), &held.manifest, &held.audience);
    Ok(Here {
        held,
        visit,
        there: Box::pin(there).await?,
        no_room: None,
    })
}
