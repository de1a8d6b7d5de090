//! What is to be done of one family.

use steward::manifest::Manifest;
use steward::pruning::{LetThrough, PruningPlan, RunMode, RunSummary, check_plan, decide_pruning};
use steward::{Duration, Heard, Timestamp, Words};
use steward_aws::{Around, Problem, Pruned};
use steward_lambda::Moment;
use tracing::{error, warn};

use super::Planned;
use super::announce::announce;
use super::record::write_down;
use super::tell::tell;
use crate::Room;
use crate::clock::Clock;

/// A family is planned anew after so long, whatever happens.
const EVERY: Duration = Duration::hours(1);

/// Decides of a family where that is due; no plan where there is nothing that may be done. What came of it is written down by whoever
/// has sent it: what was not sent, and what could not be reported whole, is planned again.
pub(crate) async fn plan_family(
    room: &Room,
    manifest: (&Manifest, u32),
    around: &Around,
    (moment, clock): (Moment, Clock),
) -> Result<(Planned, Option<(PruningPlan, Option<Pruned>)>), Problem> {
    let (Manifest { family, .. }, number) = manifest;
    let last = room.record.pruned(family).await?;
    let asked = room.record.let_through(family).await?;
    if !is_due(last.as_ref(), number, asked.as_ref(), moment.now) {
        return Ok((Planned::default(), None));
    }
    let facts = Box::pin(room.record.pruning_facts(manifest, around, moment.now)).await?;
    let plan = decide_pruning(&facts, moment.now);
    let mut outcome = Planned::of(&plan);
    let violations = check_plan(&facts, &plan, moment.now);
    if let Some(first) = violations.first() {
        // The decision is wrong: nobody acts by it.
        error!(%family, violation = %first, count = violations.len(), "a plan is wrong");
        outcome.problems.push(format!("the plan of {family} is wrong: {first}"));
        return Ok((outcome, None));
    }
    say_what_is_blocked(&plan);
    if is_asked(last.as_ref(), asked.as_ref())
        && let Some(other) = asked.as_ref().and_then(|asked| asked.is_not(&plan))
    {
        let heard = Heard {
            event: format!("plan-pruning#{}", moment.now),
            at: moment.now,
            says: Words::from(format!("plan-pruning: {other}")),
        };
        room.record.hear_of_family(family, &heard, moment.now).await?;
        outcome.not_asked.push(format!("{family}: {other}"));
    }
    if room.mode() == RunMode::Acts {
        write_down(room, &plan, moment.now).await?;
        outcome.add(announce(room, &facts, &plan, clock).await?);
    }
    let told = tell(room, &facts, &plan, last.as_ref(), moment.now, &mut outcome).await;
    let summary = match told {
        Ok(summary) => summary,
        // Of what nobody can read nothing is taken away, and what somebody needs comes back all the same.
        Err(problem) => {
            outcome.problems.push(problem.to_string());
            return Ok((outcome, Some((plan.ways_up(), None))));
        }
    };
    let pruned = Pruned {
        manifest: number,
        asked,
        soon: None,
        answered: last.as_ref().and_then(|last| last.soon),
        due: due(&plan, moment.now),
        mode: room.mode(),
        summary,
    };
    Ok((outcome, Some((plan, Some(pruned)))))
}

/// Whether a person asks for something that was not planned yet: by no clock but ours, as whoever asks may have another.
fn is_asked(last: Option<&Pruned>, asked: Option<&LetThrough>) -> bool {
    asked.is_some() && asked != last.and_then(|last| last.asked.as_ref())
}

/// Whether a family is to be planned again: after an hour, for another manifest, when a person asks, or when
/// the next rung of one of its images falls due.
fn is_due(last: Option<&Pruned>, number: u32, asked: Option<&LetThrough>, now: Timestamp) -> bool {
    let Some(Pruned {
        manifest,
        asked: _,
        soon,
        answered,
        due,
        mode: _,
        summary: RunSummary { at, .. },
    }) = last
    else {
        return true;
    };
    let is_over = at.checked_add(EVERY).is_none_or(|again| again <= now);
    is_over || *manifest != number || is_asked(last, asked) || soon != answered || due.is_some_and(|due| due <= now)
}

/// When the next rung of one of its images falls due. What is due and not done waits for the next hour: it is told of, held up,
/// or under way.
fn due(plan: &PruningPlan, now: Timestamp) -> Option<Timestamp> {
    let next = plan.expendable.iter().filter_map(|expendable| expendable.next);
    next.map(|next| next.at).filter(|at| *at > now).min()
}

/// Alarms listen for these words.
fn say_what_is_blocked(plan: &PruningPlan) {
    let PruningPlan { family, .. } = plan;
    if let Some(worst) = plan.troubles.first() {
        warn!(%family, cause = %worst, count = plan.troubles.len(), "a family is blocked");
    } else if let Some(over) = &plan.over_share {
        let accept = plan.acceptance().unwrap_or_default();
        warn!(%family, releases = over.releases.len(), allowed = over.allowed, accept, "a family is blocked");
    }
}
