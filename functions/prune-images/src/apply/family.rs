//! The steps of a family's plan, one after the other.

use std::collections::BTreeSet;
use std::time::Duration;

use steward::distribution::Grantee;
use steward::manifest::Manifest;
use steward::pruning::{FamilyPruning, PruningFacts, Switch};
use steward::{FamilyName, Heard, Timestamp, Words};
use steward_aws::Problem;
use tokio::time::Instant;

use super::Applied;
use super::step::take_step;
use super::visit::{Then, Visit};

/// What is known of a family is gathered anew after so long.
const HOLDS: Duration = Duration::from_mins(1);

/// All that is known of a family, besides what AWS says of the very thing.
pub(super) struct Known {
    pub(super) facts: PruningFacts,
    /// The manifest that holds.
    pub(super) manifest: Manifest,
    /// Who may launch its images by its manifest; none, while that is not known.
    pub(super) declared: Option<BTreeSet<Grantee>>,
    gathered: Instant,
}

/// Takes the steps of a family; those that time ran out for are left in it.
pub(super) async fn take_family(
    visit: &Visit<'_>,
    family: &mut FamilyPruning,
    outcome: &mut Applied,
) -> Result<Then, Problem> {
    let name = family.family.clone();
    let mut known: Option<Known> = None;
    while visit.has_time() {
        let fresh = known.take().filter(|known| known.gathered.elapsed() < HOLDS);
        let gathered = match fresh {
            Some(fresh) => fresh,
            None => match Box::pin(gather(visit, &name)).await? {
                Ok(gathered) => gathered,
                Err(nothing) => {
                    // Whatever was planned, nothing is known to hold of it.
                    outcome.problems.push(nothing);
                    family.steps.clear();
                    return Ok(Then::GoOn);
                }
            },
        };
        if let Switch::Paused(why) = &gathered.facts.switch {
            outcome.paused = Some(why.to_string());
            return Ok(Then::Stop);
        }
        let known = known.insert(gathered);
        let Some(step) = family.steps.first().cloned() else {
            return Ok(Then::GoOn);
        };
        match Box::pin(take_step(visit, known, &step, outcome)).await {
            Ok(Then::GoOn) => {}
            Ok(then @ (Then::Later | Then::Stop)) => return Ok(then),
            // One step must not hold up the others.
            Err(problem) => outcome.problems.push(problem.to_string()),
        }
        // What was looked at is done with, one way or another.
        family.steps.remove(0);
    }
    Ok(Then::Later)
}

async fn gather(visit: &Visit<'_>, family: &FamilyName) -> Result<Result<Known, String>, Problem> {
    let record = &visit.room.record;
    let now = visit.clock.now();
    let gathered = Instant::now();
    let Some(holding) = record.holding(family).await? else {
        return Ok(Err(format!("no manifest of {family} holds")));
    };
    let manifest = match holding.manifest {
        Ok(manifest) if manifest.makes_images() => manifest,
        Ok(_) => {
            return Ok(Err(format!(
                "{family} makes container images, and nothing of such a family is ever done"
            )));
        }
        Err(unreadable) => return Ok(Err(unreadable.to_string())),
    };
    let around = record.around(visit.room.switch_at_first).await?;
    let facts = Box::pin(record.pruning_facts((&manifest, holding.version), &around, now)).await?;
    let audience = record.audience(family).await?;
    let audience = audience.filter(|held| held.holds(holding.version, now));
    Ok(Ok(Known {
        facts,
        manifest,
        declared: audience.map(|held| held.audience.images),
        gathered,
    }))
}

impl Visit<'_> {
    /// Writes into the journal of a release why something was or was not done.
    pub(super) async fn journal(
        &self,
        release: steward::ReleaseId,
        what: &str,
        says: String,
        now: Timestamp,
    ) -> Result<(), Problem> {
        let heard = Heard {
            event: format!("apply-pruning#{}#{what}#{}", self.target, self.run),
            at: now,
            says: Words::from(format!("apply-pruning in {}: {says}", self.target)),
        };
        self.room.record.hear(release, &heard, now).await.map(drop)
    }
}
