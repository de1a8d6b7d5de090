use super::acceptance::is_let_through;
use super::outputs::is_gone;
use super::{Checking, Invariant};
use crate::pruning::Effect;

/// Whether no more goes at once than may.
pub(super) fn check_limits(checking: &mut Checking<'_>) {
    let Some(retain) = &checking.facts.retain else { return };
    let down = checking.plan.steps.iter().filter(|step| match &step.effect {
        Effect::Deprecate { .. } | Effect::Disable { .. } | Effect::Deregister { .. } => true,
        // With its last image it goes as one.
        Effect::DeleteOutput(_) => checking
            .releases
            .get(&step.release)
            .is_some_and(|judged| is_gone(judged.release)),
        Effect::Restore { .. } | Effect::DeprecateOutput(_) => false,
    });
    let down = down.count();
    if down > usize::try_from(retain.limits.per_run.get()).unwrap_or(usize::MAX) {
        checking.says(Invariant::Limits, None, format!("{down} images go in one run"));
    }
    let newly = &checking.plan.newly;
    let releases = checking.facts.releases.iter();
    let there = releases.filter(|release| release.placements.iter().any(|image| image.unmanaged.is_none()));
    let all = there.count();
    let share = usize::from(retain.limits.share.percent());
    let is_over = newly.len() > 1 && newly.len() * 100 > all * share;
    if is_over && !is_let_through(&checking.facts.family, newly, checking.facts.accepted.as_deref()) {
        let says = format!(
            "{} of {all} releases become expendable, and nobody let them through",
            newly.len()
        );
        checking.says(Invariant::Limits, None, says);
    }
}
