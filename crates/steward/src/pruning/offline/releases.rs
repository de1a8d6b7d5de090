use std::collections::{HashMap, HashSet};

use super::families::Member;
use super::identity::Identity;
use super::image::Described;
use crate::pruning::{
    BuildTime, ExpendableSince, Place, PlacementSeen, Protection, ReleaseFacts, TagSeen, Ungrouped, Use, UsedBy,
};
use crate::{AmiId, CanonicalName, FamilyName, ReleaseId, ReleaseName, Target, Timestamp, Words};

/// The releases of a family, as far as their images tell.
#[derive(Default)]
pub(super) struct Releases {
    all: Vec<ReleaseFacts>,
    by_id: HashMap<ReleaseId, usize>,
    /// Those of which no build is here.
    by_copies: HashSet<ReleaseId>,
}

impl Releases {
    pub(super) fn into_facts(self) -> Vec<ReleaseFacts> {
        self.all
    }

    /// Adds an image, to a release that is known already or as one by itself.
    pub(super) fn add(
        &mut self,
        (ami, target): (AmiId, Target),
        member: Member<'_>,
        seen: Described,
        uses: Vec<Words>,
        now: Timestamp,
    ) {
        let standing = seen.standing(now);
        let Member {
            family,
            identity,
            keeps,
        } = member;
        let Described {
            created,
            state: _,
            deprecated: _,
            launched,
            protected,
            snapshots,
            gib,
        } = seen;
        let by = target.account();
        let tag = |(key, value)| TagSeen { by, key, value };
        let in_use = |by| Use {
            seen_in: target,
            by: UsedBy::Said(by),
        };
        let placement = PlacementSeen {
            ami,
            target,
            unmanaged: None,
            created: created.clone(),
            found: None,
            standing,
            half_up: false,
            launched,
            uses: uses.into_iter().map(in_use).collect(),
            tags: keeps.into_iter().map(tag).collect(),
            protection: protected.then_some(Protection::On),
            snapshots,
            gib,
            announced: None,
            reported: None,
            refused: None,
        };
        let is_copy = matches!(identity, Identity::Copied { .. });
        let Settled { release, name, place } = settled(identity, &family.family, &placement);
        if let Some(known) = self.by_id.get(&release).and_then(|at| self.all.get_mut(*at)) {
            known.built = earlier(&known.built, created);
            known.placements.push(placement);
            // Where only copies are left, and they name different numbers, one of the names was edited.
            if self.by_copies.contains(&release)
                && !matches!(place, Place::Ungrouped(Ungrouped::Number))
                && known.place != place
            {
                known.place = Place::Ungrouped(Ungrouped::Number);
            }
            return;
        }
        if is_copy {
            self.by_copies.insert(release);
        }
        self.by_id.insert(release, self.all.len());
        self.all.push(ReleaseFacts {
            release,
            name,
            place,
            built: created,
            since: ExpendableSince::Reckoned,
            holds: Vec::new(),
            channels: Vec::new(),
            parent_of: Vec::new(),
            output: None,
            placements: vec![placement],
            gone: Vec::new(),
            containers: Vec::new(),
        });
    }
}

/// Which release an image is of, what people call that, and where it ranks.
struct Settled {
    release: ReleaseId,
    name: Words,
    place: Place,
}

fn settled(identity: Identity, family: &FamilyName, image: &PlacementSeen) -> Settled {
    let (ami, region) = (image.ami, image.target.region());
    let (order, release, architecture) = match identity {
        Identity::Built {
            release,
            order,
            architecture,
        } => (Some(order), release, architecture),
        Identity::Copied {
            release,
            order,
            architecture,
        } => (order, release, architecture),
        Identity::Adopted(line) => {
            let place = |line| Place::Adopted { line, ami, region };
            return Settled {
                release: CanonicalName::Ami { region, id: ami }.id(),
                name: ami.to_string().into(),
                place: line.map_or_else(Place::Ungrouped, place),
            };
        }
    };
    let Some(order) = order else {
        return Settled {
            release,
            name: release.to_string().into(),
            place: Place::Ungrouped(Ungrouped::Number),
        };
    };
    let place = |architecture| Place::Built { architecture, order };
    Settled {
        release,
        name: ReleaseName::new(family.clone(), order).to_string().into(),
        place: architecture.map_or_else(Place::Ungrouped, place),
    }
}

/// A release is as old as the first of its images; of one of which nothing says how old, nothing does.
fn earlier(one: &BuildTime, other: BuildTime) -> BuildTime {
    match (one, other) {
        (BuildTime::At(one), BuildTime::At(other)) => BuildTime::At((*one).min(other)),
        (BuildTime::At(_), other) => other,
        (one, _) => one.clone(),
    }
}
