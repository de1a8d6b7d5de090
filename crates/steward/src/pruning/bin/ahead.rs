use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;

use super::cover::BinCover;
use super::rule::{BinRules, Tags};
use crate::distribution::FAMILY;
use crate::manifest::{Retain, Wait};
use crate::pruning::{Blocker, PlacementSeen, PruningFacts, PruningPlan};
use crate::{AmiId, Target, Words, plural};

/// What the Recycle Bin of a target will do with images that are on their way to deletion.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct BinAhead {
    /// Where.
    pub target: Target,
    /// With so many of them.
    pub images: usize,
    /// What.
    #[serde(flatten)]
    pub cover: BinCover,
}

/// The images that a plan has on their way to deletion: those that no rule keeps, and those that only wait to be announced or
/// reported. What is blocked by anything else may be kept yet.
pub fn on_their_way(plan: &PruningPlan) -> impl Iterator<Item = (Target, AmiId)> {
    let going = plan.expendable.iter().filter(|going| going.next.is_some());
    let waits = plan.blocked.iter().filter(|blocked| match blocked.by {
        Blocker::NotAnnounced { .. } | Blocker::NotReported { .. } => true,
        Blocker::Evidence(_) | Blocker::ShareLimit { .. } | Blocker::Paused => false,
    });
    let going = going.map(|going| (going.target, going.ami));
    going.chain(waits.map(|waits| (waits.target, waits.ami)))
}

/// What becomes of the images that a plan has on their way to deletion, target by target, by what is known of the rules there.
pub fn bins_ahead(facts: &PruningFacts, plan: &PruningPlan, rules: &BTreeMap<Target, BinRules>) -> Vec<BinAhead> {
    let deletes = |retain: &Retain| retain.ladder.delete != Wait::Never;
    if !facts.retain.as_ref().is_some_and(deletes) {
        return Vec::new();
    }
    let placements = facts.releases.iter().flat_map(|release| &release.placements);
    let placements: BTreeMap<(Target, AmiId), &PlacementSeen> = placements
        .map(|placement| ((placement.target, placement.ami), placement))
        .collect();
    // What else its snapshots carry nobody wrote down: without this tag they would not go.
    let snapshots = Tags::from([(FAMILY, facts.family.as_str())]);
    let unread = BinRules::Unread(Words::from("nobody has looked there yet"));
    let mut ahead: BTreeMap<(Target, BinCover), usize> = BTreeMap::new();
    for (target, ami) in on_their_way(plan) {
        let Some(placement) = placements.get(&(target, ami)) else {
            continue;
        };
        let seen = placement.tags.iter();
        let seen = seen.filter(|tag| tag.by == target.account());
        let image: Tags<'_> = seen.map(|tag| (tag.key.as_str(), tag.value.as_str())).collect();
        let rules = rules.get(&target).unwrap_or(&unread);
        let cover = BinCover::by(rules, &image, &snapshots);
        *ahead.entry((target, cover)).or_default() += 1;
    }
    let ahead = ahead.into_iter();
    ahead
        .map(|((target, cover), images)| BinAhead { target, images, cover })
        .collect()
}

impl fmt::Display for BinAhead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            target,
            images: _,
            cover,
        } = self;
        match cover {
            BinCover::Nothing => write!(
                f,
                "what is deleted in {target} is gone for good: no Recycle Bin rule catches it"
            ),
            BinCover::ImageOnly { image } => write!(
                f,
                "what is deleted in {target} cannot be restored: a Recycle Bin rule keeps its image for {}, and none is known to keep \
                 its snapshots",
                days(*image)
            ),
            BinCover::SnapshotsOnly { snapshots } => write!(
                f,
                "what is deleted in {target} cannot be restored: a Recycle Bin rule keeps its snapshots for {}, and none keeps its image",
                days(*snapshots)
            ),
            BinCover::ShorterSnapshots { image, snapshots } => write!(
                f,
                "what is deleted in {target} can be restored for {}: then its snapshots leave the Recycle Bin, and its image stays there \
                 for {} in vain",
                days(*snapshots),
                days(*image)
            ),
            BinCover::Caught { image } => write!(f, "what is deleted in {target} can be restored for {}", days(*image)),
            BinCover::Unknown { why } => {
                write!(
                    f,
                    "whether what is deleted in {target} can be restored is not known: {why}"
                )
            }
        }
    }
}

fn days(count: u16) -> String {
    format!("{count} day{}", plural(usize::from(count)))
}
