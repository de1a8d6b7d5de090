//! What follows releases: the newest version that every architecture has, in a wave that moves together.

use super::facts::ReleaseSeen;
use super::good::{GoodSet, Orders, is_ahead};
use super::known::Known;
use super::obstacle::Obstacle;
use super::wait::Wait;
use crate::{Architecture, Version};

impl<'a> Known<'a> {
    /// Of the newest version that has a good build of every architecture, the newest such builds.
    pub(super) fn newest_everywhere(&self) -> Option<GoodSet<'a>> {
        let mut versions = self.versions.values().rev();
        versions.find_map(|builds| {
            let architectures = self.architectures().into_iter();
            architectures
                .map(|architecture| Some((architecture, newest_good(builds, architecture)?)))
                .collect()
        })
    }

    /// What a set waits for before it moves: newer builds of its version, of an architecture that would stay where it is.
    pub(super) fn wave(&self, set: &GoodSet<'_>, mark: &Orders) -> Vec<Wait> {
        let staying = set
            .iter()
            .filter(|(architecture, seen)| mark.get(architecture) == Some(&seen.order));
        let waits = staying.filter_map(|(architecture, stays)| {
            let builds = self.versions.get(&stays.order.version())?;
            let newer = builds.iter().copied().filter(|seen| seen.order > stays.order);
            let (seen, obstacle) = nearest(newer, *architecture)?;
            obstacle.is_waited_for().then_some(Wait::Wave {
                build: seen.order,
                architecture: *architecture,
                obstacle,
            })
        });
        waits.collect()
    }

    /// What the newest version lacks that would go beyond the mark. One that lacks nothing is gone to, or waits as a wave.
    pub(super) fn newer_version(&self, mark: &Orders) -> Vec<Wait> {
        let mut versions = self.versions.iter().rev();
        let awaited = versions.find(|(version, builds)| self.is_awaited(**version, builds, mark));
        let Some((version, builds)) = awaited else {
            return Vec::new();
        };
        let architectures = self.architectures().into_iter();
        let lacking = architectures.filter(|architecture| newest_good(builds, *architecture).is_none());
        lacking
            .map(|architecture| Wait::Lacking {
                version: *version,
                architecture,
                nearest: nearest(builds.iter().copied(), architecture).map(|(seen, obstacle)| (seen.order, obstacle)),
            })
            .collect()
    }

    /// Whether a version would be gone to if it lacked nothing.
    fn is_awaited(&self, version: Version, builds: &[&ReleaseSeen], mark: &Orders) -> bool {
        let hopeful = builds
            .iter()
            .filter(|seen| seen.obstacle().is_none_or(|obstacle| obstacle.is_waited_for()));
        // None of an architecture is as good as the next one of it, which comes after all that were.
        let best = self.architectures().into_iter().filter_map(|architecture| {
            let of_it = hopeful.clone().filter(|seen| seen.architecture == architecture);
            Some((architecture, of_it.map(|seen| seen.order).max()?))
        });
        let best: Orders = best.collect();
        let is_past = mark.values().any(|order| order.version() > version);
        !is_past && !best.is_empty() && (best.len() < self.facts.architectures.len() || is_ahead(&best, mark))
    }
}

fn newest_good<'a>(builds: &[&'a ReleaseSeen], architecture: Architecture) -> Option<&'a ReleaseSeen> {
    let builds = builds.iter().copied();
    builds
        .filter(|seen| seen.architecture == architecture && seen.is_good())
        .max_by_key(|seen| (seen.order, seen.release))
}

/// The build of an architecture that is not good and nearest to it, the newest of those.
fn nearest<'a>(
    builds: impl Iterator<Item = &'a ReleaseSeen>,
    architecture: Architecture,
) -> Option<(&'a ReleaseSeen, Obstacle)> {
    builds
        .filter(|seen| seen.architecture == architecture)
        .filter_map(|seen| Some((seen, seen.obstacle()?)))
        .max_by_key(|(seen, obstacle)| (obstacle.hope(), seen.order, seen.release))
}
