//! The reports that EC2 is asked for, so that a later run can read them.

use steward::evidence::{Asking, ImageSeen, Readings, Reportable, decide_reports};
use steward::{AmiState, Target};
use steward_aws::{Cause, Placed, Problem, SwitchState};
use steward_lambda::Moment;

use super::gather::{Ours, tagged};
use super::{Gathered, ONE_REPORT};
use crate::Room;

/// What EC2 says to whoever may not ask, or asks too fast: it would say so of the next image too.
const OF_THE_TARGET: [&str; 2] = ["RequestLimitExceeded", "UnauthorizedOperation"];

/// Asks for the reports that are due of a target's images: by what was just read of it, and nothing where that is not known.
pub(crate) async fn ask_for_reports(
    room: &Room,
    target: Target,
    readings: &Readings,
    ours: Ours<'_>,
    moment: Moment,
) -> Gathered {
    let mut outcome = Gathered::default();
    let (Ok(reports), Ok(images)) = (&readings.reports, &readings.images) else {
        return outcome;
    };
    let due = decide_reports(&reportable(ours, images), &reports.reports, moment.now);
    let at = room.aws.at(target).await;
    let mut failed: Vec<Problem> = Vec::new();
    for asking in due {
        if !moment.deadline.leaves(ONE_REPORT) {
            outcome.unfinished = true;
            break;
        }
        if let SwitchState::Paused(why) = room.record.may_act(room.switch_at_first).await {
            outcome.paused = Some(why);
            break;
        }
        let Asking { ami, cause, .. } = &asking;
        match at.ask_for_report(*ami, &asking.token(target, moment.now)).await {
            Ok(true) => outcome.asked.push(format!("{ami} in {target}: {cause}")),
            // It is gone by now.
            Ok(false) => {}
            Err(problem) => {
                let of_all = matches!(problem.cause, Cause::Broke { .. } | Cause::Unanswered(_))
                    || problem.code().is_some_and(|code| OF_THE_TARGET.contains(&code));
                failed.push(problem);
                if of_all {
                    break;
                }
            }
        }
    }
    outcome.problems.extend(said_once(&failed));
    outcome
}

/// The images that the target owns, of releases that somebody may use where nobody can look, and that we may ask about.
fn reportable(ours: Ours<'_>, images: &[ImageSeen]) -> Vec<Reportable> {
    // The role may ask about what carries our tag, and about nothing else.
    let tagged = tagged(images);
    let there = ours
        .owned
        .iter()
        .filter(|placed| ours.beyond.contains(&placed.release) && tagged.contains(&placed.ami));
    there
        .filter_map(|placed| {
            let Placed { ami, state, since, .. } = placed;
            let disabled = match (*state)? {
                AmiState::Available => None,
                AmiState::Disabled => *since,
                // Nobody launches it, or not yet.
                AmiState::Pending
                | AmiState::Transient
                | AmiState::Invalid
                | AmiState::Deregistered
                | AmiState::Failed
                | AmiState::Error => return None,
            };
            Some(Reportable { ami: *ami, disabled })
        })
        .collect()
}

/// The first of them, and how many more there are.
fn said_once(failed: &[Problem]) -> Option<String> {
    let (first, more) = failed.split_first()?;
    Some(match more.len() {
        0 => first.to_string(),
        more => format!("{first} (and {more} more reports of this target)"),
    })
}
