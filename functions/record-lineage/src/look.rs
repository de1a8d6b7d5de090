//! Looking at one thing: gather its facts, decide what they add, write that.

use futures_util::future::join_all;
use steward::{
    AmiId, CanonicalName, Heard, ImageBuildArn, ImageBuilderOwner, Known, Output, Reading, Target, Timestamp, Unplaced,
    decide_recording, decide_sighting,
};
use steward_aws::{Problem, Written};

use crate::{Outcome, Room};

/// Looks at a build of the hub, and at every image it says it made.
pub(crate) async fn look_at_build(
    room: &Room,
    build: &ImageBuildArn,
    heard: Option<&Heard>,
    now: Timestamp,
) -> Result<Outcome, Problem> {
    let hub = room.aws.hub();
    if *build.owner() != ImageBuilderOwner::Account(hub.account()) || build.region() != hub.region() {
        return Ok(Outcome::refused(format!("{build} is not a build of the hub, {hub}")));
    }
    let release = CanonicalName::Build(build.clone()).id();
    let known = room.record.known(release).await?;
    let mut outcome = Outcome::default();
    if !known.is_some_and(Known::is_final) {
        let Some(facts) = room.aws.at(hub).await.build(build).await? else {
            return Ok(Outcome::refused(format!("Image Builder does not know {build}")));
        };
        outcome.looked_at = 1;
        let readings = join_all(facts.outputs.iter().map(|output| look(room, *output))).await;
        let recording = decide_recording(known, &facts, &readings, now);
        outcome.wrote(room.record.write(&recording).await?);
        outcome.unplaced = recording.unplaced.into_iter().map(not_placed).collect();
    }
    if let Some(heard) = heard {
        room.record.hear(release, heard, now).await?;
    }
    Ok(outcome)
}

/// Looks at an image in its owner's account: a placement that the record knows, or one of a build of the hub.
pub(crate) async fn look_at_image(
    room: &Room,
    target: Target,
    ami: AmiId,
    heard: &Heard,
    now: Timestamp,
) -> Result<Outcome, Problem> {
    let output = Output { target, ami };
    let known = room.record.release_of(ami, target.region()).await?;
    // A wake that cannot be followed fails: it is tried again, and in the end kept where people see it.
    let seen = room.aws.at(target).await.see_image(ami).await?;
    let Some(release) = known else {
        // Only the build itself says what it made; the image's tag says which build to ask.
        return match seen {
            Some(facts) => match facts.claims_build {
                Some(build) => look_at_build(room, &build, Some(heard), now).await,
                None => Ok(Outcome::refused(format!(
                    "{ami} in {target} comes from no release we know"
                ))),
            },
            None => Ok(Outcome::refused(format!("EC2 does not know {ami} in {target}"))),
        };
    };
    let reading = seen.map_or(Reading::Missing, Reading::Seen);
    let mut outcome = Outcome {
        looked_at: 1,
        ..Outcome::default()
    };
    match decide_sighting(release, output, &reading, now) {
        Ok(placement) => {
            let placements = usize::from(room.record.place(&placement).await?);
            outcome.wrote(Written {
                release: false,
                placements,
            });
        }
        Err(unplaced) => outcome.unplaced.push(not_placed(unplaced)),
    }
    room.record.hear(release, heard, now).await?;
    Ok(outcome)
}

async fn look(room: &Room, output: Output) -> (Output, Reading) {
    let reading = room.aws.at(output.target).await.look_at_image(output.ami).await;
    (output, reading)
}

fn not_placed(Unplaced { output, cause }: Unplaced) -> String {
    let Output { target, ami } = output;
    format!("{ami} in {target}: {cause}")
}
