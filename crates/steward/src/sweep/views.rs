use std::collections::BTreeMap;

use super::facts::SweepFacts;
use super::{LastLooked, Looks};
use crate::consumers::{LEFT, consumer_targets, is_shared, view_of, when_view_due};
use crate::distribution::{LastLook, Stood, When};
use crate::{AmiId, Region, ReleaseId, Target};

/// Decides where it is to be looked at what consumers see. While it is not known who they are, nobody is looked at.
pub fn due_views(facts: &SweepFacts<'_>) -> Looks {
    let mut looks = Looks {
        due: Vec::new(),
        with_members: When::Never,
    };
    let Some(readers) = facts.readers.filter(|_| facts.rest.is_none()) else {
        return looks;
    };
    let mut look = |target: Target, viewed: Option<&LastLook>, when: When| {
        looks.with_members = looks.with_members.min(when);
        if when.has_come(facts.now) {
            looks.due.push((target, LastLooked::of(viewed)));
        }
    };
    let consumers = consumer_targets(facts.manifest, facts.home, readers);
    let mut shows: BTreeMap<Region, Shows> = BTreeMap::new();
    for target in consumers.iter().copied() {
        let owned = Target::new(facts.home.account(), target.region());
        let shows = shows.entry(target.region()).or_insert_with(|| Shows::of(facts, owned));
        let viewed = facts.viewed.get(&target);
        let when = match shows {
            Shows::Nothing(_) if viewed.is_none() => When::Never,
            Shows::Nothing(what) | Shows::Images(what) => when_view_due(viewed, what),
            Shows::NotNow => When::Never,
        };
        look(target, viewed, when);
    }
    let left = facts.viewed.iter().filter(|(target, _)| !consumers.contains(target));
    for (target, viewed) in left {
        look(*target, Some(viewed), when_view_due(Some(viewed), LEFT));
    }
    looks
}

/// What there is to see in a Region.
enum Shows {
    /// No image; who saw some may hold something that goes with them.
    Nothing(String),
    /// These.
    Images(String),
    /// All that is there is being tagged or shared anew.
    NotNow,
}

impl Shows {
    fn of(facts: &SweepFacts<'_>, owned: Target) -> Self {
        let there = facts.stood.iter();
        let there = there.filter_map(|(release, stood)| Some((*release, stood.get(&owned)?)));
        let known: Vec<(AmiId, ReleaseId, &Stood)> = there
            .filter_map(|(release, stood)| Some((stood.ami?, release, stood)))
            .collect();
        let is_shared = |stood: &Stood| is_shared(stood, facts.number, facts.audience);
        let shared = known.iter().filter(|(_, _, stood)| is_shared(stood));
        let shared: BTreeMap<AmiId, ReleaseId> = shared.map(|(ami, release, _)| (*ami, *release)).collect();
        let what = view_of(facts.manifest, &shared);
        match (known.is_empty(), shared.is_empty()) {
            (true, _) => Self::Nothing(what),
            (false, false) => Self::Images(what),
            (false, true) => Self::NotNow,
        }
    }
}
