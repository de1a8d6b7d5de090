//! What people and channels want of releases: it keeps them, whatever else lets them go.

use std::collections::BTreeMap;

use futures_util::future::try_join;
use steward::channels::ChannelHeld;
use steward::manifest::Manifest;
use steward::pruning::{BuildsOnIt, Held, Pointing, Wishes};
use steward::{Duration, ReleaseId, Timestamp, Words};

use super::{Hold, Record};
use crate::Problem;

/// A build that began before a channel moved on has ended after so long.
const LONGEST_BUILD: Duration = Duration::hours(24);

/// What channels say of a family's releases.
#[derive(Default)]
pub(super) struct Channels {
    pointing: BTreeMap<ReleaseId, Vec<Pointing>>,
    may_run: BTreeMap<ReleaseId, Vec<BuildsOnIt>>,
}

impl Record {
    /// What is wanted of a release of this manifest's family, as it is now.
    pub async fn wishes(&self, manifest: &Manifest, release: ReleaseId, now: Timestamp) -> Result<Wishes, Problem> {
        let (channels, holds) = try_join(self.channels_of(manifest, now), self.holds(release)).await?;
        Ok(channels.of(release, holds))
    }

    pub(super) async fn channels_of(&self, manifest: &Manifest, now: Timestamp) -> Result<Channels, Problem> {
        let family = &manifest.family;
        let (held, requests) = try_join(self.channels(family), self.requests(family)).await?;
        let mut channels = Channels::default();
        let lately = now.checked_sub(LONGEST_BUILD).unwrap_or(now);
        for (name, channel) in &held {
            for release in channel.releases() {
                channels.points(release, Pointing::On(name.clone()));
            }
            for (release, left) in channel.left_since(lately) {
                let channel = name.clone();
                let runs = channels.may_run.entry(release).or_default();
                runs.push(BuildsOnIt::MayRun { channel, left });
            }
        }
        let nothing = ChannelHeld::default();
        for (name, request) in &requests {
            let history = &held.get(name).unwrap_or(&nothing).history;
            // Of a channel that this manifest does not have, too: another may hold by now.
            if request.is_open(history, now) {
                for release in &request.wanted {
                    channels.points(*release, Pointing::OnTheWayTo(name.clone()));
                }
            }
        }
        Ok(channels)
    }
}

impl Channels {
    fn points(&mut self, release: ReleaseId, pointing: Pointing) {
        self.pointing.entry(release).or_default().push(pointing);
    }

    /// What is wanted of a release, with these holds on it.
    pub(super) fn of(&self, release: ReleaseId, holds: Vec<Hold>) -> Wishes {
        Wishes {
            holds: holds.into_iter().map(held).collect(),
            channels: self.pointing.get(&release).cloned().unwrap_or_default(),
            may_run: self.may_run.get(&release).cloned().unwrap_or_default(),
        }
    }
}

fn held(hold: Hold) -> Held {
    let end = hold.end();
    let Hold {
        ami: _,
        who,
        why,
        at: _,
        until: _,
        ended: _,
    } = hold;
    Held {
        until: end,
        who,
        why: Words::from(why),
    }
}
