use std::collections::{BTreeMap, BTreeSet};

use super::facts::PruningFacts;
use super::placement::{
    LastLaunch, PlacementSeen, PlacementStanding, Protection, Since, TagSeen, Unmanaged, Use, UsedBy,
};
use super::release::{BuildOutput, BuildTime, ReleaseFacts};
use super::rung::Rung;
use super::step::{Effect, PruningStep};
use super::taken::is_deprecated;
use crate::distribution::NotOurs;
use crate::evidence::{Hop, Reference, ReferenceSeen, Referrer};
use crate::{
    AccountId, AmiId, AmiState, BuildState, FamilyName, ReleaseId, Settled, SnapshotId, Target, TemplateId, Timestamp,
    Words, settle,
};

/// What EC2 says of an image at this moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImageNow {
    /// Whose it is.
    pub owner: AccountId,
    /// What our tag says; none: it lacks it.
    pub family: Option<Words>,
    /// Its state.
    pub state: AmiState,
    /// When it was made.
    pub created: Option<Timestamp>,
    /// From when on it is deprecated.
    pub deprecated: Option<Timestamp>,
    /// When it was last launched.
    pub launched: Option<Timestamp>,
    /// The tags that its owner sees.
    pub tags: BTreeMap<String, String>,
    /// Why EC2 would not deregister it.
    pub protected: Option<Words>,
    /// The snapshots behind it.
    pub snapshots: BTreeSet<SnapshotId>,
}

/// What Image Builder has of a release at this moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OutputNow {
    /// Its image, in this state.
    There(BuildState),
    /// Nothing any more, by this look.
    Gone,
}

impl ImageNow {
    /// Whether it still is: for a while EC2 lists what is deregistered.
    pub const fn is_there(&self) -> bool {
        !self.state.is_gone()
    }

    /// Whether it counts as deprecated.
    pub fn is_deprecated(&self, now: Timestamp) -> bool {
        self.deprecated.is_some_and(|from| is_deprecated(from, now))
    }

    fn rung(&self, now: Timestamp) -> Option<Rung> {
        match self.state {
            AmiState::Disabled => Some(Rung::Disabled),
            AmiState::Available if self.is_deprecated(now) => Some(Rung::Deprecated),
            AmiState::Available => Some(Rung::Available),
            AmiState::Pending
            | AmiState::Transient
            | AmiState::Failed
            | AmiState::Error
            | AmiState::Deregistered
            | AmiState::Invalid => None,
        }
    }

    /// How it stands: as it was known to, unless EC2 says otherwise by now. Then another hand was at it.
    fn standing(&self, known: PlacementStanding, now: Timestamp) -> PlacementStanding {
        let rung = self.rung(now);
        if rung.is_some() && rung == known.rung() {
            return known;
        }
        let by_another = |at| Since { at, by_us: false };
        match rung {
            Some(Rung::Available) => PlacementStanding::Available,
            Some(Rung::Deprecated) => PlacementStanding::Deprecated(by_another(self.deprecated)),
            Some(Rung::Disabled) => PlacementStanding::Disabled(by_another(None)),
            Some(Rung::Deregistered) | None => PlacementStanding::Unsettled(self.state),
        }
    }

    fn not_ours(&self, family: &FamilyName, target: Target) -> Option<NotOurs> {
        match &self.family {
            _ if self.owner != target.account() => Some(NotOurs::OfAnother(self.owner)),
            None => Some(NotOurs::Untagged),
            Some(named) if named.to_string() != family.as_str() => Some(NotOurs::OtherFamily(named.clone())),
            Some(_) => None,
        }
    }
}

impl PruningFacts {
    /// Takes in what EC2 says of an image now; none: it does not know it any more.
    pub(super) fn see_image(&mut self, ami: AmiId, target: Target, image: Option<&ImageNow>, now: Timestamp) {
        let is_it = |placement: &PlacementSeen| placement.ami == ami && placement.target == target;
        let Some(image) = image.filter(|image| image.is_there()) else {
            for release in &mut self.releases {
                release.placements.retain(|placement| !is_it(placement));
            }
            return;
        };
        let mut placements = self.releases.iter_mut().flat_map(|release| &mut release.placements);
        if let Some(placement) = placements.find(|placement| is_it(placement)) {
            see(placement, image, &self.family, now);
        }
    }

    /// Takes in what names an image at this moment by EC2's own word. Of a template that its own list showed with a version that
    /// names it more is known already; and whether anybody builds by a recipe only the list of the pipelines says.
    pub(super) fn see_references(&mut self, (ami, target): (AmiId, Target), told: &[ReferenceSeen]) {
        let mut placements = self.releases.iter_mut().flat_map(|release| &mut release.placements);
        let is_it = |placement: &&mut PlacementSeen| placement.ami == ami && placement.target == target;
        let Some(placement) = placements.find(is_it) else {
            return;
        };
        for ReferenceSeen { ami: of, by } in told {
            let is_use = *of == ami
                && match by {
                    Referrer::LaunchTemplate(id) => !is_listed(placement, *id),
                    Referrer::Recipe(_) => false,
                    Referrer::Instance(_) | Referrer::Parameter(_) | Referrer::Other { .. } => true,
                };
            if is_use {
                let path = vec![Hop::ToldByEc2(by.clone())];
                placement.uses.push(Use {
                    seen_in: target,
                    by: UsedBy::Way(Reference { path }),
                });
            }
        }
    }

    /// What a look adds to what is known of whether Image Builder has anything of a release. That it has nothing any more one look
    /// alone does not say.
    pub fn settle_output(&self, release: ReleaseId, seen: OutputNow, now: Timestamp) -> Settled {
        let mut releases = self.releases.iter();
        let known = releases.find(|of| of.release == release);
        let there = known
            .and_then(|of| of.output.as_deref())
            .filter(|of| of.state != BuildState::Deleted);
        there.map_or(Settled::Nothing, |output| {
            settle(true, output.missed, seen != OutputNow::Gone, now)
        })
    }

    /// Takes in what Image Builder has of a release now.
    pub(super) fn see_output(&mut self, release: ReleaseId, seen: OutputNow, now: Timestamp) {
        let settled = self.settle_output(release, seen, now);
        let Some(release) = self.release_mut(release) else {
            return;
        };
        match (&mut release.output, seen) {
            (Some(output), OutputNow::There(state)) => {
                output.state = state;
                output.missed = None;
            }
            (output, OutputNow::Gone) if settled == Settled::Changed => *output = None,
            (Some(output), OutputNow::Gone) if settled == Settled::Doubt => output.missed = Some(now),
            (Some(_), OutputNow::Gone) | (None, _) => {}
        }
    }

    /// Takes in that a step was made.
    pub fn made(&mut self, step: &PruningStep, now: Timestamp) {
        let since = Since {
            at: Some(now),
            by_us: true,
        };
        let Some(release) = self.release_mut(step.release) else {
            return;
        };
        match &step.effect {
            Effect::Restore { ami, target, from: _ } => {
                stand(release, *ami, *target, PlacementStanding::Available);
                if let Some(placement) = placement_mut(release, *ami, *target) {
                    placement.half_up = false;
                }
            }
            Effect::Deprecate { ami, target } => stand(release, *ami, *target, PlacementStanding::Deprecated(since)),
            Effect::Disable { ami, target } => stand(release, *ami, *target, PlacementStanding::Disabled(since)),
            Effect::Deregister { ami, target, .. } => release
                .placements
                .retain(|placement| placement.ami != *ami || placement.target != *target),
            Effect::DeprecateOutput(_) => {
                if let Some(output) = &mut release.output {
                    output.state = BuildState::Deprecated;
                }
            }
            Effect::DeleteOutput(_) => release.output = None,
        }
    }

    /// What Image Builder has of a step's release that must be looked at before it is made: by that it is decided. An image
    /// that may be the last must not go while a wildcard would pick it.
    pub fn output_to_look_at(&self, step: &PruningStep) -> Option<&BuildOutput> {
        let output = || {
            self.releases
                .iter()
                .find(|release| release.release == step.release)?
                .output
                .as_deref()
        };
        match &step.effect {
            Effect::Restore { .. } | Effect::Deprecate { .. } | Effect::Disable { .. } => None,
            // Whoever made it available again told nobody.
            Effect::Deregister { .. } | Effect::DeprecateOutput(_) | Effect::DeleteOutput(_) => output(),
        }
    }

    fn release_mut(&mut self, release: ReleaseId) -> Option<&mut ReleaseFacts> {
        self.releases.iter_mut().find(|of| of.release == release)
    }
}

/// Whether a launch template was listed in an image's own target with a version that names it.
fn is_listed(placement: &PlacementSeen, template: TemplateId) -> bool {
    let mut uses = placement.uses.iter().filter(|of| of.seen_in == placement.target);
    uses.any(|of| match &of.by {
        UsedBy::Way(way) => matches!(way.path.first(), Some(Hop::Template { id, .. }) if *id == template),
        UsedBy::Said(_) => false,
    })
}

fn stand(release: &mut ReleaseFacts, ami: AmiId, target: Target, standing: PlacementStanding) {
    if let Some(placement) = placement_mut(release, ami, target) {
        placement.standing = standing;
    }
}

fn placement_mut(release: &mut ReleaseFacts, ami: AmiId, target: Target) -> Option<&mut PlacementSeen> {
    let mut placements = release.placements.iter_mut();
    placements.find(|placement| placement.ami == ami && placement.target == target)
}

/// What only the record knows stays: who uses it, what its consumers see, and what was told of it.
fn see(placement: &mut PlacementSeen, image: &ImageNow, family: &FamilyName, now: Timestamp) {
    let ImageNow {
        owner,
        family: _,
        state: _,
        created,
        deprecated: _,
        launched,
        tags,
        protected,
        snapshots,
    } = image;
    if placement.unmanaged.is_none() {
        placement.unmanaged = image.not_ours(family, placement.target).map(Unmanaged::NotOurs);
    }
    if let Some(created) = created {
        placement.created = BuildTime::At(*created);
    }
    placement.standing = image.standing(placement.standing, now);
    placement.launched = match (placement.launched, launched) {
        (LastLaunch::At(known), Some(seen)) => LastLaunch::At(known.max(*seen)),
        (LastLaunch::At(known), None) => LastLaunch::At(known),
        (LastLaunch::Never | LastLaunch::Unread, Some(seen)) => LastLaunch::At(*seen),
        (LastLaunch::Never | LastLaunch::Unread, None) => LastLaunch::Never,
    };
    placement.tags.retain(|tag| tag.by != *owner);
    placement.tags.extend(tags.iter().map(|(key, value)| TagSeen {
        by: *owner,
        key: key.clone(),
        value: value.clone(),
    }));
    placement.protection = match (protected, placement.protection) {
        (None, _) => None,
        (Some(_), Some(Protection::CoolsDown(until))) if now < until => Some(Protection::CoolsDown(until)),
        (Some(_), Some(Protection::CoolsDown(_) | Protection::On) | None) => Some(Protection::On),
    };
    placement.snapshots = snapshots.iter().copied().collect();
}
