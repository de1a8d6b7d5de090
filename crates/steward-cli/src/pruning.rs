//! What pruning is planned from, read with a person's own credentials.

use std::collections::{BTreeMap, BTreeSet};

use steward::manifest::Manifest;
use steward::pruning::{
    BinAhead, Leftovers, PruningFacts, PruningPlan, PruningReport, RunMode, StillThere, Switch, Violation, check_plan,
    decide_pruning,
};
use steward::{FamilyName, ReleaseId, Timestamp, Words};
use steward_aws::{Around, FirstValue, Pruned, Record};

use crate::failure::Failure;
use crate::word::parse;

/// A family's plan, and what it was made from.
pub(crate) struct Pruning {
    pub(crate) facts: PruningFacts,
    pub(crate) plan: PruningPlan,
    /// In what it is wrong: then nobody acts by it.
    pub(crate) wrong: Option<Violation>,
}

/// The same beside the run before, to be shown.
pub(crate) struct Shown {
    pub(crate) plan: PruningPlan,
    facts: PruningFacts,
    names: BTreeMap<ReleaseId, Words>,
    still_there: Vec<StillThere>,
    leftovers: Leftovers,
    bins: Vec<BinAhead>,
    last: Option<Pruned>,
    now: Timestamp,
}

impl Pruning {
    /// Decides of a family as its planner would now.
    pub(crate) async fn of(
        record: &Record,
        manifest: (&Manifest, u32),
        around: &Around,
        now: Timestamp,
    ) -> Result<Self, Failure> {
        let facts = Box::pin(record.pruning_facts(manifest, around, now)).await?;
        let plan = decide_pruning(&facts, now);
        let wrong = check_plan(&facts, &plan, now).into_iter().next();
        Ok(Self { facts, plan, wrong })
    }

    /// The same, where nothing is wrong with it.
    pub(crate) fn right(self) -> Result<(PruningFacts, PruningPlan), Failure> {
        let Self { facts, plan, wrong } = self;
        match wrong {
            None => Ok((facts, plan)),
            Some(wrong) => Err(Failure::Mistake(format!(
                "the plan of {} is wrong, and nobody acts by it: {wrong}. Report it.",
                plan.family
            ))),
        }
    }
}

impl Shown {
    pub(crate) async fn of(
        record: &Record,
        manifest: (&Manifest, u32),
        around: &Around,
        now: Timestamp,
    ) -> Result<Self, Failure> {
        let (facts, plan) = Pruning::of(record, manifest, around, now).await?.right()?;
        let still_there = record.left_of(&plan.family).await?;
        Ok(Self {
            names: facts.names(),
            leftovers: Box::pin(record.leftovers(&facts, &still_there, now)).await,
            still_there,
            bins: record.bins_ahead(&facts, &plan).await,
            last: record.pruned(&plan.family).await?,
            facts,
            plan,
            now,
        })
    }

    /// Whether this stack does more than look, as the run before says; none where there was none.
    pub(crate) fn planned(&self) -> Option<RunMode> {
        self.last.as_ref().map(|last| last.mode)
    }

    /// The same plan once a person lets these releases through.
    pub(crate) fn accepting(&self, digest: &str) -> PruningPlan {
        let facts = PruningFacts {
            accepted: Some(digest.to_owned()),
            ..self.facts.clone()
        };
        decide_pruning(&facts, self.now)
    }

    /// It as people and machines read it.
    pub(crate) fn report(&self) -> PruningReport<'_> {
        PruningReport {
            plan: &self.plan,
            at: self.now,
            mode: self.planned().unwrap_or(RunMode::Observes),
            names: &self.names,
            still_there: &self.still_there,
            leftovers: &self.leftovers,
            bins: &self.bins,
            before: self.last.as_ref().map(|last| &last.summary),
            // Nothing is sent.
            told: None,
        }
    }
}

/// What holds of all families. What the stack says of the switch until somebody throws it is not known here.
pub(crate) async fn around(record: &Record) -> Result<Around, Failure> {
    Ok(record.around(FirstValue::Running).await?)
}

/// Has families planned by the next sweep; whether anything is done by what is planned of one of them.
pub(crate) async fn plan_soon(
    record: &Record,
    families: &BTreeSet<FamilyName>,
    now: Timestamp,
) -> Result<bool, Failure> {
    let mut acts = false;
    for family in families {
        let last = record.pruned(family).await?;
        acts |= last.is_some_and(|last| last.mode == RunMode::Acts);
        record.plan_soon(family, now).await?;
    }
    Ok(acts)
}

/// What becomes of what is down and held.
pub(crate) fn comes_back(acts: bool, switch: &Switch) -> String {
    match (acts, switch) {
        (true, Switch::Paused(why)) => {
            format!("But the switch is thrown ({why}): nothing is brought up until `steward resume`.")
        }
        (true, Switch::On) => String::from(
            "The next sweep brings back what pruning took down: launch permissions that were saved and are still declared with it. \
             `steward history` says whom it left out.",
        ),
        (false, _) => String::from("But this stack only looks: deploy it with Mode=act to have anything done."),
    }
}

/// The manifest of a family that holds, of which images are pruned.
pub(crate) async fn manifest(record: &Record, family: &str) -> Result<(Manifest, u32), Failure> {
    let held = manifests(record, Some(family)).await?.pop();
    held.ok_or_else(|| {
        Failure::Mistake(format!(
            "{family} makes container images: who uses those cannot be known, and nothing is ever done with one. `steward plan prune \
             {family}` shows which no rule keeps."
        ))
    })
}

/// The manifests that hold and make images: of one family, or of all.
pub(crate) async fn manifests(record: &Record, family: Option<&str>) -> Result<Vec<(Manifest, u32)>, Failure> {
    let mut manifests = all_manifests(record, family).await?;
    manifests.retain(|(manifest, _)| manifest.makes_images());
    Ok(manifests)
}

/// The manifests that hold, those of container images, too: of one family, or of all.
pub(crate) async fn all_manifests(record: &Record, family: Option<&str>) -> Result<Vec<(Manifest, u32)>, Failure> {
    let family: Option<FamilyName> = family.map(|family| parse(family, "family name")).transpose()?;
    let held = match &family {
        None => record.all_holding().await?,
        Some(family) => {
            let held = record.holding(family).await?;
            let nothing = || {
                Failure::Mistake(format!(
                    "no manifest of {family} was ever applied: `steward families` lists those that were."
                ))
            };
            vec![held.ok_or_else(nothing)?]
        }
    };
    let mut manifests = Vec::new();
    for holding in held {
        let manifest = holding
            .manifest
            .map_err(|unreadable| Failure::Mistake(format!("{unreadable}.")))?;
        manifests.push((manifest, holding.version));
    }
    Ok(manifests)
}
