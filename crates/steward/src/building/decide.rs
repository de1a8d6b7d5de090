use std::collections::BTreeMap;

use super::facts::{BuildsFacts, Line};
use super::line::decide_line;
use super::plan::{BuildPlan, Fate, LinePlan};
use super::reason::{Reason, Urgency};
use super::state::LineState;
use crate::Words;
use crate::manifest::Parent;

/// A line that may start, as far as it is asked.
struct Candidate {
    urgency: Urgency,
    held: LineState,
    reasons: Vec<Reason>,
}

/// Decides for all lines at once. Each line is decided as if it were alone; then parents go before their children, and of what may
/// start no more does than may run at once, the most urgent first.
pub fn decide_builds(facts: &BuildsFacts<'_>) -> BuildPlan {
    let mut lines: BTreeMap<Line, LinePlan> = BTreeMap::new();
    let mut candidates: BTreeMap<Line, Candidate> = BTreeMap::new();
    for (line, of_line) in &facts.lines {
        let (plan, held) = decide_line(of_line, facts.now);
        // One that is in doubt may be running: it takes up its place, whoever is more urgent.
        if plan.fate == Fate::Starts && !held.is_in_doubt() {
            let reasons: Vec<Reason> = plan
                .state
                .attempt
                .iter()
                .flat_map(|attempt| attempt.reasons.clone())
                .collect();
            let urgency = reasons.iter().map(Reason::urgency).min().unwrap_or(Urgency::Schedule);
            let candidate = Candidate { urgency, held, reasons };
            candidates.insert(line.clone(), candidate);
        }
        lines.insert(line.clone(), plan);
    }
    hold_for_parents(facts, &mut lines, &mut candidates);
    queue(facts, &mut lines, candidates);
    BuildPlan { lines }
}

/// A child that only its clock or its base asks for waits for a parent that is being built: it would be built once more.
fn hold_for_parents(
    facts: &BuildsFacts<'_>,
    lines: &mut BTreeMap<Line, LinePlan>,
    candidates: &mut BTreeMap<Line, Candidate>,
) {
    let mut waiting = Vec::new();
    for (line, candidate) in &*candidates {
        let Some(of_line) = facts.lines.get(line) else { continue };
        let Some(Parent::Family(parent)) = of_line.parent else {
            continue;
        };
        let parent = Line {
            family: parent.family.clone(),
            architecture: line.architecture,
        };
        let is_built = lines
            .get(&parent)
            .is_some_and(|plan| matches!(plan.fate, Fate::Building | Fate::Starts));
        let since = candidate.held.waiting.unwrap_or(facts.now);
        let until = since.saturating_add(of_line.triggers.wait_at_most);
        if is_built && candidate.urgency >= Urgency::Base && until > facts.now {
            waiting.push((line.clone(), parent, until));
        }
    }
    for (line, parent, until) in waiting {
        let Some(Candidate { held, reasons, .. }) = candidates.remove(&line) else {
            continue;
        };
        let why = Words::from(format!("its parent {} is built first", parent.family));
        let fate = Fate::Waits { reasons, until, why };
        lines.insert(line, LinePlan { fate, state: held });
    }
}

fn queue(facts: &BuildsFacts<'_>, lines: &mut BTreeMap<Line, LinePlan>, candidates: BTreeMap<Line, Candidate>) {
    let runs = |(line, plan): &(&Line, &LinePlan)| match plan.fate {
        Fate::Building => true,
        Fate::Starts => !candidates.contains_key(*line),
        _ => false,
    };
    let running = lines.iter().filter(runs).count();
    let free = facts.at_once.saturating_sub(running);
    let mut order: Vec<(Line, Candidate)> = candidates.into_iter().collect();
    order.sort_by(|(a_line, a), (b_line, b)| {
        (a.urgency, a.held.waiting, a_line).cmp(&(b.urgency, b.held.waiting, b_line))
    });
    for (ahead, (line, Candidate { held, reasons, .. })) in order.into_iter().enumerate().skip(free) {
        let fate = Fate::Queued { reasons, ahead };
        lines.insert(line, LinePlan { fate, state: held });
    }
}
