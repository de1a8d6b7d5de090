//! The same decision once more, slowly, from the words of the design and of its decision record: what becomes of each line by itself,
//! and then which of those that are to be built go first.

mod clock;
mod line;
mod settled;

use std::collections::{BTreeMap, BTreeSet};

use self::line::{Alone, alone};
use self::settled::{Phase, Settled};
use crate::building::{Attempt, BuildsFacts, Ending, Fate, Line, LineFacts, LinePlan, Look, Reason, Superseded};
use crate::manifest::{Parent, ReasonKind};
use crate::{ReleaseId, Timestamp, VulnerabilityId};

const HOUR: i64 = 3_600_000;
const DAY: i64 = 24 * HOUR;
const MINUTE: i64 = HOUR / 60;
/// So often it is tried again, and so many in a row open the breaker.
const MOST: u32 = 3;

/// What becomes of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    Quiet,
    ToBeRead,
    Building,
    Cancels,
    Waits(i64, Why),
    Skipped(Why),
    Queued(usize),
    Follows(Line),
    Blocked(Why),
    Starts,
}

/// Why, by the words that a plan says it with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Why {
    Freeze,
    MoreMayCome,
    NotReadJustNow,
    FailedByTheWay,
    ParentFirst,
    NothingDiffers,
    TheSameIsBuilt,
    TheSameFailed,
    TheSameWasCancelled,
    Tried,
    TooOld,
    NoPipeline,
    Disabled,
    Unreadable,
    NoBuildOfAComponent,
    NotStarted,
    Breaker,
    LinesFailed,
}

/// All of them, and how each begins.
pub(super) const WHYS: [(Why, &str); 18] = [
    (Why::Freeze, "its manifest's freeze"),
    (Why::MoreMayCome, "more may come"),
    (Why::NotReadJustNow, "what it would build cannot be read just now"),
    (Why::FailedByTheWay, "the last build failed by the way"),
    (Why::ParentFirst, "its parent "),
    (Why::NothingDiffers, "nothing of what it is made of is another"),
    (Why::TheSameIsBuilt, "the same is built"),
    (Why::TheSameFailed, "the same was built, and failed"),
    (Why::TheSameWasCancelled, "a build of the same was cancelled"),
    (Why::Tried, "a build on "),
    (Why::TooOld, "for a day nothing could be built for it"),
    (Why::NoPipeline, "its pipeline is not there"),
    (Why::Disabled, "its pipeline is disabled"),
    (Why::Unreadable, "what it would build cannot be read: "),
    (Why::NoBuildOfAComponent, "a component of its recipe has no build"),
    (Why::NotStarted, "it is not started: "),
    (Why::Breaker, " builds in a row failed, the last: "),
    (Why::LinesFailed, " lines failed on "),
];

/// What is expected of a line, or what was decided of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Expected {
    pub(super) verdict: Verdict,
    /// What asks, where it is said.
    pub(super) reasons: BTreeSet<String>,
    /// What was started last, as far as it is foreseen.
    pub(super) attempt: Option<Started>,
    pub(super) failures: u32,
    pub(super) is_broken: bool,
    /// Since when something is in its way.
    pub(super) held_up: Option<i64>,
    /// What waits still.
    pub(super) pending: BTreeSet<String>,
    pub(super) tried: BTreeMap<ReleaseId, BTreeSet<VulnerabilityId>>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Started {
    pub(super) number: u32,
    pub(super) retries: u32,
    pub(super) fingerprint: String,
    pub(super) parent: Option<ReleaseId>,
    pub(super) reasons: BTreeSet<String>,
    pub(super) ended: Option<Ending>,
    pub(super) superseded: Option<Superseded>,
    pub(super) follows: bool,
}

impl Started {
    fn of(attempt: &Attempt) -> Self {
        Self {
            number: attempt.number,
            retries: attempt.retries,
            fingerprint: attempt.fingerprint.clone(),
            parent: attempt.parent,
            reasons: keys(&attempt.reasons),
            ended: attempt.ended.as_ref().map(|ended| ended.how.clone()),
            superseded: attempt.superseded,
            follows: attempt.follows,
        }
    }
}

impl Expected {
    /// What was decided, in the same words.
    pub(super) fn decided(plan: &LinePlan) -> Self {
        let LinePlan { fate, state } = plan;
        let why = |why: &crate::Words| {
            let known = WHYS.iter().find(|(_, says)| {
                let (text, says) = (why.as_str(), *says);
                text.starts_with(says) || (says.starts_with(' ') && text.contains(says))
            });
            known.unwrap_or_else(|| panic!("{why}")).0
        };
        let (verdict, reasons) = match fate {
            Fate::Quiet => (Verdict::Quiet, BTreeSet::new()),
            Fate::ToBeRead => (Verdict::ToBeRead, BTreeSet::new()),
            Fate::Building => (Verdict::Building, BTreeSet::new()),
            Fate::Cancels { reasons, build: _ } => (Verdict::Cancels, keys(reasons)),
            Fate::Starts => (Verdict::Starts, BTreeSet::new()),
            Fate::Waits {
                reasons,
                until,
                why: says,
            } => (Verdict::Waits(ms(*until), why(says)), keys(reasons)),
            Fate::Skipped { reasons, why: says } => (Verdict::Skipped(why(says)), keys(reasons)),
            Fate::Queued { reasons, ahead } => (Verdict::Queued(*ahead), keys(reasons)),
            Fate::Follows { reasons, canary, on: _ } => (Verdict::Follows(canary.clone()), keys(reasons)),
            Fate::Blocked { reasons, why: says } => (Verdict::Blocked(why(says)), keys(reasons)),
        };
        Self {
            verdict,
            reasons,
            attempt: state.attempt.as_ref().map(Started::of),
            failures: state.failures,
            is_broken: state.breaker.is_some(),
            held_up: state.held_up.map(ms),
            pending: keys(state.pending.iter().map(|pending| &pending.reason)),
            tried: state
                .tried
                .iter()
                .map(|tried| (tried.parent, tried.found.clone()))
                .collect(),
        }
    }
}

/// Reasons, each in a word.
pub(super) fn keys<'a>(reasons: impl IntoIterator<Item = &'a Reason>) -> BTreeSet<String> {
    let key = |reason: &Reason| match reason {
        Reason::Manual { at, .. } => format!("manual {at}"),
        Reason::Cve { found, release } => format!("cve {found:?} {release}"),
        Reason::Parent { from, to, .. } => format!("parent {from:?} {to}"),
        Reason::Base { from, to } => format!("base {from:?} {to}"),
        Reason::Change { what } => what.to_string(),
        Reason::First => String::from("first"),
        Reason::Age { built } => format!("age {built}"),
        Reason::Schedule { due } => format!("schedule {due}"),
    };
    reasons.into_iter().map(key).collect()
}

fn ms(at: Timestamp) -> i64 {
    at.as_millisecond()
}

fn length(duration: crate::Duration) -> i64 {
    i64::try_from(duration.length().as_millis()).unwrap()
}

fn time(millisecond: i64) -> Timestamp {
    Timestamp::from_millisecond(millisecond).unwrap()
}

/// What becomes of each line.
pub(super) fn expected(facts: &BuildsFacts<'_>) -> BTreeMap<Line, Expected> {
    let now = ms(facts.now);
    let settled: BTreeMap<&Line, Settled> = facts
        .lines
        .iter()
        .map(|(line, of)| (line, Settled::of(of, now)))
        .collect();
    let mut alone: BTreeMap<&Line, Alone> = facts
        .lines
        .iter()
        .map(|(line, of)| (line, alone(of, &settled[line], now)))
        .collect();
    stopped(facts, &settled, &mut alone);
    parents_first(facts, &mut alone, now);
    let mut verdicts: BTreeMap<&Line, Verdict> = BTreeMap::new();
    let mut ready: Vec<(&Line, &Alone)> = Vec::new();
    for (line, alone) in &alone {
        match &alone.verdict {
            Some(verdict) => {
                verdicts.insert(line, verdict.clone());
            }
            None => ready.push((line, alone)),
        }
    }
    ready.sort_by_key(|(line, alone)| (alone.urgency(), alone.waiting, *line));
    let is_busy = |settled: &&Settled| settled.phase != Phase::Free;
    let busy = settled.values().filter(is_busy).count();
    let mut starts: Vec<&Line> = Vec::new();
    let mut queued = 0;
    for (line, alone) in ready {
        let onto = onto(&facts.lines[line]).filter(|_| !alone.is_by_hand());
        let verdict = if let Some(first) = onto.and_then(|onto| first_on(facts, &settled, &starts, onto)) {
            Verdict::Follows(first)
        } else if busy + starts.len() < facts.at_once {
            starts.push(line);
            Verdict::Starts
        } else {
            queued += 1;
            Verdict::Queued(starts.len() + queued - 1)
        };
        verdicts.insert(line, verdict);
    }
    ended(facts, &settled, &alone, &mut verdicts, &mut starts);
    let all = facts.lines.iter().map(|(line, of)| {
        let expected = alone[line].expected(of, &settled[line], verdicts.remove(line).unwrap(), now);
        (line.clone(), expected)
    });
    all.collect()
}

/// What is ended is ended for what is built at once.
fn ended<'a>(
    facts: &'a BuildsFacts<'_>,
    settled: &BTreeMap<&Line, Settled>,
    alone: &BTreeMap<&Line, Alone>,
    verdicts: &mut BTreeMap<&'a Line, Verdict>,
    starts: &mut Vec<&'a Line>,
) {
    let is_full = verdicts.values().any(|verdict| matches!(verdict, Verdict::Queued(_)));
    for (line, of) in &facts.lines {
        if verdicts[line] != Verdict::Cancels {
            continue;
        }
        let attempt = settled[line].attempt.as_ref().unwrap();
        let asks = line::instead(attempt, &alone[line].reasons);
        let is_asked_by = |kind: ReasonKind| asks.iter().any(|reason| reason.kind() == kind);
        let until = alone[line].waiting + length(of.triggers.wait_at_most);
        let is_coming = parent_of(line, of).is_some_and(|parent| match verdicts.get(&parent) {
            Some(Verdict::Building | Verdict::Cancels | Verdict::Starts) => true,
            Some(Verdict::Waits(then, _)) => *then <= until,
            Some(_) | None => false,
        });
        let is_asked = is_asked_by(ReasonKind::Manual) || is_asked_by(ReasonKind::Parent);
        let waits_for_parent = ms(facts.now) < until && is_coming && !is_asked;
        let onto = onto(of);
        let is_tried = onto.filter(|_| !is_asked_by(ReasonKind::Manual)).is_some_and(|onto| {
            failed_on(facts, settled, onto) >= 3
                || first_on(facts, settled, starts, onto).is_some_and(|first| first != *line)
        });
        if is_full || waits_for_parent || is_tried {
            verdicts.insert(line, Verdict::Building);
        } else if onto.is_some() {
            starts.push(line);
        }
    }
}

fn parent_of(line: &Line, of: &LineFacts<'_>) -> Option<Line> {
    let Some(Parent::Family(parent)) = of.parent else {
        return None;
    };
    Some(Line {
        family: parent.family.clone(),
        architecture: line.architecture,
    })
}

/// Where three lines failed on a release nothing more is built on it by itself.
fn stopped(facts: &BuildsFacts<'_>, settled: &BTreeMap<&Line, Settled>, alone: &mut BTreeMap<&Line, Alone>) {
    for (line, alone) in alone {
        let onto = onto(&facts.lines[*line]).filter(|_| alone.verdict.is_none() && !alone.is_by_hand());
        if onto.is_some_and(|onto| failed_on(facts, settled, onto) >= 3) {
            alone.verdict = Some(Verdict::Blocked(Why::LinesFailed));
        }
    }
}

/// The release of a family that a line would be built on for the first time.
fn onto(of: &LineFacts<'_>) -> Option<ReleaseId> {
    let (Some(Parent::Family(_)), Some(Look::Would(inputs))) = (of.parent, &of.look) else {
        return None;
    };
    let release = inputs.parent_is.release;
    (stands_on(of) != Some(release)).then_some(release)
}

fn stands_on(of: &LineFacts<'_>) -> Option<ReleaseId> {
    Some(of.newest.as_ref()?.of.parent.as_ref()?.release)
}

/// How many lines failed on it for good, have no release on it, and were not changed since.
fn failed_on(facts: &BuildsFacts<'_>, settled: &BTreeMap<&Line, Settled>, release: ReleaseId) -> usize {
    let failed = facts.lines.iter().filter(|(line, of)| {
        let settled = &settled[*line];
        let Some(attempt) = &settled.attempt else { return false };
        let for_good = match attempt.ended.as_ref().map(|ended| &ended.how) {
            Some(Ending::Failed(_)) => true,
            Some(Ending::Passing(_)) => attempt.retries >= MOST || settled.breaker.is_some(),
            Some(Ending::Made | Ending::Cancelled | Ending::NotStarted(_)) | None => false,
        };
        let is_changed = matches!(&of.look, Some(Look::Would(inputs)) if inputs.recipe != attempt.recipe);
        for_good && attempt.parent == Some(release) && stands_on(of) != Some(release) && !is_changed
    });
    failed.count()
}

/// Which line is built on it now, where none has a release on it.
fn first_on(
    facts: &BuildsFacts<'_>,
    settled: &BTreeMap<&Line, Settled>,
    starts: &[&Line],
    release: ReleaseId,
) -> Option<Line> {
    if facts.lines.values().any(|of| stands_on(of) == Some(release)) {
        return None;
    }
    let goes_on = |line: &&Line| {
        let attempt = settled[*line].attempt.as_ref();
        let is_on_it = attempt.is_some_and(|attempt| attempt.ended.is_none() && attempt.parent == Some(release));
        is_on_it && !facts.lines[*line].is_asking
    };
    let running = facts.lines.keys().find(goes_on);
    let started = || {
        starts
            .iter()
            .copied()
            .find(|line| onto_any(&facts.lines[*line]) == Some(release))
    };
    running.or_else(started).cloned()
}

fn onto_any(of: &LineFacts<'_>) -> Option<ReleaseId> {
    match (&of.look, of.parent) {
        (Some(Look::Would(inputs)), Some(Parent::Family(_))) => Some(inputs.parent_is.release),
        _ => None,
    }
}

/// What neither a person nor its parent asks for waits for a parent that is built, or is to be, while it may wait.
fn parents_first(facts: &BuildsFacts<'_>, alone: &mut BTreeMap<&Line, Alone>, now: i64) {
    let until = |line: &Line, of: &Alone| of.waiting + length(facts.lines[line].triggers.wait_at_most);
    let waits = |line: &Line, of: &Alone| {
        let Some(parent) = parent_of(line, &facts.lines[line]) else {
            return false;
        };
        let until = until(line, of);
        let is_coming = |parent: &Alone| match &parent.verdict {
            None | Some(Verdict::Building | Verdict::Cancels | Verdict::Starts) => true,
            Some(Verdict::Waits(then, _)) => *then <= until,
            Some(_) => false,
        };
        let is_asked = of.is_by_hand() || of.reasons.iter().any(|(reason, _)| reason.kind() == ReasonKind::Parent);
        !is_asked && now < until && alone.get(&parent).is_some_and(is_coming)
    };
    let held = alone
        .iter()
        .filter(|(line, of)| of.verdict.is_none() && waits(line, of));
    let held: Vec<(&Line, i64)> = held.map(|(line, of)| (*line, until(line, of))).collect();
    for (line, until) in held {
        alone.get_mut(line).unwrap().verdict = Some(Verdict::Waits(until, Why::ParentFirst));
    }
}
