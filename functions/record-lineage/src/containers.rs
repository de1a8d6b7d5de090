//! Container images: those of a build, those that a registry's event names, and what becomes of them.

use futures_util::future::join_all;
use steward::manifest::ManifestFile;
use steward::{Architecture, BuildFacts, ContainerImage, Containers, FamilyName, Heard};
use steward_aws::{Problem, Written};
use steward_lambda::Moment;

use crate::{ONE_LOOK, Outcome, Room};

/// Looks for the container images that a build says it made.
pub(crate) async fn containers(room: &Room, build: &BuildFacts) -> Result<Containers, Problem> {
    if build.containers.is_empty() {
        return Ok(Containers::default());
    }
    let readings = build.containers.iter().map(|output| async move {
        let at = room.aws.at(output.target).await;
        (output.clone(), at.look_at_container(output).await)
    });
    let architecture = match &build.family {
        Some(family) => architecture(room, family).await?,
        None => None,
    };
    Ok(Containers {
        readings: join_all(readings).await,
        architecture,
    })
}

/// What a family's container images run on: its manifest says it, and it is one.
async fn architecture(room: &Room, family: &FamilyName) -> Result<Option<Architecture>, Problem> {
    let Some(applied) = room.record.applied(family).await? else {
        return Ok(None);
    };
    let held = room.record.manifest(family, applied.version).await?;
    let name = format!("{family}.yaml");
    let file = held.and_then(|held| ManifestFile::read(&name, held.text.as_bytes()).file);
    Ok(file.and_then(|file| match &file.manifest().architectures[..] {
        [only] => Some(*only),
        _ => None,
    }))
}

/// Looks whether a container image of a release is still in its registry.
pub(crate) async fn look_at_container(
    room: &Room,
    image: &ContainerImage,
    heard: &Heard,
    moment: Moment,
) -> Result<Outcome, Problem> {
    let Some(release) = room.record.release_of_container(image).await? else {
        // Only the build itself says what it made, and its own event leads there.
        return Ok(Outcome::not_ours(format!(
            "{image} in {} is of no release we know",
            image.target
        )));
    };
    let is_there = room.aws.at(image.target).await.has_container(image).await?;
    let changed = room
        .record
        .observe_container(release, image, is_there, moment.now)
        .await?;
    room.record.hear(release, heard, moment.now).await?;
    let mut outcome = Outcome {
        looked_at: 1,
        ..Outcome::default()
    };
    outcome.wrote(Written {
        release: false,
        placements: usize::from(changed),
    });
    Ok(outcome)
}

/// Compares each repository with what the record has there, once an hour.
pub(crate) async fn compare_repositories(room: &Room, moment: Moment) -> Result<Outcome, Problem> {
    let mut total = Outcome::default();
    for (target, repository) in room.record.repositories().await? {
        if !moment.deadline.leaves(ONE_LOOK) {
            total.unfinished = true;
            return Ok(total);
        }
        if !room.record.is_repository_due(target, &repository, moment.now).await? {
            continue;
        }
        let held = room.record.containers_of(target, &repository).await?;
        match room.aws.at(target).await.containers_in(&repository).await {
            Ok(there) => {
                for (image, release) in held {
                    let is_there = there.contains(&image.digest);
                    let changed = room
                        .record
                        .observe_container(release, &image, is_there, moment.now)
                        .await?;
                    total.placements += usize::from(changed);
                }
                room.record
                    .mark_repository_compared(target, &repository, moment.now)
                    .await?;
            }
            // One repository that cannot be read must not hide the others.
            Err(problem) => total.problems.push(problem.to_string()),
        }
    }
    Ok(total)
}
