use std::collections::BTreeMap;

use super::cascade::{Cascade, Onto};
use super::facts::{BuildsFacts, Line, LineFacts};
use super::line::{decide_line, is_asked_by_hand};
use super::plan::{BuildPlan, Fate, LinePlan};
use super::reason::{Reason, Urgency};
use super::state::LineState;
use crate::manifest::{Parent, ReasonKind};
use crate::{Timestamp, Words};

/// A line that may start, as far as it is asked.
struct Candidate<'a> {
    urgency: Urgency,
    held: LineState,
    reasons: Vec<Reason>,
    /// What it would be built on for the first time.
    onto: Option<Onto<'a>>,
}

impl<'a> Candidate<'a> {
    /// The same, where no person asks for it: who asks knows why.
    fn by_itself(&self) -> Option<Onto<'a>> {
        self.onto.filter(|_| !is_asked_by_hand(&self.reasons))
    }
}

type Candidates<'a> = BTreeMap<&'a Line, Candidate<'a>>;

/// Decides for all lines at once. Each line is decided as if it were alone; then parents go before their children, one child before the
/// others, and of what may start no more does than may run at once, the most urgent first.
pub fn decide_builds(facts: &BuildsFacts<'_>) -> BuildPlan {
    let mut lines: BTreeMap<Line, LinePlan> = BTreeMap::new();
    let mut candidates: Candidates<'_> = BTreeMap::new();
    let mut cascade = Cascade::default();
    for (line, of_line) in &facts.lines {
        let (plan, held) = decide_line(of_line, facts.now);
        cascade.note(line, of_line, &held);
        // One that is in doubt may be running: it takes up its place, whoever is more urgent.
        if plan.fate == Fate::Starts && !held.is_in_doubt() {
            let reasons: Vec<Reason> = plan
                .state
                .attempt
                .iter()
                .flat_map(|attempt| attempt.reasons.clone())
                .collect();
            let candidate = Candidate {
                urgency: reasons.iter().map(Reason::urgency).min().unwrap_or(Urgency::Schedule),
                held,
                reasons,
                onto: Onto::of(of_line),
            };
            candidates.insert(line, candidate);
        }
        lines.insert(line.clone(), plan);
    }
    stop(&cascade, &mut lines, &mut candidates);
    hold_for_parents(facts, &mut lines, &mut candidates);
    queue(facts, &mut lines, candidates, &mut cascade);
    end(facts, &mut lines, &mut cascade);
    BuildPlan { lines }
}

/// What fails on a release of its parent, line after line, is not built on it by itself any more.
fn stop(cascade: &Cascade<'_>, lines: &mut BTreeMap<Line, LinePlan>, candidates: &mut Candidates<'_>) {
    let why = |candidate: &Candidate<'_>| candidate.by_itself().and_then(|onto| cascade.stops(onto));
    let stopped = candidates.iter();
    let stopped: Vec<(&Line, Words)> = stopped
        .filter_map(|(line, candidate)| Some((*line, why(candidate)?)))
        .collect();
    for (line, why) in stopped {
        if let Some(Candidate { held, reasons, .. }) = candidates.remove(line) {
            let fate = Fate::Blocked { reasons, why };
            lines.insert(line.clone(), LinePlan { fate, state: held });
        }
    }
}

/// A child that neither a person nor its parent asks for waits for a parent that is being built, or is about to be: it would be built once
/// more.
fn hold_for_parents(facts: &BuildsFacts<'_>, lines: &mut BTreeMap<Line, LinePlan>, candidates: &mut Candidates<'_>) {
    let mut waiting = Vec::new();
    for (line, candidate) in &*candidates {
        let Some(of_line) = facts.lines.get(*line) else {
            continue;
        };
        let since = candidate.held.waiting.unwrap_or(facts.now);
        let until = since.saturating_add(of_line.triggers.wait_at_most);
        if until > facts.now
            && let Some(parent) = coming_parent(line, of_line, &candidate.reasons, lines, until)
        {
            waiting.push((*line, parent, until));
        }
    }
    for (line, parent, until) in waiting {
        let Some(Candidate { held, reasons, .. }) = candidates.remove(line) else {
            continue;
        };
        let why = Words::from(format!("its parent {} is built first", parent.family));
        let fate = Fate::Waits { reasons, until, why };
        lines.insert(line.clone(), LinePlan { fate, state: held });
    }
}

/// The parent that is being built, or is about to be until then; none: there is none, or a person or that parent asks for the child.
fn coming_parent(
    line: &Line,
    of_line: &LineFacts<'_>,
    reasons: &[Reason],
    lines: &BTreeMap<Line, LinePlan>,
    until: Timestamp,
) -> Option<Line> {
    let Some(Parent::Family(parent)) = of_line.parent else {
        return None;
    };
    let asks = |reason: &Reason| matches!(reason.kind(), ReasonKind::Manual | ReasonKind::Parent);
    let parent = Line {
        family: parent.family.clone(),
        architecture: line.architecture,
    };
    let is_coming = match &lines.get(&parent)?.fate {
        Fate::Building | Fate::Cancels { .. } | Fate::Starts => true,
        Fate::Waits { until: then, .. } => *then <= until,
        Fate::Quiet
        | Fate::ToBeRead
        | Fate::Skipped { .. }
        | Fate::Follows { .. }
        | Fate::Queued { .. }
        | Fate::Blocked { .. } => false,
    };
    (is_coming && !reasons.iter().any(asks)).then_some(parent)
}

fn queue<'a>(
    facts: &BuildsFacts<'_>,
    lines: &mut BTreeMap<Line, LinePlan>,
    candidates: Candidates<'a>,
    cascade: &mut Cascade<'a>,
) {
    let runs = |(line, plan): &(&Line, &LinePlan)| !candidates.contains_key(*line) && plan.state.is_building();
    let running = lines.iter().filter(runs).count();
    let free = facts.at_once.saturating_sub(running);
    let mut order: Vec<(&Line, Candidate<'_>)> = candidates.into_iter().collect();
    order.sort_by(|(a_line, a), (b_line, b)| {
        (a.urgency, a.held.waiting, a_line).cmp(&(b.urgency, b.held.waiting, b_line))
    });
    let mut ahead = 0;
    for (line, candidate) in order {
        let first = candidate
            .by_itself()
            .and_then(|onto| Some((cascade.first_on(onto)?.clone(), onto.says())));
        let Candidate {
            held, reasons, onto, ..
        } = candidate;
        let fate = if let Some((canary, on)) = first {
            Fate::Follows { reasons, canary, on }
        } else if ahead < free {
            if let Some(onto) = onto {
                cascade.start(line, onto);
            }
            ahead += 1;
            continue;
        } else {
            ahead += 1;
            Fate::Queued {
                reasons,
                ahead: ahead - 1,
            }
        };
        lines.insert(line.clone(), LinePlan { fate, state: held });
    }
}

/// A build is ended only for one that would be started in its place.
fn end<'a>(facts: &'a BuildsFacts<'_>, lines: &mut BTreeMap<Line, LinePlan>, cascade: &mut Cascade<'a>) {
    let is_full = lines.values().any(|plan| matches!(plan.fate, Fate::Queued { .. }));
    for (line, of_line) in &facts.lines {
        let Some(plan) = lines.get(line) else { continue };
        let is_for = |plan: &LinePlan| match &plan.fate {
            Fate::Cancels { reasons, .. } => is_first((line, of_line), reasons, &plan.state, lines, cascade, facts.now),
            Fate::Quiet
            | Fate::ToBeRead
            | Fate::Building
            | Fate::Waits { .. }
            | Fate::Skipped { .. }
            | Fate::Queued { .. }
            | Fate::Follows { .. }
            | Fate::Blocked { .. }
            | Fate::Starts => false,
        };
        let is_ended = !is_full && is_for(plan);
        if let Some(onto) = Onto::of(of_line).filter(|_| is_ended) {
            cascade.start(line, onto);
        }
        let Some(LinePlan { fate, state }) = lines.get_mut(line) else {
            continue;
        };
        if is_ended {
            state.ask_end();
        } else if matches!(fate, Fate::Building | Fate::Cancels { .. }) {
            *fate = Fate::Building;
            state.leave();
        }
    }
}

/// Whether what would be built instead is neither after its parent, nor on what another is tried on first or lines failed on.
fn is_first(
    (line, of_line): (&Line, &LineFacts<'_>),
    reasons: &[Reason],
    state: &LineState,
    lines: &BTreeMap<Line, LinePlan>,
    cascade: &Cascade<'_>,
    now: Timestamp,
) -> bool {
    let since = state.waiting.unwrap_or(now);
    let until = since.saturating_add(of_line.triggers.wait_at_most);
    let waits = until > now && coming_parent(line, of_line, reasons, lines, until).is_some();
    let is_held =
        |onto: Onto<'_>| cascade.stops(onto).is_some() || cascade.first_on(onto).is_some_and(|first| first != line);
    let by_itself = Onto::of(of_line).filter(|_| !is_asked_by_hand(reasons));
    !waits && !by_itself.is_some_and(is_held)
}
