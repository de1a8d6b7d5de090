//! What members' rows said when none of them was due: it stands for them until one can be.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::facts::SweepFacts;
use super::releases::lacking_in;
use super::{Sweep, When};
use crate::channels::{Pointed, ReleaseStanding, required_targets, standing_of};
use crate::distribution::{Reach, Stood};
use crate::text::hexadecimal;
use crate::{AccountId, AmiId, ChannelName, Region, ReleaseId, Target, Timestamp};

/// More accounts than this are not named in it: then members' rows are read by each sweep.
const MOST_ACCOUNTS: usize = 500;
/// The same of characters that say what releases lack.
const MOST_TEXT: usize = 8_000;

/// That nothing of a family is due with members before a time, while all is declared as it was and the hub's images stand as they
/// did; and what else sweeps go by of members' rows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rest {
    /// What tells all that was declared, and how the hub's images stood, from another state.
    by: String,
    /// When the first of them is due; none where nothing is, before something changes.
    until: Option<Timestamp>,
    /// How far the releases are that members own copies of, or are to.
    standings: BTreeMap<ReleaseId, ReleaseStanding>,
    /// The members that lack their copies.
    lacking: BTreeMap<ReleaseId, BTreeMap<Region, BTreeSet<AccountId>>>,
    /// Releases that are due with members and that are not built, or no more.
    unbuilt: BTreeSet<ReleaseId>,
    /// Accounts with rows that own no copies any more, and whether they are gone.
    left: BTreeMap<AccountId, bool>,
}

/// How an image of the hub's stood, as far as what members have goes by it.
#[derive(Serialize)]
struct Hubs<'a> {
    release: ReleaseId,
    target: Target,
    says: &'a str,
    reach: Reach,
    ami: Option<AmiId>,
    lacks: bool,
    manifest: u32,
    audience: &'a str,
    ready: &'a BTreeSet<AccountId>,
}

impl Rest {
    /// The rest of a family by what was read of all its members; none where something is due with them, or there is too much
    /// to say. These of its releases that are due with members are not built.
    pub fn of(facts: &SweepFacts<'_>, sweep: &Sweep, unbuilt: &BTreeSet<ReleaseId>) -> Option<Self> {
        let built = sweep.releases.iter().filter(|due| !unbuilt.contains(&due.release));
        let of_releases = built.map(|due| due.with_members);
        let others = [sweep.publications.with_members, sweep.views.with_members];
        let until = match of_releases.chain(others).min().unwrap_or(When::Never) {
            When::Now => return None,
            When::At(until) if until <= facts.now => return None,
            When::At(until) => Some(until),
            When::Never => None,
        };
        let accounts = facts
            .stood
            .values()
            .flat_map(BTreeMap::keys)
            .map(|there| there.account());
        let members: BTreeSet<AccountId> = accounts.filter(|account| *account != facts.home.account()).collect();
        let has_members = !members.is_empty() || !facts.owners.is_empty();
        let is_gone = |account: &AccountId| (*account, facts.gone.contains(account));
        let rest = Self {
            by: by(facts)?,
            until,
            standings: if has_members { standings(facts) } else { BTreeMap::new() },
            lacking: if has_members {
                all_lacking(facts)
            } else {
                BTreeMap::new()
            },
            unbuilt: unbuilt.clone(),
            left: members.difference(facts.owners).map(is_gone).collect(),
        };
        rest.is_short().then_some(rest)
    }

    fn is_short(&self) -> bool {
        let lacking = self.lacking.values().flat_map(BTreeMap::values).map(BTreeSet::len);
        let text = |standing: &ReleaseStanding| match standing {
            ReleaseStanding::Coming(words) | ReleaseStanding::Disabled(words) => words.as_str().len(),
            ReleaseStanding::Usable
            | ReleaseStanding::Building
            | ReleaseStanding::Failed
            | ReleaseStanding::Retired => 0,
        };
        self.left.len() + lacking.sum::<usize>() <= MOST_ACCOUNTS
            && self.standings.values().map(text).sum::<usize>() <= MOST_TEXT
    }

    /// Whether it still says what members' rows would. These of the releases that it says are not built are built.
    pub fn holds(&self, facts: &SweepFacts<'_>, built: &BTreeSet<ReleaseId>) -> bool {
        let is_early = self.until.is_none_or(|until| facts.now < until);
        let mut left = self.left.iter();
        is_early
            && self.unbuilt.is_disjoint(built)
            && left.all(|(account, is_gone)| facts.gone.contains(account) == *is_gone)
            && by(facts).is_some_and(|by| self.by == by)
    }

    /// How far a release is, where members' rows have a say in that.
    pub fn standing(&self, release: ReleaseId) -> Option<&ReleaseStanding> {
        self.standings.get(&release)
    }

    /// The members that lack their copy of a release in a Region.
    pub(super) fn lacking(&self, release: ReleaseId, region: Region) -> BTreeSet<AccountId> {
        let lacking = self.lacking.get(&release).and_then(|lacking| lacking.get(&region));
        lacking.cloned().unwrap_or_default()
    }

    /// Releases that are due with members and that were not built.
    pub const fn unbuilt(&self) -> &BTreeSet<ReleaseId> {
        &self.unbuilt
    }

    /// Accounts with rows that own no copies any more.
    pub fn left(&self) -> impl Iterator<Item = AccountId> {
        self.left.keys().copied()
    }
}

/// What tells all that members' rows are judged by from another state; none where that cannot be told.
fn by(facts: &SweepFacts<'_>) -> Option<String> {
    let of_hub = facts.stood.iter().flat_map(|(release, stood)| {
        let stood = stood.iter().filter(|(target, _)| facts.is_hubs(**target));
        stood.map(|(target, stood)| hubs(*release, *target, stood))
    });
    let of_hub: Vec<Hubs<'_>> = of_hub.collect();
    let channels = facts.channels.iter();
    let channels: Vec<(&ChannelName, Option<&Pointed>)> = channels
        .map(|(name, held)| (name, held.now().map(|moved| &moved.to)))
        .collect();
    let declared = (facts.number, facts.audience, facts.readers, facts.owners);
    let text = serde_json::to_string(&(declared, facts.releases, channels, of_hub)).ok()?;
    Some(hexadecimal(&Sha256::digest(text.as_bytes())))
}

fn hubs(release: ReleaseId, target: Target, stood: &Stood) -> Hubs<'_> {
    Hubs {
        release,
        target,
        says: stood.says.as_str(),
        reach: stood.reach,
        ami: stood.ami,
        lacks: stood.lacks,
        manifest: stood.manifest,
        audience: &stood.audience,
        ready: &stood.lent.ready,
    }
}

fn standings(facts: &SweepFacts<'_>) -> BTreeMap<ReleaseId, ReleaseStanding> {
    let required = required_targets(&facts.manifest.distribute, facts.home, facts.owners);
    let standing = |(release, stood): (&ReleaseId, &BTreeMap<Target, Stood>)| {
        let stood = stood.iter().map(|(target, stood)| (*target, stood)).collect();
        let standing = standing_of(&required, &stood, facts.home, facts.number, facts.audience);
        (*release, standing)
    };
    facts.stood.iter().map(standing).collect()
}

fn all_lacking(facts: &SweepFacts<'_>) -> BTreeMap<ReleaseId, BTreeMap<Region, BTreeSet<AccountId>>> {
    let regions = || facts.manifest.distribute.regions.keys().copied();
    let of = |release: &ReleaseId| {
        let lacking = regions().map(|region| (region, lacking_in(facts, *release, region)));
        let lacking: BTreeMap<Region, BTreeSet<AccountId>> =
            lacking.filter(|(_, lacking)| !lacking.is_empty()).collect();
        (!lacking.is_empty()).then_some((*release, lacking))
    };
    facts.stood.keys().filter_map(of).collect()
}
