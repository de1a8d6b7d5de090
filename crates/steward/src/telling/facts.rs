//! From what the record has of a release to what is told of it.

use std::collections::{BTreeMap, BTreeSet};

use super::message::{Before, ReleaseMessage, ToldBuild, ToldChannel, ToldImage};
use crate::channels::{ChannelHeld, Pointers, required_targets};
use crate::distribution::{Reach, Stood, distribution_targets};
use crate::lineage::Card;
use crate::manifest::Manifest;
use crate::publication::published_parameters;
use crate::{
    AccountId, Architecture, BuildVersion, ChannelName, Details, ReleaseId, Target, Timestamp,
    VulnerabilityDifferences, Words, component_differences, package_differences,
};

/// All that is told of a release, as the record has it.
#[derive(Clone, Debug)]
pub struct MessageFacts<'a> {
    /// What its family wants.
    pub manifest: &'a Manifest,
    /// Where it is built.
    pub home: Target,
    /// The members that own a copy.
    pub owners: &'a BTreeSet<AccountId>,
    /// The release.
    pub built: BuiltRelease,
    /// What it runs on.
    pub architecture: Architecture,
    /// Since when it is usable.
    pub usable: Timestamp,
    /// The one of its architecture that was usable before.
    pub before: Option<BuiltRelease>,
    /// How it stood, wherever it was looked at.
    pub stood: &'a BTreeMap<Target, Stood>,
    /// The family's channels.
    pub channels: &'a BTreeMap<ChannelName, ChannelHeld>,
}

/// A release, and what went into it.
#[derive(Clone, Debug)]
pub struct BuiltRelease {
    /// Its key in the record.
    pub release: ReleaseId,
    /// Its number.
    pub version: BuildVersion,
    /// What is told of it everywhere.
    pub card: Card,
    /// What started its build, in Image Builder's words.
    pub started_by: Option<Words>,
    /// What led to its build, where we started it.
    pub because: Vec<Words>,
    /// What it was built on, as people call it.
    pub parents: Vec<Words>,
    /// What its build told.
    pub details: Details,
}

impl ReleaseMessage {
    /// What there is to tell of a release.
    pub fn of(facts: MessageFacts<'_>) -> Self {
        let MessageFacts {
            manifest,
            home,
            owners,
            built,
            architecture,
            usable,
            before,
            stood,
            channels,
        } = facts;
        let since = before.map(|before| changes(before, &built));
        let BuiltRelease {
            release,
            version,
            card,
            started_by,
            because,
            parents,
            details,
        } = built;
        Self {
            release,
            family: manifest.family.clone(),
            architecture,
            version,
            usable,
            build: ToldBuild {
                name: card.name,
                started: card.created,
                started_by,
                because,
                parents,
            },
            images: images(manifest, (home, owners), stood),
            channels: on_channels(manifest, release, architecture, channels),
            since,
            findings: details.findings,
        }
    }
}

/// The hub's first, then those that members own.
fn images(
    manifest: &Manifest,
    (home, owners): (Target, &BTreeSet<AccountId>),
    stood: &BTreeMap<Target, Stood>,
) -> Vec<ToldImage> {
    let required = required_targets(&manifest.distribute, home, owners);
    let targets = distribution_targets(&manifest.distribute, home, owners);
    let (hubs, owned): (Vec<Target>, Vec<Target>) = targets
        .into_iter()
        .partition(|target| target.account() == home.account());
    let image = |target: Target| {
        let required = required.contains(&target);
        match stood.get(&target) {
            None => ToldImage {
                target,
                required,
                reach: Reach::Coming,
                says: Words::from("not looked at yet"),
                ami: None,
                findings: Vec::new(),
            },
            Some(stood) => ToldImage {
                target,
                required,
                reach: stood.reach,
                says: stood.says.clone(),
                ami: stood.ami,
                findings: stood.findings.clone(),
            },
        }
    };
    hubs.into_iter().chain(owned).map(image).collect()
}

fn on_channels(
    manifest: &Manifest,
    release: ReleaseId,
    architecture: Architecture,
    held: &BTreeMap<ChannelName, ChannelHeld>,
) -> Vec<ToldChannel> {
    let parameters = published_parameters(manifest);
    let pointers = Pointers::of([held.clone()]);
    let on = pointers.to(release).iter().map(|on| {
        let of = (on.channel.clone(), architecture);
        // A name that is several channels' is none's: it is not published.
        let own = parameters
            .iter()
            .find(|(_, those)| those.len() == 1 && those.contains(&of));
        ToldChannel {
            channel: on.channel.clone(),
            since: on.since,
            parameter: own.map(|(name, _)| name.clone()),
        }
    });
    on.collect()
}

fn changes(before: BuiltRelease, built: &BuiltRelease) -> Before {
    let BuiltRelease {
        release,
        version,
        card,
        started_by: _,
        because: _,
        parents,
        details,
    } = before;
    let (old, new) = (&details, &built.details);
    let scanned = card.scanned.is_some() && built.card.scanned.is_some();
    Before {
        release,
        version,
        parents,
        components: component_differences(&card.components, &built.card.components),
        packages: (old.packages.is_empty() == new.packages.is_empty())
            .then(|| package_differences(&old.packages, &new.packages)),
        vulnerabilities: scanned.then(|| VulnerabilityDifferences::between(&old.vulnerabilities, &new.vulnerabilities)),
    }
}
