//! Builds: each was started for a reason, and the reason was true. Judged by what Image Builder holds, by what was changed in the
//! world, and by the model's own history of calls.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use image_plane::Time;
use stage::aws::hours;

use super::reasons::{Kind, OTHERWISE, Said, said};
use crate::building::{Building, DUE};
use crate::site::Broken;

/// A start that nobody answered may be made so much later, for what was true when it was decided.
const IN_DOUBT: Duration = hours(12);
/// From when a schedule is due until it is again.
const ROUND: Duration = hours(24);
/// So many failures in a row open the breaker; as often what failed by the way is tried again.
const MOST: usize = 3;

/// A family's name and an architecture.
pub(crate) type LineName = (String, &'static str);

/// What a build is made of, as the world has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct MadeOf {
    /// The image that its parent's parameter names.
    pub(crate) parent: String,
    pub(crate) recipe: String,
    /// The newest version of the component that another hand keeps.
    pub(crate) agent: usize,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End {
    Made,
    /// By the way.
    Passing,
    Failed,
    Cancelled,
}

/// A build that Image Builder has.
#[derive(Clone, Debug)]
pub(crate) struct Started {
    pub(crate) arn: String,
    pub(crate) at: Time,
    /// Whether a function started it, and not somebody in the console.
    pub(crate) by_us: bool,
    /// Why, by its tag.
    pub(crate) says: String,
    pub(crate) of: MadeOf,
    /// What its scan finds.
    pub(crate) found: BTreeSet<String>,
    pub(crate) ended: Option<(Time, End)>,
}

impl Started {
    fn is_made(&self) -> bool {
        self.ended.is_some_and(|(_, end)| end == End::Made)
    }

    /// `1.0.0/3`.
    fn number(&self) -> String {
        let mut parts = self.arn.rsplitn(3, '/');
        let (build, version) = (parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
        format!("{version}/{build}")
    }

    fn kinds(&self) -> Vec<Said> {
        said(&self.says).unwrap_or_default()
    }

    fn says_of(&self, kind: Kind) -> BTreeSet<String> {
        let of_kind = self.kinds().into_iter().filter(|said| said.kind == kind);
        of_kind.map(|said| said.text).collect()
    }
}

#[derive(Debug, Default)]
struct LineBuilds {
    started: Vec<Started>,
    /// What a build would have been made of, since when.
    would: Vec<(Time, MadeOf)>,
    /// Starts that AWS refused since the last that it did not.
    refused: usize,
}

impl LineBuilds {
    fn newest(&self) -> Option<&Started> {
        self.started.iter().rev().find(|build| build.is_made())
    }

    /// What it would have been made of lately, the newest first.
    fn lately(&self, at: Time) -> impl Iterator<Item = &MadeOf> {
        let until = self.would.iter().skip(1).map(|(from, _)| Some(*from)).chain([None]);
        let all: Vec<_> = self.would.iter().zip(until).collect();
        let lately = move |until: Option<Time>| until.is_none_or(|until| at <= until + IN_DOUBT);
        let all = all.into_iter().rev().filter(move |(_, until)| lately(*until));
        all.map(|((_, of), _)| of)
    }

    /// By what was built that failed, once that was too often.
    fn breaker(&self) -> Option<&str> {
        let (mut failures, mut open) = (0, None);
        for build in &self.started {
            if open.is_some_and(|recipe| recipe != build.of.recipe) {
                (failures, open) = (0, None);
            }
            match build.ended {
                Some((_, End::Made)) => (failures, open) = (0, None),
                Some((_, End::Passing | End::Failed)) if build.by_us => {
                    failures += 1;
                    if failures >= MOST && open.is_none() {
                        open = Some(build.of.recipe.as_str());
                    }
                }
                Some(_) | None => {}
            }
        }
        open
    }
}

/// What somebody asked for.
#[derive(Clone, Debug)]
struct Asked {
    family: String,
    why: String,
    at: Time,
}

/// How much of builds was seen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Built {
    /// Builds that each kind of reason was said of.
    pub(crate) kinds: [usize; Kind::ALL.len()],
    pub(crate) started: usize,
    pub(crate) by_hand: usize,
    pub(crate) failed: usize,
    pub(crate) skipped: usize,
    /// How often a freeze held something.
    pub(crate) frozen: usize,
    /// Runs of trigger-builds that came to no end.
    pub(crate) crashed: usize,
    /// Reasons that had been true, and were not any more when the build was started at last.
    pub(crate) late: usize,
    /// How often all lines were compared with what they should be.
    pub(crate) settled: usize,
}

impl Built {
    pub(super) fn add(&mut self, other: Self) {
        for (all, others) in self.kinds.iter_mut().zip(other.kinds) {
            *all += others;
        }
        self.started += other.started;
        self.by_hand += other.by_hand;
        self.failed += other.failed;
        self.skipped += other.skipped;
        self.frozen += other.frozen;
        self.crashed += other.crashed;
        self.late += other.late;
        self.settled += other.settled;
    }
}

/// Every build of every line.
#[derive(Debug, Default)]
pub(crate) struct Builds {
    lines: BTreeMap<LineName, LineBuilds>,
    asked: Vec<Asked>,
    /// So many may run at once by us.
    pub(crate) at_once: usize,
    pub(crate) seen: Built,
}

impl Builds {
    pub(crate) fn asks(&mut self, family: &str, why: &str, at: Time) {
        let (family, why) = (family.to_owned(), why.to_owned());
        self.asked.push(Asked { family, why, at });
    }

    /// What a build of a line would be made of now.
    pub(crate) fn would_be(&mut self, line: &LineName, of: MadeOf, now: Time) {
        let would = &mut self.lines.entry(line.clone()).or_default().would;
        if would.last().is_none_or(|(_, last)| *last != of) {
            would.push((now, of));
        }
    }

    /// What it would be made of by what was seen last.
    pub(crate) fn would(&self, line: &LineName) -> Option<&MadeOf> {
        self.lines.get(line)?.would.last().map(|(_, of)| of)
    }

    /// So many starts were refused.
    pub(crate) fn refused(&mut self, line: &LineName, starts: usize) {
        self.lines.entry(line.clone()).or_default().refused += starts;
    }

    /// Builds that have not ended.
    pub(crate) fn live(&self) -> Vec<(LineName, String)> {
        let live = self.lines.iter().flat_map(|(line, builds)| {
            let live = builds.started.iter().filter(|build| build.ended.is_none());
            live.map(|build| (line.clone(), build.arn.clone()))
        });
        live.collect()
    }

    pub(crate) fn ended(&mut self, line: &LineName, arn: &str, end: (Time, End)) {
        let builds = self.lines.get_mut(line).into_iter().flat_map(|line| &mut line.started);
        for build in builds.filter(|build| build.arn == arn) {
            build.ended = Some(end);
            self.seen.failed += usize::from(matches!(end.1, End::Passing | End::Failed));
        }
    }

    /// Whether nothing is built of a line any more before a person asks.
    pub(crate) fn needs_a_person(&self, line: &LineName) -> bool {
        let Some(builds) = self.lines.get(line) else {
            return false;
        };
        let failed = |build: &Started| build.ended.is_some_and(|(_, end)| end != End::Made);
        builds.refused > 0 || builds.breaker().is_some() || builds.started.last().is_some_and(failed)
    }

    /// A build that was not there before; one of ours is judged. Says which kinds of reasons it has.
    pub(crate) fn starts(
        &mut self,
        line: &LineName,
        building: &Building,
        build: Started,
        title_of: impl Fn(&str) -> Option<String>,
    ) -> Result<(), Broken> {
        if build.by_us {
            self.seen.started += 1;
            let broken = |why: Broken| format!("{} of {line:?} by {:?}: {why}", build.arn, build.says);
            let kinds = self.judged(line, building, &build, title_of).map_err(broken)?;
            for kind in kinds {
                self.seen.kinds[kind as usize] += 1;
            }
        } else {
            self.seen.by_hand += 1;
        }
        let builds = self.lines.entry(line.clone()).or_default();
        builds.refused = 0;
        builds.started.push(build);
        Ok(())
    }

    fn judged(
        &mut self,
        line: &LineName,
        building: &Building,
        build: &Started,
        title_of: impl Fn(&str) -> Option<String>,
    ) -> Result<BTreeSet<Kind>, Broken> {
        let none = LineBuilds::default();
        let builds = self.lines.get(line).unwrap_or(&none);
        if let Some(other) = builds.started.iter().find(|build| build.by_us && build.ended.is_none()) {
            return Err(format!("{} is under way", other.arn));
        }
        let all = self.lines.values().flat_map(|line| &line.started);
        let running = all.filter(|build| build.by_us && build.ended.is_none()).count();
        if running >= self.at_once {
            return Err(format!("{running} are under way, and {} may be", self.at_once));
        }
        let all = said(&build.says).ok_or_else(|| String::from("that is no reason"))?;
        let mut late = 0;
        for reason in &all {
            let is_so = |of: &MadeOf| self.is_so(line, building, (build, reason), of, &title_of);
            let mut lately = builds.lately(build.at).map(is_so);
            match lately.next() {
                Some(Ok(())) => {}
                Some(Err(why)) if lately.any(|so| so.is_ok()) => {
                    drop(why);
                    late += 1;
                }
                Some(Err(why)) => return Err(format!("{:?}: {why}", reason.text)),
                None => return Err(String::from("nobody knows what it would be made of")),
            }
        }
        let kinds: BTreeSet<Kind> = all.iter().map(|reason| reason.kind).collect();
        // What a scan found may go along with another reason although a build was tried for it.
        let is_tried = |reason: &Said| {
            let is_known = reason.kind == Kind::Cve && !reason.is_cut;
            is_known && builds.has_tried(&reason.found(), &build.of.parent)
        };
        if all.iter().all(is_tried) {
            return Err(String::from("that was tried on this base"));
        }
        let asks = |reason: &Said| reason.kind.builds_all_the_same(building) && !is_tried(reason);
        let asks = all.iter().any(asks);
        if let Some(newest) = builds.newest().filter(|newest| newest.of == build.of && !asks) {
            let is_new = newest.ended.is_some_and(|(at, _)| build.at < at + IN_DOUBT) && !newest.by_us;
            if !is_new && builds.lately(build.at).all(|of| *of == newest.of) {
                return Err(format!("{} is made of the same", newest.arn));
            }
            late += 1;
        }
        let last = builds.started.last();
        let failed = last.filter(|last| last.ended.is_some_and(|(_, end)| end == End::Failed));
        if failed.is_some_and(|failed| failed.of == build.of) && !kinds.iter().any(|kind| kind.asks_anew(building)) {
            return Err(String::from("the same was built, and failed by what it is made of"));
        }
        let is_again = |before: &&Started| {
            let is_passing = before.ended.is_some_and(|(_, end)| end == End::Passing);
            is_passing && before.of == build.of && before.says == build.says
        };
        if builds.started.iter().rev().take_while(is_again).count() > MOST {
            return Err(String::from("it was tried too often"));
        }
        if builds.breaker() == Some(build.of.recipe.as_str()) && !kinds.contains(&Kind::Manual) {
            return Err(String::from("it failed three times in a row, and nobody asks for it"));
        }
        // A start of which nobody knew whether it was made was decided before.
        let is_frozen = building.is_frozen(build.at) && building.is_frozen(build.at - IN_DOUBT);
        if is_frozen && !kinds.iter().any(|kind| matches!(kind, Kind::Manual | Kind::Cve)) {
            return Err(String::from("its manifest's freeze holds that"));
        }
        self.seen.late += late;
        Ok(kinds)
    }

    /// Whether a reason is true where it would be made of this.
    fn is_so(
        &self,
        line: &LineName,
        building: &Building,
        (build, reason): (&Started, &Said),
        of: &MadeOf,
        title_of: impl Fn(&str) -> Option<String>,
    ) -> Result<(), Broken> {
        let Said { kind, text, is_cut } = reason;
        let none = LineBuilds::default();
        let builds = self.lines.get(line).unwrap_or(&none);
        let newest = builds.newest();
        // Another hand's build may be made that the record has not heard of.
        let differs = |differs: &dyn Fn(&MadeOf) -> bool| newest.is_none_or(|newest| differs(&newest.of));
        let so = |is_so: bool, why: &str| if is_so { Ok(()) } else { Err(why.to_owned()) };
        let ends = |end: &str| *is_cut || text.ends_with(end);
        // Of what was and what is, the last is what is.
        let is = text.rsplit("   ").next().unwrap_or_default();
        let names = |what: &str| *is_cut || is.split([' ', ':']).any(|word| word == what);
        // What was built for the same before, and did not fail by the way.
        let is_answered = || {
            let mut before = builds.started.iter().filter(|before| before.by_us);
            before.any(|before| {
                let is_passing = before.ended.is_some_and(|(_, end)| end == End::Passing);
                !is_passing && before.says_of(*kind).contains(text)
            })
        };
        match kind {
            Kind::First => so(newest.is_none(), "something is built"),
            Kind::Base => {
                so(names(&of.parent), "its base is another")?;
                so(differs(&|before| before.parent != of.parent), "it was built on that")
            }
            Kind::Parent => {
                let title = title_of(&of.parent).ok_or("nobody knows its parent")?;
                so(names(&title), "the channel names another")?;
                so(differs(&|before| before.parent != of.parent), "it was built on that")
            }
            Kind::Change if text == OTHERWISE => so(differs(&|before| before != of), "it was built of that"),
            Kind::Change if text.contains("recipe:") => {
                so(ends(&of.recipe), "its recipe is another")?;
                so(differs(&|before| before.recipe != of.recipe), "it was built by that")
            }
            Kind::Change => {
                so(ends(&format!("1.0.{}/1", of.agent)), "the component is another")?;
                so(differs(&|before| before.agent != of.agent), "it was built with that")
            }
            Kind::Manual => {
                let is_it = |asked: &Asked| asked.family == line.0 && ends(&asked.why) && asked.at <= build.at;
                so(self.asked.iter().any(is_it), "nobody asked for it")?;
                so(!is_answered(), "that is answered")
            }
            Kind::Schedule => {
                if *is_cut {
                    return Ok(());
                }
                let due = text.rsplit(' ').next().unwrap_or_default();
                so(building.schedule.is_some() && due.contains(DUE), "it is never due then")?;
                let due = Time::parse(due).ok_or("that is no time")?;
                so(due <= build.at, "that is yet to come")?;
                so(build.at <= due + ROUND + IN_DOUBT, "it was due again since")?;
                so(!is_answered(), "that is answered")
            }
            Kind::Age => {
                if *is_cut {
                    return Ok(());
                }
                let since = Time::parse(text.rsplit(' ').next().unwrap_or_default()).ok_or("that is no time")?;
                let age = building.max_age().ok_or("it may be as old as it likes")?;
                so(since + age <= build.at, "it is not so old")?;
                let is_of = |build: &Started| build.at.millis() / 1000 == since.millis() / 1000;
                so(newest.is_some_and(is_of), "the newest is another")
            }
            Kind::Cve => {
                let mut of_number = builds.started.iter().filter(|build| text.ends_with(&build.number()));
                so(
                    *is_cut || of_number.any(|build| reason.found().is_subset(&build.found)),
                    "no scan found that there",
                )
            }
        }
    }

    /// What should have been built of a line, and was not, where nothing has gone wrong for long enough.
    pub(crate) fn owed(&self, line: &LineName, building: &Building, now: Time, on_channel: bool) -> Vec<Broken> {
        const BOUND: Duration = hours(2);
        let mut owed = Vec::new();
        let Some(builds) = self.lines.get(line) else {
            return vec![format!("{line:?} was never looked at")];
        };
        let mut owe = |what: String| owed.push(format!("{line:?} was not built: {what}"));
        let Some((since, of)) = builds.would.last() else {
            return vec![format!("nobody knows what {line:?} would be made of")];
        };
        let newest = builds.newest();
        let is_tried = |build: &Started| build.by_us && build.of == *of && build.ended.is_some() && !build.is_made();
        let is_frozen = building.is_frozen(now) || building.is_frozen(now - BOUND);
        let is_stopped =
            is_frozen || builds.breaker() == Some(of.recipe.as_str()) || builds.started.iter().any(is_tried);
        if *since + BOUND < now && newest.is_none_or(|newest| newest.of != *of) && !is_stopped {
            owe(format!("it would be made of {of:?}, and the newest is {newest:?}"));
        }
        for asked in self.asked.iter().filter(|asked| asked.family == line.0) {
            let is_answered =
                |build: &Started| build.says.contains(&asked.why) || build.says.len() >= super::reasons::CUT;
            if asked.at + BOUND < now && !builds.started.iter().any(is_answered) {
                owe(format!("{} at {}", asked.why, asked.at));
            }
        }
        // Nothing is built by itself any more.
        if is_frozen || self.needs_a_person(line) {
            return owed;
        }
        if building.schedule == Some(true) {
            let day = 24 * 3_600_000;
            let due = (now - BOUND).millis() - 4 * 3_600_000;
            let due = Time::from_millis(due.div_euclid(day) * day + 4 * 3_600_000);
            // What was under way when it was due is what was asked for.
            let is_of = |build: &&Started| due <= build.at + hours(2);
            let is_new = builds.started.first().is_none_or(|first| due < first.at);
            if !is_new && !builds.started.iter().any(|build| is_of(&build)) {
                owe(format!("it was due at {due}"));
            }
        }
        let Some(newest) = newest else { return owed };
        if let Some(age) = building.max_age()
            && newest.at + age + BOUND < now
            && builds.started.last().is_some_and(|last| last.at + hours(30) < now)
        {
            owe(format!("the newest is of {}", newest.at));
        }
        let is_found = newest.ended.is_some_and(|(at, _)| at + hours(4) < now) && on_channel;
        if is_found && !newest.found.is_empty() && !builds.has_tried_at_all(&newest.found, &of.parent) {
            owe(format!("{:?} was found in it", newest.found));
        }
        owed
    }
}

impl LineBuilds {
    /// Whether a release was made for all of that on this base.
    fn has_tried(&self, found: &BTreeSet<String>, parent: &str) -> bool {
        self.tries(found, parent).any(Started::is_made)
    }

    fn has_tried_at_all(&self, found: &BTreeSet<String>, parent: &str) -> bool {
        self.tries(found, parent).next().is_some()
    }

    fn tries<'a>(&'a self, found: &'a BTreeSet<String>, parent: &'a str) -> impl Iterator<Item = &'a Started> {
        let on_it = self.started.iter().filter(move |build| build.of.parent == parent);
        on_it.filter(|build| {
            let said = build.says_of(Kind::Cve);
            let said: BTreeSet<&str> = said.iter().flat_map(|text| text.split_whitespace()).collect();
            found.iter().all(|found| said.contains(found.as_str()))
        })
    }
}
