//! What the record has of what is left of a family and nothing of ours takes away.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::{join, try_join3};
use futures_util::stream::{StreamExt as _, TryStreamExt as _, iter};
use steward::pruning::{
    LastSeen, LeftoverFacts, Leftovers, PruningFacts, StillThere, Unlisted, UnmadeBuild, leftovers,
};
use steward::{CanonicalName, FamilyName, ReleaseId, SnapshotId, Target, Timestamp, Words};

use super::keys::{LEFT_OFF, of_family};
use super::pruning::title;
use super::questions::BuildRow;
use super::retiring::RetiringRelease;
use super::{AT_ONCE, Record};
use crate::Problem;

impl Record {
    /// What is left of a family and nothing of ours takes away. Nothing is decided by it: what cannot be read is not known, and no
    /// problem.
    pub async fn leftovers(&self, family: &PruningFacts, still_there: &[StillThere], now: Timestamp) -> Leftovers {
        let (outputs, snapshots) = join(self.outputs_listed(family, now), self.unused_behind(family, now)).await;
        let (builds, unmade) = match outputs {
            Ok((builds, unmade)) => (Ok(builds), unmade),
            Err(unlisted) => (Err(unlisted), Vec::new()),
        };
        leftovers(&LeftoverFacts {
            family,
            unmade: &unmade,
            still_there,
            builds: &builds,
            snapshots: &snapshots,
        })
    }

    /// The builds that Image Builder has, and those of a family among them that made nothing.
    async fn outputs_listed(
        &self,
        family: &PruningFacts,
        now: Timestamp,
    ) -> Result<(LastSeen<ReleaseId>, Vec<UnmadeBuild>), Unlisted> {
        let builds = known(self.builds_listed(now).await)?;
        let unmade = self.unmade(family, &builds.listed).await;
        Ok((builds, unmade.map_err(|problem| unread(&problem))?))
    }

    /// What was listed of the snapshots wherever an image of a family is gone.
    async fn unused_behind(
        &self,
        family: &PruningFacts,
        now: Timestamp,
    ) -> BTreeMap<Target, Result<LastSeen<SnapshotId>, Unlisted>> {
        let gone = family.releases.iter().flat_map(|release| &release.gone);
        let targets: BTreeSet<Target> = gone.map(|gone| gone.target).collect();
        let unused = iter(
            targets
                .into_iter()
                .map(|target| async move { (target, known(self.unused_snapshots(target, now).await)) }),
        );
        unused.buffered(AT_ONCE).collect().await
    }

    /// The builds of a family that ended before their time and made nothing, of those that Image Builder still has. One that made
    /// an image is among its releases.
    async fn unmade(
        &self,
        PruningFacts { family, releases, .. }: &PruningFacts,
        listed: &BTreeSet<ReleaseId>,
    ) -> Result<Vec<UnmadeBuild>, Problem> {
        let rows: Vec<BuildRow> = self.query(&of_family(family), LEFT_OFF).await?;
        let known: BTreeSet<ReleaseId> = releases.iter().map(|release| release.release).collect();
        let ended = rows.into_iter().map(|row| row.release);
        let ended = ended.filter(|release| listed.contains(release) && !known.contains(release));
        let unmade = iter(ended.map(|release| self.unmade_of(family, release)));
        let unmade: Vec<Option<UnmadeBuild>> = unmade.buffered(AT_ONCE).try_collect().await?;
        Ok(unmade.into_iter().flatten().collect())
    }

    /// A build that made nothing; none: it did, or it is still looked for what it made.
    async fn unmade_of(&self, family: &FamilyName, release: ReleaseId) -> Result<Option<UnmadeBuild>, Problem> {
        let (known, images, containers) = try_join3(
            self.retiring_release(release),
            self.retiring_images(release),
            self.containers_there(release),
        )
        .await?;
        let Some(RetiringRelease {
            name: CanonicalName::Build(build),
            state: Some(state),
            created,
            placed: true,
            ..
        }) = known
        else {
            return Ok(None);
        };
        let made_nothing = images.is_empty() && containers.is_empty();
        Ok((state.left_off() && made_nothing).then(|| UnmadeBuild {
            title: title(family, &build),
            build,
            release,
            state,
            began: created,
        }))
    }
}

fn known<T>(list: Result<Option<LastSeen<T>>, Problem>) -> Result<LastSeen<T>, Unlisted> {
    list.map_err(|problem| unread(&problem))?.ok_or(Unlisted::NotLately)
}

fn unread(problem: &Problem) -> Unlisted {
    Unlisted::Unread(Words::from(problem.to_string()))
}
