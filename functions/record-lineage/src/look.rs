//! Looking at one thing: gather its facts, decide what they add, write that.

use futures_util::future::join_all;
use steward::{
    AmiFacts, AmiId, AmiState, BuildFacts, CanonicalName, Duration, Heard, ImageBuildArn, ImageBuilderArn,
    ImageBuilderOwner, ImagePipelineArn, Known, Output, OwnEvent, Reading, Release, Scan, SnapshotId, Target, Unplaced,
    Words, decide_copy, decide_recording, plural,
};
use steward_aws::{ImagesOf, Problem, Told, Written};
use steward_lambda::{Moment, tell};

use crate::containers::containers;
use crate::lineage::{copied_from, write_lineage};
use crate::observe::observe;
use crate::scans::wait_for_scan;
use crate::{Outcome, Room};

/// So long the rest of what a build tells waits for its scan.
const SCAN_IN_TIME: Duration = Duration::hours(24);

/// Looks at a build of the hub, and at every image it says it made.
pub(crate) async fn look_at_build(
    room: &Room,
    build: &ImageBuildArn,
    heard: Option<&Heard>,
    moment: Moment,
) -> Result<Outcome, Problem> {
    let hub = room.aws.hub();
    if !is_of_hub(build, hub) {
        return Ok(Outcome::refused(format!("{build} is not a build of the hub, {hub}")));
    }
    let release = CanonicalName::Build(build.clone()).id();
    let known = room.record.known(release).await?;
    let mut outcome = Outcome::default();
    if !known.is_some_and(Known::is_final) {
        let Some(mut facts) = room.aws.at(hub).await.build(build).await? else {
            return Ok(Outcome::refused(format!("Image Builder does not know {build}")));
        };
        outcome.looked_at = 1;
        let LeftBehind { images, missed } = left_behind(room, &facts).await;
        facts.outputs.extend(images);
        let (missed, why): (Vec<Target>, Vec<String>) = missed.into_iter().unzip();
        let readings = join_all(facts.outputs.iter().map(|output| look(room, *output))).await;
        let containers = Box::pin(containers(room, &facts)).await;
        let recording = decide_recording(known, &facts, &readings, &missed, &containers, moment.now);
        let written = room.record.write(&recording).await?;
        outcome.wrote(written);
        if written.release {
            tell_release(room, recording.release.as_ref()).await;
        }
        outcome.unplaced = recording.unplaced.into_iter().map(not_placed).chain(why).collect();
        if facts.state.ended() && !known.is_some_and(|known| known.linked) {
            match Box::pin(write_lineage(room, &facts, &readings, moment)).await {
                Ok(is_whole) => outcome.unfinished |= !is_whole,
                // What cannot be read on the way up holds up nothing else: the next look goes on with it.
                Err(problem) => outcome.problems.push(problem.to_string()),
            }
        }
        if facts.state.ended() && !known.is_some_and(|known| known.detailed) {
            write_details(room, &facts, moment).await?;
        }
    }
    if let Some(heard) = heard {
        room.record.hear(release, heard, moment.now).await?;
    }
    Ok(outcome)
}

/// Looks at a build whose scan has ended. It may have ended after the build was written down as a whole.
pub(crate) async fn look_at_scan(
    room: &Room,
    build: &ImageBuildArn,
    heard: &Heard,
    moment: Moment,
) -> Result<Outcome, Problem> {
    let outcome = Box::pin(look_at_build(room, build, Some(heard), moment)).await?;
    let release = CanonicalName::Build(build.clone()).id();
    let known = room.record.known(release).await?;
    let card = room.record.card(release).await?;
    if outcome.refused.is_some()
        || !known.is_some_and(|known| known.detailed)
        || card.is_some_and(|card| card.scanned.is_some())
    {
        return Ok(outcome);
    }
    if let Some(facts) = room.aws.at(room.aws.hub()).await.build(build).await? {
        write_details(room, &facts, moment).await?;
    }
    Ok(outcome)
}

/// Looks whether a pipeline of a family is disabled, as Image Builder said that it did by itself, and tells people.
pub(crate) async fn look_at_pipeline(
    room: &Room,
    pipeline: &ImagePipelineArn,
    heard: &Heard,
    moment: Moment,
) -> Result<Outcome, Problem> {
    let hub = room.aws.hub();
    if !is_of_hub(pipeline, hub) {
        return Ok(Outcome::refused(format!(
            "{pipeline} is not a pipeline of the hub, {hub}"
        )));
    }
    let Some(standing) = room.aws.at(hub).await.standing(pipeline).await? else {
        return Ok(Outcome::refused(format!("Image Builder does not know {pipeline}")));
    };
    let Some(family) = standing.family else {
        return Ok(Outcome::not_ours(format!("{pipeline} is of no family")));
    };
    let outcome = Outcome {
        looked_at: 1,
        ..Outcome::default()
    };
    if !standing.disabled {
        return Ok(outcome);
    }
    let failures = standing.failures.unwrap_or_default();
    let cause = Words::from(format!(
        "the pipeline {} is disabled, after {failures} build{} in a row that failed",
        pipeline.name(),
        plural(usize::try_from(failures).unwrap_or_default())
    ));
    let says = Heard {
        says: cause.clone(),
        ..heard.clone()
    };
    if !room.record.is_heard_of_family(&family, &says).await? {
        // Told before it is written down as told: whoever dies between tells twice.
        let blocked = OwnEvent::Blocked {
            family: family.clone(),
            cause,
        };
        room.bus.tell(&blocked).await?;
        room.record.hear_of_family(&family, &says, moment.now).await?;
    }
    Ok(outcome)
}

/// Writes what Image Builder tells of a build beside. A scan may go on when the build has ended: it is waited for, for a day,
/// before hundreds of packages are listed. After that it is waited for by itself.
pub(crate) async fn write_details(room: &Room, build: &BuildFacts, moment: Moment) -> Result<(), Problem> {
    let end = build.created.and_then(|created| created.checked_add(SCAN_IN_TIME));
    let is_late = end.is_none_or(|end| end <= moment.now);
    if build.scan == Scan::UnderWay && !is_late {
        return Ok(());
    }
    let hub = room.aws.at(room.aws.hub()).await;
    let Told { details, scanned } = hub.details(&build.build, build.scan).await?;
    if build.scan == Scan::Done && !scanned && !is_late {
        return Ok(());
    }
    let release = CanonicalName::Build(build.build.clone()).id();
    if build.scan != Scan::None && !scanned {
        // First: once the release says that it is whole, nobody but this leads back to it.
        wait_for_scan(room, build, moment).await?;
    }
    // Of its build's start at least; nobody says when a scan was made.
    let scanned = scanned.then_some(build.created.unwrap_or(moment.now));
    room.record.write_details(release, scanned, &details, moment.now).await
}

/// What a build left behind that failed.
#[derive(Default)]
struct LeftBehind {
    images: Vec<Output>,
    /// Where nobody could look for more, and why.
    missed: Vec<(Target, String)>,
}

/// Looks for the images of a build that failed, wherever they were to go: Regions that were done when another failed.
async fn left_behind(room: &Room, build: &BuildFacts) -> LeftBehind {
    let mut found = LeftBehind::default();
    if !build.state.left_off() {
        return found;
    }
    for target in &build.distributed_to {
        let made = ImagesOf::BuiltBy(target.account(), build.build.clone());
        match room.aws.at(*target).await.images(&made).await {
            Ok(images) => {
                let outputs = images.iter().map(|image| Output {
                    target: *target,
                    ami: image.ami,
                });
                found
                    .images
                    .extend(outputs.filter(|output| !build.outputs.contains(output)));
            }
            Err(problem) => found.missed.push((*target, problem.to_string())),
        }
    }
    found
}

/// Tells of a release that is new in the record as a whole. Whoever does not hear it finds it by a sweep.
async fn tell_release(room: &Room, release: Option<&Release>) {
    let Some(event) = release.and_then(OwnEvent::of_release) else {
        return;
    };
    tell(&room.bus, &event).await;
}

/// Looks at an image in its owner's account: a placement that the record knows, or one of a build of the hub.
pub(crate) async fn look_at_image(
    room: &Room,
    target: Target,
    ami: AmiId,
    heard: &Heard,
    moment: Moment,
) -> Result<Outcome, Problem> {
    let output = Output { target, ami };
    let known = room.record.held_by(ami, target.region()).await?;
    if let Some((_, account)) = known
        && account != target.account()
    {
        // Of an image that is not there a look would say that it is gone.
        return Ok(Outcome::refused(format!(
            "{ami} is an image of {account}, and not of {}",
            target.account()
        )));
    }
    // A wake that cannot be followed fails: it is tried again, and in the end kept where people see it.
    let seen = room.aws.at(target).await.see_image(ami).await?;
    let Some((release, _)) = known else {
        // Only the build itself says what it made; the image's tag says which build to ask.
        return match seen {
            Some(facts) => Box::pin(look_at_stranger(room, &facts, heard, moment)).await,
            None => Ok(Outcome::not_ours(format!("EC2 does not know {ami} in {target}"))),
        };
    };
    let state = match &seen {
        Some(facts) if facts.owner != target.account() => {
            return Ok(Outcome::refused(format!(
                "{ami} in {target} belongs to {}",
                facts.owner
            )));
        }
        Some(facts) => facts.state,
        None => AmiState::Deregistered,
    };
    let mut outcome = Outcome {
        looked_at: 1,
        ..Outcome::default()
    };
    let placements = usize::from(observe(room, release, output, state, moment).await?);
    outcome.wrote(Written {
        release: false,
        placements,
    });
    room.record.hear(release, heard, moment.now).await?;
    Ok(outcome)
}

/// Looks at the images of a target that have this snapshot behind them. Most snapshots that people copy have none.
pub(crate) async fn look_at_snapshot(
    room: &Room,
    target: Target,
    snapshot: SnapshotId,
    heard: &Heard,
    moment: Moment,
) -> Result<Outcome, Problem> {
    let of = ImagesOf::WithSnapshot(target.account(), snapshot);
    let mut outcome = Outcome::default();
    for image in room.aws.at(target).await.images(&of).await? {
        let looked = Box::pin(look_at_image(room, target, image.ami, heard, moment)).await?;
        // An image of somebody else's is no reason to refuse the wake: the snapshot may be behind another.
        outcome.add(Outcome {
            refused: None,
            ..looked
        });
    }
    Ok(outcome)
}

/// Looks at an image that the record has no release for: one of a build's that was not heard of yet, or a copy that another
/// hand made.
async fn look_at_stranger(room: &Room, image: &AmiFacts, heard: &Heard, moment: Moment) -> Result<Outcome, Problem> {
    let mut problems = Vec::new();
    if let Some(build) = &image.claims_build
        && is_of_hub(build, room.aws.hub())
    {
        let outcome = Box::pin(look_at_build(room, build, Some(heard), moment)).await?;
        let known = room.record.release_of(image.ami, image.target.region()).await?;
        // A copy may bear the tags of what it is a copy of.
        if known.is_some() || image.source.is_none() || image.from_instance {
            return Ok(outcome);
        }
        problems = outcome.problems;
    }
    let of = copied_from(room, image).await?;
    let copy = of.and_then(|release| decide_copy(release, image, moment.now));
    let Some(copy) = copy else {
        let AmiFacts { ami, target, .. } = image;
        let not_ours = Outcome::not_ours(format!("{ami} in {target} comes from no release we know"));
        return Ok(Outcome { problems, ..not_ours });
    };
    let mut outcome = Outcome {
        looked_at: 1,
        problems,
        ..Outcome::default()
    };
    outcome.wrote(Written {
        release: false,
        placements: usize::from(room.record.place(&copy).await?),
    });
    room.record.hear(copy.release, heard, moment.now).await?;
    Ok(outcome)
}

/// Whether a build, or a pipeline, is the hub's own.
pub(crate) fn is_of_hub<K: Copy, V: Copy>(thing: &ImageBuilderArn<K, V>, hub: Target) -> bool {
    *thing.owner() == ImageBuilderOwner::Account(hub.account()) && thing.region() == hub.region()
}

async fn look(room: &Room, output: Output) -> (Output, Reading) {
    let reading = room.aws.at(output.target).await.look_at_image(output.ami).await;
    (output, reading)
}

fn not_placed(Unplaced { image, cause }: Unplaced) -> String {
    format!("{image}: {cause}")
}
