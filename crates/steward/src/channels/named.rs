use std::collections::{BTreeMap, BTreeSet};

use super::facts::ChannelFacts;
use crate::{Architecture, BuildNumber, BuildVersion, ReleaseId, Version};

/// What a person means by `1.4.2`, or `1.4.2/7`: the newest build of it for each architecture of the manifest, or that one.
///
/// Whatever became of it: whoever names a version means its newest build, and is told where that failed.
pub fn newest_of(facts: ChannelFacts<'_>, version: Version, build: Option<BuildNumber>) -> BTreeSet<ReleaseId> {
    let meant = facts.releases.iter().filter(|seen| {
        facts.architectures.contains(&seen.architecture)
            && seen.order.version() == version
            && build.is_none_or(|build| build == seen.order.build())
    });
    let mut newest: BTreeMap<Architecture, (BuildVersion, ReleaseId)> = BTreeMap::new();
    for seen in meant {
        let found = (seen.order, seen.release);
        let best = newest.entry(seen.architecture).or_insert(found);
        *best = found.max(*best);
    }
    newest.into_values().map(|(_, release)| release).collect()
}
