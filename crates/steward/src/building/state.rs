use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::facts::Line;
use super::reason::Reason;
use super::superseded::Superseded;
use crate::text::digest;
use crate::{ImageBuildArn, RecipeArn, ReleaseId, Target, Timestamp, VulnerabilityId, Words};

/// Longer is no value of a tag.
const LONGEST_TAG: usize = 256;

/// What is kept of a line from one look to the next.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineState {
    /// Its schedule, as it was looked at last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schedule: Option<Words>,
    /// Up to when that was looked at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scheduled: Option<Timestamp>,
    /// When its inputs were read last, and for which manifest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub looked: Option<Looked>,
    /// Why it is to be built, as long as it waits.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pending: Vec<Pending>,
    /// Since when it has had reasons without a break.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waiting: Option<Timestamp>,
    /// Since when something is in its way, other builds and freezes aside: what persons ask for is not for ever.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub held_up: Option<Timestamp>,
    /// What was started last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attempt: Option<Attempt>,
    /// The build of another hand that was under way at the last look.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub adopted: Option<ImageBuildArn>,
    /// The moments of what persons asked for that is answered.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub answers: BTreeSet<Timestamp>,
    /// How many builds in a row have failed.
    #[serde(default)]
    pub failures: u32,
    /// Why nothing is built by itself any more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub breaker: Option<Breaker>,
    /// The vulnerabilities that were tried to be built away.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tried: Vec<TriedCves>,
    /// How often in a row its inputs could not be read.
    #[serde(default)]
    pub unreadable: u32,
    /// What keeps them from being read, as long as it does.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub obstacle: Option<Words>,
    /// Why what asked last was skipped: it is told once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub skipped: Option<Words>,
}

/// A reading of a line's inputs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Looked {
    /// When.
    pub at: Timestamp,
    /// The manifest that held then.
    pub manifest: u32,
    /// The release that its parent meant; none: that was not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<ReleaseId>,
}

/// Vulnerabilities that a release was built for, and on what.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TriedCves {
    /// The base.
    pub parent: ReleaseId,
    /// All that were tried on it.
    pub found: BTreeSet<VulnerabilityId>,
}

/// A reason that waits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pending {
    /// Which.
    pub reason: Reason,
    /// Since when.
    pub since: Timestamp,
}

/// A build that was started, written down before it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    /// Which of the line's, from 1 on. It rises only once the last one ended.
    pub number: u32,
    /// How many in a row of these inputs failed by the way, before this.
    pub retries: u32,
    /// What it is made of, in one word.
    pub fingerprint: String,
    /// By what.
    pub recipe: RecipeArn,
    /// The release that its parent meant; none: what was started before that was kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<ReleaseId>,
    /// Why.
    pub reasons: Vec<Reason>,
    /// When it was written down.
    pub begun: Timestamp,
    /// Since when its line had reasons then; none: that was not kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waiting: Option<Timestamp>,
    /// What Image Builder answered; none: nobody knows whether it was started.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub build: Option<ImageBuildArn>,
    /// How it ended; none: it goes on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<Ended>,
    /// What becomes of it as something else would be built now; none: nothing else would.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub superseded: Option<Superseded>,
    /// Whether the build before it was ended for it.
    #[serde(default, skip_serializing_if = "is_no")]
    pub follows: bool,
}

/// The end of a build.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ended {
    /// When that was seen.
    pub at: Timestamp,
    /// How.
    pub how: Ending,
}

/// How a build ends.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ending {
    /// There is a release.
    Made,
    /// It failed by the way: capacity, throttling, the agent. The same again may come through.
    Passing(Words),
    /// It failed by what it is made of: the same again fails again.
    Failed(Words),
    /// Somebody ended it.
    Cancelled,
    /// There was none: AWS refused to start it.
    NotStarted(Words),
}

/// Why nothing is built by itself any more, until a person does something.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Breaker {
    /// Since when.
    pub at: Timestamp,
    /// By what was built that failed: another recipe is another try.
    pub recipe: RecipeArn,
    /// What failed last.
    pub why: Words,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands it so")]
const fn is_no(is: &bool) -> bool {
    !*is
}

impl Attempt {
    /// What makes a start that is repeated the same build.
    pub fn token(&self, hub: Target, line: &Line) -> String {
        let parts = (hub, &line.family, line.architecture, &self.fingerprint, self.number);
        digest(&parts)
    }

    /// Its reasons as a tag of the build says them.
    pub fn tag(&self) -> String {
        let reasons: Vec<String> = self.reasons.iter().map(ToString::to_string).collect();
        // What no tag takes becomes a blank.
        let taken = |letter: char| letter.is_alphanumeric() || "_.:/=+-@ ".contains(letter);
        let reasons = reasons.join(". ");
        reasons
            .chars()
            .take(LONGEST_TAG)
            .map(|letter| if taken(letter) { letter } else { ' ' })
            .collect()
    }

    /// How many in a row of these inputs have failed by the way when it is tried once more.
    pub(super) fn retries_after(&self) -> u32 {
        match self.ended.as_ref().map(|ended| &ended.how) {
            Some(Ending::Passing(_)) => self.retries.saturating_add(1),
            Some(Ending::NotStarted(_)) => self.retries,
            Some(Ending::Made | Ending::Failed(_) | Ending::Cancelled) | None => 0,
        }
    }

    /// Whether it was started for all of this.
    pub(super) fn is_for(&self, wanted: &BTreeSet<VulnerabilityId>) -> bool {
        let is_for = |reason: &Reason| matches!(reason, Reason::Cve { found, .. } if wanted.is_subset(found));
        self.reasons.iter().any(is_for)
    }

    /// Since when what asked for it asks.
    pub(super) fn asked_since(&self) -> Timestamp {
        self.waiting.unwrap_or(self.begun)
    }

    /// Whether it may still come to something.
    pub fn goes_on(&self) -> bool {
        self.ended.is_none()
    }
}

impl Breaker {
    /// Why nothing is built, and what to do.
    pub(super) fn told(&self, failures: u32) -> Words {
        Words::from(format!(
            "{failures} builds in a row failed, the last: {}; change what fails, or `steward build` it by hand",
            self.why
        ))
    }
}
