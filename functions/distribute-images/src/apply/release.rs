//! One release in one target: what is there, what is to be done, each step of it, and how it stands then.

use std::collections::BTreeSet;

use steward::distribution::{DistributionStep, Finding, Reach, Shared, Stood, TargetPlan, TargetStanding};
use steward::{AmiState, ReleaseId, Target, Words};
use steward_aws::{Decided, HeldPlacement, Problem};
use steward_lambda::Moment;

use super::Distributed;
use super::copy::{copy_before, place};
use super::steps::Steps;
use super::work::{Held, Here};
use crate::Room;

/// From so many failures in a row on somebody is told: what passes by itself has passed by then.
pub(super) const IN_VAIN: u32 = 3;

/// For how long something is put off that did not come right.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum PutOff {
    ForNow,
    /// The same, and somebody is told.
    InVain,
    /// Nobody wants it there any more: it is only looked for.
    ForADay,
}

/// Looks at a release, takes the steps that are due, and writes how it stands.
pub(crate) async fn bring_on(
    room: &Room,
    here: &mut Here<'_>,
    release: ReleaseId,
    moment: Moment,
    outcome: &mut Distributed,
) -> Result<(), Problem> {
    let target = here.there.target;
    let (at, from) = (room.at(target).await, room.aws.at(here.there.from).await);
    let held = (&here.held.manifest, &here.held.audience, moment.now);
    let decided = here.there.decide(&room.record, (&at, &from), release, held);
    let Some(decided) = Box::pin(decided).await? else {
        let of = (here.held, target);
        return put_off(room, of, release, ("the record knows no image of it", false), moment)
            .await
            .map(drop);
    };
    let Decided {
        going,
        placements,
        stood,
        plan,
    } = decided;
    let lent = stood.as_ref().map(|stood| &stood.lent);
    outcome.releases += 1;
    let of_it = DistributionStep::of_release(release);
    let steps = plan.steps.iter().chain(&plan.lending);
    let wanted = steps.map(|step| step.journaled(release)).collect();
    here.visit.close_unwanted(room, &of_it, &wanted, moment.now).await?;
    let (copy, spent) = copy_before(here, &at, stood.as_ref(), &plan.standing, &placements, moment.now).await?;
    let mut now = Stood {
        tries: 0,
        failed: spent,
        made: copy,
        ..stands(room, here, &plan, moment)
    };
    place(room, here, &at, release, &plan.standing, &placements, moment).await?;
    let failed_before = outcome.problems.len();
    // Whom anything is lent to is known before it is.
    if !plan.lending.is_empty() && lent != Some(&now.lent) {
        here.stands(room, release, &now).await?;
    }
    let mut steps = Steps {
        room,
        here,
        at: &at,
        going: &going,
        moment,
    };
    let taken = steps.take(&plan.steps, &mut now, outcome).await?;
    now.reach = plan.reach(taken.all_refused());
    let own_problems = outcome.problems.len();
    if taken.cut_short {
        return Ok(());
    }
    let lent_in_vain = lent.map_or(0, |lent| lent.tries);
    if !lend(&mut steps, &plan, lent_in_vain, &mut now, outcome).await? {
        return Ok(());
    }
    // What was just made is read back before it counts.
    now.under_way |= taken.made && !taken.failed;
    let is_copied = match plan.standing {
        TargetStanding::There(_) | TargetStanding::Pending { .. } | TargetStanding::OnLadder(_) => true,
        TargetStanding::NotWanted
        | TargetStanding::Missing
        | TargetStanding::Failed { .. }
        | TargetStanding::Gone
        | TargetStanding::Blocked => false,
    };
    // A copy that fails each time is not made with every sweep.
    now.under_way &= is_copied || now.failed.is_empty();
    now.under_way |= taken.waits;
    // What cannot be lent has a pace of its own.
    let only_notes = plan
        .findings
        .iter()
        .all(|finding| finding.is_a_note() || finding.is_of_lending());
    now.settled = plan.steps.is_empty() && only_notes && rests(&plan.standing, here, &placements);
    if !now.settled && !now.under_way {
        now.tries = stood.map_or(0, |stood| stood.tries) + 1;
        match in_vain(room, (here.held, here.there.target), now.tries) {
            PutOff::ForNow => {}
            PutOff::InVain => {
                let problems = outcome.problems[failed_before..own_problems].iter();
                outcome.in_vain.extend(problems.cloned());
                let overdue = plan.findings.iter().filter(|finding| finding.is_overdue());
                outcome.in_vain.extend(overdue.map(ToString::to_string));
            }
            PutOff::ForADay => now.settled = true,
        }
    }
    outcome.settled += usize::from(now.settled);
    here.stands(room, release, &now).await
}

/// Lends what a member's copy takes, and takes it back. It has tries of its own: what one member cannot be lent must not hold up
/// whom else the image is shared with. False where time ran out, or the switch was thrown.
async fn lend(
    steps: &mut Steps<'_, '_>,
    plan: &TargetPlan,
    in_vain: u32,
    now: &mut Stood,
    outcome: &mut Distributed,
) -> Result<bool, Problem> {
    let problems = outcome.problems.len();
    let taken = steps.take(&plan.lending, now, outcome).await?;
    if taken.cut_short {
        return Ok(false);
    }
    let is_lent = now.lent.stands() || taken.made && !taken.failed;
    now.lent.tries = if is_lent { 0 } else { in_vain + 1 };
    if now.lent.tries >= IN_VAIN {
        let problems = outcome.problems.iter().skip(problems).cloned();
        let in_the_way = plan.findings.iter().filter(|finding| finding.is_of_lending());
        outcome
            .in_vain
            .extend(problems.chain(in_the_way.map(ToString::to_string)));
    }
    Ok(true)
}

/// How a release stands by a plan, before any step of it.
fn stands(room: &Room, here: &Here<'_>, plan: &TargetPlan, moment: Moment) -> Stood {
    let (says, ami, under_way) = match &plan.standing {
        TargetStanding::NotWanted => ("not wanted".to_owned(), None, false),
        TargetStanding::There(ami) => (format!("{ami} is there"), Some(*ami), false),
        TargetStanding::Pending { ami, since } => {
            let since = since.map_or_else(String::new, |since| format!(" since {since}"));
            let is_overdue = plan.findings.iter().any(Finding::is_overdue);
            (format!("{ami} is being made{since}"), Some(*ami), !is_overdue)
        }
        TargetStanding::Missing => {
            let is_overdue = plan.findings.iter().any(Finding::is_overdue);
            ("not there yet".to_owned(), None, plan.steps.is_empty() && !is_overdue)
        }
        TargetStanding::Failed { ami, why } => {
            let why = why.as_ref().map_or("EC2 does not say why", Words::as_str);
            (format!("{ami} failed: {why}"), Some(*ami), false)
        }
        TargetStanding::OnLadder(ami) => {
            let is_enabled = plan.steps.contains(&DistributionStep::Enable { ami: *ami });
            let and = if is_enabled { ", and somebody asked for it" } else { "" };
            (format!("{ami} is disabled{and}"), Some(*ami), false)
        }
        TargetStanding::Gone => ("gone".to_owned(), None, false),
        TargetStanding::Blocked => ("blocked".to_owned(), None, plan.waits_for_the_hub()),
    };
    Stood {
        says: Words::from(says),
        reach: plan.reach(false),
        ami,
        keys: plan.keys.clone(),
        encrypted: plan.unkeyed.map(|unkeyed| unkeyed.seen(moment.now)),
        shared: plan.grants.as_ref().map(|grants| Shared::of(grants, moment.now)),
        lacks: plan.standing.lacks(),
        settled: false,
        under_way,
        findings: plan
            .findings
            .iter()
            .map(|finding| Words::from(finding.to_string()))
            .collect(),
        manifest: here.held.number,
        audience: here.held.audience_in(room, here.there.target).to_owned(),
        looked: moment.now,
        stuck: plan.is_stuck(),
        refused: 0,
        tries: 0,
        failed: BTreeSet::new(),
        made: None,
        lent: plan.lent.clone(),
    }
}

/// Whether nothing more is to come of it by itself. Of what the record has not seen the end of more may come.
fn rests(standing: &TargetStanding, here: &Here<'_>, placements: &[HeldPlacement]) -> bool {
    match standing {
        TargetStanding::NotWanted | TargetStanding::There(_) | TargetStanding::OnLadder(_) => true,
        TargetStanding::Gone => {
            let home = |placed: &&HeldPlacement| placed.target == here.there.home && placed.managed;
            placements
                .iter()
                .filter(home)
                .all(|placed| placed.state == AmiState::Deregistered)
        }
        TargetStanding::Pending { .. }
        | TargetStanding::Missing
        | TargetStanding::Failed { .. }
        | TargetStanding::Blocked => false,
    }
}

/// How far a release is that could not be looked at: as it was, and not usable by what nobody has looked at it by.
fn reach_unseen((held, audience): (&Held, &str), before: &Stood) -> Reach {
    match before.reach {
        Reach::Usable if !before.is_by(held.number, audience) => Reach::Coming,
        reach => reach,
    }
}

/// What becomes of a release that did not come right so often in a row.
fn in_vain(room: &Room, (held, target): (&Held, Target), tries: u32) -> PutOff {
    match (tries >= IN_VAIN, held.is_concerned(room, target)) {
        (false, _) => PutOff::ForNow,
        (true, true) => PutOff::InVain,
        (true, false) => PutOff::ForADay,
    }
}

/// Writes that a release could not be looked at: the others go on, and it is looked at again, ever less often.
pub(crate) async fn put_off(
    room: &Room,
    (held, target): (&Held, Target),
    release: ReleaseId,
    (why, is_shut): (&str, bool),
    moment: Moment,
) -> Result<PutOff, Problem> {
    let family = &held.manifest.family;
    let audience = held.audience_in(room, target);
    let before = room.record.stood_in(family, release, target).await?;
    let tries = before.as_ref().map_or(0, |stood| stood.tries) + 1;
    let refused = before.as_ref().map_or(0, |stood| stood.refused) + u32::from(is_shut);
    let put_off = in_vain(room, (held, target), tries);
    // What it copies it must be let copy until that is done: for a day at most, as nobody can look.
    let copies = |stood: &Stood| stood.lacks && stood.made.is_some_and(|copy| copy.may_go_on(moment.now));
    let is_shut_out = |stood: &Stood| refused >= IN_VAIN && !copies(stood);
    let reach = |stood: &Stood| reach_unseen((held, audience), stood);
    let stood = Stood {
        says: Words::from("not looked at"),
        reach: before.as_ref().map_or(Reach::Coming, reach),
        ami: before.as_ref().and_then(|stood| stood.ami),
        keys: before.as_ref().and_then(|stood| stood.keys.clone()),
        encrypted: before.as_ref().and_then(|stood| stood.encrypted),
        shared: before.as_ref().and_then(|stood| stood.shared.clone()),
        lacks: before.as_ref().is_none_or(|stood| stood.lacks),
        settled: put_off == PutOff::ForADay,
        under_way: false,
        findings: vec![Words::from(why)],
        manifest: held.number,
        audience: audience.to_owned(),
        looked: moment.now,
        // What was lent to an account that let us in before is not taken back for a day's trouble with its role.
        stuck: before.as_ref().is_none_or(|stood| stood.stuck || is_shut_out(stood)),
        refused,
        tries,
        failed: before.as_ref().map(|stood| stood.failed.clone()).unwrap_or_default(),
        made: before.as_ref().and_then(|stood| stood.made),
        lent: before.map(|stood| stood.lent).unwrap_or_default(),
    };
    room.record.write_stood(family, release, target, &stood).await?;
    Ok(put_off)
}
