//! A family with two architectures, and channels of each kind. Times are hours.

use std::collections::BTreeMap;

use super::super::*;
use crate::manifest::{ByHand, Channel, ChannelSource, Follows, MovedByHand};
use crate::{Architecture, BuildVersion, ChannelName, ReleaseId, Timestamp};

pub(super) const A: Architecture = Architecture::Arm64;
pub(super) const X: Architecture = Architecture::X86_64;

pub(super) const COMING: &str = "coming";
pub(super) const BUILDING: &str = "building";
pub(super) const FAILED: &str = "failed";
pub(super) const RETIRED: &str = "retired";
pub(super) const DISABLED: &str = "disabled";

/// All that is known, owned.
#[derive(Clone, Debug)]
pub(super) struct World {
    pub(super) architectures: Vec<Architecture>,
    pub(super) channels: BTreeMap<ChannelName, Channel>,
    pub(super) held: BTreeMap<ChannelName, ChannelHeld>,
    pub(super) releases: Vec<ReleaseSeen>,
    pub(super) now: Timestamp,
}

/// Nothing is built yet.
pub(super) fn family() -> World {
    World {
        architectures: vec![A, X],
        channels: [
            (name("candidate"), from("release", None)),
            (name("stable"), from("candidate", Some("24h"))),
            (name("pinned"), Channel::ByHand(MovedByHand { by: ByHand::Hand })),
        ]
        .into(),
        held: BTreeMap::new(),
        releases: Vec::new(),
        now: hour(100),
    }
}

impl World {
    pub(super) fn facts(&self) -> ChannelFacts<'_> {
        ChannelFacts {
            architectures: &self.architectures,
            channels: &self.channels,
            held: &self.held,
            releases: &self.releases,
            now: self.now,
        }
    }

    pub(super) fn plan(&self) -> ChannelsPlan {
        decide_channels(self.facts())
    }

    pub(super) fn at(mut self, hours: i64) -> Self {
        self.now = hour(hours);
        self
    }

    pub(super) fn for_only(mut self, architectures: &[Architecture]) -> Self {
        self.architectures = architectures.to_vec();
        self
    }

    pub(super) fn with(mut self, channel: &str, rule: Channel) -> Self {
        self.channels.insert(name(channel), rule);
        self
    }

    /// These builds are good for both architectures.
    pub(super) fn usable(self, builds: &[&str]) -> Self {
        builds
            .iter()
            .fold(self, |world, build| world.has(A, build, "").has(X, build, ""))
    }

    pub(super) fn has(mut self, architecture: Architecture, build: &str, standing: &str) -> Self {
        self.releases.push(ReleaseSeen {
            release: id(architecture, build),
            architecture,
            order: order(build),
            standing: match standing {
                "" => ReleaseStanding::Usable,
                COMING => ReleaseStanding::Coming("us-east-1 is missing".into()),
                BUILDING => ReleaseStanding::Building,
                FAILED => ReleaseStanding::Failed,
                RETIRED => ReleaseStanding::Retired,
                DISABLED => ReleaseStanding::Disabled("us-east-1".into()),
                other => panic!("{other}"),
            },
            revoked: false,
        });
        self
    }

    pub(super) fn now_is(mut self, architecture: Architecture, build: &str, standing: &str) -> Self {
        self.releases.retain(|seen| seen.release != id(architecture, build));
        self.has(architecture, build, standing)
    }

    pub(super) fn revoke(mut self, architecture: Architecture, build: &str) -> Self {
        let id = id(architecture, build);
        let seen = self.releases.iter_mut().find(|seen| seen.release == id);
        seen.expect("a build").revoked = true;
        self
    }

    pub(super) fn revoked(self, build: &str) -> Self {
        self.revoke(A, build).revoke(X, build)
    }

    /// A channel moved to a build of both architectures.
    pub(super) fn moved(self, channel: &str, hours: i64, build: &str) -> Self {
        self.moved_to(channel, hours, &[(A, build), (X, build)])
    }

    pub(super) fn moved_to(mut self, channel: &str, hours: i64, to: &[(Architecture, &str)]) -> Self {
        let held = self.held.entry(name(channel)).or_default();
        held.history.push(Moved {
            number: u32::try_from(held.history.len()).unwrap() + 1,
            to: to
                .iter()
                .map(|(architecture, build)| (*architecture, id(*architecture, build)))
                .collect(),
            at: hour(hours),
            by: Mover::Itself,
            why: "because".into(),
            backward: false,
        });
        self
    }

    /// The last move of a channel was a person's.
    pub(super) fn by_hand(mut self, channel: &str) -> Self {
        let held = self.held.get_mut(&name(channel)).expect("a channel that moved");
        held.history.last_mut().expect("a move").by = Mover::Person("bob".to_owned());
        self
    }

    /// The last move of a channel was one backward.
    pub(super) fn backward(mut self, channel: &str) -> Self {
        let held = self.held.get_mut(&name(channel)).expect("a channel that moved");
        held.history.last_mut().expect("a move").backward = true;
        self
    }

    /// The plan's moves are made.
    pub(super) fn apply(&mut self, plan: &ChannelsPlan) {
        for (channel, moved) in &plan.moves {
            self.held
                .entry(channel.clone())
                .or_default()
                .history
                .push(moved.clone());
        }
    }

    /// Where a channel moves by itself now, as people say it.
    pub(super) fn moves(&self, channel: &str) -> String {
        let plan = self.plan();
        plan.moves
            .get(&name(channel))
            .map_or_else(String::new, |moved| self.says(&moved.to))
    }

    /// What it waits for.
    pub(super) fn waits(&self, channel: &str) -> Vec<String> {
        let plan = self.plan();
        let waits = plan.waits.get(&name(channel)).into_iter().flatten();
        waits.map(ToString::to_string).collect()
    }

    pub(super) fn says(&self, to: &Pointed) -> String {
        let build = |id: &ReleaseId| {
            self.releases
                .iter()
                .find(|seen| seen.release == *id)
                .expect("a build")
                .order
        };
        let says: Vec<String> = to
            .iter()
            .map(|(architecture, id)| format!("{architecture} {}", build(id)))
            .collect();
        says.join(", ")
    }
}

/// A build of both architectures, as [`World::says`] has it.
pub(super) fn both(build: &str) -> String {
    format!("arm64 {build}, x86_64 {build}")
}

pub(super) fn name(channel: &str) -> ChannelName {
    channel.parse().unwrap()
}

pub(super) fn from(source: &str, after: Option<&str>) -> Channel {
    let from: ChannelSource = source.parse().unwrap();
    Channel::Follows(Follows {
        from,
        after: after.map(|after| after.parse().unwrap()),
    })
}

pub(super) fn hour(hours: i64) -> Timestamp {
    Timestamp::from_millisecond(1_770_000_000_000 + hours * 3_600_000).unwrap()
}

pub(super) fn order(build: &str) -> BuildVersion {
    build.parse().unwrap()
}

pub(super) fn id(architecture: Architecture, build: &str) -> ReleaseId {
    let build = order(build);
    let [major, minor, patch] = build.version().numbers();
    let numbers = [major, minor, patch, build.build().get(), u32::from(architecture == X)];
    crate::testing::release(
        numbers
            .into_iter()
            .fold(0, |n, number| n * 50 + usize::try_from(number).unwrap()),
    )
}
