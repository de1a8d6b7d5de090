use super::PruningReport;
use super::next::minute;
use crate::pruning::{Effect, Kept, Orphan, Waiver};

/// What the page and the terminal show alike, row by row.
impl PruningReport<'_> {
    /// Images that climb back: which, of what release, where, from which rung.
    pub(super) fn climbs(&self) -> impl Iterator<Item = [String; 4]> {
        self.plan.steps.iter().filter_map(|step| match &step.effect {
            Effect::Restore { ami, target, from } => Some([
                ami.to_string(),
                self.title(step.release),
                target.to_string(),
                from.to_string(),
            ]),
            _ => None,
        })
    }

    /// Images that stay: which, of what release, where, by which rule and why.
    pub(super) fn stay(&self) -> impl Iterator<Item = [String; 5]> {
        self.plan.kept.iter().map(|kept| {
            let Kept {
                ami,
                target,
                release,
                why,
            } = kept;
            [
                ami.to_string(),
                self.title(*release),
                target.to_string(),
                why.rule().to_string(),
                why.to_string(),
            ]
        })
    }

    /// What has no image any more in Image Builder, of what release, and what becomes of it.
    pub(super) fn orphans(&self) -> impl Iterator<Item = [String; 3]> {
        self.plan.orphans.iter().map(|orphan| {
            let Orphan { output, release, fate } = orphan;
            [output.to_string(), self.title(*release), fate.to_string()]
        })
    }

    /// Whose evidence is done without: where, until when, by whom and why.
    pub(super) fn waivers(&self) -> impl Iterator<Item = [String; 4]> {
        self.plan.waived.iter().map(|(target, waiver)| {
            let Waiver { until, who, why } = waiver;
            [target.to_string(), minute(*until), who.clone(), why.to_string()]
        })
    }
}
