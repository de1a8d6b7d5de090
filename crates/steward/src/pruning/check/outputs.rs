use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::{Checking, Invariant};
use crate::pruning::{Effect, ReleaseFacts, Unmanaged};
use crate::{BuildState, ImageBuildArn, ReleaseId};

/// What Image Builder has of a release goes after all of its images, and after it was deprecated.
pub(super) fn check_outputs(checking: &mut Checking<'_>) {
    let releases: HashMap<ReleaseId, &ReleaseFacts> = checking
        .facts
        .releases
        .iter()
        .map(|release| (release.release, release))
        .collect();
    let mut gone: BTreeMap<ReleaseId, usize> = BTreeMap::new();
    let mut deprecated = BTreeSet::new();
    for step in &checking.plan.steps {
        let Some(release) = releases.get(&step.release) else {
            checking.says(Invariant::Once, None, format!("{} is not known", step.release));
            continue;
        };
        // One that lost our tag is still there.
        let images = release
            .placements
            .iter()
            .filter(|image| image.unmanaged != Some(Unmanaged::ByAnotherHand))
            .count();
        let output = release.output.as_ref();
        let is_its = |arn: &ImageBuildArn| output.is_some_and(|output| output.arn == *arn);
        match &step.effect {
            Effect::Restore { .. } | Effect::Deprecate { .. } | Effect::Disable { .. } => {}
            Effect::Deregister { ami, .. } => {
                let gone = gone.entry(step.release).or_default();
                *gone += 1;
                let is_available = output.is_some_and(|output| output.state == BuildState::Available);
                if *gone == images && is_available && !deprecated.contains(&step.release) {
                    let says = "is the last, and a wildcard would pick what Image Builder has of it";
                    checking.says(Invariant::Output, Some(*ami), says);
                }
            }
            Effect::DeprecateOutput(arn) => {
                deprecated.insert(step.release);
                if !is_its(arn) {
                    checking.says(Invariant::Output, None, format!("{arn} is of another release"));
                }
            }
            Effect::DeleteOutput(arn) => {
                let gone = gone.get(&step.release).copied().unwrap_or(0);
                if !is_its(arn) || gone < images {
                    checking.says(Invariant::Output, None, format!("{arn} goes before its images"));
                }
            }
        }
    }
}
