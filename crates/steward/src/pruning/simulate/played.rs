use std::collections::{BTreeSet, HashMap, HashSet};

use crate::evidence::{REPORT_LAG, Said};
use crate::pruning::{
    Effect, ExpendableSince, LastRead, PlacementStanding, PruningFacts, PruningPlan, ReleaseFacts, Since, SourceRead,
    Switch, TargetEvidence, decide_pruning,
};
use crate::{AmiId, BuildState, Duration, ReleaseId, Target, Timestamp};

/// Runs of a day are so far apart.
const APART: Duration = Duration::minutes(5);

/// A family whose plans are carried out on paper.
pub(super) struct Played {
    pub(super) facts: PruningFacts,
    /// How many images were made since it began.
    pub(super) made: usize,
    /// How many went for good.
    pub(super) gone: usize,
    /// Which, and when.
    pub(super) deregistered: Vec<(ReleaseId, AmiId, Timestamp)>,
}

impl Played {
    /// A family as it is, of which everything is known that can be, and nothing is paused.
    pub(super) fn new(mut facts: PruningFacts, now: Timestamp) -> Self {
        facts.switch = Switch::On;
        let mut played = Self {
            facts,
            made: 0,
            gone: 0,
            deregistered: Vec::new(),
        };
        played.is_read(now);
        played
    }

    /// A release was made.
    pub(super) fn make(&mut self, release: ReleaseFacts) {
        self.made += release.placements.len();
        self.facts.releases.push(release);
    }

    /// Decides and carries out once, and again every five minutes while a run's limit is what holds it up. Whether more would become
    /// expendable than may.
    pub(super) fn run_until_it_rests(&mut self, at: Timestamp, runs: u32) -> bool {
        let per_run = self
            .facts
            .retain
            .as_ref()
            .map_or(u32::MAX, |retain| retain.limits.per_run.get());
        let per_run = usize::try_from(per_run).unwrap_or(usize::MAX);
        let mut now = at;
        for _ in 0..runs {
            self.is_read(now);
            let plan = decide_pruning(&self.facts, now);
            self.carry_out(&plan, now);
            if plan.steps.len() < per_run {
                return plan.over_share.is_some();
            }
            now = now.saturating_add(APART);
        }
        false
    }

    /// Who uses its images was read now, and reports that were asked for tell of what was disabled long enough ago.
    fn is_read(&mut self, now: Timestamp) {
        let listed = self.facts.evidence.iter().map(|evidence| evidence.target);
        let owners = self.facts.releases.iter().flat_map(ReleaseFacts::managed);
        let targets: BTreeSet<Target> = listed.chain(owners.map(|image| image.target)).collect();
        let evidence = targets.into_iter().map(|target| TargetEvidence {
            target,
            sources: vec![SourceRead {
                source: "simulated".into(),
                last: Some(LastRead {
                    as_of: now,
                    said: Said::Complete(0),
                }),
            }],
            waiver: None,
        });
        self.facts.evidence = evidence.collect();
        for image in self
            .facts
            .releases
            .iter_mut()
            .flat_map(|release| &mut release.placements)
        {
            if let PlacementStanding::Disabled(Since { at: Some(since), .. }) = image.standing {
                let asked = since.saturating_add(REPORT_LAG);
                image.reported = (asked <= now).then_some(asked).max(image.reported);
            }
            image.refused = None;
        }
    }

    fn carry_out(&mut self, plan: &PruningPlan, now: Timestamp) {
        let newly: HashSet<ReleaseId> = plan.newly.iter().copied().collect();
        let cleared: HashSet<ReleaseId> = plan.cleared.iter().copied().collect();
        let told: HashSet<AmiId> = plan.to_announce.iter().copied().collect();
        let mut steps: HashMap<ReleaseId, Vec<&Effect>> = HashMap::new();
        for step in &plan.steps {
            steps.entry(step.release).or_default().push(&step.effect);
        }
        for release in &mut self.facts.releases {
            if newly.contains(&release.release) {
                release.since = ExpendableSince::Recorded(now);
            }
            if cleared.contains(&release.release) {
                release.since = ExpendableSince::NotYet;
            }
            for image in &mut release.placements {
                if told.contains(&image.ami) {
                    image.announced = Some(now);
                }
            }
            if let Some(output) = &mut release.output
                && plan.orphans_to_announce.contains(&output.arn)
            {
                output.announced = Some(now);
            }
            for effect in steps.remove(&release.release).unwrap_or_default() {
                if let Some(gone) = take(release, effect, now) {
                    self.gone += 1;
                    self.deregistered.push((release.release, gone, now));
                }
            }
        }
    }
}

/// Takes a step on paper; the image that is gone with it.
fn take(release: &mut ReleaseFacts, effect: &Effect, now: Timestamp) -> Option<AmiId> {
    let since = Since {
        at: Some(now),
        by_us: true,
    };
    let (ami, standing) = match effect {
        Effect::Restore { ami, .. } => (ami, PlacementStanding::Available),
        Effect::Deprecate { ami, .. } => (ami, PlacementStanding::Deprecated(since)),
        Effect::Disable { ami, .. } => (ami, PlacementStanding::Disabled(since)),
        Effect::Deregister { ami, .. } => {
            release.placements.retain(|image| image.ami != *ami);
            return Some(*ami);
        }
        Effect::DeprecateOutput(_) => {
            if let Some(output) = &mut release.output {
                output.state = BuildState::Deprecated;
            }
            return None;
        }
        Effect::DeleteOutput(_) => {
            release.output = None;
            return None;
        }
    };
    for image in &mut release.placements {
        if image.ami == *ami {
            image.standing = standing;
            image.half_up &= !matches!(effect, Effect::Restore { .. });
        }
    }
    None
}
