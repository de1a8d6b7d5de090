//! Lines that live: what decides is asked every five minutes, what it starts runs and ends.

use std::collections::{BTreeMap, BTreeSet};

use crate::building::{
    BuildRequest, BuildsFacts, Built, Ending, Fate, Inputs, Line, LineFacts, LineState, Look, MadeOf, Named, Reason,
    UnderWay, decide_builds,
};
use crate::manifest::{Manifest, ManifestFile, Parent};
use crate::{
    Architecture, BuildVersion, CanonicalName, Duration, ImageBuildArn, ParentImage, ReleaseId, Timestamp,
    UsedComponent, VulnerabilityId, Words,
};

/// From one look to the next.
pub(super) const SWEEP: Duration = Duration::minutes(5);
/// A base that nobody here builds.
pub(super) const VENDOR: &str = "{ parameter: /vendor/base, owner: amazon }";
/// So long a build runs.
pub(super) const BUILD: Duration = Duration::minutes(40);
/// So long until its tests begin.
pub(super) const TESTS: Duration = Duration::minutes(20);

/// What is started, in the order in which it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Started {
    pub(super) line: Line,
    pub(super) at: Timestamp,
    pub(super) reasons: Vec<Reason>,
    pub(super) fingerprint: String,
}

/// What a line would be built of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Made {
    pub(super) parent: u32,
    pub(super) component: u32,
    pub(super) recipe: u32,
}

/// A line, and what there is of it in the world.
#[derive(Debug)]
pub(super) struct Plot {
    pub(super) manifest: Manifest,
    pub(super) number: u32,
    /// Its releases, and its parent's, are others than those of the other architecture.
    pub(super) is_arm: bool,
    pub(super) of: Made,
    /// What a look finds instead.
    pub(super) obstacle: Option<Look>,
    pub(super) newest: Option<Built>,
    pub(super) running: Vec<Running>,
    /// Whether its builds wait for a person.
    pub(super) asks: bool,
    /// Why AWS starts nothing.
    pub(super) refused: Option<Words>,
    /// Whether what is asked to end does not hear of it.
    pub(super) is_deaf: bool,
    /// How the next builds end.
    pub(super) ending: Ending,
    pub(super) ended: BTreeMap<ImageBuildArn, Ending>,
    pub(super) requests: Vec<BuildRequest>,
    /// When it was last said that there is something new.
    pub(super) rumour: Option<Timestamp>,
    /// What a scan finds in the newest release, and in each that follows.
    pub(super) found: BTreeSet<VulnerabilityId>,
    pub(super) state: LineState,
    pub(super) builds: u32,
    pub(super) looks: u32,
    /// What was written, other than before.
    pub(super) writes: u32,
}

#[derive(Clone, Debug)]
pub(super) struct Running {
    pub(super) build: ImageBuildArn,
    pub(super) created: Timestamp,
    pub(super) of: Made,
}

/// Families of images, and the time.
#[derive(Debug)]
pub(super) struct Yard {
    pub(super) plots: BTreeMap<Line, Plot>,
    pub(super) at_once: usize,
    pub(super) now: Timestamp,
    pub(super) started: Vec<Started>,
    pub(super) fates: BTreeMap<Line, Fate>,
}

pub(super) fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

pub(super) fn cves(numbers: &[u32]) -> BTreeSet<VulnerabilityId> {
    let cve = |n: &u32| format!("CVE-2026-{n:04}").parse().unwrap();
    numbers.iter().map(cve).collect()
}

pub(super) fn line(family: &str) -> Line {
    Line {
        family: family.parse().unwrap(),
        architecture: Architecture::X86_64,
    }
}

/// The number of a release of a family, as people call it.
pub(super) fn named(family: &str, number: u32) -> Named {
    Named {
        release: release(family, number),
        says: Words::from(format!("{family}/1.0.{number}")),
    }
}

pub(super) fn release(family: &str, number: u32) -> ReleaseId {
    CanonicalName::from(build(family, number)).id()
}

fn build(family: &str, number: u32) -> ImageBuildArn {
    let arn = format!("arn:aws:imagebuilder:eu-west-1:111122223333:image/{family}/1.0.{number}/1");
    arn.parse().unwrap()
}

impl Plot {
    /// What a parent's channel points to that points to nothing.
    const NOTHING: u32 = 0;

    /// A family with this of its manifest, of which nothing is built yet.
    pub(super) fn new(family: &str, parent: &str, triggers: &str) -> Self {
        let text = format!(
            "family: {family}\nbuild:\n  parent: {parent}\n  infrastructure: {{ instance_types: [t3.medium], \
             instance_profile: ImageBuilder }}\ntriggers: {triggers}\ndistribute:\n  regions: {{ eu-west-1: {{}} }}\n\
             channels:\n  candidate: {{ from: release }}\n  stable: {{ by: hand }}\n"
        );
        let read = ManifestFile::read(&format!("{family}.yaml"), text.as_bytes());
        let file = read.file.unwrap_or_else(|| panic!("{:?}", read.diagnostics));
        Self::of(file.manifest().clone())
    }

    /// The same, once it was read.
    pub(super) fn of(manifest: Manifest) -> Self {
        Self {
            manifest,
            number: 1,
            is_arm: false,
            of: Made {
                parent: 1,
                component: 1,
                recipe: 1,
            },
            obstacle: None,
            newest: None,
            running: Vec::new(),
            asks: false,
            refused: None,
            is_deaf: false,
            ending: Ending::Made,
            ended: BTreeMap::new(),
            requests: Vec::new(),
            rumour: None,
            found: BTreeSet::new(),
            state: LineState::default(),
            builds: 0,
            looks: 0,
            writes: 0,
        }
    }

    fn parent(&self) -> Option<&Parent> {
        self.manifest.build.as_ref()?.parent.as_ref()
    }

    fn parent_family(&self) -> Option<String> {
        match self.parent() {
            Some(Parent::Family(of)) if self.is_arm => Some(format!("{}-arm64", of.family)),
            Some(Parent::Family(of)) => Some(of.family.to_string()),
            _ => None,
        }
    }

    pub(super) fn inputs(&self, of: Made) -> Inputs {
        let Made {
            parent,
            component,
            recipe,
        } = of;
        let component: UsedComponent = UsedComponent {
            component: format!("arn:aws:imagebuilder:eu-west-1:aws:component/update-linux/1.0.{component}/1")
                .parse()
                .unwrap(),
            parameters: BTreeMap::new(),
        };
        let ami = format!("ami-0{parent:016x}").parse().unwrap();
        Inputs {
            parent: ParentImage::Ami(ami),
            parent_is: named(self.parent_family().as_deref().unwrap_or("vendor"), parent),
            recipe: format!("arn:aws:imagebuilder:eu-west-1:111122223333:image-recipe/web/1.0.{recipe}")
                .parse()
                .unwrap(),
            components: vec![component],
        }
    }

    pub(super) fn facts(&self, look: bool) -> LineFacts<'_> {
        let attempted = self.state.attempt.as_ref().and_then(|attempt| attempt.build.as_ref());
        let found = || {
            let nowhere = || Look::Unreadable("the channel of its parent points to nothing".into());
            let obstacle = self.obstacle.clone();
            let obstacle = obstacle.or_else(|| (self.of.parent == Self::NOTHING).then(nowhere));
            obstacle.unwrap_or_else(|| Look::Would(self.inputs(self.of)))
        };
        LineFacts {
            manifest: self.number,
            triggers: &self.manifest.triggers,
            parent: self.parent(),
            newest: self.newest.clone(),
            under_way: self
                .running
                .iter()
                .map(|running| UnderWay {
                    build: running.build.clone(),
                    created: Some(running.created),
                })
                .collect(),
            is_asking: self.asks && self.running.iter().any(|running| Some(&running.build) == attempted),
            ended: attempted.and_then(|build| self.ended.get(build).cloned()),
            requests: self.requests.clone(),
            parent_points: self
                .parent_family()
                .filter(|_| self.of.parent != Self::NOTHING)
                .map(|family| release(&family, self.of.parent)),
            rumour: self.rumour,
            look: look.then(found),
            found: self.found.clone(),
            state: self.state.clone(),
        }
    }

    /// A build that another hand starts, or ours.
    pub(super) fn start(&mut self, family: &str, now: Timestamp) -> ImageBuildArn {
        self.builds += 1;
        let build = build(family, self.builds);
        self.running.push(Running {
            build: build.clone(),
            created: now,
            of: self.of,
        });
        build
    }

    /// Ends a build that has not come to its tests; false where it has.
    pub(super) fn cancel(&mut self, build: &ImageBuildArn, now: Timestamp) -> bool {
        let is_it = |running: &Running| running.build == *build && running.created.saturating_add(TESTS) > now;
        let before = self.running.len();
        self.running.retain(|running| !is_it(running));
        let is_cancelled = self.running.len() < before;
        if is_cancelled {
            self.ended.insert(build.clone(), Ending::Cancelled);
        }
        is_cancelled
    }

    pub(super) fn end(&mut self, now: Timestamp) {
        let over = |running: &Running| running.created.saturating_add(BUILD) <= now;
        let (over, running): (Vec<_>, Vec<_>) = self.running.drain(..).partition(over);
        self.running = running;
        for Running { build, created, of } in over {
            if self.ending == Ending::Made {
                let inputs = self.inputs(of);
                self.newest = Some(Built {
                    build: build.clone(),
                    number: BuildVersion::new(format!("1.0.{}", self.builds).parse().unwrap(), "1".parse().unwrap()),
                    created: Some(created),
                    of: MadeOf {
                        parent: Some(inputs.parent_is.clone()),
                        recipe: Some(inputs.recipe.clone()),
                        components: inputs.components.clone(),
                        fingerprint: inputs.fingerprint(),
                    },
                });
            }
            self.ended.insert(build, self.ending.clone());
        }
    }
}

impl Yard {
    pub(super) fn new(now: &str, plots: impl IntoIterator<Item = (&'static str, Plot)>) -> Self {
        Self {
            plots: plots.into_iter().map(|(family, plot)| (line(family), plot)).collect(),
            at_once: 5,
            now: at(now),
            started: Vec::new(),
            fates: BTreeMap::new(),
        }
    }

    /// One family, built once: nothing asks for more.
    pub(super) fn built(now: &str, triggers: &str) -> Self {
        let mut yard = Self::new(now, [("web", Plot::new("web", VENDOR, triggers))]);
        yard.pass(Duration::hours(2));
        assert!(yard.web().newest.is_some());
        yard.started.clear();
        yard
    }

    pub(super) fn web(&mut self) -> &mut Plot {
        self.plots.get_mut(&line("web")).unwrap()
    }

    /// Has somebody ask for a build of it.
    pub(super) fn ask(&mut self, why: &str) {
        self.ask_at(self.now, why);
    }

    /// The same by somebody whose clock says this.
    pub(super) fn ask_at(&mut self, at: Timestamp, why: &str) {
        self.web().requests.push(BuildRequest {
            who: String::from("ann"),
            why: why.into(),
            at,
            architecture: None,
        });
    }

    pub(super) fn fate(&self) -> &Fate {
        &self.fates[&line("web")]
    }

    /// Looks every five minutes for so long.
    pub(super) fn pass(&mut self, length: Duration) {
        let until = self.now.saturating_add(length);
        while self.now < until {
            self.now = self.now.saturating_add(SWEEP);
            self.sweep();
        }
    }

    /// One look, as the function does it: what is to be read is read, and then it is decided again.
    pub(super) fn sweep(&mut self) {
        let now = self.now;
        for plot in self.plots.values_mut() {
            plot.end(now);
        }
        let first = self.decide(&|_| false);
        let read = |line: &Line| first.get(line).is_some_and(|(fate, _)| *fate == Fate::ToBeRead);
        let decided = self.decide(&read);
        let mut fates = BTreeMap::new();
        for (line, (fate, mut state)) in decided {
            assert_ne!(fate, Fate::ToBeRead, "{line:?} was read");
            let plot = self.plots.get_mut(&line).unwrap();
            plot.looks += u32::from(read(&line));
            if fate == Fate::Starts
                && let Some(why) = &plot.refused
            {
                state.was_refused(why.clone(), now);
            } else if fate == Fate::Starts {
                let attempt = state.attempt.as_mut().unwrap();
                let started = Started {
                    line: line.clone(),
                    at: now,
                    reasons: attempt.reasons.clone(),
                    fingerprint: attempt.fingerprint.clone(),
                };
                attempt.build = Some(plot.start(line.family.as_str(), now));
                self.started.push(started);
            } else if let Fate::Cancels { build, .. } = &fate
                && !plot.is_deaf
                && !plot.cancel(build, now)
            {
                state.is_too_late();
            }
            plot.writes += u32::from(plot.state != state);
            plot.state = state;
            fates.insert(line, fate);
        }
        self.fates = fates;
    }

    fn decide(&self, read: &dyn Fn(&Line) -> bool) -> BTreeMap<Line, (Fate, LineState)> {
        let lines = self.plots.iter();
        let facts = BuildsFacts {
            lines: lines
                .map(|(line, plot)| (line.clone(), plot.facts(read(line))))
                .collect(),
            at_once: self.at_once,
            now: self.now,
        };
        let plan = decide_builds(&facts);
        plan.lines
            .into_iter()
            .map(|(line, plan)| (line, (plan.fate, plan.state)))
            .collect()
    }

    /// When, and why in words, something was started.
    pub(super) fn told(&self) -> Vec<String> {
        let told = self.started.iter().map(|Started { line, at, reasons, .. }| {
            let reasons: Vec<String> = reasons.iter().map(ToString::to_string).collect();
            format!("{} {at}: {}", line.family, reasons.join("; "))
        });
        told.collect()
    }
}
