use std::collections::{BTreeMap, BTreeSet};

use super::rest::Rest;
use crate::channels::ChannelHeld;
use crate::distribution::{LastLook, Stood};
use crate::manifest::Manifest;
use crate::{AccountId, ChannelName, ReleaseId, Target, Timestamp};

/// All that is known of a family when a sweep decides what is due of it.
#[derive(Clone, Copy, Debug)]
pub struct SweepFacts<'a> {
    /// The manifest that holds.
    pub manifest: &'a Manifest,
    /// Its number.
    pub number: u32,
    /// Where the family is built.
    pub home: Target,
    /// What tells its audience from another.
    pub audience: &'a str,
    /// The accounts of its audience; none while they are not known.
    pub readers: Option<&'a BTreeSet<AccountId>>,
    /// The members that own copies.
    pub owners: &'a BTreeSet<AccountId>,
    /// Accounts with rows that are closed, or in the organization no more.
    pub gone: &'a BTreeSet<AccountId>,
    /// Its releases, the oldest first.
    pub releases: &'a [ReleaseId],
    /// Its channels.
    pub channels: &'a BTreeMap<ChannelName, ChannelHeld>,
    /// The releases that channels point to, or that somebody asked for: as if they were on their channel already.
    pub pointed: &'a BTreeSet<ReleaseId>,
    /// How its releases stood: with the hub, and with members where their rows were read.
    pub stood: &'a BTreeMap<ReleaseId, BTreeMap<Target, Stood>>,
    /// The same of how it was published.
    pub published: &'a BTreeMap<Target, LastLook>,
    /// What members saw of it, where their rows were read.
    pub viewed: &'a BTreeMap<Target, LastLook>,
    /// What stands for members' rows where those were not read.
    pub rest: Option<&'a Rest>,
    /// The time.
    pub now: Timestamp,
}

impl SweepFacts<'_> {
    pub(super) fn is_hubs(&self, target: Target) -> bool {
        target.account() == self.home.account()
    }

    /// The releases that channels point to.
    pub(super) fn on_channels(&self) -> BTreeSet<ReleaseId> {
        self.channels.values().flat_map(ChannelHeld::releases).collect()
    }
}
