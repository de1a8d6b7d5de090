use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::pruning::{
    Cause, ContainerVerdict, Effect, JudgedContainer, Leftovers, NoImage, PruningPlan, Rule, Rung, UnknownList,
};

/// What a plan comes to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Totals {
    /// How many images it lists.
    pub images: usize,
    /// Those that no rule keeps, by the rung on which they are.
    pub expendable: BTreeMap<Rung, usize>,
    /// Those that stay, by the rule that is told.
    pub kept: BTreeMap<Rule, usize>,
    /// Those that might go and do not, by what is in the way.
    pub blocked: BTreeMap<Cause, usize>,
    /// What is done in this run.
    pub steps: StepCounts,
    /// What goes with them, at most.
    pub gib: Gib,
    /// What builds left behind that failed, and that is not ours; none: they left nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub left_behind: Option<LeftTotals>,
    /// What is left and nothing of ours takes away; none: there is nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub leftovers: Option<LeftoverTotals>,
    /// Container images, with which nothing is ever done; none: it lists none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub containers: Option<ContainerTotals>,
}

/// What builds left behind that failed, and that is not ours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftTotals {
    /// So many images.
    pub images: usize,
    /// How large their snapshots are at most, in GiB.
    pub gib: u64,
}

/// What is left and nothing of ours takes away.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftoverTotals {
    /// Image Builder's images of releases whose images were taken away.
    pub images_gone: usize,
    /// Those of builds that made none.
    pub never_made: usize,
    /// Snapshots of images that are gone.
    pub snapshots: usize,
    /// How large these are at most, in GiB.
    pub gib: u64,
    /// Whether nobody knows what Image Builder has: there are so many at least.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub outputs_unknown: bool,
    /// Whether nobody knows what snapshots a target has: there are so many at least.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub snapshots_unknown: bool,
}

/// What the rules say of container images.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ContainerTotals {
    /// Those that stay, by the rule that is told.
    pub kept: BTreeMap<Rule, usize>,
    /// Those that would go, if anybody could know that nobody uses them.
    pub would_go: usize,
    /// What those take in their registries at most, in bytes: images share layers.
    pub bytes: u64,
}

/// How many images take which step.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepCounts {
    /// They climb back.
    pub restored: usize,
    /// New users are warned off.
    pub deprecated: usize,
    /// Launches fail from now on.
    pub disabled: usize,
    /// They go for good.
    pub deregistered: usize,
    /// Image Builder's go, with the last of theirs or after it.
    pub deleted_in_image_builder: usize,
}

/// How large snapshots are at most, in GiB.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gib {
    /// Of what goes for good in this run.
    pub this_run: u64,
    /// Of what goes for good with its next step, whenever that is.
    pub next_step: u64,
    /// Of all that no rule keeps.
    pub expendable: u64,
}

impl Totals {
    /// What it comes to.
    pub fn of(plan: &PruningPlan, leftovers: &Leftovers) -> Self {
        let mut totals = Self {
            images: plan.expendable.len() + plan.kept.len() + plan.blocked.len(),
            leftovers: (!leftovers.is_empty()).then(|| LeftoverTotals::of(leftovers)),
            ..Self::default()
        };
        let mut goes = std::collections::HashSet::new();
        for step in &plan.steps {
            let steps = &mut totals.steps;
            let count = match &step.effect {
                Effect::Restore { .. } => &mut steps.restored,
                Effect::Deprecate { .. } => &mut steps.deprecated,
                Effect::Disable { .. } => &mut steps.disabled,
                Effect::Deregister { ami, target, .. } => {
                    goes.insert((*ami, *target));
                    &mut steps.deregistered
                }
                Effect::DeprecateOutput(_) => continue,
                Effect::DeleteOutput(_) => &mut steps.deleted_in_image_builder,
            };
            *count += 1;
        }
        for going in &plan.expendable {
            *totals.expendable.entry(going.rung).or_default() += 1;
            let gib = &mut totals.gib;
            gib.expendable = gib.expendable.saturating_add(going.gib);
            if going.next.is_some_and(|next| next.rung == Rung::Deregistered) {
                gib.next_step = gib.next_step.saturating_add(going.gib);
            }
            if goes.contains(&(going.ami, going.target)) {
                gib.this_run = gib.this_run.saturating_add(going.gib);
            }
        }
        for kept in &plan.kept {
            *totals.kept.entry(kept.why.rule()).or_default() += 1;
        }
        for blocked in &plan.blocked {
            *totals.blocked.entry(blocked.by.cause()).or_default() += 1;
        }
        for left in &plan.left_behind {
            let all = totals.left_behind.get_or_insert_default();
            all.images += 1;
            all.gib = all.gib.saturating_add(left.gib);
        }
        for JudgedContainer { container, verdict, .. } in &plan.containers {
            let of = totals.containers.get_or_insert_default();
            match verdict {
                ContainerVerdict::Kept(why) => *of.kept.entry(why.rule()).or_default() += 1,
                ContainerVerdict::WouldGo { .. } => {
                    of.would_go += 1;
                    of.bytes = of.bytes.saturating_add(container.bytes);
                }
            }
        }
        totals
    }

    /// The same, where what nobody knows by now is what it was before: that a list is not read takes nothing away.
    #[must_use]
    pub(super) fn carrying(mut self, before: Option<&Self>) -> Self {
        let before = before.and_then(|before| before.leftovers);
        if let Some((now, before)) = self.leftovers.as_mut().zip(before) {
            now.carry(before);
        }
        self
    }
}

impl LeftoverTotals {
    /// Of what is known in part there may be more than before.
    fn carry(&mut self, before: Self) {
        if self.outputs_unknown {
            self.images_gone = self.images_gone.max(before.images_gone);
            self.never_made = self.never_made.max(before.never_made);
        }
        if self.snapshots_unknown {
            self.snapshots = self.snapshots.max(before.snapshots);
            self.gib = self.gib.max(before.gib);
        }
    }

    fn of(leftovers: &Leftovers) -> Self {
        let mut totals = Self::default();
        for list in &leftovers.unknown {
            *match list {
                UnknownList::Builds { .. } => &mut totals.outputs_unknown,
                UnknownList::Snapshots { .. } => &mut totals.snapshots_unknown,
            } = true;
        }
        for left in &leftovers.outputs {
            *match left.why {
                NoImage::Gone(_) => &mut totals.images_gone,
                NoImage::NeverMade => &mut totals.never_made,
            } += 1;
        }
        for left in &leftovers.snapshots {
            totals.snapshots += left.snapshots.len();
            totals.gib = totals.gib.saturating_add(left.gib);
        }
        totals
    }
}
