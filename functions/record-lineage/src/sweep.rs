use std::collections::BTreeSet;

use steward::{BuildState, CanonicalName};
use steward_aws::{Problem, SwitchState};
use steward_lambda::Moment;

use crate::compare::{compare_targets, settle_doubts};
use crate::containers::compare_repositories;
use crate::look::look_at_build;
use crate::scans::settle_scans;
use crate::{ONE_LOOK, Outcome, Room};

/// Looks at every build of the hub of which the record does not say everything yet.
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
    let hub = room.aws.at(room.aws.hub()).await;
    let (mut listed, mut is_whole) = (BTreeSet::new(), true);
    for version in hub.image_versions().await? {
        let summaries = match version {
            Ok(version) => hub.builds_of(&version).await,
            Err(problem) => Err(problem),
        };
        let summaries = match summaries {
            Ok(summaries) => summaries,
            Err(problem) => {
                total.problems.push(problem.to_string());
                is_whole = false;
                continue;
            }
        };
        for summary in summaries {
            let summary = match summary {
                Ok(summary) => summary,
                Err(problem) => {
                    total.problems.push(problem.to_string());
                    is_whole = false;
                    continue;
                }
            };
            if !moment.deadline.leaves(ONE_LOOK) {
                total.unfinished = true;
                return Ok(total);
            }
            let release = CanonicalName::Build(summary.build.clone()).id();
            if summary.state != BuildState::Deleted {
                listed.insert(release);
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
    }
    // What another hand deleted there nobody tells: it is not listed any more.
    if is_whole && room.record.are_builds_due(moment.now).await? {
        room.record.write_builds_listed(&listed, moment.now).await?;
    }
    Ok(total)
}
