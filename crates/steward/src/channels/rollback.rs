use super::facts::ChannelFacts;
use super::good::pointed;
use super::held::{Moved, Mover, Pointed};
use super::known::{Flaw, Known};
use super::promotion::{Promised, history, request};
use super::refusal::Refusal;
use crate::{ChannelName, Words};

/// Decides the move of a channel back to where it was: to the last other releases that are good, or where there are none to
/// the last ones that are only disabled; or to those of the move of this number, which are restored where they are disabled.
pub fn decide_rollback(
    facts: ChannelFacts<'_>,
    channel: &ChannelName,
    to: Option<u32>,
    who: String,
    why: Words,
) -> Result<Promised, Refusal> {
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
    Ok(match to {
        Way::Good(to) => Promised::Move(known.moved(history, to, Mover::Person(who), why)),
        // What a person goes back to they go back to.
        Way::Disabled(to) => Promised::Restore(request(facts, history, to.into_values().collect(), true, who, why)),
    })
}

/// Where a channel was.
enum Way {
    /// It can go there.
    Good(Pointed),
    /// It can once this is enabled.
    Disabled(Pointed),
}

struct Rolling<'k, 'a> {
    known: &'k Known<'a>,
    channel: &'k ChannelName,
    history: &'k [Moved],
}

impl Rolling<'_, '_> {
    fn to_move(&self, number: u32) -> Result<Way, Refusal> {
        let asked = self.history.iter().find(|moved| moved.number == number);
        match (asked, self.history.last()) {
            (Some(asked), _) if self.is_there(asked) => Err(Refusal::Unchanged(self.channel.clone())),
            (Some(asked), _) => self.way(asked),
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
    fn to_last(&self) -> Result<Way, Refusal> {
        let (mut disabled, mut refused) = (None, None);
        for moved in self.history.iter().rev().filter(|moved| self.is_back(moved)) {
            match self.way(moved) {
                Ok(Way::Good(to)) => return Ok(Way::Good(to)),
                Ok(Way::Disabled(to)) => disabled = disabled.or(Some(to)),
                Err(refusal) => refused = refused.or(Some(refusal)),
            }
        }
        let nothing = || refused.unwrap_or_else(|| self.nothing_before());
        disabled.map(Way::Disabled).ok_or_else(nothing)
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
        let now = self.history.last();
        now.is_some_and(|now| self.declared(&now.to) == self.declared(&moved.to))
    }

    /// Without what left the manifest.
    fn declared(&self, to: &Pointed) -> Pointed {
        let declared = to
            .iter()
            .filter(|(architecture, _)| self.known.facts.architectures.contains(architecture));
        declared
            .map(|(architecture, release)| (*architecture, *release))
            .collect()
    }

    fn way(&self, moved: &Moved) -> Result<Way, Refusal> {
        let (set, flaws) = self.known.look(&moved.to);
        let is_disabled = |flaw: &Flaw<'_>| matches!(flaw, Flaw::Bad(_, obstacle) if obstacle.is_restored());
        let (disabled, others): (Vec<_>, Vec<_>) = flaws.into_iter().partition(is_disabled);
        match others.into_iter().next() {
            None if disabled.is_empty() => Ok(Way::Good(pointed(&set))),
            None => Ok(Way::Disabled(self.declared(&moved.to))),
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
