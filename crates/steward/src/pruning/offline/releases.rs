use std::collections::HashMap;

use super::families::Member;
use super::identity::Identity;
use super::image::Described;
use crate::pruning::{
    BuildTime, ExpendableSince, Place, PlacementSeen, Protection, ReleaseFacts, TagSeen, Use, UsedBy,
};
use crate::{AmiId, CanonicalName, FamilyName, ReleaseId, ReleaseName, Target, Timestamp, Words};

/// The releases of a family, as far as their images tell.
#[derive(Default)]
pub(super) struct Releases {
    all: Vec<ReleaseFacts>,
    by_id: HashMap<ReleaseId, usize>,
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
            standing,
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
        let (release, name, place) = settled(identity, &family.family, &placement);
        if let Some(known) = self.by_id.get(&release).and_then(|at| self.all.get_mut(*at)) {
            known.built = earlier(&known.built, created);
            known.placements.push(placement);
            return;
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
        });
    }
}

/// Which release an image is of, what people call that, and where it ranks.
fn settled(identity: Identity, family: &FamilyName, image: &PlacementSeen) -> (ReleaseId, Words, Place) {
    let (ami, region) = (image.ami, image.target.region());
    match identity {
        Identity::Of {
            release,
            order,
            architecture,
        } => {
            let name = ReleaseName::new(family.clone(), order).to_string();
            let place = |architecture| Place::Built { architecture, order };
            (release, name.into(), architecture.map_or_else(Place::Ungrouped, place))
        }
        Identity::Adopted(line) => {
            let name = CanonicalName::Ami { region, id: ami };
            let place = |line| Place::Adopted { line, ami, region };
            (
                name.id(),
                ami.to_string().into(),
                line.map_or_else(Place::Ungrouped, place),
            )
        }
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
