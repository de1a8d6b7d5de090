//! What distribution would do with the releases of families: read as its worker reads it, decided as it decides, and nothing
//! changed. A person is let into the hub's account alone.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use steward::distribution::{
    DistributionStep, Finding, Pace, Reach, Stood, TargetPlan, audience_in, distribution_targets, is_lending_due,
    lacking, when_due,
};
use steward::manifest::Manifest;
use steward::others::{OtherAtWork, makers_at_work};
use steward::{Architecture, FamilyName, ReleaseId, Target, Timestamp, Words, Worker};
use steward_aws::{Caller, Decided, HeldAudience, HeldFamily, Holding, OpenStep, Problem, Record};

use crate::failure::Failure;
use crate::hub::Hub;
use crate::progress::Progress;
use crate::thing::releases_of;
use crate::titled::{Titled, titles};

/// Of so many releases of a family, the newest, it is said what would be done: as many as one message to a worker names.
const MOST_RELEASES: usize = 50;

/// A family, as distribution would go about it.
pub(crate) struct Examined {
    pub(crate) family: FamilyName,
    /// Its manifest and the releases' targets; why not, where nothing would be done whatever there is.
    pub(crate) found: Result<Found, Words>,
}

/// What was found of a family.
pub(crate) struct Found {
    pub(crate) manifest: Manifest,
    pub(crate) audience: HeldAudience,
    pub(crate) targets: Vec<Planned>,
    /// Targets that could not be looked at, and why.
    pub(crate) unread: BTreeMap<Target, Words>,
    /// Targets of members, who let in the hub's functions alone.
    pub(crate) members: BTreeSet<Target>,
    /// Services that made some of the images in a target, and clean them up.
    pub(crate) makers: BTreeMap<Target, Vec<OtherAtWork>>,
    /// How releases stood wherever these looked.
    pub(crate) stood: BTreeMap<ReleaseId, BTreeMap<Target, Stood>>,
    /// So many older releases would be looked at too.
    pub(crate) left_out: usize,
}

/// What would be done for a release in a target.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Planned {
    #[serde(flatten)]
    pub(crate) titled: Titled,
    pub(crate) target: Target,
    pub(crate) reach: Reach,
    /// The steps, as they are journaled.
    pub(crate) steps: Vec<Words>,
    pub(crate) findings: Vec<Told>,
}

/// A finding, as people read it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Told {
    pub(crate) says: String,
    /// Whether something fails, or somebody is left out, until somebody does something.
    pub(crate) trouble: bool,
    /// What to add to a key's policy.
    pub(crate) statement: Option<String>,
    #[serde(skip)]
    pub(crate) is_of_a_key: bool,
}

/// One family, or all that make images.
pub(crate) async fn examine(
    hub: &Hub,
    family: Option<&FamilyName>,
) -> Result<(Caller, Record, Vec<Examined>), Failure> {
    let (caller, record) = hub.open().await?;
    let now = hub.now()?;
    let mut progress = Progress::at_terminal();
    let held = match family {
        None => record.all_holding().await?,
        Some(family) => vec![holding_of(&record, family).await?],
    };
    if held.is_empty() {
        return Err(Failure::Mistake(String::from(
            "no manifest holds yet, and nothing is distributed: `steward apply` stores them.",
        )));
    }
    let mut examined = Vec::new();
    for Holding {
        family,
        version,
        manifest,
    } in held
    {
        let manifest = match manifest {
            Ok(manifest) if manifest.makes_images() => manifest,
            Ok(_) => continue,
            Err(unreadable) => {
                let found = Err(Words::from(unreadable.to_string()));
                examined.push(Examined { family, found });
                continue;
            }
        };
        let audience = record.audience(&family).await?;
        let found = match audience.filter(|audience| audience.holds(version, now)) {
            None => Err(Words::from(format!(
                "who may use {family} by this manifest was not looked up within an hour, and nothing is done until it is; the sweep does"
            ))),
            Some(audience) => Ok(Box::pin(find(
                &caller,
                &record,
                (manifest, version, audience),
                now,
                &mut progress,
            ))
            .await?),
        };
        examined.push(Examined { family, found });
    }
    Ok((caller, record, examined))
}

async fn holding_of(record: &Record, family: &FamilyName) -> Result<Holding, Failure> {
    if let Some(holding) = record.holding(family).await? {
        return Ok(holding);
    }
    // A name that no family has gets the near ones.
    releases_of(record, family).await?;
    Err(Failure::Mistake(format!(
        "no manifest of {family} holds: `steward apply` stores one."
    )))
}

async fn find(
    caller: &Caller,
    record: &Record,
    (manifest, number, audience): (Manifest, u32, HeldAudience),
    now: Timestamp,
    progress: &mut Progress,
) -> Result<Found, Failure> {
    let held = record.family(&manifest.family).await?;
    let mut wanted = wanted(caller, record, &manifest, (number, &audience), &held, now).await?;
    let releases: BTreeSet<ReleaseId> = wanted.values().flatten().copied().collect();
    let newest: Vec<ReleaseId> = held.members.iter().rev().map(|member| member.release).collect();
    let kept: BTreeSet<ReleaseId> = newest
        .iter()
        .filter(|release| releases.contains(release))
        .take(MOST_RELEASES)
        .copied()
        .collect();
    let named = titles(record, &kept).await?;
    let (mut targets, mut unread, mut members) = (Vec::new(), BTreeMap::new(), BTreeSet::new());
    let mut makers = BTreeMap::new();
    for (target, releases) in &mut wanted {
        releases.retain(|release| kept.contains(release));
        if target.account() != caller.hub.account() {
            members.insert(*target);
            continue;
        }
        progress.shows(&format!("looking at {} in {target}", manifest.family));
        match Box::pin(plans(caller, record, (&manifest, &audience, now), *target, releases)).await {
            Ok((plans, made)) => {
                makers.insert(*target, made);
                targets.extend(plans.into_iter().map(|(release, plan, failed)| {
                    let titled = named.get(&release).cloned();
                    Planned::of(
                        titled.unwrap_or_else(|| Titled::of(release, None)),
                        *target,
                        &plan,
                        failed,
                    )
                }));
            }
            // What cannot be read in one target is said of that one.
            Err(problem) => {
                unread.insert(*target, Words::from(problem.to_string()));
            }
        }
    }
    Ok(Found {
        left_out: releases.len() - kept.len(),
        manifest,
        audience,
        targets,
        unread,
        members,
        makers,
        stood: held.stood,
    })
}

/// In each target the releases that the next sweep would send a worker to, and besides what channels point to or somebody
/// asked for, and the newest of each architecture: as the worker takes them, the newest first.
async fn wanted(
    caller: &Caller,
    record: &Record,
    manifest: &Manifest,
    (number, audience): (u32, &HeldAudience),
    held: &HeldFamily,
    now: Timestamp,
) -> Result<BTreeMap<Target, Vec<ReleaseId>>, Failure> {
    let HeldFamily {
        members,
        stood,
        channels: _,
        requests: _,
        rest: _,
    } = held;
    let pointed = held.pointed(manifest, now);
    let all = members.iter().map(|member| member.release).collect();
    let available = record.available(&all).await?;
    let mut newest: BTreeSet<Architecture> = BTreeSet::new();
    let mut wanted: BTreeMap<Target, Vec<ReleaseId>> = BTreeMap::new();
    let declared = distribution_targets(&manifest.distribute, caller.hub, &audience.owners);
    for member in members
        .iter()
        .rev()
        .filter(|member| available.contains(&member.release))
    {
        let release = member.release;
        let matters = newest.insert(member.architecture) || pointed.contains(&release);
        let stood = stood.get(&release);
        let once = stood.into_iter().flat_map(BTreeMap::keys).copied();
        let at = |target: Target| stood.and_then(|stood| stood.get(&target));
        let lends = |target: Target, stood: &Stood| {
            let lacking = lacking(target.region(), &manifest.distribute, &audience.owners, at);
            target.account() == caller.hub.account() && is_lending_due(stood, &lacking, now)
        };
        for target in declared.iter().copied().chain(once).collect::<BTreeSet<_>>() {
            let stood = at(target);
            let digest = audience_in(target, caller.hub, &audience.digest);
            let lends = stood.is_some_and(|stood| lends(target, stood));
            if matters || lends || when_due(stood, number, digest, Pace::Daily).has_come(now) {
                wanted.entry(target).or_default().push(release);
            }
        }
    }
    Ok(wanted)
}

/// The plans for releases in a target, and the services that clean up images of the family there.
async fn plans(
    caller: &Caller,
    record: &Record,
    (manifest, audience, now): (&Manifest, &HeldAudience, Timestamp),
    target: Target,
    releases: &[ReleaseId],
) -> Result<(Vec<(ReleaseId, TargetPlan, Vec<Told>)>, Vec<OtherAtWork>), Problem> {
    let (home, at) = (caller.at_hub(), caller.at(target.region()));
    let open = record.open_steps(Worker::ApplyDistribution, target).await?;
    let of_all = at.target_there(&home).await?;
    let mut there = at
        .family_there(&of_all, (caller.hub, &home), manifest, audience)
        .await?;
    let mut plans = Vec::new();
    for release in releases {
        let held = (manifest, audience, now);
        let decided = Box::pin(there.decide(record, (&at, &home), *release, held)).await?;
        let Some(Decided { going, plan, .. }) = decided else {
            continue;
        };
        if plan
            .steps
            .iter()
            .any(|step| matches!(step, DistributionStep::Copy { .. }))
        {
            of_all.count_copy(&going);
        }
        let failed = failed_of(&open, *release, &plan, target);
        plans.push((*release, plan, failed));
    }
    let images = there.images.iter().map(|(ami, image)| (*ami, &image.tags));
    Ok((plans, makers_at_work(images)))
}

/// What a worker tried in vain when it last looked, of what it would try again now.
fn failed_of(open: &[OpenStep], release: ReleaseId, plan: &TargetPlan, target: Target) -> Vec<Told> {
    let failed = |step: &DistributionStep| {
        let key = step.journaled(release);
        let open = open.iter().find(|open| open.intent.step == key)?;
        let why = open.failed.as_ref()?;
        let tried = open.begun.since;
        Some(match Finding::of_refused(step, target, why) {
            Some(finding) => Told {
                says: format!("{finding} (tried {tried})"),
                ..Told::of(&finding)
            },
            None => Told {
                says: format!("AWS refused to {step} (tried {tried}): {why}"),
                trouble: true,
                statement: None,
                is_of_a_key: step.is_of_a_key(),
            },
        })
    };
    plan.steps.iter().chain(&plan.lending).filter_map(failed).collect()
}

impl Planned {
    fn of(titled: Titled, target: Target, plan: &TargetPlan, failed: Vec<Told>) -> Self {
        Self {
            titled,
            target,
            reach: plan.reach(false),
            steps: plan
                .steps
                .iter()
                .chain(&plan.lending)
                .map(DistributionStep::says)
                .collect(),
            findings: plan.findings.iter().map(Told::of).chain(failed).collect(),
        }
    }
}

impl Told {
    fn of(finding: &Finding) -> Self {
        Self {
            says: finding.to_string(),
            trouble: finding.is_trouble(),
            statement: finding.statement().map(str::to_owned),
            is_of_a_key: finding.is_of_a_key(),
        }
    }
}

/// What begins a line: something fails, or only might.
pub(crate) const fn mark(trouble: bool) -> char {
    if trouble { '!' } else { '·' }
}
