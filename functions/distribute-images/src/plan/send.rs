//! One family: what of it is due where, sent to the target's worker.

use std::collections::{BTreeMap, BTreeSet};

use steward::distribution::{DistributionWork, distribution_targets, is_due};
use steward::publication::{is_publication_due, publication_of, publication_targets};
use steward::{BuildState, ReleaseId, Target};
use steward_aws::{HeldFamily, Problem, Work};
use steward_lambda::Moment;

use super::Dispatched;
use super::family::Family;
use crate::Room;

/// So many releases one message names: a worker is done with them in minutes.
const IN_ONE_MESSAGE: usize = 50;

/// Sends what is due of a family to the workers of its targets.
pub(crate) async fn send(room: &Room, run: &str, family: &Family<'_>, moment: Moment) -> Result<Dispatched, Problem> {
    let name = &family.manifest.family;
    let mut outcome = Dispatched {
        families: 1,
        ..Dispatched::default()
    };
    let due = due(room, family, moment).await?;
    let Some(queue) = &room.queue else {
        outcome.due = due.values().map(|due| due.releases.len()).sum();
        return Ok(outcome);
    };
    let busy = room.record.sent(name, moment.now).await?;
    let mut work = Vec::new();
    for (target, Due { releases, publish }) in due {
        outcome.due += releases.len();
        outcome.publications += usize::from(publish);
        if busy.contains(&target) {
            outcome.busy += 1;
            continue;
        }
        let releases: Vec<ReleaseId> = releases.into_iter().take(IN_ONE_MESSAGE).collect();
        room.record.mark_sent(name, target, moment.now).await?;
        let message = DistributionWork {
            run: run.to_owned(),
            target,
            family: name.clone(),
            releases,
            publish,
        };
        work.push(Work {
            target,
            once: format!("{run}-{target}-{name}"),
            body: message,
        });
    }
    if let Err(problem) = queue.send(&work).await {
        // Some may have gone: a worker that is sent twice finds nothing to do.
        for Work { target, .. } in &work {
            room.record.mark_done(name, *target).await?;
        }
        return Err(problem);
    }
    outcome.messages = work.len();
    Ok(outcome)
}

/// What is due of a family in a target.
#[derive(Default)]
struct Due {
    /// Releases to look at, the newest first.
    releases: Vec<ReleaseId>,
    /// Whether to look at how its channels are published.
    publish: bool,
}

/// What is due in each target.
async fn due(room: &Room, family: &Family<'_>, moment: Moment) -> Result<BTreeMap<Target, Due>, Problem> {
    let Family {
        manifest,
        number,
        audience,
        held: HeldFamily {
            members,
            stood,
            channels,
        },
    } = family;
    let wanted = distribution_targets(&manifest.distribute, room.aws.hub());
    let pointed = channels.values().filter_map(|held| held.now());
    let pointed: BTreeSet<ReleaseId> = pointed.flat_map(|moved| moved.to.values().copied()).collect();
    let mut due: BTreeMap<Target, Due> = BTreeMap::new();
    for release in members.iter().rev().map(|member| member.release) {
        // Where it was once, it is still looked at: what nobody declares any more is taken back.
        let stood = stood.get(&release);
        let once = stood.into_iter().flat_map(BTreeMap::keys).copied();
        for target in wanted.iter().copied().chain(once).collect::<BTreeSet<_>>() {
            let stood = stood.and_then(|stood| stood.get(&target));
            if is_due(stood, *number, &audience.digest, pointed.contains(&release), moment.now) {
                due.entry(target).or_default().releases.push(release);
            }
        }
    }
    let unknown: BTreeSet<ReleaseId> = due.values().flat_map(|due| &due.releases).copied().collect();
    let cards = room.record.cards(&unknown).await?;
    let is_usable = |release: &ReleaseId| {
        cards
            .get(release)
            .is_some_and(|card| card.state == Some(BuildState::Available))
    };
    for due in due.values_mut() {
        due.releases.retain(is_usable);
    }
    due.retain(|_, due| !due.releases.is_empty());
    for target in publications(room, family, moment).await? {
        due.entry(target).or_default().publish = true;
    }
    Ok(due)
}

/// The targets in which it is to be looked at how the channels are published.
async fn publications(room: &Room, family: &Family<'_>, moment: Moment) -> Result<Vec<Target>, Problem> {
    let Family {
        manifest,
        number,
        audience,
        held: HeldFamily { channels, .. },
    } = family;
    if manifest.distribute.publish.is_none() || channels.is_empty() {
        return Ok(Vec::new());
    }
    let published = room.record.published(&manifest.family).await?;
    let what = publication_of(*number, channels);
    let none = BTreeSet::new();
    let readers = audience.readers.as_ref().unwrap_or(&none);
    let targets = publication_targets(manifest, room.aws.hub(), readers).into_iter();
    Ok(targets
        .filter(|target| is_publication_due(published.get(target), &what, moment.now))
        .collect())
}
