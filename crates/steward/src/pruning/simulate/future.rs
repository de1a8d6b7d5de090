use std::collections::BTreeMap;
use std::time::Duration;

use crate::pruning::{BuildTime, ExpendableSince, LastLaunch, Place, PlacementSeen, PlacementStanding, ReleaseFacts};
use crate::{AmiId, Architecture, BuildVersion, CanonicalName, Timestamp};

/// Nobody builds more often for long.
const LEAST: Duration = Duration::from_hours(1);

/// The releases that are still to come: of each architecture one like its newest, as far apart as they were till now.
pub(super) struct Future {
    lines: Vec<Line>,
    interval: Option<Duration>,
    /// How many images were made up.
    images: u64,
}

struct Line {
    like: ReleaseFacts,
    architecture: Architecture,
    order: BuildVersion,
    next: Timestamp,
}

impl Future {
    pub(super) fn of(releases: &[ReleaseFacts], now: Timestamp) -> Self {
        let mut of_each: BTreeMap<Architecture, Vec<(BuildVersion, Timestamp, &ReleaseFacts)>> = BTreeMap::new();
        for release in releases {
            if let (Place::Built { architecture, order }, BuildTime::At(built)) = (&release.place, &release.built)
                && *built <= now
            {
                of_each
                    .entry(*architecture)
                    .or_default()
                    .push((*order, *built, release));
            }
        }
        let mut intervals = Vec::new();
        for line in of_each.values_mut() {
            let mut dates: Vec<Timestamp> = line.iter().map(|(_, built, _)| *built).collect();
            dates.sort_unstable();
            let apart = dates.windows(2).filter_map(|pair| pair[1].checked_since(pair[0]));
            intervals.extend(apart);
            line.sort_by_key(|(order, ..)| *order);
        }
        intervals.sort_unstable();
        let interval = intervals.get(intervals.len() / 2).map(|median| (*median).max(LEAST));
        let newest = of_each.into_iter().filter_map(|(architecture, line)| {
            let (order, built, like) = *line.last()?;
            // One that is late already comes as late as the others are apart.
            let next = built.checked_add(interval?).filter(|next| *next > now);
            Some(Line {
                like: like.clone(),
                architecture,
                order,
                next: next.or_else(|| now.checked_add(interval?))?,
            })
        });
        Self {
            lines: newest.collect(),
            interval,
            images: 0,
        }
    }

    pub(super) const fn interval(&self) -> Option<Duration> {
        self.interval
    }

    /// Those that come until then.
    pub(super) fn until(&mut self, at: Timestamp) -> Vec<ReleaseFacts> {
        let Self {
            lines,
            interval,
            images,
        } = self;
        let mut made = Vec::new();
        let Some(interval) = *interval else { return made };
        for line in lines {
            while line.next <= at {
                let Some(order) = after(line.order) else { break };
                line.order = order;
                made.extend(line.release(images));
                let Some(next) = line.next.checked_add(interval) else {
                    break;
                };
                line.next = next;
            }
        }
        made
    }
}

impl Line {
    /// One like the newest that there is, built now; none where it has no image.
    fn release(&self, images: &mut u64) -> Option<ReleaseFacts> {
        let built = BuildTime::At(self.next);
        let like = self.like.managed();
        let placements = like.filter_map(|image| {
            *images += 1;
            Some(PlacementSeen {
                ami: made_up(*images)?,
                target: image.target,
                unmanaged: None,
                created: built.clone(),
                found: None,
                standing: PlacementStanding::Available,
                half_up: false,
                launched: LastLaunch::Never,
                uses: Vec::new(),
                tags: Vec::new(),
                protection: None,
                snapshots: Vec::new(),
                gib: image.gib,
                announced: None,
                reported: None,
                refused: None,
            })
        });
        let placements: Vec<PlacementSeen> = placements.collect();
        let PlacementSeen { ami, target, .. } = placements.first()?;
        let name = CanonicalName::Ami {
            region: target.region(),
            id: *ami,
        };
        Some(ReleaseFacts {
            release: name.id(),
            name: self.order.to_string().into(),
            place: Place::Built {
                architecture: self.architecture,
                order: self.order,
            },
            built,
            since: ExpendableSince::NotYet,
            holds: Vec::new(),
            channels: Vec::new(),
            parent_of: Vec::new(),
            output: None,
            placements,
            gone: Vec::new(),
            containers: Vec::new(),
        })
    }
}

/// An id that EC2 has given to nobody, as far as anybody sees.
fn made_up(n: u64) -> Option<AmiId> {
    format!("ami-f{n:016x}").parse().ok()
}

/// The build after that.
fn after(order: BuildVersion) -> Option<BuildVersion> {
    let next = order.build().get().checked_add(1)?;
    Some(BuildVersion::new(order.version(), next.to_string().parse().ok()?))
}
