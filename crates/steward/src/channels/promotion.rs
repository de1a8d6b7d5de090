use std::collections::{BTreeMap, BTreeSet};

use super::facts::{ChannelFacts, ReleaseSeen};
use super::held::{Moved, Mover, Pointed, history_of};
use super::known::Known;
use super::refusal::Refusal;
use super::request::Request;
use crate::{Architecture, ChannelName, ReleaseId, Words};

/// What comes of a move that a person asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Promised {
    /// The channel can move now.
    Move(Moved),
    /// Some of the releases are disabled: once this is written down they are enabled, and the channel moves then.
    Restore(Request),
}

/// Decides the move of a channel to releases that a person named. Architectures that they did not name stay where they are.
///
/// `force` lets it go back; to what is not good it never goes. What is disabled is restored first, also where the channel
/// points already.
pub fn decide_promotion(
    facts: ChannelFacts<'_>,
    channel: &ChannelName,
    wanted: &BTreeSet<ReleaseId>,
    force: bool,
    who: String,
    why: Words,
) -> Result<Promised, Refusal> {
    let known = Known::new(facts);
    let history = history(facts, channel)?;
    let now = history.last().map(|last| &last.to);
    let mut to = Pointed::new();
    let mut disabled = false;
    for (architecture, seen) in one_of_each(&known, wanted)? {
        to.insert(architecture, seen.release);
        disabled |= seen.obstacle().is_some_and(|obstacle| obstacle.is_restored());
    }
    for architecture in known.architectures() {
        if to.contains_key(&architecture) {
            continue;
        }
        let staying = now.and_then(|now| now.get(&architecture));
        let staying = staying.ok_or_else(|| Refusal::Lacking {
            channel: channel.clone(),
            architecture,
        })?;
        to.insert(architecture, *staying);
    }
    if now == Some(&to) && !disabled {
        return Err(Refusal::Unchanged(channel.clone()));
    }
    let back = now.and_then(|now| known.backward(now, &to));
    if let Some((architecture, from, to)) = back
        && !force
    {
        return Err(Refusal::Backward { architecture, from, to });
    }
    Ok(if disabled {
        Promised::Restore(request(facts, history, wanted.clone(), force, who, why))
    } else {
        Promised::Move(known.moved(history, to, Mover::Person(who), why))
    })
}

/// What a person asks for that waits.
pub(super) fn request(
    facts: ChannelFacts<'_>,
    history: &[Moved],
    wanted: BTreeSet<ReleaseId>,
    force: bool,
    who: String,
    why: Words,
) -> Request {
    Request {
        wanted,
        after: history.last().map_or(0, |last| last.number),
        force,
        who,
        why,
        at: facts.now,
        ended: None,
    }
}

/// The moves of one of the manifest's channels.
pub(super) fn history<'a>(facts: ChannelFacts<'a>, channel: &ChannelName) -> Result<&'a [Moved], Refusal> {
    if !facts.channels.contains_key(channel) {
        return Err(Refusal::NoChannel(channel.clone()));
    }
    Ok(history_of(facts.held, channel))
}

fn one_of_each<'a>(
    known: &Known<'a>,
    wanted: &BTreeSet<ReleaseId>,
) -> Result<BTreeMap<Architecture, &'a ReleaseSeen>, Refusal> {
    let mut named: BTreeMap<Architecture, &ReleaseSeen> = BTreeMap::new();
    for id in wanted {
        let seen = known.release(*id).ok_or(Refusal::NoRelease(*id))?;
        let architecture = seen.architecture;
        if !known.facts.architectures.contains(&architecture) {
            let build = seen.order;
            return Err(Refusal::NotDeclared { build, architecture });
        }
        if let Some(other) = named.insert(architecture, seen) {
            let mut builds = [other.order, seen.order];
            builds.sort();
            return Err(Refusal::Two { architecture, builds });
        }
    }
    let obstacle = |seen: &ReleaseSeen| seen.obstacle().filter(|obstacle| !obstacle.is_restored());
    let bad = named.values().find_map(|seen| Some((*seen, obstacle(seen)?)));
    match bad {
        Some((seen, obstacle)) => Err(Refusal::not_good(seen, obstacle)),
        None => Ok(named),
    }
}
