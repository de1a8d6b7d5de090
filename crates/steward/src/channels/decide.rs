use std::collections::{BTreeMap, BTreeSet};

use super::facts::{ChannelFacts, ReleaseSeen, ReleaseStanding};
use super::following::Source;
use super::good::{GoodSet, behind, is_ahead, newness, orders, pointed};
use super::held::{Moved, Mover, history_of};
use super::known::Known;
use super::plan::ChannelsPlan;
use super::wait::Wait;
use crate::manifest::{Channel, ChannelSource, Follows, MovedByHand};
use crate::{Architecture, BuildVersion, ChannelName, ReleaseId, Words};

/// Decides which of a family's channels move by themselves.
///
/// What a channel follows is decided before it, so that it can move on with it at once.
pub fn decide_channels(facts: ChannelFacts<'_>) -> ChannelsPlan {
    let known = Known::new(facts);
    let mut held = facts.held.clone();
    let mut plan = ChannelsPlan::default();
    for (name, channel) in sources_first(facts.channels) {
        let deciding = Deciding {
            known: &known,
            history: history_of(&held, name),
            rule: match channel {
                Channel::Follows(Follows {
                    from: ChannelSource::Release,
                    after: _,
                }) => Rule::Releases,
                Channel::Follows(Follows {
                    from: ChannelSource::Channel(source),
                    after,
                }) => Rule::Channel(Source {
                    name: source,
                    history: history_of(&held, source),
                    after: *after,
                }),
                Channel::ByHand(MovedByHand { by: _ }) => Rule::Person,
            },
        };
        let (moved, waits) = deciding.decide();
        if !waits.is_empty() {
            plan.waits.insert(name.clone(), waits);
        }
        if let Some(moved) = moved {
            held.entry(name.clone()).or_default().history.push(moved.clone());
            plan.moves.insert(name.clone(), moved);
        }
    }
    plan
}

/// Each channel after the one that it follows. Where they went round in a circle, it is broken somewhere.
fn sources_first(channels: &BTreeMap<ChannelName, Channel>) -> Vec<(&ChannelName, &Channel)> {
    let mut sorted = Vec::new();
    let mut met = BTreeSet::new();
    for start in channels.keys() {
        let mut way = Vec::new();
        let mut next = Some(start);
        while let Some((name, channel)) = next.and_then(|name| channels.get_key_value(name))
            && met.insert(name)
        {
            way.push((name, channel));
            next = channel.source();
        }
        sorted.extend(way.into_iter().rev());
    }
    sorted
}

/// What moves a channel forward.
#[derive(Clone, Copy)]
enum Rule<'h> {
    Releases,
    Channel(Source<'h>),
    Person,
}

struct Deciding<'k, 'a, 'h> {
    known: &'k Known<'a>,
    history: &'h [Moved],
    rule: Rule<'h>,
}

impl<'a> Deciding<'_, 'a, '_> {
    fn decide(&self) -> (Option<Moved>, Vec<Wait>) {
        let wrong = self.wrong();
        let revoked = self.revoked();
        // Nobody can tell what is forward of a release that the record does not know.
        if revoked.is_empty() && wrong.iter().any(|wait| matches!(wait, Wait::Unknown { .. })) {
            return (None, wrong);
        }
        let mut mark = self.known.mark(self.history);
        let offered = match self.rule {
            Rule::Releases => self.known.newest_everywhere(),
            Rule::Channel(source) => self.known.soaked(source),
            Rule::Person => None,
        };
        let ahead = offered.as_ref().filter(|set| is_ahead(&orders(set), &mark));
        let wave = match (self.rule, ahead) {
            (Rule::Releases, Some(set)) => self.known.wave(set, &mark),
            _ => Vec::new(),
        };
        let moved = if revoked.is_empty() {
            let set = ahead.filter(|_| wave.is_empty());
            set.map(|set| self.moved(set, self.forward_words(set)))
        } else {
            let set = ahead.cloned().or_else(|| self.left_for(offered.clone()));
            set.map(|set| self.moved(&set, revoked_words(&revoked)))
        };
        let mut waits = Vec::new();
        match &moved {
            Some(moved) => mark = self.known.mark(self.history.iter().chain([moved])),
            None => waits = [wrong, wave].concat(),
        }
        match self.rule {
            Rule::Releases => {
                waits.extend(offered.iter().flat_map(|set| behind(&orders(set), &mark)));
                waits.extend(self.known.newer_version(&mark));
                if mark.is_empty() && waits.is_empty() {
                    waits.push(Wait::NoRelease);
                }
            }
            Rule::Channel(source) => waits.extend(self.known.source_waits(source, &mark)),
            Rule::Person if self.history.is_empty() => waits.push(Wait::Person),
            Rule::Person => {}
        }
        (moved, waits)
    }
    /// Where it goes from what is revoked, unless forward: to the newest good set of its own past, or of those releases that
    /// it follows.
    fn left_for(&self, offered: Option<GoodSet<'a>>) -> Option<GoodSet<'a>> {
        let offered = match self.rule {
            Rule::Releases => offered,
            Rule::Channel(_) | Rule::Person => None,
        };
        let past = self.history.iter().filter_map(|moved| self.known.good(&moved.to));
        past.chain(offered).max_by_key(newness)
    }

    fn moved(&self, set: &GoodSet<'_>, why: Words) -> Moved {
        self.known.moved(self.history, pointed(set), Mover::Itself, why)
    }

    fn forward_words(&self, set: &GoodSet<'_>) -> Words {
        let versions: BTreeSet<BuildVersion> = set.values().map(|seen| seen.order).collect();
        let named = names(&versions);
        let is = if versions.len() == 1 { "is" } else { "are" };
        match self.rule {
            Rule::Releases | Rule::Person => format!("{named} {is} everywhere"),
            Rule::Channel(Source {
                name,
                after: Some(after),
                ..
            }) => format!("{named} stood on {name} for {after}"),
            Rule::Channel(Source { name, after: None, .. }) => format!("{named} {is} on {name}"),
        }
        .into()
    }

    /// What it points to now.
    fn pointed(&self) -> impl Iterator<Item = (Architecture, ReleaseId)> {
        let now = self.history.last();
        now.into_iter()
            .flat_map(|moved| moved.to.iter().map(|(architecture, release)| (*architecture, *release)))
    }

    /// Of architectures that left the manifest too: it still points there.
    fn revoked(&self) -> Vec<&'a ReleaseSeen> {
        let releases = self.pointed().filter_map(|(_, release)| self.known.release(release));
        releases.filter(|seen| seen.revoked).collect()
    }

    /// What is wrong with where it is.
    fn wrong(&self) -> Vec<Wait> {
        let wrong = self.pointed().filter_map(|(architecture, release)| {
            let is_declared = self.known.facts.architectures.contains(&architecture);
            let Some(seen) = self.known.release(release) else {
                return is_declared.then_some(Wait::Unknown { release, architecture });
            };
            let build = seen.order;
            match &seen.standing {
                _ if seen.revoked => Some(Wait::Revoked { build, architecture }),
                ReleaseStanding::Disabled(_) if is_declared => Some(Wait::Disabled { build, architecture }),
                ReleaseStanding::Retired if is_declared => Some(Wait::Retired { build, architecture }),
                ReleaseStanding::Usable
                | ReleaseStanding::Coming(_)
                | ReleaseStanding::Building
                | ReleaseStanding::Failed
                | ReleaseStanding::Disabled(_)
                | ReleaseStanding::Retired => None,
            }
        });
        wrong.collect()
    }
}

fn revoked_words(revoked: &[&ReleaseSeen]) -> Words {
    let builds: BTreeSet<BuildVersion> = revoked.iter().map(|seen| seen.order).collect();
    let are = if builds.len() == 1 { "is" } else { "are" };
    format!("{} {are} revoked", names(&builds)).into()
}

fn names(builds: &BTreeSet<BuildVersion>) -> String {
    let builds: Vec<String> = builds.iter().map(BuildVersion::to_string).collect();
    builds.join(" and ")
}
