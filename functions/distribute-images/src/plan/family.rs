use std::collections::{BTreeMap, BTreeSet};

use steward::distribution::LastLook;
use steward::manifest::Manifest;
use steward::organization::OrganizationSeen;
use steward::sweep::{Rest, SweepFacts};
use steward::{AccountId, ChannelName, ReleaseId, Target, Timestamp};
use steward_aws::{HeldAudience, HeldFamily, HeldRest, Member, Problem};

use crate::Room;

/// A family, read once for all that is decided of it: what there is of each member only where it may be due.
pub(crate) struct Family<'a> {
    pub(crate) manifest: &'a Manifest,
    /// The manifest's number.
    pub(crate) number: u32,
    /// Who may use it.
    pub(crate) audience: HeldAudience,
    /// The organization, where it was read.
    pub(crate) organization: Option<&'a OrganizationSeen>,
    /// What the record has of it.
    pub(crate) held: HeldFamily,
    /// Whether it rested with its members, as was read before anything else.
    pub(crate) before: HeldRest,
    /// Which of the releases are built that it was said of that they are not.
    built: BTreeSet<ReleaseId>,
    releases: Vec<ReleaseId>,
    /// How it was published: with the hub, and with members where their rows were read.
    published: BTreeMap<Target, LastLook>,
    /// What members saw of it, where their rows were read.
    viewed: BTreeMap<Target, LastLook>,
}

impl<'a> Family<'a> {
    pub(crate) async fn read(
        room: &Room,
        (manifest, number): (&'a Manifest, u32),
        audience: HeldAudience,
        organization: Option<&'a OrganizationSeen>,
        now: Timestamp,
    ) -> Result<Self, Problem> {
        let name = &manifest.family;
        let before = room.record.rest(name).await?;
        let mut held = room.record.family_with_hub(name).await?;
        held.rest.clone_from(&before.rest);
        let built = match &before.rest {
            Some(rest) if !rest.unbuilt().is_empty() => room.record.available(rest.unbuilt()).await?,
            Some(_) | None => BTreeSet::new(),
        };
        let mut family = Self {
            manifest,
            number,
            audience,
            organization,
            releases: held.members.iter().map(|member| member.release).collect(),
            held,
            before,
            built,
            published: room.record.published_looks_with_hub(name).await?,
            viewed: BTreeMap::new(),
        };
        if family.held.rest.is_none() {
            family.read_members(room).await?;
        }
        family.read_members_if_due(room, now).await?;
        Ok(family)
    }

    /// Reads members' rows where what stands for them holds no more.
    pub(crate) async fn read_members_if_due(&mut self, room: &Room, now: Timestamp) -> Result<(), Problem> {
        let (pointed, gone) = (self.held.pointed(self.manifest, now), self.gone());
        let facts = self.facts(room, (&pointed, &gone), now);
        match &self.held.rest {
            Some(rest) if !rest.holds(&facts, &self.built) => self.read_members(room).await,
            Some(_) | None => Ok(()),
        }
    }

    async fn read_members(&mut self, room: &Room) -> Result<(), Problem> {
        let name = &self.manifest.family;
        let (stood, published, viewed) = (
            room.record.read_members(name, &mut self.held),
            room.record.published_looks(name),
            room.record.viewed_looks(name),
        );
        ((), self.published, self.viewed) = tokio::try_join!(stood, published, viewed)?;
        Ok(())
    }

    /// Reads how its releases stand with members, where that was not read yet.
    pub(crate) async fn read_stood(&mut self, room: &Room) -> Result<(), Problem> {
        room.record.read_members(&self.manifest.family, &mut self.held).await
    }

    /// All that is known when it is decided what is due.
    pub(crate) fn facts<'f>(
        &'f self,
        room: &Room,
        (pointed, gone): (&'f BTreeSet<ReleaseId>, &'f BTreeSet<AccountId>),
        now: Timestamp,
    ) -> SweepFacts<'f> {
        SweepFacts {
            manifest: self.manifest,
            number: self.number,
            home: room.aws.hub(),
            audience: &self.audience.digest,
            readers: self.audience.known_readers(),
            owners: &self.audience.owners,
            gone,
            releases: &self.releases,
            channels: &self.held.channels,
            pointed,
            stood: &self.held.stood,
            published: &self.published,
            viewed: &self.viewed,
            rest: self.held.rest.as_ref(),
            now,
        }
    }

    /// The accounts that it has rows of: its hub's, and members that own copies, or did.
    pub(crate) fn accounts(&self) -> BTreeSet<AccountId> {
        let stood = self.held.stood.values().flat_map(BTreeMap::keys);
        let left = self.held.rest.iter().flat_map(Rest::left);
        stood.map(|target| target.account()).chain(left).collect()
    }

    /// Those of them, and of where it was published, that are known to be closed, or in the organization no more: nobody lets
    /// anybody in there.
    pub(crate) fn gone(&self) -> BTreeSet<AccountId> {
        let is_gone = |account: &AccountId| self.organization.is_some_and(|seen| !seen.works(*account));
        let published = self.published.keys().map(|target| target.account());
        self.accounts().into_iter().chain(published).filter(is_gone).collect()
    }

    /// The channel that one follows.
    pub(crate) fn source(&self, channel: &ChannelName) -> Option<&'a ChannelName> {
        self.manifest.channels.get(channel)?.source()
    }

    /// Its usable releases that nobody was told of, and since when they are.
    pub(crate) fn untold(&self) -> impl Iterator<Item = (&Member, Timestamp)> {
        let untold = self.held.members.iter().filter(|member| member.untold);
        untold.filter_map(|member| Some((member, member.usable?)))
    }
}
