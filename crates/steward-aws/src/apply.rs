//! Planning and applying families: the world is read, the plan decided, and carried out while nobody else applies.

use futures_util::future::try_join_all;
use steward::applying::{
    ApplyPlan, ApplyStep, FamilyPlan, FleetPlan, OldVersion, Wanted, decide_apply, decide_old_versions,
};
use steward::{ChannelName, ComponentArn, FamilyName, OwnEvent, Timestamp};

use crate::{Applied, AppliedManifest, AtTarget, Bus, Deletion, Lease, Leased, Problem, Record, Stored};

/// A family as it is to be applied.
#[derive(Clone, Debug)]
pub struct FamilyInput {
    /// Which.
    pub family: FamilyName,
    /// What Image Builder should hold for it; none where it builds nothing.
    pub wanted: Option<Wanted>,
    /// The family and channel that it is built on, where it is built on one of ours.
    pub follows: Option<(FamilyName, ChannelName)>,
    /// Its manifest.
    pub text: String,
    /// Of the manifest and the files it names.
    pub digest: String,
}

/// A family that can be applied, and which of its manifests holds.
struct Ready<'a> {
    family: &'a FamilyInput,
    applied: Option<Applied>,
}

/// Whoever applies: where, into which record, and under whose name.
#[derive(Debug)]
pub struct Applier<'a> {
    /// The hub.
    pub at: &'a AtTarget,
    /// Its record.
    pub record: &'a Record,
    /// Where it is told that a manifest holds.
    pub bus: Bus,
    /// Who, for the record.
    pub who: String,
    /// Which of their runs.
    pub run: String,
    /// Whether versions that nothing refers to are deleted in the end: then the components that manifests name, those of
    /// families that are not applied this time too.
    pub prune_versions: Option<Vec<ComponentArn>>,
}

/// What was done so far, for whoever waits.
#[derive(Clone, Copy, Debug)]
pub enum Progress<'a> {
    /// A step is done.
    Done(&'a ApplyStep),
    /// A version is gone.
    Deleted(&'a OldVersion),
    /// A version stays: Image Builder knows of something that refers to it.
    Stays(&'a OldVersion),
    /// A manifest holds, and nobody could be told: the functions find it by themselves.
    Untold(&'a Problem),
}

/// Why families were not applied, or not all of them.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ApplyError {
    /// A call failed. What was done stays done; the next run goes on from there.
    #[error("{0}")]
    Problem(#[from] Problem),
    /// Somebody else applies.
    #[error("{who} is applying: try again when they are done, or after {until}")]
    Taken {
        /// Who.
        who: String,
        /// Until when at most, unless they go on.
        until: Timestamp,
    },
    /// What was planned is not what would be done now.
    #[error("the world changed since the plan was made, and nothing was done: look at the new plan, {now}")]
    Changed {
        /// The digest of what would be done now.
        now: String,
    },
    /// Something has our name and is not ours.
    #[error("nothing was done: {0}")]
    Blocked(String),
    /// Every call succeeded, and Image Builder still says otherwise.
    #[error("Image Builder does not hold what {0} wants although every call succeeded: look at `steward plan apply`")]
    NotReached(FamilyName),
    /// Somebody stored a manifest although we had the lease.
    #[error("somebody stored another manifest of {0} meanwhile: plan again")]
    Overtaken(FamilyName),
}

impl Applier<'_> {
    /// Reads the world and decides what would be done; changes nothing.
    pub async fn plan(&self, families: &[FamilyInput]) -> Result<FleetPlan, Problem> {
        self.read(families).await.map(|(plan, _)| plan)
    }

    async fn read<'i>(&self, families: &'i [FamilyInput]) -> Result<(FleetPlan, Vec<Ready<'i>>), Problem> {
        let (mut waiting, mut ready) = (Vec::new(), Vec::new());
        for family in families {
            // Image Builder takes no recipe whose parent is nothing yet.
            let blocked = match &family.follows {
                Some((parent, channel)) if !self.record.points_somewhere(parent, channel).await? => {
                    Some(format!("the channel {channel} of {parent} points to nothing yet"))
                }
                Some(_) | None => None,
            };
            match blocked {
                Some(why) => waiting.push(format!("{} waits: {why}. Apply again once it does.", family.family)),
                None => ready.push(family),
            }
        }
        let pipelines = self.at.pipelines().await?;
        let read = try_join_all(ready.into_iter().map(|family| async move {
            let applied = self.record.applied(&family.family).await?;
            let builder = match &family.wanted {
                Some(wanted) => Some(decide_apply(wanted, &self.at.held(wanted).await?)),
                None => None,
            };
            let plan = FamilyPlan {
                family: family.family.clone(),
                digest: family.digest.clone(),
                holds: applied.as_ref().map(|applied| applied.version),
                is_applied: applied.as_ref().is_some_and(|applied| applied.digest == family.digest),
                builder,
            };
            Ok::<_, Problem>((plan, Ready { family, applied }))
        }))
        .await?;
        let known = self.record.all_applied().await?;
        let wanted = |pipeline: &str| {
            let of_line = families.iter().filter_map(|family| family.wanted.as_ref());
            of_line
                .flat_map(|wanted| &wanted.lines)
                .any(|line| line.name.as_str() == pipeline)
        };
        let line_of = |family: &FamilyName, pipeline: &str| {
            let line = |architecture| steward::ResourceName::of_line(family, architecture);
            steward::Architecture::ALL
                .into_iter()
                .any(|architecture| line(architecture).as_str() == pipeline)
        };
        let (mut unmanaged, mut left_over) = (Vec::new(), Vec::new());
        for held in &pipelines {
            let name = held.pipeline.name().as_str();
            if wanted(name) {
                continue;
            }
            if families.iter().any(|family| line_of(&family.family, name)) {
                left_over.push(name.to_owned());
            } else if !known.iter().any(|applied| line_of(&applied.family, name)) {
                unmanaged.push(name.to_owned());
            }
        }
        let old_versions = match &self.prune_versions {
            Some(named_by_manifests) => {
                let families: Vec<&FamilyName> = families.iter().map(|family| &family.family).collect();
                let versions = self.at.versions(&families, &pipelines).await?;
                decide_old_versions(&families, &versions, named_by_manifests)
            }
            None => Vec::new(),
        };
        let (families, ready) = read.into_iter().unzip();
        let plan = FleetPlan {
            old_versions,
            families,
            waiting,
            left_over,
            unmanaged,
        };
        Ok((plan, ready))
    }

    /// Does exactly what was planned, or nothing: the world is read again once nobody else may change it.
    pub async fn apply(
        &self,
        families: &[FamilyInput],
        planned: &str,
        message: Option<&str>,
        clock: impl Fn() -> Timestamp,
        mut done: impl FnMut(Progress<'_>),
    ) -> Result<(), ApplyError> {
        let mut lease = self.lease(clock()).await?;
        let carried_out = self
            .carry_out_all(families, planned, message, &clock, &mut lease, &mut done)
            .await;
        // Whatever came of it, the next one need not wait. What came of it matters more than whether this succeeds.
        let released = self.record.release_lease(&lease, clock()).await;
        carried_out?;
        Ok(released?)
    }

    async fn carry_out_all(
        &self,
        families: &[FamilyInput],
        planned: &str,
        message: Option<&str>,
        clock: &impl Fn() -> Timestamp,
        lease: &mut Lease,
        done: &mut impl FnMut(Progress<'_>),
    ) -> Result<(), ApplyError> {
        let (plan, ready) = self.read(families).await?;
        let now = plan.digest();
        if now != planned {
            return Err(ApplyError::Changed { now });
        }
        if let Some(blocked) = plan.blocked().next() {
            return Err(ApplyError::Blocked(blocked.to_owned()));
        }
        for (plan, Ready { family, applied }) in plan.families.iter().zip(ready) {
            if let (Some(wanted), Some(builder)) = (&family.wanted, &plan.builder)
                && !builder.steps.is_empty()
            {
                self.reach(wanted, builder, clock, lease, done).await?;
            }
            if plan.is_applied {
                continue;
            }
            *lease = self.lease(clock()).await?;
            let manifest = AppliedManifest {
                version: applied.as_ref().map_or(1, |applied| applied.version + 1),
                digest: family.digest.clone(),
                who: self.who.clone(),
                at: clock(),
                message: message.map(str::to_owned),
                text: family.text.clone(),
            };
            match self
                .record
                .store_manifest(&family.family, &manifest, applied.as_ref())
                .await?
            {
                Stored::Yes => self.tell(&family.family, &manifest, done).await,
                Stored::Overtaken => return Err(ApplyError::Overtaken(family.family.clone())),
            }
        }
        self.delete(&plan.old_versions, clock, lease, done).await
    }

    async fn tell(&self, family: &FamilyName, manifest: &AppliedManifest, done: &mut impl FnMut(Progress<'_>)) {
        let event = OwnEvent::ManifestApplied {
            family: family.clone(),
            version: manifest.version,
            digest: manifest.digest.clone(),
        };
        if let Err(problem) = self.bus.tell(&event).await {
            done(Progress::Untold(&problem));
        }
    }

    /// Carries out a family's steps, and looks whether Image Builder then holds what is wanted.
    async fn reach(
        &self,
        wanted: &Wanted,
        plan: &ApplyPlan,
        clock: &impl Fn() -> Timestamp,
        lease: &mut Lease,
        done: &mut impl FnMut(Progress<'_>),
    ) -> Result<(), ApplyError> {
        for step in &plan.steps {
            *lease = self.lease(clock()).await?;
            self.at.carry_out(&wanted.family, step, &self.run).await?;
            done(Progress::Done(step));
        }
        let left = decide_apply(wanted, &self.at.held(wanted).await?);
        if left.is_empty() {
            return Ok(());
        }
        Err(ApplyError::NotReached(wanted.family.clone()))
    }

    /// Deletes what the plan has found that nothing refers to; Image Builder looks once more, and is believed.
    async fn delete(
        &self,
        old_versions: &[OldVersion],
        clock: &impl Fn() -> Timestamp,
        lease: &mut Lease,
        done: &mut impl FnMut(Progress<'_>),
    ) -> Result<(), ApplyError> {
        for old in old_versions {
            *lease = self.lease(clock()).await?;
            match self.at.delete_version(old).await? {
                Deletion::Gone => done(Progress::Deleted(old)),
                Deletion::ReferredTo => done(Progress::Stays(old)),
            }
        }
        Ok(())
    }

    async fn lease(&self, now: Timestamp) -> Result<Lease, ApplyError> {
        match self.record.lease(&self.who, &self.run, now).await? {
            Leased::Yes(lease) => Ok(lease),
            Leased::Taken(Lease { who, run: _, until }) => Err(ApplyError::Taken { who, until }),
        }
    }
}
