//! Children of a parent whose channel moved: one of them first, then the others, and none any more where it is the parent that fails.

use std::collections::BTreeMap;

use super::facts::{Line, LineFacts, Look};
use super::inputs::Named;
use super::settle::MOST_RETRIES;
use super::state::{Ending, LineState};
use crate::manifest::{Parent, ParentFamily};
use crate::{ReleaseId, Timestamp, Words};

/// Where so many lines fail on one release of their parent, it is what they have in common.
const MOST_FAILED: usize = 3;

/// What came of each release that lines were built on, or are.
#[derive(Debug, Default)]
pub(super) struct Cascade<'a>(BTreeMap<ReleaseId, Built<'a>>);

#[derive(Debug, Default)]
struct Built<'a> {
    /// Whether a line has a release on it.
    is_proven: bool,
    /// One that is built on it now.
    under_way: Option<&'a Line>,
    /// What failed on it, when, and why.
    failed: Vec<(Timestamp, &'a Line, Words)>,
}

/// A release of its parent that a line would be built on for the first time.
#[derive(Clone, Copy, Debug)]
pub(super) struct Onto<'a> {
    of: &'a ParentFamily,
    release: &'a Named,
}

impl<'a> Onto<'a> {
    /// None: its parent is no family, or it was built on that release before.
    pub(super) fn of(facts: &'a LineFacts<'_>) -> Option<Self> {
        let (Some(Parent::Family(of)), Some(Look::Would(inputs))) = (facts.parent, &facts.look) else {
            return None;
        };
        let release = &inputs.parent_is;
        (newest_on(facts) != Some(release.release)).then_some(Self { of, release })
    }

    /// As people call it.
    pub(super) fn says(self) -> Words {
        self.release.says.clone()
    }
}

impl<'a> Cascade<'a> {
    /// What a line shows of what it was built on, and is.
    pub(super) fn note(&mut self, line: &'a Line, facts: &LineFacts<'_>, state: &LineState) {
        let newest = newest_on(facts);
        if let Some(release) = newest {
            self.0.entry(release).or_default().is_proven = true;
        }
        let Some(attempt) = &state.attempt else { return };
        let Some(release) = attempt.parent else { return };
        let built = self.0.entry(release).or_default();
        let Some(ended) = &attempt.ended else {
            // What waits for a person, for days as it may be, is nobody's first.
            if !facts.is_asking {
                built.under_way.get_or_insert(line);
            }
            return;
        };
        let is_given_up = attempt.retries >= MOST_RETRIES || state.breaker.is_some();
        let why = match &ended.how {
            Ending::Failed(why) => why,
            Ending::Passing(why) if is_given_up => why,
            Ending::Passing(_) | Ending::Made | Ending::Cancelled | Ending::NotStarted(_) => return,
        };
        let is_changed = matches!(&facts.look, Some(Look::Would(inputs)) if inputs.recipe != attempt.recipe);
        if newest != Some(release) && !is_changed {
            built.failed.push((ended.at, line, why.clone()));
        }
    }

    /// Why nothing more is built on it by itself; none: it may be.
    pub(super) fn stops(&self, onto: Onto<'_>) -> Option<Words> {
        let failed = &self.0.get(&onto.release.release)?.failed;
        let (_, line, why) = failed.iter().max().filter(|_| failed.len() >= MOST_FAILED)?;
        let ParentFamily { family, channel } = onto.of;
        Some(Words::from(format!(
            "{} lines failed on {}, the last {line}: {why}; move {channel} of {family} back, change what fails, or \
             `steward build` it by hand",
            failed.len(),
            onto.release.says,
        )))
    }

    /// Which line is built on it first, before another is by itself; none: it is proven, or nobody tries it.
    pub(super) fn first_on(&self, onto: Onto<'_>) -> Option<&'a Line> {
        let built = self.0.get(&onto.release.release)?;
        built.under_way.filter(|_| !built.is_proven)
    }

    /// A line is built on it now.
    pub(super) fn start(&mut self, line: &'a Line, onto: Onto<'_>) {
        let built = self.0.entry(onto.release.release).or_default();
        built.under_way.get_or_insert(line);
    }
}

fn newest_on(facts: &LineFacts<'_>) -> Option<ReleaseId> {
    let parent = facts.newest.as_ref()?.of.parent.as_ref()?;
    Some(parent.release)
}
