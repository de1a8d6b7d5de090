//! A family whose releases are numbered, the newest last. Times are days, in the hub's first Region unless said otherwise.

use super::super::*;
use crate::evidence::Said;
use crate::manifest::{ManifestFile, Retain};
use crate::{AmiId, Architecture, ReleaseId, SnapshotId, Target, Timestamp};

pub(super) const HUB: &str = "111122223333";
pub(super) const HOME: &str = "111122223333/eu-west-1";
pub(super) const AWAY: &str = "111122223333/us-east-1";
pub(super) const MEMBER_ACCOUNT: &str = "222233334444";
pub(super) const MEMBER: &str = "222233334444/eu-west-1";

/// What it says unless a test says otherwise.
pub(super) const RETAIN: &str = "releases: 2, for: 30d, unused_for: 14d, keep_tags: { keep: \"true\" }, ladder: { deprecate: 0d, \
                                 disable: 14d, delete: 30d }, limits: { per_run: 50, share: 100% }";

/// All that is known, and the time.
#[derive(Clone, Debug)]
pub(super) struct World {
    pub(super) facts: PruningFacts,
    pub(super) now: Timestamp,
}

/// The day 100 of a family that has nothing yet. All evidence is complete, and of now.
pub(super) fn family() -> World {
    family_with(RETAIN)
}

pub(super) fn family_with(policy: &str) -> World {
    family_that(retain(policy))
}

pub(super) fn family_that(retains: Retain) -> World {
    let evidence = [HOME, AWAY, MEMBER].map(|target| TargetEvidence {
        target: at(target),
        sources: ["instances", "images"].map(|source| read(source, day(100))).into(),
        waiver: None,
    });
    World {
        facts: PruningFacts {
            family: "web".parse().unwrap(),
            makes: Makes::Images,
            retain: Some(retains),
            shared: Shared::WithNobody,
            switch: Switch::On,
            releases: Vec::new(),
            evidence: evidence.into(),
            accepted: None,
        },
        now: day(100),
    }
}

pub(super) fn retain(policy: &str) -> Retain {
    let text = format!(
        "family: web\nbuild:\n  parent: {{ ami: ami-01234567, owner: \"111122223333\" }}\n  infrastructure: {{ instance_types: \
         [t3.medium], instance_profile: P }}\nretain: {{ {policy} }}\n"
    );
    let read = ManifestFile::read("web.yaml", text.as_bytes());
    let file = read.file.unwrap_or_else(|| panic!("{:?}", read.diagnostics));
    file.manifest().retain.clone().unwrap()
}

impl World {
    pub(super) fn plan(&self) -> PruningPlan {
        decide_pruning(&self.facts, self.now)
    }

    /// A release built on that day.
    pub(super) fn has(self, n: u32, built: i64) -> Self {
        self.has_on(Architecture::X86_64, n, built)
    }

    pub(super) fn has_on(mut self, architecture: Architecture, n: u32, built: i64) -> Self {
        let order = format!("1.0.{n}/1").parse().unwrap();
        self.facts
            .releases
            .push(release(n, Place::Built { architecture, order }, built));
        self
    }

    /// These, one a day from the first day on.
    pub(super) fn has_each_day(self, numbers: impl IntoIterator<Item = u32>) -> Self {
        numbers.into_iter().fold(self, |world, n| world.has(n, i64::from(n)))
    }

    pub(super) fn of(&mut self, n: u32) -> &mut ReleaseFacts {
        let id = id(n);
        self.facts
            .releases
            .iter_mut()
            .find(|release| release.release == id)
            .unwrap()
    }

    pub(super) fn with(mut self, n: u32, change: impl FnOnce(&mut ReleaseFacts)) -> Self {
        change(self.of(n));
        self
    }

    /// The first image of a release.
    pub(super) fn image(self, n: u32, change: impl FnOnce(&mut PlacementSeen)) -> Self {
        self.with(n, |release| change(&mut release.placements[0]))
    }

    /// Every image of every release.
    pub(super) fn images(mut self, change: impl Fn(&mut PlacementSeen)) -> Self {
        let releases = self.facts.releases.iter_mut();
        releases.flat_map(|release| &mut release.placements).for_each(change);
        self
    }

    /// Another image of a release.
    pub(super) fn copied(self, n: u32, to: &str) -> Self {
        self.with(n, |release| {
            let k = u32::try_from(release.placements.len()).unwrap();
            release.placements.push(placement(n, k, to));
        })
    }

    /// On the ladder since then, by us.
    pub(super) fn on(self, n: u32, rung: Rung, reached: i64, since: i64) -> Self {
        let on = standing(rung, reached);
        self.with(n, |release| {
            release.since = ExpendableSince::Recorded(day(since));
            for placement in &mut release.placements {
                placement.standing = on;
            }
        })
    }

    /// The same at another time, with evidence of that time.
    pub(super) fn at(mut self, now: Timestamp) -> Self {
        self.now = now;
        for source in self.facts.evidence.iter_mut().flat_map(|target| &mut target.sources) {
            source.last.as_mut().unwrap().as_of = now;
        }
        self
    }

    /// What becomes of each image, in the order of their numbers.
    pub(super) fn fates(&self) -> Vec<String> {
        let plan = self.plan();
        let expendable = plan.expendable.iter().map(|going| {
            let next = going
                .next
                .map_or_else(String::new, |next| format!(" → {} {}", next.rung, days(next.at)));
            (going.ami, format!("{}{next}", going.rung))
        });
        let kept = plan
            .kept
            .iter()
            .map(|kept| (kept.ami, format!("kept: {}", kept.why.rule())));
        let blocked = plan
            .blocked
            .iter()
            .map(|blocked| (blocked.ami, format!("blocked: {}", blocked.by.cause())));
        let mut fates: Vec<(AmiId, String)> = expendable.chain(kept).chain(blocked).collect();
        fates.sort();
        fates
            .into_iter()
            .map(|(ami, fate)| format!("{} {fate}", number(ami)))
            .collect()
    }

    /// What becomes of the first image of a release.
    pub(super) fn fate(&self, n: u32) -> String {
        let start = format!("{n} ");
        let fates = self.fates();
        let fate = fates.iter().find_map(|fate| fate.strip_prefix(&start));
        fate.unwrap_or_else(|| panic!("{n} is not among {fates:?}")).to_owned()
    }

    /// Why the first image of a release is where it is.
    pub(super) fn why(&self, n: u32) -> String {
        let plan = self.plan();
        let ami = ami(n, 0);
        let expendable = plan
            .expendable
            .iter()
            .map(|going| (going.ami, going.reason.to_string()));
        let kept = plan.kept.iter().map(|kept| (kept.ami, kept.why.to_string()));
        let blocked = plan.blocked.iter().map(|blocked| (blocked.ami, blocked.by.to_string()));
        let mut all = expendable.chain(kept).chain(blocked);
        all.find_map(|(of, why)| (of == ami).then_some(why)).unwrap()
    }

    /// The numbers of what goes, sooner or later.
    pub(super) fn expendable(&self) -> Vec<String> {
        self.plan().expendable.iter().map(|going| number(going.ami)).collect()
    }

    pub(super) fn steps(&self) -> Vec<String> {
        self.plan().steps.iter().map(said).collect()
    }

    /// As it is once the plan is carried out.
    pub(super) fn after(&self, plan: &PruningPlan) -> Self {
        let mut after = self.clone();
        after.note(plan, true);
        for release in &mut after.facts.releases {
            let id = release.release;
            let steps = plan.steps.iter().filter(|step| step.release == id);
            for step in steps {
                take(release, &step.effect, self.now);
            }
        }
        after
    }

    /// Writes down what a plan found, and that people were told of it, if they were.
    pub(super) fn note(&mut self, plan: &PruningPlan, told: bool) {
        let now = self.now;
        for release in &mut self.facts.releases {
            if plan.newly.contains(&release.release) {
                release.since = ExpendableSince::Recorded(now);
            }
            if plan.cleared.contains(&release.release) {
                release.since = ExpendableSince::NotYet;
            }
            for placement in &mut release.placements {
                if told && plan.to_announce.contains(&placement.ami) {
                    placement.announced = Some(now);
                }
            }
            if let Some(output) = release.output.as_mut().filter(|_| told)
                && plan.orphans_to_announce.contains(&output.arn)
            {
                output.announced = Some(now);
            }
        }
    }
}

fn take(release: &mut ReleaseFacts, effect: &Effect, now: Timestamp) {
    let since = Since {
        at: Some(now),
        by_us: true,
    };
    let mut stand = |ami: AmiId, standing: PlacementStanding| {
        let placement = release.placements.iter_mut().find(|placement| placement.ami == ami);
        placement.unwrap().standing = standing;
    };
    match effect {
        Effect::Restore { ami, .. } => {
            stand(*ami, PlacementStanding::Available);
            let placement = release.placements.iter_mut().find(|placement| placement.ami == *ami);
            placement.unwrap().half_up = false;
        }
        Effect::Deprecate { ami, .. } => stand(*ami, PlacementStanding::Deprecated(since)),
        Effect::Disable { ami, .. } => stand(*ami, PlacementStanding::Disabled(since)),
        Effect::Deregister { ami, .. } => release.placements.retain(|placement| placement.ami != *ami),
        Effect::DeprecateOutput(_) => release.output.as_mut().unwrap().state = crate::BuildState::Deprecated,
        Effect::DeleteOutput(_) => release.output = None,
    }
}

fn said(step: &PruningStep) -> String {
    match &step.effect {
        Effect::Restore { ami, from, .. } => format!("restore {} from {from}", number(*ami)),
        Effect::Deprecate { ami, .. } => format!("deprecate {}", number(*ami)),
        Effect::Disable { ami, .. } => format!("disable {}", number(*ami)),
        Effect::Deregister { ami, .. } => format!("deregister {}", number(*ami)),
        Effect::DeprecateOutput(arn) => format!("deprecate {}", arn.name()),
        Effect::DeleteOutput(arn) => format!("delete {}", arn.name()),
    }
}

pub(super) fn release(n: u32, place: Place, built: i64) -> ReleaseFacts {
    ReleaseFacts {
        release: id(n),
        name: format!("web/1.0.{n}/1").into(),
        place,
        built: BuildTime::At(day(built)),
        since: ExpendableSince::NotYet,
        holds: Vec::new(),
        channels: Vec::new(),
        parent_of: Vec::new(),
        output: None,
        placements: vec![placement(n, 0, HOME)],
        gone: Vec::new(),
        containers: Vec::new(),
    }
}

/// What Image Builder has of a release.
pub(super) fn output(n: u32) -> BuildOutput {
    BuildOutput {
        arn: format!("arn:aws:imagebuilder:eu-west-1:111122223333:image/web/1.0.{n}/1")
            .parse()
            .unwrap(),
        state: crate::BuildState::Available,
        missed: None,
        announced: None,
        refused: None,
    }
}

/// A hold on a release.
pub(super) fn hold(until: Timestamp) -> Held {
    Held {
        until,
        who: "ann".to_owned(),
        why: "audit".into(),
    }
}

/// The channel stable points to it.
pub(super) fn on_stable(release: &mut ReleaseFacts) {
    release.channels.push(Pointing::On("stable".parse().unwrap()));
}

pub(super) fn placement(n: u32, k: u32, target: &str) -> PlacementSeen {
    PlacementSeen {
        ami: ami(n, k),
        target: at(target),
        unmanaged: None,
        created: BuildTime::At(day(0)),
        found: None,
        standing: PlacementStanding::Available,
        half_up: false,
        launched: LastLaunch::Never,
        uses: Vec::new(),
        tags: Vec::new(),
        protection: None,
        snapshots: vec![snapshot(n, k)],
        gib: 8,
        announced: None,
        reported: None,
        refused: None,
    }
}

pub(super) fn standing(rung: Rung, reached: i64) -> PlacementStanding {
    let since = Since {
        at: Some(day(reached)),
        by_us: true,
    };
    match rung {
        Rung::Available => PlacementStanding::Available,
        Rung::Deprecated => PlacementStanding::Deprecated(since),
        Rung::Disabled => PlacementStanding::Disabled(since),
        Rung::Deregistered => panic!("it is gone"),
    }
}

pub(super) fn read(source: &str, as_of: Timestamp) -> SourceRead {
    let said = Said::Complete(40);
    SourceRead {
        source: source.into(),
        last: Some(LastRead { as_of, said }),
    }
}

pub(super) fn at(target: &str) -> Target {
    target.parse().unwrap()
}

pub(super) fn id(n: u32) -> ReleaseId {
    crate::testing::release(usize::try_from(n).unwrap())
}

pub(super) fn ami(n: u32, k: u32) -> AmiId {
    format!("ami-{n:016}{k}").parse().unwrap()
}

fn snapshot(n: u32, k: u32) -> SnapshotId {
    format!("snap-{n:016}{k}").parse().unwrap()
}

/// `3` for the first image of the third release, `3.1` for the next.
pub(super) fn number(ami: AmiId) -> String {
    let text = ami.to_string();
    let (n, k) = text.trim_start_matches("ami-").split_at(16);
    let n: u32 = n.parse().unwrap();
    if k == "0" { n.to_string() } else { format!("{n}.{k}") }
}

pub(super) fn day(day: i64) -> Timestamp {
    hour(day * 24)
}

pub(super) fn hour(hour: i64) -> Timestamp {
    Timestamp::from_millisecond(1_770_000_000_000 + hour * 3_600_000).unwrap()
}

pub(super) fn second(second: i64) -> Timestamp {
    Timestamp::from_millisecond(1_770_000_000_000 + second * 1000).unwrap()
}

/// Of a day, or of an hour where it is not its start.
fn days(at: Timestamp) -> String {
    let hours = (at.as_millisecond() - 1_770_000_000_000) / 3_600_000;
    match (hours / 24, hours % 24) {
        (day, 0) => format!("on {day}"),
        (day, hour) => format!("on {day} at {hour}"),
    }
}
