use super::facts::ChannelFacts;
use super::good::pointed;
use super::held::{Moved, Mover, Pointed};
use super::known::{Flaw, Known};
use super::promotion::history;
use super::refusal::Refusal;
use crate::{ChannelName, Words};

/// Decides the move of a channel back to where it was: to the last other releases that are good, or to those of
/// the move of this number.
pub fn decide_rollback(
    facts: ChannelFacts<'_>,
    channel: &ChannelName,
    to: Option<u32>,
    who: String,
    why: Words,
) -> Result<Moved, Refusal> {
    let known = Known::new(facts);
    let history = history(facts, channel)?;
    let rolling = Rolling {
        known: &known,
        channel,
        history,
    };
    let to = match to {
        Some(number) => rolling.to_move(number)?,
        None => rolling.to_last()?,
    };
    Ok(known.moved(history, to, Mover::Person(who), why))
}

struct Rolling<'k, 'a> {
    known: &'k Known<'a>,
    channel: &'k ChannelName,
    history: &'k [Moved],
}

impl Rolling<'_, '_> {
    fn to_move(&self, number: u32) -> Result<Pointed, Refusal> {
        let asked = self.history.iter().find(|moved| moved.number == number);
        match (asked, self.history.last()) {
            (Some(asked), _) if self.is_there(asked) => Err(Refusal::Unchanged(self.channel.clone())),
            (Some(asked), _) => self.good(asked),
            (None, Some(last)) => Err(Refusal::NoMove {
                channel: self.channel.clone(),
                number,
                last: last.number,
            }),
            (None, None) => Err(self.nothing_before()),
        }
    }

    /// Only to what is older than what is there: after one rollback the next goes further back, and not to what was left.
    /// Where none is good, it is the last one that is refused.
    fn to_last(&self) -> Result<Pointed, Refusal> {
        let mut refused = None;
        for moved in self.history.iter().rev().filter(|moved| self.is_back(moved)) {
            match self.good(moved) {
                Ok(to) => return Ok(to),
                Err(refusal) => refused = refused.or(Some(refusal)),
            }
        }
        Err(refused.unwrap_or_else(|| self.nothing_before()))
    }

    /// Whether it is older than what is there, as far as that is known.
    fn is_back(&self, moved: &Moved) -> bool {
        let now = self.history.last().map(|last| &last.to);
        let is_older = now.is_some_and(|now| self.known.backward(now, &moved.to).is_some());
        let is_unknown = moved.to.values().any(|release| self.known.release(*release).is_none());
        !self.is_there(moved) && (is_older || is_unknown)
    }

    fn nothing_before(&self) -> Refusal {
        Refusal::NothingBefore(self.channel.clone())
    }

    /// Whether the channel points there now, as far as the manifest still wants it.
    fn is_there(&self, moved: &Moved) -> bool {
        let declared = |to: &Pointed| -> Pointed {
            let declared = to
                .iter()
                .filter(|(architecture, _)| self.known.facts.architectures.contains(architecture));
            declared
                .map(|(architecture, release)| (*architecture, *release))
                .collect()
        };
        let now = self.history.last();
        now.is_some_and(|now| declared(&now.to) == declared(&moved.to))
    }

    fn good(&self, moved: &Moved) -> Result<Pointed, Refusal> {
        let (set, flaws) = self.known.look(&moved.to);
        match flaws.into_iter().next() {
            None => Ok(pointed(&set)),
            Some(Flaw::Lacks(architecture)) => Err(Refusal::MoveLacks {
                channel: self.channel.clone(),
                number: moved.number,
                architecture,
            }),
            Some(Flaw::Unknown(_, release)) => Err(Refusal::NoRelease(release)),
            Some(Flaw::Bad(seen, obstacle)) => Err(Refusal::not_good(seen, obstacle)),
        }
    }
}
