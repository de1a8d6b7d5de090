//! Which snapshots get our tag. One that carries it may be deleted one day: in doubt a snapshot is left as it is.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use crate::{AccountId, AmiFacts, AmiId, AmiState, FamilyName, ImageBuildArn, ReleaseId, SnapshotId, Target, Words};

/// A snapshot, as EC2 describes it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SnapshotSeen {
    /// Which.
    pub snapshot: SnapshotId,
    /// Whose it is.
    pub owner: AccountId,
    /// What our tag says on it.
    pub family: Option<Words>,
}

/// What the record says of an image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recorded {
    /// The release it is of.
    pub release: ReleaseId,
    /// The build that this release is; none where it is none.
    pub build: Option<ImageBuildArn>,
    /// That release's family.
    pub family: Option<FamilyName>,
    /// Whether Image Builder or we made it, and not somebody by hand.
    pub managed: bool,
}

/// What is known of a target when its snapshots are tagged.
#[derive(Clone, Copy, Debug)]
pub struct TaggingFacts<'a> {
    /// Where.
    pub target: Target,
    /// All images that the account owns there, strangers too: a snapshot may be behind several.
    pub images: &'a [AmiFacts],
    /// The snapshots behind images of ours that no list showed with the tag.
    pub bare: &'a BTreeSet<SnapshotId>,
    /// What a second look at each of them found, of those that the account owns.
    pub snapshots: &'a BTreeMap<SnapshotId, SnapshotSeen>,
    /// What the record says of the images.
    pub recorded: &'a BTreeMap<AmiId, Recorded>,
}

/// What is to be done in a target, and what is left.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TaggingPlan {
    /// One call for each image.
    pub tag: Vec<Tagging>,
    /// What stays without the tag although its image carries it.
    pub left: Vec<LeftBare>,
}

/// The snapshots of an image that get the tag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tagging {
    /// Of which image.
    pub ami: AmiId,
    /// Of which release.
    pub release: ReleaseId,
    /// What the tag will say.
    pub family: FamilyName,
    /// Which snapshots.
    pub snapshots: BTreeSet<SnapshotId>,
}

/// An image of which a snapshot, or what Image Builder has of it, stays without the tag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LeftBare {
    /// Which image.
    pub ami: AmiId,
    /// Why.
    pub cause: LeftCause,
}

/// Why something of an image is left as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LeftCause {
    /// Nobody knows where the image came from, or somebody copied it with its tags.
    NotOurs,
    /// The image's tag and the record disagree.
    OtherFamily {
        /// What its tag says.
        tag: FamilyName,
        /// What the record says.
        record: Option<FamilyName>,
    },
    /// The account does not own the snapshot, or it is gone.
    NotOwned(SnapshotId),
    /// The snapshot carries our tag, of another family.
    TaggedOtherwise(SnapshotId, Words),
    /// The snapshot is behind an image besides that is not this family's.
    Shared(SnapshotId, AmiId),
    /// It was built in another account or Region than the hub's.
    BuiltElsewhere(ImageBuildArn),
    /// What Image Builder has of it carries our tag, of another family.
    OutputOtherwise(ImageBuildArn, Words),
    /// What Image Builder has of it makes no images of this family, by its recipe and distribution.
    MakesOthers(ImageBuildArn),
}

/// The snapshots behind images with our tag that are not among those with it.
pub fn bare_snapshots(images: &[AmiFacts], tagged: &BTreeSet<SnapshotId>) -> BTreeSet<SnapshotId> {
    let ours = images.iter().filter(|image| image.family.is_some());
    let behind = ours.flat_map(|image| image.snapshots.iter().copied());
    behind.filter(|snapshot| !tagged.contains(snapshot)).collect()
}

/// Those with our tag that are behind none of all the images of their account.
pub fn unused_snapshots(images: &[AmiFacts], tagged: &BTreeSet<SnapshotId>) -> BTreeSet<SnapshotId> {
    let used: BTreeSet<SnapshotId> = images
        .iter()
        .flat_map(|image| image.snapshots.iter().copied())
        .collect();
    tagged.difference(&used).copied().collect()
}

/// Decides which snapshots of a target get the tag of the image that they are behind.
pub fn decide_tagging(facts: TaggingFacts<'_>) -> TaggingPlan {
    let mut plan = TaggingPlan::default();
    let mut behind: BTreeMap<SnapshotId, Vec<&AmiFacts>> = BTreeMap::new();
    for image in facts.images {
        for snapshot in image.snapshots.intersection(facts.bare) {
            behind.entry(*snapshot).or_default().push(image);
        }
    }
    let mut planned: BTreeSet<SnapshotId> = BTreeSet::new();
    for image in facts.images {
        let Some(family) = image.family.as_ref().filter(|_| stands(image, facts.target)) else {
            continue;
        };
        // The list may have been late: one that carries the tag by now wants nothing.
        let says_it = |seen: &SnapshotSeen| {
            seen.family
                .as_ref()
                .is_some_and(|said| said.as_str() == family.as_str())
        };
        let lacking = image.snapshots.intersection(facts.bare);
        let lacking = lacking.filter(|snapshot| !facts.snapshots.get(snapshot).is_some_and(says_it));
        // Once is enough of one that is behind two images.
        let bare: BTreeSet<SnapshotId> = lacking
            .filter(|snapshot| !planned.contains(snapshot))
            .copied()
            .collect();
        if bare.is_empty() {
            continue;
        }
        match judge(facts, &behind, image, family, &bare) {
            Ok(release) => {
                planned.extend(&bare);
                plan.tag.push(Tagging {
                    ami: image.ami,
                    release,
                    family: family.clone(),
                    snapshots: bare,
                });
            }
            Err(cause) => plan.left.push(LeftBare { ami: image.ami, cause }),
        }
    }
    plan
}

/// Whether it is the account's own, and all there.
pub(super) fn stands(image: &AmiFacts, target: Target) -> bool {
    let is_whole = match image.state {
        AmiState::Available | AmiState::Disabled => true,
        AmiState::Pending
        | AmiState::Transient
        | AmiState::Invalid
        | AmiState::Deregistered
        | AmiState::Failed
        | AmiState::Error => false,
    };
    is_whole && image.owner == target.account() && image.target == target
}

/// The release of an image all of whose bare snapshots may be tagged. One of them in doubt leaves all.
fn judge(
    facts: TaggingFacts<'_>,
    behind: &BTreeMap<SnapshotId, Vec<&AmiFacts>>,
    image: &AmiFacts,
    family: &FamilyName,
    bare: &BTreeSet<SnapshotId>,
) -> Result<ReleaseId, LeftCause> {
    let recorded = facts.recorded.get(&image.ami).ok_or(LeftCause::NotOurs)?;
    let release = release_of(recorded, family)?;
    for snapshot in bare {
        let seen = facts.snapshots.get(snapshot).ok_or(LeftCause::NotOwned(*snapshot))?;
        if seen.owner != facts.target.account() {
            return Err(LeftCause::NotOwned(*snapshot));
        }
        if let Some(said) = &seen.family {
            return Err(LeftCause::TaggedOtherwise(*snapshot, said.clone()));
        }
        let mut images = behind.get(snapshot).into_iter().flatten();
        if let Some(other) = images.find(|other| other.family.as_ref() != Some(family)) {
            return Err(LeftCause::Shared(*snapshot, other.ami));
        }
    }
    Ok(release)
}

/// The release of an image of ours of which the record says the same family as its tag.
pub(super) fn release_of(recorded: &Recorded, tag: &FamilyName) -> Result<ReleaseId, LeftCause> {
    let Recorded {
        release,
        build: _,
        family,
        managed,
    } = recorded;
    if !managed {
        return Err(LeftCause::NotOurs);
    }
    if family.as_ref() != Some(tag) {
        return Err(LeftCause::OtherFamily {
            tag: tag.clone(),
            record: family.clone(),
        });
    }
    Ok(*release)
}

impl fmt::Display for LeftBare {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.ami, self.cause)
    }
}

impl fmt::Display for LeftCause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotOurs => f.write_str("the record does not say that a build of the hub, or a copy of ours, made it"),
            Self::OtherFamily { tag, record } => match record {
                Some(record) => write!(f, "its tag says {tag}, and the record {record}"),
                None => write!(f, "its tag says {tag}, and the record knows no family of it"),
            },
            Self::NotOwned(snapshot) => write!(f, "{snapshot} is not this account's, or is gone"),
            Self::TaggedOtherwise(snapshot, family) => write!(f, "{snapshot} is tagged as of {family}"),
            Self::Shared(snapshot, other) => write!(f, "{snapshot} is behind {other} too, which is not this family's"),
            Self::BuiltElsewhere(build) => write!(f, "{build} is not the hub's"),
            Self::OutputOtherwise(build, family) => write!(f, "{build} is tagged as of {family}"),
            Self::MakesOthers(build) => write!(f, "{build} makes no images of this family"),
        }
    }
}

#[cfg(test)]
mod tests;
