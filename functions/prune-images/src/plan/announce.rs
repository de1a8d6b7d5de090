//! Who is told that images go for good: a day before, or they do not go.

use std::collections::{BTreeMap, BTreeSet};

use steward::pruning::{NOTICE, Next, PlacementSeen, PruningFacts, PruningPlan, ReleaseFacts};
use steward::telling::{DeregistrationNotice, NoticedBuild, NoticedImage};
use steward::{AmiId, Timestamp};
use steward_aws::Problem;
use tracing::warn;

use super::Planned;
use crate::Room;
use crate::clock::Clock;

/// What is to be told of, and of which releases.
struct Going<'a> {
    images: Vec<(&'a ReleaseFacts, &'a PlacementSeen)>,
    builds: Vec<&'a ReleaseFacts>,
}

/// Tells of what goes for good, and writes down that they were told. What could not be told waits: the next plan tells it.
pub(crate) async fn announce(
    room: &Room,
    facts: &PruningFacts,
    plan: &PruningPlan,
    clock: Clock,
) -> Result<Planned, Problem> {
    let mut outcome = Planned::default();
    let going = Going::of(facts, plan);
    let count = going.images.len() + going.builds.len();
    let Some(topic) = room.releases.as_ref().filter(|_| count > 0) else {
        return Ok(outcome);
    };
    if let Err(problem) = topic.announce(&going.notice(plan, clock.now())).await {
        // Alarms listen for these words.
        warn!(family = %plan.family, %problem, "a message was not sent");
        outcome.unannounced = count;
        return Ok(outcome);
    }
    // The day begins once they are told: other families may have taken minutes.
    let now = clock.now();
    for (release, image) in &going.images {
        let image = (image.target, image.ami);
        room.record.write_announced(release.release, image, now).await?;
        // What Image Builder has of it goes with its last image.
        if release.output.is_some() {
            room.record.write_output_announced(release.release, now).await?;
        }
    }
    for release in &going.builds {
        room.record.write_output_announced(release.release, now).await?;
    }
    outcome.announced = count;
    Ok(outcome)
}

impl<'a> Going<'a> {
    fn of(facts: &'a PruningFacts, plan: &PruningPlan) -> Self {
        let images: BTreeSet<AmiId> = plan.to_announce.iter().copied().collect();
        let of_release = |release: &'a ReleaseFacts| {
            let placements = release.placements.iter();
            placements.map(move |placement| (release, placement))
        };
        let all = facts.releases.iter().flat_map(of_release);
        let has_left = |release: &&ReleaseFacts| {
            let output = release.output.as_deref();
            output.is_some_and(|output| plan.orphans_to_announce.contains(&output.arn))
        };
        Self {
            images: all.filter(|(_, image)| images.contains(&image.ami)).collect(),
            builds: facts.releases.iter().filter(has_left).collect(),
        }
    }

    fn notice(&self, plan: &PruningPlan, now: Timestamp) -> DeregistrationNotice {
        let earliest = now.checked_add(NOTICE).unwrap_or(now);
        let next: BTreeMap<AmiId, Next> = plan
            .expendable
            .iter()
            .filter_map(|image| Some((image.ami, image.next?)))
            .collect();
        let image = |(release, image): &(&ReleaseFacts, &PlacementSeen)| NoticedImage {
            image: image.ami,
            target: image.target,
            release: release.name.clone(),
            from: next.get(&image.ami).map_or(earliest, |next| next.at.max(earliest)),
            gib: image.gib,
        };
        let build = |release: &&ReleaseFacts| {
            let output = release.output.as_deref()?;
            Some(NoticedBuild {
                build: output.arn.clone(),
                release: release.name.clone(),
                from: earliest,
            })
        };
        DeregistrationNotice {
            family: plan.family.clone(),
            images: self.images.iter().map(image).collect(),
            builds: self.builds.iter().filter_map(build).collect(),
            told: now,
        }
    }
}
