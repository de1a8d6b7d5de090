use std::collections::BTreeMap;

use super::cascade::{Cascade, Onto};
use super::facts::{BuildsFacts, Line};
use super::line::decide_line;
use super::plan::{BuildPlan, Fate, LinePlan};
use super::reason::{Reason, Urgency};
use super::state::LineState;
use crate::Words;
use crate::manifest::{Parent, ReasonKind};

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
        let is_manual = |reason: &Reason| reason.kind() == ReasonKind::Manual;
        self.onto.filter(|_| !self.reasons.iter().any(is_manual))
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
    queue(facts, &mut lines, candidates, cascade);
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
        let Some(Parent::Family(parent)) = of_line.parent else {
            continue;
        };
        let parent = Line {
            family: parent.family.clone(),
            architecture: line.architecture,
        };
        let since = candidate.held.waiting.unwrap_or(facts.now);
        let until = since.saturating_add(of_line.triggers.wait_at_most);
        let is_built = lines.get(&parent).is_some_and(|plan| match &plan.fate {
            Fate::Building | Fate::Cancels { .. } | Fate::Starts => true,
            Fate::Waits { until: then, .. } => *then <= until,
            Fate::Quiet
            | Fate::ToBeRead
            | Fate::Skipped { .. }
            | Fate::Follows { .. }
            | Fate::Queued { .. }
            | Fate::Blocked { .. } => false,
        });
        let asks = |reason: &Reason| matches!(reason.kind(), ReasonKind::Manual | ReasonKind::Parent);
        if is_built && !candidate.reasons.iter().any(asks) && until > facts.now {
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

fn queue<'a>(
    facts: &BuildsFacts<'_>,
    lines: &mut BTreeMap<Line, LinePlan>,
    candidates: Candidates<'a>,
    mut cascade: Cascade<'a>,
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
