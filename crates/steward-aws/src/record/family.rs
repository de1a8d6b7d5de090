//! What the record has of a family's releases and channels, as decisions about channels ask.

use std::collections::{BTreeMap, BTreeSet};

use steward::channels::{
    ChannelFacts, ChannelHeld, ChannelsPlan, ReleaseSeen, Request, decide_channels, history_of, required_targets,
    standing_of, standing_of_build,
};
use steward::distribution::Stood;
use steward::manifest::{Distribute, Manifest};
use steward::sweep::Rest;
use steward::{ChannelName, FamilyName, ReleaseId, Target, Timestamp};

use super::{HeldAudience, Member, Record};
use crate::Problem;

/// Of so many of its newest releases, in each architecture, it is asked how far their builds are: older ones that nobody
/// distributes are on no way to any channel.
const NEWEST: usize = 10;

/// A family, as the record has it.
#[derive(Clone, Debug)]
pub struct HeldFamily {
    /// Its releases: each architecture's in their order.
    pub members: Vec<Member>,
    /// How they stood, wherever they were looked at.
    pub stood: BTreeMap<ReleaseId, BTreeMap<Target, Stood>>,
    /// Its channels that were ever moved.
    pub channels: BTreeMap<ChannelName, ChannelHeld>,
    /// What persons asked of its channels, done or not.
    pub requests: BTreeMap<ChannelName, Request>,
    /// What stands for how they stood with members, where that was not read.
    pub rest: Option<Rest>,
}

impl Record {
    /// What there is of a family.
    pub async fn family(&self, family: &FamilyName) -> Result<HeldFamily, Problem> {
        let mut held = self.family_with_hub(family).await?;
        self.read_members(family, &mut held).await?;
        Ok(held)
    }

    /// What there is of it beside its members' rows.
    pub async fn family_with_hub(&self, family: &FamilyName) -> Result<HeldFamily, Problem> {
        let mut held = HeldFamily {
            members: self.members_of(family).await?,
            stood: BTreeMap::new(),
            channels: self.channels(family).await?,
            requests: self.requests(family).await?,
            rest: None,
        };
        held.stands(self.hubs_stood(family).await?);
        Ok(held)
    }

    /// Reads how its releases stood with members.
    pub async fn read_members(&self, family: &FamilyName, held: &mut HeldFamily) -> Result<(), Problem> {
        held.stands(self.members_stood(family).await?);
        held.rest = None;
        Ok(())
    }

    /// How far each release of a family is by this manifest and for this audience. What is revoked is not asked here.
    pub async fn releases_seen(
        &self,
        family: &HeldFamily,
        (distribute, number): (&Distribute, u32),
        audience: Option<&HeldAudience>,
    ) -> Result<Vec<ReleaseSeen>, Problem> {
        let HeldFamily {
            members, stood, rest, ..
        } = family;
        let architectures = members.chunk_by(|one, other| one.architecture == other.architecture);
        let newest = architectures.flat_map(|members| members.iter().rev().take(NEWEST));
        let newest = newest.map(|member| member.release);
        let unlooked: BTreeSet<ReleaseId> = newest.filter(|release| !stood.contains_key(release)).collect();
        let cards = self.cards(&unlooked).await?;
        let owners = HeldAudience::owners_of(audience, distribute);
        let required = required_targets(distribute, self.hub, &owners);
        let digest = audience.map_or("", |audience| audience.digest.as_str());
        let far = |release| rest.as_ref().and_then(|rest| rest.standing(release));
        let seen = |member: &Member| ReleaseSeen {
            release: member.release,
            architecture: member.architecture,
            order: member.order,
            standing: match (far(member.release), stood.get(&member.release)) {
                (Some(far), _) => far.clone(),
                (None, Some(stood)) => {
                    let stood = stood.iter().map(|(target, stood)| (*target, stood)).collect();
                    standing_of(&required, &stood, self.hub, number, digest)
                }
                (None, None) => standing_of_build(cards.get(&member.release)),
            },
            revoked: false,
        };
        Ok(members.iter().map(seen).collect())
    }

    /// Decides how a family's channels move by themselves. What is revoked is looked up of those releases alone that it matters
    /// of: what channels point to, and what they would.
    pub async fn plan_channels(
        &self,
        manifest: &Manifest,
        family: &HeldFamily,
        releases: &mut [ReleaseSeen],
        now: Timestamp,
    ) -> Result<ChannelsPlan, Problem> {
        let mut asked: BTreeSet<ReleaseId> = family.channels.values().flat_map(ChannelHeld::releases).collect();
        let mut known = BTreeSet::new();
        loop {
            self.mark_revoked(releases, &asked, now).await?;
            known.append(&mut asked);
            let plan = decide_channels(family.facts(manifest, releases, now));
            let meant = plan.moves.values().flat_map(|moved| moved.to.values().copied());
            asked = meant.filter(|release| !known.contains(release)).collect();
            if asked.is_empty() {
                return Ok(plan);
            }
        }
    }

    /// Looks up which of these are revoked.
    pub async fn mark_revoked(
        &self,
        releases: &mut [ReleaseSeen],
        asked: &BTreeSet<ReleaseId>,
        now: Timestamp,
    ) -> Result<(), Problem> {
        for seen in releases.iter_mut().filter(|seen| asked.contains(&seen.release)) {
            seen.revoked = !self.causes(seen.release, now).await?.is_empty();
        }
        Ok(())
    }
}

impl HeldFamily {
    fn stands(&mut self, rows: BTreeMap<(ReleaseId, Target), Stood>) {
        for ((release, target), there) in rows {
            self.stood.entry(release).or_default().insert(target, there);
        }
    }

    /// What is asked of channels of the manifest and still counts.
    pub fn open_requests(&self, manifest: &Manifest, now: Timestamp) -> BTreeMap<ChannelName, Request> {
        let is_open = |channel: &ChannelName, request: &Request| {
            manifest.channels.contains_key(channel) && request.is_open(history_of(&self.channels, channel), now)
        };
        let requests = self.requests.iter();
        requests
            .filter(|(channel, request)| is_open(channel, request))
            .map(|(channel, request)| (channel.clone(), request.clone()))
            .collect()
    }

    /// The releases that channels point to, or that somebody asked for: as if they were on their channel already.
    pub fn pointed(&self, manifest: &Manifest, now: Timestamp) -> BTreeSet<ReleaseId> {
        let asked = self.open_requests(manifest, now).into_values();
        let asked = asked.flat_map(|request| request.wanted);
        let pointed = self.channels.values().flat_map(ChannelHeld::releases);
        pointed.chain(asked).collect()
    }

    /// What the record has of it, as decisions take it.
    pub fn facts<'a>(
        &'a self,
        manifest: &'a Manifest,
        releases: &'a [ReleaseSeen],
        now: Timestamp,
    ) -> ChannelFacts<'a> {
        ChannelFacts {
            architectures: &manifest.architectures,
            channels: &manifest.channels,
            held: &self.channels,
            releases,
            now,
        }
    }
}
