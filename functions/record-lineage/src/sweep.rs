use std::collections::BTreeSet;
use std::ops::Bound;

use steward::{BuildState, CanonicalName};
use steward_aws::{Problem, SwitchState};
use steward_lambda::Moment;

use crate::compare::{compare_targets, settle_doubts};
use crate::containers::compare_repositories;
use crate::look::look_at_build;
use crate::scans::settle_scans;
use crate::{ONE_LOOK, Outcome, Room};

/// Looks at what nobody told of, and at the builds of the hub of which the record does not say everything yet.
pub(crate) async fn sweep(room: &Room, moment: Moment) -> Result<Outcome, Problem> {
    let mut total = Outcome::default();
    if let SwitchState::Paused(why) = room.record.may_act(room.switch_at_first).await {
        total.paused = Some(why);
    }
    // First, because there are few of them: builds that cannot be placed are many one day, and must not hold these up.
    total.add(settle_doubts(room, moment).await?);
    total.add(Box::pin(settle_scans(room, moment)).await?);
    total.add(compare_targets(room, moment).await?);
    total.add(Box::pin(compare_repositories(room, moment)).await?);
    total.add(sweep_builds(room, moment).await?);
    Ok(total)
}

/// Goes on with the round through the builds of the hub where the sweep before had no more time.
async fn sweep_builds(room: &Room, moment: Moment) -> Result<Outcome, Problem> {
    let mut total = Outcome::default();
    let hub = room.aws.at(room.aws.hub()).await;
    let mut round = room.record.builds_round(moment.now).await?;
    let goes_on = round.after.is_some();
    let mut versions = BTreeSet::new();
    for version in hub.image_versions().await? {
        match version {
            Ok(version) => drop(versions.insert(version)),
            Err(problem) => {
                total.problems.push(problem.to_string());
                round.is_whole = false;
            }
        }
    }
    let ahead = round.after.clone().map_or(Bound::Unbounded, Bound::Excluded);
    for version in versions.range((ahead, Bound::Unbounded)) {
        for summary in hub
            .builds_of(version)
            .await
            .unwrap_or_else(|problem| vec![Err(problem)])
        {
            let summary = match summary {
                Ok(summary) => summary,
                Err(problem) => {
                    total.problems.push(problem.to_string());
                    round.is_whole = false;
                    continue;
                }
            };
            if !moment.deadline.leaves(ONE_LOOK) {
                total.unfinished = true;
                room.record.leave_builds_round(round, moment.now).await?;
                return Ok(total);
            }
            let release = CanonicalName::Build(summary.build.clone()).id();
            if summary.state != BuildState::Deleted {
                round.listed.insert(release);
            }
            let known = room.record.known(release).await?;
            let nothing_new = known.is_some_and(|known| known.covers(summary.state));
            if nothing_new {
                continue;
            }
            match Box::pin(look_at_build(room, &summary.build, None, moment)).await {
                Ok(outcome) => total.add(outcome),
                // One build that cannot be read must not hide the others.
                Err(problem) => total.problems.push(problem.to_string()),
            }
        }
        round.after = Some(version.clone());
    }
    // What another hand deleted there nobody tells: it is not listed any more.
    if round.is_whole && room.record.are_builds_due(moment.now).await? {
        room.record.write_builds_listed(&round.listed, moment.now).await?;
    }
    if goes_on {
        room.record.end_builds_round().await?;
    }
    Ok(total)
}
