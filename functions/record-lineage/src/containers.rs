//! Container images: those of a build, those that a registry's event names, and what becomes of them.

use futures_util::future::join_all;
use steward::{Architecture, BuildFacts, ContainerImage, Containers, Heard, ResourceName};
use steward_aws::{Problem, Written};
use steward_lambda::Moment;

use crate::{ONE_LOOK, Outcome, Room};

/// Looks for the container images that a build says it made.
pub(crate) async fn containers(room: &Room, build: &BuildFacts) -> Containers {
    if build.containers.is_empty() {
        return Containers::default();
    }
    let readings = build.containers.iter().map(|output| async move {
        let at = room.aws.at(output.target).await;
        (output.clone(), at.look_at_container(output).await)
    });
    Containers {
        readings: join_all(readings).await,
        architecture: architecture(build),
    }
}

/// What a family's container images run on: the recipe's name says it, which `steward apply` gave it.
fn architecture(build: &BuildFacts) -> Option<Architecture> {
    let (family, recipe) = (build.family.as_ref()?, build.recipe.as_ref()?);
    let is_of = |architecture: &Architecture| ResourceName::of_line(family, *architecture) == *recipe.name();
    [Architecture::X86_64, Architecture::Arm64].into_iter().find(is_of)
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
    let tags = room.aws.at(image.target).await.tags_of_container(image).await?;
    let changed = room
        .record
        .observe_container(release, image, tags.as_ref(), moment.now)
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
                    let tags = there.get(&image.digest);
                    let changed = room.record.observe_container(release, &image, tags, moment.now).await?;
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
