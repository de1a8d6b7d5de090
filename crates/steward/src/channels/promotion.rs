use std::collections::{BTreeMap, BTreeSet};

use super::facts::{ChannelFacts, ReleaseSeen};
use super::held::{ChannelHeld, Moved, Mover, Pointed};
use super::known::Known;
use super::refusal::Refusal;
use crate::{Architecture, ChannelName, ReleaseId, Words};

/// Decides the move of a channel to releases that a person named. Architectures that they did not name stay where they are.
///
/// `force` lets it go back; to what is not good it never goes.
pub fn decide_promotion(
    facts: ChannelFacts<'_>,
    channel: &ChannelName,
    wanted: &BTreeSet<ReleaseId>,
    force: bool,
    who: String,
    why: Words,
) -> Result<Moved, Refusal> {
    let known = Known::new(facts);
    let history = history(facts, channel)?;
    let now = history.last().map(|last| &last.to);
    let mut to = Pointed::new();
    for (architecture, seen) in one_of_each(&known, wanted)? {
        to.insert(architecture, seen.release);
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
    if now == Some(&to) {
        return Err(Refusal::Unchanged(channel.clone()));
    }
    let back = now.and_then(|now| known.backward(now, &to));
    if let Some((architecture, from, to)) = back
        && !force
    {
        return Err(Refusal::Backward { architecture, from, to });
    }
    Ok(known.moved(history, to, Mover::Person(who), why))
}

/// The moves of one of the manifest's channels.
pub(super) fn history<'a>(facts: ChannelFacts<'a>, channel: &ChannelName) -> Result<&'a [Moved], Refusal> {
    if !facts.channels.contains_key(channel) {
        return Err(Refusal::NoChannel(channel.clone()));
    }
    let held = facts.held.get(channel);
    Ok(held.map_or(&[], |ChannelHeld { history }| history))
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
    let bad = named.values().find_map(|seen| Some((*seen, seen.obstacle()?)));
    match bad {
        Some((seen, obstacle)) => Err(Refusal::not_good(seen, obstacle)),
        None => Ok(named),
    }
}
