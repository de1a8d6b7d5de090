//! A family, and all that a record has of it.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use super::super::*;
use crate::channels::{ChannelHeld, Moved, Mover, Pointed, ReleaseStanding, required_targets, standing_of};
use crate::consumers::{is_shared, view_of};
use crate::distribution::{Reach, Stood, distribution_targets};
use crate::manifest::{Manifest, ManifestFile};
use crate::publication::{owned_image, pointed_images, publication_of};
use crate::testing;
pub(super) use crate::testing::release;
use crate::{AccountId, AmiId, Architecture, ChannelName, Region, ReleaseId, Target, Timestamp, Words};

pub(super) const MEMBERS: [u64; 3] = [2, 3, 4];

pub(super) fn account(n: u64) -> AccountId {
    format!("{:012}", 222_200_000_000 + n).parse().unwrap()
}

pub(super) fn home() -> Target {
    "111122223333/eu-west-1".parse().unwrap()
}

pub(super) fn regions() -> [Region; 2] {
    ["eu-west-1", "us-east-1"].map(|region| region.parse().unwrap())
}

pub(super) fn target(member: u64, region: usize) -> Target {
    Target::new(account(member), regions()[region])
}

pub(super) fn ami(n: u64) -> AmiId {
    format!("ami-{n:017x}").parse().unwrap()
}

pub(super) fn at(minutes: i64) -> Timestamp {
    Timestamp::from_millisecond(1_770_000_000_000 + minutes * 60_000).unwrap()
}

fn manifest() -> Manifest {
    let text = "family: web\nbuild:\n  parent: { ami: ami-01234567, owner: \"111122223333\" }\n  infrastructure: { instance_types: \
                [t3.medium], instance_profile: P }\ndistribute: { regions: { eu-west-1: {}, us-east-1: {} }, tags: { team: web }, share_with: { accounts: [\"333344445555\"] }, publish: { \
                parameter: \"/golden/{family}/{channel}\", to: [hub, audience] } }\nchannels: { stable: { by: hand } }\n";
    let read = ManifestFile::read("web.yaml", text.as_bytes());
    read.file.expect("a good manifest").manifest().clone()
}

/// All that sweeps go by. By each of two manifests another audience holds.
#[derive(Clone, Debug)]
pub(super) struct World {
    manifest: Rc<Manifest>,
    pub(super) number: u32,
    pub(super) audience: String,
    pub(super) readers: Option<BTreeSet<AccountId>>,
    pub(super) owners: BTreeSet<AccountId>,
    pub(super) gone: BTreeSet<AccountId>,
    pub(super) releases: Vec<ReleaseId>,
    pub(super) built: BTreeSet<ReleaseId>,
    channels: BTreeMap<ChannelName, ChannelHeld>,
    pub(super) stood: BTreeMap<ReleaseId, BTreeMap<Target, Stood>>,
    pub(super) published: BTreeMap<Target, LastLook>,
    pub(super) viewed: BTreeMap<Target, LastLook>,
    pub(super) now: Timestamp,
}

/// What comes of a sweep: what is due of what is built, who lacks a copy, and how far releases are.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Planned {
    releases: Vec<(ReleaseId, Vec<Target>)>,
    publications: Vec<(Target, LastLooked)>,
    views: Vec<(Target, LastLooked)>,
    standings: BTreeMap<ReleaseId, ReleaseStanding>,
    gone: BTreeSet<AccountId>,
}

impl World {
    /// Two releases that two members own copies of, and that all of three read: nothing is due with them.
    pub(super) fn settled() -> Self {
        let mut world = Self {
            manifest: Rc::new(manifest()),
            number: 3,
            audience: String::from("a"),
            readers: Some(MEMBERS.map(account).into()),
            owners: [account(2), account(3)].into(),
            gone: BTreeSet::new(),
            releases: vec![release(1), release(2)],
            built: [release(1), release(2)].into(),
            channels: BTreeMap::new(),
            stood: BTreeMap::new(),
            published: BTreeMap::new(),
            viewed: BTreeMap::new(),
            now: at(0),
        };
        world.point(1);
        for of in world.releases.clone() {
            for there in distribution_targets(&world.manifest.distribute, home(), &world.owners) {
                let stood = world.as_it_should(there);
                world.stood.entry(of).or_default().insert(there, stood);
            }
        }
        for member in MEMBERS {
            for there in [target(member, 0), target(member, 1)] {
                world.published.insert(there, world.look(world.published_what(there)));
                world.viewed.insert(there, world.look(world.viewed_what(there)));
            }
        }
        world
    }

    /// How a release stands in a target where all is well.
    pub(super) fn as_it_should(&self, there: Target) -> Stood {
        let is_hubs = there.account() == home().account();
        Stood {
            says: Words::from("there"),
            ami: Some(ami(u64::from(is_hubs) + 1)),
            manifest: self.number,
            audience: if is_hubs { self.audience.clone() } else { String::new() },
            looked: self.now,
            ..testing::stood()
        }
    }

    pub(super) fn look(&self, what: String) -> LastLook {
        LastLook {
            what,
            settled: true,
            under_way: false,
            looked: self.now,
            tries: 0,
        }
    }

    /// What a worker would publish in a target.
    pub(super) fn published_what(&self, there: Target) -> String {
        let stands = |of| owned_image(there, home().account(), |at| self.stood.get(&of)?.get(&at));
        publication_of(self.number, &pointed_images(&self.channels, stands))
    }

    /// What a worker would show a consumer.
    pub(super) fn viewed_what(&self, there: Target) -> String {
        let of_hub = Target::new(home().account(), there.region());
        let stood = self.stood.iter();
        let stood = stood.filter_map(|(of, stood)| Some((*of, stood.get(&of_hub)?)));
        let shared = stood.filter(|(_, stood)| is_shared(stood, self.number, &self.audience));
        view_of(
            &self.manifest,
            &shared.filter_map(|(of, stood)| Some((stood.ami?, of))).collect(),
        )
    }

    pub(super) fn point(&mut self, to: usize) {
        let moved = Moved {
            number: 1,
            to: Pointed::from([(Architecture::X86_64, release(to))]),
            at: at(0),
            by: Mover::Itself,
            why: Words::from("tested"),
            backward: false,
        };
        let history = vec![moved];
        self.channels.insert(ChannelName::stable(), ChannelHeld { history });
    }

    pub(super) fn before(&self, minutes: u16) -> Timestamp {
        self.now.checked_sub(crate::Duration::minutes(minutes)).unwrap()
    }

    pub(super) fn later(&self, minutes: i64) -> Self {
        Self {
            now: at(minutes),
            ..self.clone()
        }
    }

    /// What there is beside members' rows.
    fn of_hub(&self) -> Self {
        let mut world = self.clone();
        let is_hubs = |there: &Target| there.account() == home().account();
        for stood in world.stood.values_mut() {
            stood.retain(|there, _| is_hubs(there));
        }
        world.stood.retain(|_, stood| !stood.is_empty());
        world.published.retain(|there, _| is_hubs(there));
        world.viewed.clear();
        world
    }

    fn facts<'a>(&'a self, rest: Option<&'a Rest>, pointed: &'a BTreeSet<ReleaseId>) -> SweepFacts<'a> {
        SweepFacts {
            manifest: &self.manifest,
            number: self.number,
            home: home(),
            audience: &self.audience,
            readers: self.readers.as_ref(),
            owners: &self.owners,
            gone: &self.gone,
            releases: &self.releases,
            channels: &self.channels,
            pointed,
            stood: &self.stood,
            published: &self.published,
            viewed: &self.viewed,
            rest,
            now: self.now,
        }
    }

    /// The rest that a sweep that read all of this writes down.
    pub(super) fn rest(&self) -> Option<Rest> {
        let pointed = BTreeSet::new();
        let facts = self.facts(None, &pointed);
        let sweep = Sweep::of(&facts);
        let due = sweep.releases.iter().filter(|due| due.with_members.has_come(self.now));
        let unbuilt = due.map(|due| due.release).filter(|of| !self.built.contains(of));
        Rest::of(&facts, &sweep, &unbuilt.collect())
    }

    /// Whether a sweep would go by a rest.
    pub(super) fn holds(&self, rest: &Rest) -> bool {
        let built = rest.unbuilt().intersection(&self.built).copied().collect();
        let (hub, pointed) = (self.of_hub(), BTreeSet::new());
        rest.holds(&hub.facts(Some(rest), &pointed), &built)
    }

    /// Where a sweep that reads all rows has it looked at how channels are published.
    pub(super) fn publications(&self) -> Vec<Target> {
        let pointed = BTreeSet::new();
        let due = Sweep::of(&self.facts(None, &pointed)).publications.due;
        due.into_iter().map(|(target, _)| target).collect()
    }

    /// What a sweep plans that reads all rows, or goes by a rest.
    pub(super) fn plan(&self, rest: Option<&Rest>) -> Planned {
        let (read, pointed) = (rest.map_or_else(|| self.clone(), |_| self.of_hub()), BTreeSet::new());
        let facts = read.facts(rest, &pointed);
        let Sweep {
            releases,
            publications,
            views,
        } = Sweep::of(&facts);
        let releases = releases.into_iter().filter(|of| self.built.contains(&of.release));
        let releases = releases.filter(|of| !of.due.is_empty());
        let required = required_targets(&self.manifest.distribute, home(), &self.owners);
        let standing = |of: &ReleaseId| {
            if let Some(far) = rest.and_then(|rest| rest.standing(*of)) {
                return Some((*of, far.clone()));
            }
            let stood = read.stood.get(of)?;
            let stood = stood.iter().map(|(there, stood)| (*there, stood)).collect();
            Some((*of, standing_of(&required, &stood, home(), self.number, &self.audience)))
        };
        let rows = read
            .stood
            .values()
            .flat_map(BTreeMap::keys)
            .map(|there| there.account());
        let rows = rows.chain(rest.into_iter().flat_map(Rest::left));
        Planned {
            releases: releases.map(|of| (of.release, of.due)).collect(),
            publications: publications.due,
            views: views.due,
            standings: self.releases.iter().filter_map(standing).collect(),
            gone: rows.filter(|account| self.gone.contains(account)).collect(),
        }
    }

    pub(super) fn reach_of_hub(&mut self, of: ReleaseId, region: usize, reach: Option<Reach>) {
        let there = Target::new(home().account(), regions()[region]);
        let mut stood = self.as_it_should(there);
        let rows = self.stood.entry(of).or_default();
        match reach {
            Some(reach) => {
                (stood.reach, stood.lacks) = (reach, reach == Reach::Coming);
                rows.insert(there, stood);
            }
            None => drop(rows.remove(&there)),
        }
    }
}
