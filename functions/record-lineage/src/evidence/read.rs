//! All lists of a target, side by side.

use std::collections::{BTreeMap, BTreeSet};

use steward::evidence::{
    ImageSeen, ParametersSeen, Readings, ReferenceSeen, ReportsSeen, TemplateSeen, Unread, images_to_ask_about,
    parameters_named, templates_missing,
};
use steward::{AmiId, Target, Timestamp, Words};
use steward_aws::{AtTarget, Problem};
use tokio::join;

use super::gather::{Ours, tagged};
use crate::Room;

/// Reads all lists of a target. What need not be read again is kept for the next run before anything else is written.
pub(crate) async fn read_target(
    room: &Room,
    target: Target,
    ours: Ours<'_>,
    now: Timestamp,
) -> Result<Readings, Problem> {
    let at = room.aws.at(target).await;
    let (instances, templates, groups, configurations) = join!(
        Box::pin(at.instances()),
        Box::pin(read_templates(room, &at)),
        Box::pin(at.groups()),
        Box::pin(at.launch_configurations()),
    );
    let (fleets, spot_fleets, spot_requests, pipelines, images, reports) = join!(
        Box::pin(at.fleets()),
        Box::pin(at.spot_fleets()),
        Box::pin(at.spot_requests()),
        Box::pin(at.pipelines_seen()),
        Box::pin(images_of_ours(room, &at, ours.here)),
        Box::pin(reports(&at, ours)),
    );
    let mut readings = Readings {
        instances: readable(instances),
        templates: templates?,
        groups: readable(groups),
        configurations: readable(configurations),
        fleets: readable(fleets),
        spot_fleets: readable(spot_fleets),
        spot_requests: readable(spot_requests),
        parameters: Err(Words::from("not read yet")),
        pipelines: readable(pipelines),
        reports: match (reports, &images) {
            (Some(reports), _) => readable(reports),
            (None, Ok(_)) => Ok(ReportsSeen::default()),
            // Who lets nobody look has not said that there are none.
            (None, Err(problem)) => Err(Words::from(problem.to_string())),
        },
        images: readable(images),
        references: Err(Words::from("not asked yet")),
    };
    // The lists are read side by side: what one names and another did not have yet is looked at by itself.
    let missing = templates_missing(&readings);
    if let Ok(templates) = &mut readings.templates
        && let Err(problem) = at.add_missing(&missing, templates).await
    {
        readings.templates = readable(Err(problem));
    }
    // After them: they say which parameters matter.
    readings.parameters = read_parameters(room, &at, &readings).await?;
    // Last: what nothing else shows in use.
    readings.references = references(&at, ours, &readings, now).await;
    Ok(readings)
}

async fn read_templates(room: &Room, at: &AtTarget) -> Result<Result<Vec<TemplateSeen>, Unread>, Problem> {
    let known = room.record.known_templates(at.target()).await?;
    Ok(match readable(at.templates(&known).await) {
        Ok(templates) => {
            room.record.keep_templates(at.target(), &known, &templates).await?;
            Ok(templates.into_values().map(|template| template.seen).collect())
        }
        Err(why) => Err(why),
    })
}

async fn read_parameters(
    room: &Room,
    at: &AtTarget,
    readings: &Readings,
) -> Result<Result<ParametersSeen, Unread>, Problem> {
    let known = room.record.known_parameters(at.target()).await?;
    let read = at.parameters(&known, &parameters_named(readings)).await;
    Ok(match readable(read) {
        Ok((seen, read)) => {
            room.record.keep_parameters(at.target(), &known, &read).await?;
            Ok(seen)
        }
        Err(why) => Err(why),
    })
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

/// The usage reports; none where they need not be listed: EC2 tells of an image's use its owner alone.
async fn reports(at: &AtTarget, ours: Ours<'_>) -> Option<Result<ReportsSeen, Problem>> {
    if ours.owned.is_empty() {
        return None;
    }
    Some(at.reports(ours.here).await)
}

/// What EC2 says itself of who names the images that are being retired here and that nothing else shows in use.
async fn references(
    at: &AtTarget,
    ours: Ours<'_>,
    readings: &Readings,
    now: Timestamp,
) -> Result<Vec<ReferenceSeen>, Unread> {
    let images = readings.images.as_ref().map_err(Words::clone)?;
    let tagged = tagged(images);
    let there = ours.owned.iter().filter(|placed| tagged.contains(&placed.ami));
    let states = there.map(|placed| (placed.ami, placed.state)).collect();
    readable(at.references(&images_to_ask_about(&states, readings, now)).await)
}

/// What was read, or in words why not.
fn readable<T>(read: Result<T, Problem>) -> Result<T, Unread> {
    read.map_err(|problem| Words::from(problem.to_string()))
}
