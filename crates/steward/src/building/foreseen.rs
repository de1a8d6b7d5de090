//! What a release would set off below it, if the channels of its family named it.

mod channels;
mod shown;

use std::collections::{BTreeMap, BTreeSet};

use self::channels::moves;
pub use self::shown::{ShownForeseen, ShownForeseenBuild, ShownRelease, ShownStaying, ShownWave};
use super::decide::decide_builds;
use super::facts::{BuildsFacts, Built, Line, LineFacts, Look};
use super::inputs::{MadeOf, Named};
use super::line::obstacle;
use super::plan::{BuildPlan, Fate, LinePlan};
use super::state::LineState;
use crate::manifest::{Manifest, Parent, ParentFamily, ReasonKind, Triggers};
use crate::{
    Architecture, BuildNumber, BuildVersion, CanonicalName, Duration, FamilyName, Image, ImageBuildArn,
    ImageBuilderOwner, ParentImage, ReleaseId, ResourceName, Target, Timestamp, Words,
};

/// A release, as if the channels of its family that others follow named it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IfParent {
    /// The family.
    pub family: FamilyName,
    /// What there is of it for each architecture, and its image in the hub.
    pub releases: BTreeMap<Architecture, (Named, ParentImage)>,
    /// Every release of the family: who is built on one and follows no channel is not set off.
    pub known: BTreeSet<ReleaseId>,
}

/// What a release would set off.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ForeseenBuilds {
    /// By which release.
    pub parent: IfParent,
    /// What is built at the same time, at the soonest. Each begins when what was built before is what its channels name.
    pub waves: Vec<Vec<ForeseenBuild>>,
    /// What is below it, or built on another release of its family, and would not be built.
    pub stay: BTreeMap<Line, Staying>,
    /// When it was decided.
    pub now: Timestamp,
}

/// A build that would be started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ForeseenBuild {
    /// Of which line.
    pub line: Line,
    /// As it is decided.
    pub plan: LinePlan,
    /// What else is to be known of when it starts.
    pub notes: Vec<Words>,
    /// How the channels that others follow get to it.
    pub then: Vec<Words>,
}

/// Why a line would not be built.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Staying {
    /// It would not be set off.
    Untouched(Words),
    /// Nobody knows: what it would be built of was not read.
    Unread(Words),
    /// As it is decided.
    Decided(Box<LinePlan>),
}

impl IfParent {
    /// The lines that are built on the family, or on what is built on it.
    pub fn below<'l>(&self, lines: &'l BTreeMap<Line, LineFacts<'_>>) -> BTreeSet<&'l Line> {
        let mut families = BTreeSet::from([&self.family]);
        let mut below = BTreeSet::new();
        loop {
            let before = below.len();
            for (line, of_line) in lines {
                if followed(of_line).is_some_and(|of| families.contains(&of.family)) {
                    families.insert(&line.family);
                    below.insert(line);
                }
            }
            if below.len() == before {
                return below;
            }
        }
    }
}

/// Repeats the decision on what is below a release, as if each time what it started had been built and was what its channels name. All
/// that is below must have been looked at. Nothing waits for what may come yet, and no time passes: only what is asked now is.
pub fn foresee_builds(
    facts: &BuildsFacts<'_>,
    parent: &IfParent,
    manifests: &[(Manifest, u32)],
    hub: Target,
) -> ForeseenBuilds {
    let below = parent.below(&facts.lines);
    let undelayed: BTreeMap<&Line, Triggers> = below
        .iter()
        .filter_map(|line| Some((*line, without_debounce(facts.lines.get(*line)?.triggers))))
        .collect();
    let unmoved = undelayed.iter().filter_map(|(line, triggers)| {
        let of_line = facts.lines.get(*line)?.clone();
        Some(((*line).clone(), LineFacts { triggers, ..of_line }))
    });
    let mut foreseeing = Foreseeing {
        moved: BuildsFacts {
            lines: BTreeMap::new(),
            at_once: facts.at_once,
            now: facts.now,
        },
        unmoved: unmoved.collect(),
        built: BTreeSet::new(),
        ended: BTreeSet::new(),
        hub,
    };
    for (architecture, release) in &parent.releases {
        let line = Line {
            family: parent.family.clone(),
            architecture: *architecture,
        };
        foreseeing.move_channels(&line, release);
    }
    let mut waves: Vec<Vec<ForeseenBuild>> = Vec::new();
    let last = loop {
        let plan = decide_builds(&foreseeing.moved);
        let (wave, is_last) = foreseeing.pass(&plan, waves.len() + 1);
        if is_last {
            break plan;
        }
        if !wave.is_empty() {
            waves.push(wave);
        }
    };
    for build in waves.iter_mut().flatten() {
        let triggers = facts.lines.get(&build.line).map(|of_line| of_line.triggers);
        let waits = triggers.and_then(|triggers| waits(&build.plan.state, triggers, facts.now));
        build.notes.extend(waits);
        build.then = moves(&build.line, &facts.lines, manifests);
    }
    let mut stay = foreseeing.stay(last, parent);
    for (line, of_line) in facts.lines.iter().filter(|(line, _)| !below.contains(line)) {
        stay.extend(pinned(of_line, parent).map(|why| (line.clone(), Staying::Untouched(why))));
    }
    ForeseenBuilds {
        parent: parent.clone(),
        waves,
        stay,
        now: facts.now,
    }
}

/// What is known while it is foreseen.
struct Foreseeing<'a> {
    /// The lines whose parent's channels have moved.
    moved: BuildsFacts<'a>,
    /// The others below.
    unmoved: BTreeMap<Line, LineFacts<'a>>,
    /// What was built.
    built: BTreeSet<Line>,
    /// Of what a build had been under way that is on another parent.
    ended: BTreeSet<Line>,
    hub: Target,
}

impl Foreseeing<'_> {
    /// Lets all that is built by this plan be built, and says what; whether nothing was.
    fn pass(&mut self, plan: &BuildPlan, number: usize) -> (Vec<ForeseenBuild>, bool) {
        let (mut wave, mut is_last) = (Vec::new(), true);
        for (line, plan) in &plan.lines {
            let is_under_way = match plan.fate {
                Fate::Building | Fate::Cancels { .. } => true,
                Fate::Starts => !is_begun(&plan.state, self.moved.now),
                Fate::Quiet
                | Fate::ToBeRead
                | Fate::Waits { .. }
                | Fate::Skipped { .. }
                | Fate::Queued { .. }
                | Fate::Follows { .. }
                | Fate::Blocked { .. } => continue,
            };
            let Some(onto) = self.end(line, &plan.state) else {
                is_last = false;
                self.ended.insert(line.clone());
                continue;
            };
            // Nothing is set off twice.
            if !self.built.insert(line.clone()) {
                continue;
            }
            is_last = false;
            let notes = [
                (is_under_way, "it is being built on it already"),
                (self.ended.contains(line), "once the build that is under way has ended"),
            ];
            let notes = notes.into_iter().filter(|(is_so, _)| *is_so);
            wave.push(ForeseenBuild {
                line: line.clone(),
                plan: plan.clone(),
                notes: notes.map(|(_, says)| Words::from(says)).collect(),
                then: Vec::new(),
            });
            let says = Words::from(format!("{} of wave {number}", line.family));
            let release = CanonicalName::from(onto.clone()).id();
            self.move_channels(line, &(Named { release, says }, ParentImage::Build(onto)));
        }
        (wave, is_last)
    }

    /// Ends the build of a line, as if it had come to a release: which, where that is on what its parent's channel names now.
    fn end(&mut self, line: &Line, state: &LineState) -> Option<ImageBuildArn> {
        let (hub, now) = (self.hub, self.moved.now);
        let of_line = self.moved.lines.get_mut(line)?;
        let attempt = state.attempt.as_ref().filter(|attempt| attempt.goes_on());
        let on = attempt.and_then(|attempt| attempt.parent);
        of_line.state = LineState {
            attempt: None,
            adopted: None,
            ..state.clone()
        };
        of_line.state.made();
        (of_line.ended, of_line.under_way, of_line.is_asking) = (None, Vec::new(), false);
        of_line.found.clear();
        let Some(Look::Would(inputs)) = &of_line.look else {
            return None;
        };
        let version = inputs.recipe.version();
        let before = of_line.newest.as_ref().map(|newest| newest.number);
        let before = before.filter(|number| number.version() == version);
        let number = BuildVersion::new(version, BuildNumber::following(before.map(BuildVersion::build)));
        let owner = ImageBuilderOwner::Account(hub.account());
        let name = ResourceName::of_line(&line.family, line.architecture);
        let build = ImageBuildArn::new(hub.region(), owner, Image, name, number);
        let is_on_it = on == Some(inputs.parent_is.release);
        of_line.newest = Some(Built {
            build: build.clone(),
            number,
            created: Some(now),
            of: MadeOf {
                parent: is_on_it.then(|| inputs.parent_is.clone()),
                recipe: Some(inputs.recipe.clone()),
                components: inputs.components.clone(),
                fingerprint: inputs.fingerprint().filter(|_| is_on_it),
            },
        });
        is_on_it.then_some(build)
    }

    /// Moves the channels of a line to a release.
    fn move_channels(&mut self, parent: &Line, (named, image): &(Named, ParentImage)) {
        let follows = |line: &Line, of_line: &LineFacts<'_>| {
            let family = followed(of_line).map(|of| &of.family);
            family == Some(&parent.family) && line.architecture == parent.architecture
        };
        let unmoved = std::mem::take(&mut self.unmoved).into_iter();
        let (children, unmoved): (BTreeMap<_, _>, _) = unmoved.partition(|(line, of_line)| follows(line, of_line));
        self.unmoved = unmoved;
        for (line, mut of_line) in children {
            of_line.parent_points = Some(named.release);
            if let Some(Look::Would(inputs)) = &mut of_line.look {
                (inputs.parent_is, inputs.parent) = (named.clone(), image.clone());
            }
            self.moved.lines.insert(line, of_line);
        }
    }

    /// Why what was not built was not.
    fn stay(self, last: BuildPlan, parent: &IfParent) -> BTreeMap<Line, Staying> {
        let mut stay = BTreeMap::new();
        for (line, of_line) in &self.unmoved {
            let Some(of) = followed(of_line) else { continue };
            let why = if of.family == parent.family {
                format!("{} has no such release for {}", of.family, line.architecture)
            } else {
                format!("its parent {} is not built", of.family)
            };
            stay.insert(line.clone(), Staying::Untouched(Words::from(why)));
        }
        let rest = last.lines.into_iter().filter(|(line, _)| !self.built.contains(line));
        for (line, plan) in rest {
            let quiet = self.moved.lines.get(&line).filter(|_| plan.fate == Fate::Quiet);
            let staying = match quiet {
                Some(of_line) => quiet_because(of_line),
                None => Staying::Decided(Box::new(plan)),
            };
            stay.insert(line, staying);
        }
        stay
    }
}

/// Why nothing asks for a build of a line whose parent's channel moved.
fn quiet_because(of_line: &LineFacts<'_>) -> Staying {
    let inputs = match &of_line.look {
        Some(Look::Would(inputs)) => inputs,
        Some(look @ (Look::NoPipeline | Look::Disabled(_) | Look::Unreadable(_))) => {
            return Staying::Unread(obstacle(look));
        }
        None => return Staying::Unread(Words::from("what it would build was not read")),
    };
    let on = of_line.newest.as_ref().and_then(|newest| newest.of.parent.as_ref());
    let why = if on.is_some_and(|on| on.release == inputs.parent_is.release) {
        "its newest release is built on it already"
    } else if of_line.triggers.parent {
        "nothing of what it is made of is another"
    } else {
        "its manifest says `parent: false`: it is not built because a channel moved"
    };
    Staying::Untouched(Words::from(why))
}

/// Why a line that is built on a release of the family is not set off; none: it is not built on one.
fn pinned(of_line: &LineFacts<'_>, parent: &IfParent) -> Option<Words> {
    let on = of_line.newest.as_ref()?.of.parent.as_ref()?;
    let IfParent { family, known, .. } = parent;
    let why = || {
        format!(
            "it is built on {}, and its manifest follows no channel of {family}",
            on.says
        )
    };
    known.contains(&on.release).then(|| Words::from(why()))
}

/// The family that a line follows a channel of.
fn followed<'a>(of_line: &LineFacts<'a>) -> Option<&'a ParentFamily> {
    match of_line.parent? {
        Parent::Family(of) => Some(of),
        Parent::Parameter(_) | Parent::Image(_) | Parent::Ami(_) => None,
    }
}

fn without_debounce(triggers: &Triggers) -> Triggers {
    Triggers {
        debounce: Duration::seconds(0),
        ..triggers.clone()
    }
}

/// Whether its last build is one that is started now.
fn is_begun(state: &LineState, now: Timestamp) -> bool {
    state.attempt.as_ref().is_some_and(|attempt| attempt.begun == now)
}

/// For how long what is set off waits for what may come yet; none: it does not.
fn waits(state: &LineState, triggers: &Triggers, now: Timestamp) -> Option<Words> {
    let attempt = state.attempt.as_ref().filter(|_| is_begun(state, now))?;
    let is_asked = attempt.reasons.iter().any(|reason| reason.kind() == ReasonKind::Manual);
    let least = triggers.debounce.min(triggers.wait_at_most);
    let waits = !is_asked && least.length() > Duration::seconds(0).length();
    waits.then(|| Words::from(format!("it waits {least} for what else may come")))
}
