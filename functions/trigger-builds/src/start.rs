//! Does what was decided of a line, and writes down what is to be kept of it.

use steward::building::{Attempt, Because, Ended, Ending, Fate, Line, LinePlan, LineState, Reason};
use steward::{BuildState, CanonicalName, Heard, ImageBuildArn, OwnEvent, Timestamp, Words};
use steward_aws::{AtTarget, Cause, Problem, SwitchState};
use steward_lambda::{Moment, tell};
use tracing::{error, info};

use super::Triggered;
use crate::{ONE_STEP, Room};

/// Does what was decided of one line.
pub(super) async fn carry_out(
    room: &Room,
    hub: &AtTarget,
    (line, LinePlan { fate, state }): (&Line, LinePlan),
    before: &(LineState, u64),
    outcome: &mut Triggered,
    moment: Moment,
) -> Result<(), Problem> {
    let says = |reasons: &[Reason], what: &dyn std::fmt::Display| match reasons {
        [] => format!("{line}: {what}"),
        reasons => format!("{line}: {} ({what})", joined(reasons)),
    };
    if let Some((attempt, build)) = learned(&state, &before.0) {
        write_started(room, line, attempt, build).await?;
    }
    match fate {
        Fate::Quiet | Fate::Building | Fate::ToBeRead => {}
        Fate::Waits { reasons, until, why } => outcome
            .waits
            .push(says(&reasons, &format_args!("{why}, until {until}"))),
        Fate::Queued { reasons, ahead } => {
            outcome.waits.push(says(&reasons, &format_args!("{ahead} go first")));
        }
        Fate::Follows { reasons, canary, on } => outcome
            .waits
            .push(says(&reasons, &format_args!("{canary} is built on {on} first"))),
        Fate::Skipped { reasons, why } => {
            info!(%line, %why, "nothing is built");
            outcome.skipped.push(says(&reasons, &why));
            if before.0.skipped.as_ref() != Some(&why) || reasons.iter().any(is_asked_once) {
                let asked = if reasons.is_empty() {
                    String::new()
                } else {
                    format!("; asked by {}", joined(&reasons))
                };
                let heard = format!("{line} is not built: {why}{asked}");
                hear(room, line, "skipped", heard, moment.now).await?;
            }
        }
        Fate::Blocked { reasons, why } => {
            error!(%line, %why, "a build is blocked");
            outcome.blocked.push(says(&reasons, &why));
        }
        Fate::Cancels { build, reasons } => {
            let why = joined(&reasons);
            return Box::pin(cancel(room, hub, (line, &build, &why), state, before, outcome, moment)).await;
        }
        Fate::Starts => return Box::pin(start(room, hub, line, state, before, outcome, moment)).await,
    }
    keep(room, line, &state, before, moment.now).await.map(drop)
}

/// Writes down what is started, starts it, and writes down which build that is.
async fn start(
    room: &Room,
    hub: &AtTarget,
    line: &Line,
    mut state: LineState,
    before: &(LineState, u64),
    outcome: &mut Triggered,
    moment: Moment,
) -> Result<(), Problem> {
    let Some(attempt) = state.attempt.clone() else {
        return Ok(());
    };
    if !may_go_on(room, outcome, moment).await {
        return Ok(());
    }
    if !keep(room, line, &state, before, moment.now).await? {
        // Somebody else wrote it since: the next sweep decides by that.
        return Ok(());
    }
    let revision = if before.0 == state { before.1 } else { before.1 + 1 };
    let written = (state.clone(), revision);
    match hub.start_build(line, &attempt).await {
        Ok(build) => {
            write_started(room, line, &attempt, &build).await?;
            outcome.started.push(format!("{build}: {}", joined(&attempt.reasons)));
            state.attempt = Some(Attempt {
                build: Some(build),
                ..attempt
            });
        }
        Err(problem) => match problem.cause {
            // It was not carried out, and may be as soon as there are fewer calls: as if it had not been decided.
            _ if problem.was_put_off() => {
                keep(room, line, &before.0, &written, moment.now).await?;
                return Err(problem);
            }
            // It was not carried out, and would be refused again until somebody does something. What an earlier run began may have been.
            Cause::Refused { .. } if !before.0.is_in_doubt() => {
                let why = Words::from(problem.to_string());
                outcome.problems.push(problem.to_string());
                if refused_before(&before.0) != Some(&why) {
                    let heard = format!("{line} could not be started: {why}");
                    hear(room, line, "refused", heard, moment.now).await?;
                }
                state.was_refused(why, moment.now);
            }
            // The next run asks with the same token, and is answered with the same build.
            Cause::Refused { .. }
            | Cause::NoRoom { .. }
            | Cause::Broke { .. }
            | Cause::Unanswered(_)
            | Cause::NotUnderstood(_) => {
                return Err(problem);
            }
        },
    }
    keep(room, line, &state, &written, moment.now).await.map(drop)
}

/// The build that a start was, of which nobody knew until now.
fn learned<'a>(state: &'a LineState, before: &LineState) -> Option<(&'a Attempt, &'a ImageBuildArn)> {
    let attempt = state.attempt.as_ref().filter(|_| before.is_in_doubt())?;
    Some((attempt, attempt.build.as_ref()?))
}

/// Writes down which build was started, and why.
async fn write_started(room: &Room, line: &Line, attempt: &Attempt, build: &ImageBuildArn) -> Result<(), Problem> {
    let because = Because {
        family: line.family.clone(),
        number: build.version(),
        reasons: attempt.reasons.clone(),
        begun: attempt.begun,
    };
    let release = CanonicalName::from(build.clone()).id();
    room.record.write_because(release, &because).await?;
    let heard = format!("{build} was started: {}", joined(&attempt.reasons));
    hear(room, line, "started", heard, attempt.begun).await
}

/// Why the last start was refused; none: it was not.
fn refused_before(before: &LineState) -> Option<&Words> {
    let Ended { how, .. } = before.attempt.as_ref()?.ended.as_ref()?;
    match how {
        Ending::NotStarted(why) => Some(why),
        Ending::Made | Ending::Passing(_) | Ending::Failed(_) | Ending::Cancelled => None,
    }
}

/// Writes down that a build is to be ended, and ends it unless it has come to its tests: what is tested is almost there.
async fn cancel(
    room: &Room,
    hub: &AtTarget,
    (line, build, why): (&Line, &ImageBuildArn, &str),
    mut state: LineState,
    before: &(LineState, u64),
    outcome: &mut Triggered,
    moment: Moment,
) -> Result<(), Problem> {
    if !may_go_on(room, outcome, moment).await || !keep(room, line, &state, before, moment.now).await? {
        return Ok(());
    }
    let revision = if before.0 == state { before.1 } else { before.1 + 1 };
    let written = (state.clone(), revision);
    let is = hub.build(build).await?.map(|facts| facts.state);
    match is {
        Some(BuildState::Pending | BuildState::Creating | BuildState::Building) => {
            // Told first, and once a build: it has ended before whoever dies here looks again.
            let begun = state.attempt.as_ref().map_or(moment.now, |attempt| attempt.begun);
            let heard = format!("{build} is to end, as something else would be built now: {why}");
            hear(room, line, "superseded", heard, begun).await?;
            hub.cancel_build(line, build).await?;
            outcome.cancelled.push(format!("{build}: {why}"));
            Ok(())
        }
        Some(BuildState::Testing | BuildState::Distributing | BuildState::Integrating) => {
            state.is_too_late();
            keep(room, line, &state, &written, moment.now).await.map(drop)
        }
        // It has ended, and the record says so soon.
        None
        | Some(
            BuildState::Available
            | BuildState::Cancelled
            | BuildState::Failed
            | BuildState::Deprecated
            | BuildState::Disabled
            | BuildState::Deleted,
        ) => Ok(()),
    }
}

/// Whether there is time for one step more, and nobody paused it.
async fn may_go_on(room: &Room, outcome: &mut Triggered, moment: Moment) -> bool {
    if !moment.deadline.leaves(ONE_STEP) {
        outcome.unfinished = true;
        return false;
    }
    if let SwitchState::Paused(why) = room.record.may_act(room.switch_at_first).await {
        outcome.paused = Some(why);
        return false;
    }
    true
}

/// Writes what is to be kept of a line, where it is another than before; false where somebody else wrote it since.
async fn keep(
    room: &Room,
    line: &Line,
    state: &LineState,
    (before, revision): &(LineState, u64),
    now: Timestamp,
) -> Result<bool, Problem> {
    if state == before {
        return Ok(true);
    }
    // Told before it is written: whoever dies between tells twice.
    if let Some(breaker) = state.breaker.as_ref().filter(|_| before.breaker.is_none()) {
        let cause = Words::from(format!(
            "{} builds of {line} in a row failed, the last: {}",
            state.failures, breaker.why
        ));
        hear(room, line, "breaker", cause.to_string(), now).await?;
        let family = line.family.clone();
        tell(&room.bus, &OwnEvent::Blocked { family, cause }).await;
    }
    room.record.keep_line(line, state, *revision).await
}

async fn hear(room: &Room, line: &Line, what: &str, says: String, at: Timestamp) -> Result<(), Problem> {
    let heard = Heard {
        event: format!("{what}#{}", line.architecture),
        at,
        says: Words::from(says),
    };
    room.record.hear_of_family(&line.family, &heard, at).await.map(drop)
}

/// Whether a reason comes once, so that its end is told each time.
fn is_asked_once(reason: &Reason) -> bool {
    matches!(reason, Reason::Manual { .. } | Reason::Schedule { .. })
}

fn joined(reasons: &[Reason]) -> String {
    let reasons: Vec<String> = reasons.iter().map(ToString::to_string).collect();
    reasons.join("; ")
}
