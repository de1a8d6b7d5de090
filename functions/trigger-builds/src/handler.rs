use serde_json::Value;
use steward::manifest::Manifest;
use steward::{Duration, FamilyName, VENDOR_TOPICS, Wake, Worker};
use steward_aws::{Holding, Lease, Leased, PlannedBuilds, Problem, plan_builds};
use steward_lambda::{Failure, Moment, end};

use super::Triggered;
use super::approve::look_at_waits;
use super::start::carry_out;
use crate::{ENOUGH_TO_ACT, Room};

/// Longer than any run.
const ONE_RUN: Duration = Duration::minutes(6);

/// Wake → facts → decision → act → record. Whatever wakes it, it looks through all lines: a few reads each, where nothing asks for
/// a build.
pub async fn trigger_builds(room: &Room, event: &Value, run: &str, moment: Moment) -> Result<Triggered, Failure> {
    let wake = if event.get("Records").is_some() {
        Wake::read_vendor(event, &VENDOR_TOPICS)
    } else {
        Wake::read(event, &room.topic)
    };
    let outcome = match wake {
        // Of Image Builder's events it hears of steps that wait and of pipelines that were disabled.
        Ok(Wake::Sweep | Wake::Told | Wake::Build { .. } | Wake::Pipeline { .. }) => {
            Box::pin(one_at_a_time(room, run, moment)).await?
        }
        Ok(Wake::Vendor { .. }) => Box::pin(hear(room, run, moment)).await?,
        Ok(Wake::Inputs { target, .. }) if target == room.aws.hub() => Box::pin(hear(room, run, moment)).await?,
        Ok(
            Wake::Scan { .. }
            | Wake::Container { .. }
            | Wake::Ami { .. }
            | Wake::Snapshot { .. }
            | Wake::Inputs { .. }
            | Wake::Organization { .. },
        ) => Triggered::refused(
            "builds are triggered by our own events, by vendors, by changes in the hub, by steps that wait, by pipelines that are disabled, and by \
             the sweep",
        ),
        Err(refusal) => Triggered::refused(refusal),
    };
    end(&room.record, event, outcome, moment).await
}

/// Somebody says that there is something new. That is kept first: whoever is at work, runs out of time or dies leaves it to the next run.
async fn hear(room: &Room, run: &str, moment: Moment) -> Result<Triggered, Problem> {
    room.record.hear_rumour(moment.now).await?;
    Box::pin(one_at_a_time(room, run, moment)).await
}

/// Who plans while another run starts what it planned would count less than runs.
async fn one_at_a_time(room: &Room, run: &str, moment: Moment) -> Result<Triggered, Problem> {
    let at_work = (Worker::TriggerBuilds, room.aws.hub());
    let lease = Lease {
        who: Worker::TriggerBuilds.to_string(),
        run: run.to_owned(),
        until: moment.now.checked_add(ONE_RUN).unwrap_or(moment.now),
    };
    let lease = match room.record.lease_target(at_work, lease, moment.now).await? {
        Leased::Yes(lease) => lease,
        Leased::Taken(_) => {
            return Ok(Triggered {
                unfinished: true,
                ..Triggered::default()
            });
        }
    };
    let outcome = Box::pin(look_through(room, moment)).await;
    room.record.leave_target(at_work, &lease, moment.now).await?;
    outcome
}

async fn look_through(room: &Room, moment: Moment) -> Result<Triggered, Problem> {
    let mut outcome = Triggered::default();
    let (manifests, unread) = manifests(room, &mut outcome).await?;
    let hub = room.aws.at(room.aws.hub()).await;
    let planned = Box::pin(plan_builds(
        &room.record,
        &hub,
        &manifests,
        || moment.deadline.leaves(ENOUGH_TO_ACT),
        (room.at_once, moment.now),
    ))
    .await;
    let PlannedBuilds {
        plan,
        before,
        problems,
        left,
    } = planned;
    outcome.unfinished = left > 0;
    outcome.problems.extend(problems.iter().map(ToString::to_string));
    for (line, of_line) in plan.lines {
        let Some(before) = before.get(&line) else { continue };
        outcome.lines += 1;
        if let Err(problem) = Box::pin(carry_out(room, &hub, (&line, of_line), before, &mut outcome, moment)).await {
            // One line must not hold up the others.
            outcome.problems.push(problem.to_string());
        }
    }
    if let Err(problem) = Box::pin(look_at_waits(room, &hub, (&manifests, &unread), &mut outcome, moment)).await {
        outcome.problems.push(problem.to_string());
    }
    Ok(outcome)
}

/// Every manifest that holds, with its number, and the families of those that cannot be read.
async fn manifests(room: &Room, outcome: &mut Triggered) -> Result<(Vec<(Manifest, u32)>, Vec<FamilyName>), Problem> {
    let (mut manifests, mut unread) = (Vec::new(), Vec::new());
    for Holding {
        family,
        version,
        manifest,
    } in room.record.all_holding().await?
    {
        match manifest {
            Ok(manifest) => manifests.push((manifest, version)),
            Err(unreadable) => {
                outcome.problems.push(unreadable.to_string());
                unread.push(family);
            }
        }
    }
    Ok((manifests, unread))
}
