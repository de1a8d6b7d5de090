use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::plan::PruningPlan;
use super::step::PruningStep;
use crate::{FamilyName, Target};

/// So many characters a message's steps take at most, with what names their families. SQS takes 262,144, and what is around them.
const MOST: usize = 240_000;
/// What names a family takes so many besides its own name and its plan's digest.
const AROUND: usize = 64;

/// What the worker of a target is to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PruningWork {
    /// The run that sent it.
    pub run: String,
    /// Where.
    pub target: Target,
    /// How many messages of that run there were before it: each goes on with what time ran out for in the last.
    #[serde(default, skip_serializing_if = "is_first")]
    pub part: u32,
    /// What.
    pub families: Vec<FamilyPruning>,
}

/// What is to be done of a family's plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FamilyPruning {
    /// Which family.
    pub family: FamilyName,
    /// The digest of the plan.
    pub digest: String,
    /// Its steps there, in the order in which they are taken.
    pub steps: Vec<PruningStep>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands it over so")]
const fn is_first(part: &u32) -> bool {
    *part == 0
}

impl PruningWork {
    /// What tells it from all other work there, whatever came of the message before: sent twice it is one.
    pub fn once(&self) -> String {
        let Self { run, target, part, .. } = self;
        match part {
            0 => format!("{run}-{target}"),
            part => format!("{run}-{target}-{part}"),
        }
    }
}

/// What plans ask of the workers: one message for each target. What is done to Image Builder's images goes to the hub's own.
///
/// What a message has no room for comes with the next run. Where a target has much to do the families with the fewest steps go
/// first: they are not held up by one that has thousands.
pub fn pruning_work(run: &str, hub: Target, plans: &[PruningPlan]) -> Vec<PruningWork> {
    let mut by_target: BTreeMap<Target, Vec<FamilyPruning>> = BTreeMap::new();
    for plan in plans {
        let mut of_plan: BTreeMap<Target, Vec<PruningStep>> = BTreeMap::new();
        for step in &plan.steps {
            let target = step.effect.target().unwrap_or(hub);
            of_plan.entry(target).or_default().push(step.clone());
        }
        let digest = plan.digest();
        for (target, steps) in of_plan {
            by_target.entry(target).or_default().push(FamilyPruning {
                family: plan.family.clone(),
                digest: digest.clone(),
                steps,
            });
        }
    }
    let messages = by_target.into_iter();
    let message = |(target, families)| PruningWork {
        run: run.to_owned(),
        target,
        part: 0,
        families: bounded(families),
    };
    messages.map(message).collect()
}

/// As much of it as a message has room for.
fn bounded(mut families: Vec<FamilyPruning>) -> Vec<FamilyPruning> {
    families.sort_by(|a, b| (a.steps.len(), &a.family).cmp(&(b.steps.len(), &b.family)));
    let mut room = MOST;
    let mut take = |size: usize| {
        let left = room.checked_sub(size);
        room = left.unwrap_or(0);
        left.is_some()
    };
    families.retain_mut(|of| {
        if !take(AROUND + of.family.as_str().len() + of.digest.len()) {
            return false;
        }
        let fit = of.steps.iter().take_while(|step| take(size(step))).count();
        of.steps.truncate(fit);
        fit > 0
    });
    families
}

/// How many characters a step takes, with the comma after it.
fn size(step: &PruningStep) -> usize {
    serde_json::to_string(step).map_or(MOST, |text| text.len() + 1)
}
