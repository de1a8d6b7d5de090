//! All lists of a target, side by side.

use std::collections::{BTreeMap, BTreeSet};

use steward::evidence::{ImageSeen, ParametersSeen, Readings, Said, Source, SourceRun, Unread, parameters_named};
use steward::{AmiId, Target, Timestamp, Words};
use steward_aws::{AtTarget, Problem};
use tokio::join;

use crate::Room;

/// What was read of a target.
pub(crate) struct Read {
    pub(crate) readings: Readings,
    /// Whether nothing at all could be read.
    pub(crate) unreachable: bool,
}

/// Reads all lists of a target. What need not be read again is kept for the next run before anything else is written.
pub(crate) async fn read_target(
    room: &Room,
    target: Target,
    before: &[SourceRun],
    images: &BTreeSet<AmiId>,
) -> Result<Read, Problem> {
    let at = room.aws.at(target).await;
    let known_templates = room.record.known_templates(target).await?;
    let (instances, templates, groups, configurations) = join!(
        Box::pin(at.instances()),
        Box::pin(at.templates(&known_templates)),
        Box::pin(at.groups()),
        Box::pin(at.launch_configurations()),
    );
    let (fleets, spot_fleets, spot_requests, pipelines, images) = join!(
        Box::pin(at.fleets()),
        Box::pin(at.spot_fleets()),
        Box::pin(at.spot_requests()),
        Box::pin(at.pipelines_seen()),
        Box::pin(images_of_ours(room, &at, images)),
    );
    let mut readings = Readings {
        instances: instances.map_err(unread),
        templates: templates.map_err(unread),
        groups: groups.map_err(unread),
        configurations: configurations.map_err(unread),
        fleets: fleets.map_err(unread),
        spot_fleets: spot_fleets.map_err(unread),
        spot_requests: spot_requests.map_err(unread),
        parameters: Err(Words::from("not read yet")),
        pipelines: pipelines.map_err(unread),
        images: images.map_err(unread),
    };
    // Last: the others say which parameters matter.
    readings.parameters = read_parameters(room, &at, &readings, before).await?;
    if let Ok(templates) = &readings.templates {
        room.record.keep_templates(target, &known_templates, templates).await?;
    }
    let unreachable = nothing_was_read(&readings);
    Ok(Read { readings, unreachable })
}

async fn read_parameters(
    room: &Room,
    at: &AtTarget,
    readings: &Readings,
    before: &[SourceRun],
) -> Result<Result<ParametersSeen, Unread>, Problem> {
    let known = room.record.known_parameters(at.target()).await?;
    let named = parameters_named(readings);
    match at.parameters(&known, read_last(before), &named).await {
        Ok((seen, holding)) => {
            room.record.keep_parameters(at.target(), &known, &holding).await?;
            Ok(Ok(seen))
        }
        Err(problem) => Ok(Err(unread(problem))),
    }
}

/// When the parameters were last read to their end, believed or not.
fn read_last(before: &[SourceRun]) -> Option<Timestamp> {
    let complete = before
        .iter()
        .filter(|run| run.source == Source::Parameters && !matches!(run.said, Said::Unread(_)));
    complete.map(|run| run.as_of).max()
}

/// The images of ours that the target's account owns, or that the hub shares with it.
async fn images_of_ours(room: &Room, at: &AtTarget, ours: &BTreeSet<AmiId>) -> Result<Vec<ImageSeen>, Problem> {
    let owners = BTreeSet::from([at.target().account(), room.aws.hub().account()]);
    let mut seen = BTreeMap::new();
    for owner in owners {
        let images = at.images_seen(owner).await?;
        seen.extend(images.into_iter().map(|image| (image.ami, image)));
    }
    seen.retain(|ami, _| ours.contains(ami));
    Ok(seen.into_values().collect())
}

fn unread(problem: Problem) -> Unread {
    Words::from(problem.to_string())
}

fn nothing_was_read(readings: &Readings) -> bool {
    let Readings {
        instances,
        templates,
        groups,
        configurations,
        fleets,
        spot_fleets,
        spot_requests,
        parameters,
        pipelines,
        images,
    } = readings;
    [
        instances.is_err(),
        templates.is_err(),
        groups.is_err(),
        configurations.is_err(),
        fleets.is_err(),
        spot_fleets.is_err(),
        spot_requests.is_err(),
        parameters.is_err(),
        pipelines.is_err(),
        images.is_err(),
    ]
    .into_iter()
    .all(|unread| unread)
}
