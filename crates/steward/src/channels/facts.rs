//! What one look at a family found: its manifest's word, the record's channels, and every build there is.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::held::ChannelHeld;
use super::obstacle::Obstacle;
use crate::manifest::Channel;
use crate::{Architecture, BuildVersion, ChannelName, ReleaseId, Timestamp, Words};

/// All that is known when a family's channels are decided.
#[derive(Clone, Copy, Debug)]
pub struct ChannelFacts<'a> {
    /// What the manifest builds for.
    pub architectures: &'a [Architecture],
    /// The manifest's channels.
    pub channels: &'a BTreeMap<ChannelName, Channel>,
    /// What the record has of them; one that it does not have was never moved.
    pub held: &'a BTreeMap<ChannelName, ChannelHeld>,
    /// Every build of the family, each once, failed and unfinished ones too.
    pub releases: &'a [ReleaseSeen],
    /// The time.
    pub now: Timestamp,
}

/// A build of the family, as far as channels ask.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReleaseSeen {
    /// Its id.
    pub release: ReleaseId,
    /// What it runs on.
    pub architecture: Architecture,
    /// Where it stands among those of its architecture.
    pub order: BuildVersion,
    /// How far it is.
    pub standing: ReleaseStanding,
    /// Whether it is revoked, by what it came from too.
    pub revoked: bool,
}

impl ReleaseSeen {
    /// Why no channel can go to it; none: it is good.
    pub(super) fn obstacle(&self) -> Option<Obstacle> {
        if self.revoked {
            return Some(Obstacle::Revoked);
        }
        match &self.standing {
            ReleaseStanding::Usable => None,
            ReleaseStanding::Coming(missing) => Some(Obstacle::Coming(missing.clone())),
            ReleaseStanding::Building => Some(Obstacle::Building),
            ReleaseStanding::Failed => Some(Obstacle::Failed),
            ReleaseStanding::Disabled(places) => Some(Obstacle::Disabled(places.clone())),
            ReleaseStanding::Retired => Some(Obstacle::Retired),
        }
    }

    /// Whether a channel can go to it.
    pub(super) fn is_good(&self) -> bool {
        self.obstacle().is_none()
    }
}

/// How far a release is on its way to those who use it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReleaseStanding {
    /// It is everywhere it must be, usable, and shared as declared.
    Usable,
    /// It is built, and on its way to where it must be; what is missing, in a line.
    Coming(Words),
    /// Its build is not done yet.
    Building,
    /// Its build failed, or was cancelled.
    Failed,
    /// It is disabled where it must be, and nowhere gone; where that is, in a line.
    Disabled(Words),
    /// It is gone where it must be.
    Retired,
}
