//! What a person asked of a channel and that cannot be done at once: its releases are to be enabled first.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::facts::ChannelFacts;
use super::held::{Moved, Mover};
use super::known::Known;
use super::obstacle::Obstacle;
use super::promotion::{Promised, decide_promotion};
use super::refusal::Refusal;
use crate::{ChannelName, Duration, ReleaseId, Timestamp, Words};

/// After so long nobody waits for an answer any more: what was not brought back by then stays as it is.
const LASTS: Duration = Duration::hours(24);

/// A move of a channel that a person asked for, and that waits until the releases that they named are enabled. It is all
/// that lets anything enable an image.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// The releases that they named.
    pub wanted: BTreeSet<ReleaseId>,
    /// The channel's last move until then; 0: it had none.
    pub after: u32,
    /// Whether it may go back.
    pub force: bool,
    /// Who asked, by the name that AWS knows them by.
    pub who: String,
    /// Why.
    pub why: Words,
    /// When.
    pub at: Timestamp,
    /// Why it is over although no move answered it; none: it is not.
    #[serde(default)]
    pub ended: Option<Words>,
}

/// What becomes of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// The channel moves now.
    Moves(Moved),
    /// It waits for this.
    Waits(Words),
    /// What was asked for is so.
    Met,
    /// It comes to nothing.
    Refused(Refusal),
}

impl Request {
    /// Whether it still counts: nobody ended it, no person moved the channel since, and it is not too old. Its own move
    /// is a person's: it is made once.
    pub fn is_open(&self, history: &[Moved], now: Timestamp) -> bool {
        self.ended.is_none() && !self.is_late(now) && self.answer(history).is_none()
    }

    /// The first move of the channel by a person since, for this request or by another way.
    pub fn answer<'m>(&self, history: &'m [Moved]) -> Option<&'m Moved> {
        history.iter().find(|moved| match moved.by {
            Mover::Itself => false,
            Mover::Person(_) => moved.number > self.after,
        })
    }

    /// Why it is over although no move answered it; none: it is not.
    pub fn over(&self, now: Timestamp) -> Option<Words> {
        let late = || Words::from(format!("it was not done within {LASTS}"));
        self.ended.clone().or_else(|| self.is_late(now).then(late))
    }

    fn is_late(&self, now: Timestamp) -> bool {
        self.at.checked_add(LASTS).is_some_and(|until| until <= now)
    }
}

/// Decides what becomes of an open request, by what is known now.
pub fn decide_request(facts: ChannelFacts<'_>, channel: &ChannelName, request: &Request) -> Answer {
    let Request {
        wanted,
        force,
        who,
        why,
        ..
    } = request;
    match decide_promotion(facts, channel, wanted, *force, who.clone(), why.clone()) {
        Ok(Promised::Move(moved)) => Answer::Moves(moved),
        Ok(Promised::Restore(_))
        | Err(Refusal::NotGood {
            obstacle: Obstacle::Coming(_) | Obstacle::Building,
            ..
        }) => Answer::Waits(missing(facts, wanted)),
        Err(Refusal::Unchanged(_)) => Answer::Met,
        Err(refusal) => Answer::Refused(refusal),
    }
}

/// What keeps a channel from these.
fn missing(facts: ChannelFacts<'_>, wanted: &BTreeSet<ReleaseId>) -> Words {
    let known = Known::new(facts);
    let missing = wanted.iter().filter_map(|release| {
        let seen = known.release(*release)?;
        let (build, architecture, obstacle) = (seen.order, seen.architecture, seen.obstacle()?);
        Some(format!("{build} of {architecture} {obstacle}"))
    });
    Words::from(missing.collect::<Vec<_>>().join(", "))
}
