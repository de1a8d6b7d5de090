//! What pruning is planned from, read with a person's own credentials.

use std::collections::BTreeMap;

use steward::manifest::Manifest;
use steward::pruning::{PruningFacts, PruningPlan, PruningReport, RunMode, check_plan, decide_pruning};
use steward::{FamilyName, ReleaseId, Timestamp, Words};
use steward_aws::{Around, FirstValue, Pruned, Record};

use crate::failure::Failure;
use crate::word::parse;

/// A family's plan, and what it was made from.
pub(crate) struct Pruning {
    pub(crate) facts: PruningFacts,
    pub(crate) plan: PruningPlan,
}

/// The same beside the run before, to be shown.
pub(crate) struct Shown {
    pub(crate) plan: PruningPlan,
    names: BTreeMap<ReleaseId, Words>,
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
        if let Some(first) = check_plan(&facts, &plan, now).first() {
            return Err(Failure::Mistake(format!(
                "the plan of {} is wrong, and nobody acts by it: {first}. Report it.",
                plan.family
            )));
        }
        Ok(Self { facts, plan })
    }
}

impl Shown {
    pub(crate) async fn of(
        record: &Record,
        manifest: (&Manifest, u32),
        around: &Around,
        now: Timestamp,
    ) -> Result<Self, Failure> {
        let Pruning { facts, plan } = Pruning::of(record, manifest, around, now).await?;
        Ok(Self {
            names: facts.names(),
            last: record.pruned(&plan.family).await?,
            plan,
            now,
        })
    }

    /// Whether this stack does more than look, as the run before says.
    pub(crate) fn mode(&self) -> RunMode {
        self.last.as_ref().map_or(RunMode::Observes, |last| last.mode)
    }

    /// It as people and machines read it.
    pub(crate) fn report(&self) -> PruningReport<'_> {
        PruningReport {
            plan: &self.plan,
            at: self.now,
            mode: self.mode(),
            names: &self.names,
            before: self.last.as_ref().map(|last| &last.summary),
        }
    }
}

/// What holds of all families. What the stack says of the switch until somebody throws it is not known here.
pub(crate) async fn around(record: &Record) -> Result<Around, Failure> {
    Ok(record.around(FirstValue::Running).await?)
}

/// The manifests that hold and make images: of one family, or of all.
pub(crate) async fn manifests(record: &Record, family: Option<&str>) -> Result<Vec<(Manifest, u32)>, Failure> {
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
        if manifest.makes_images() {
            manifests.push((manifest, holding.version));
        }
    }
    Ok(manifests)
}
