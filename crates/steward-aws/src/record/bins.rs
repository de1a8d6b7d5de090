//! What is known of the rules of Recycle Bins: asked once an hour, and told with the plans of pruning.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::stream::{StreamExt as _, iter};
use serde::{Deserialize, Serialize};
use steward::pruning::{BinAhead, BinRules, PruningFacts, PruningPlan, bins_ahead, on_their_way};
use steward::{Duration, Target, Timestamp, Words};

use super::keys::Key;
use super::{AT_ONCE, Record};
use crate::Problem;

/// What was read is kept for so long: whoever does not look any more knows nothing.
const KEPT: Duration = Duration::days(2);

#[derive(Serialize, Deserialize, Debug)]
struct BinItem {
    target: Target,
    at: Timestamp,
    known: BinRules,
    expires: i64,
}

impl Record {
    /// Whether an hour has passed since the rules of a target's Recycle Bin were asked for.
    pub async fn is_bin_due(&self, target: Target, now: Timestamp) -> Result<bool, Problem> {
        self.is_hour_over(Key::bin(target), now).await
    }

    /// Writes what they say.
    pub async fn write_bin(&self, target: Target, known: &BinRules, now: Timestamp) -> Result<(), Problem> {
        let item = BinItem {
            target,
            at: now,
            known: known.clone(),
            expires: now.checked_add(KEPT).unwrap_or(now).as_millisecond() / 1000,
        };
        self.set(Key::bin(target), item, None).await.map(drop)
    }

    /// What Recycle Bins will do with what a plan has on its way to deletion. Nothing is decided by it: what cannot be read is not
    /// known, and no problem.
    pub async fn bins_ahead(&self, facts: &PruningFacts, plan: &PruningPlan) -> Vec<BinAhead> {
        let targets: BTreeSet<Target> = on_their_way(plan).map(|(target, _)| target).collect();
        let known = iter(targets.into_iter().map(|target| async move {
            let item: Result<Option<BinItem>, Problem> = self.get(Key::bin(target)).await;
            let known = match item {
                Ok(item) => item?.known,
                Err(problem) => BinRules::Unread(Words::from(problem.to_string())),
            };
            Some((target, known))
        }));
        let known: Vec<Option<(Target, BinRules)>> = known.buffered(AT_ONCE).collect().await;
        let known: BTreeMap<Target, BinRules> = known.into_iter().flatten().collect();
        bins_ahead(facts, plan, &known)
    }
}
