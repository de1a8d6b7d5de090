//! The items as they lie in the table.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use steward::{
    AccountId, AmiState, Architecture, BuildFailure, BuildState, CanonicalName, FamilyName, Heard, ImagePipelineArn,
    Placement, RecipeArn, Region, Release, ReleaseId, SnapshotId, Target, Timestamp, UsedComponent, Words,
};

/// How long the journal is kept.
const JOURNAL_DAYS: u64 = 400;
const SECONDS_A_DAY: u64 = 24 * 60 * 60;

/// What a release is.
#[derive(Serialize, Debug)]
pub(super) struct ReleaseItem<'a> {
    name: &'a CanonicalName,
    kind: &'static str,
    state: BuildState,
    /// Of the state, for conditions.
    height: u8,
    placed: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'a Words>,
    #[serde(skip_serializing_if = "Option::is_none")]
    failure: Option<&'a BuildFailure>,
    #[serde(skip_serializing_if = "Option::is_none")]
    family: Option<&'a FamilyName>,
    #[serde(skip_serializing_if = "Option::is_none")]
    architecture: Option<Architecture>,
    #[serde(skip_serializing_if = "Option::is_none")]
    recipe: Option<&'a RecipeArn>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    components: &'a [UsedComponent],
    #[serde(skip_serializing_if = "Option::is_none")]
    fingerprint: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pipeline: Option<&'a ImagePipelineArn>,
    #[serde(skip_serializing_if = "Option::is_none")]
    created: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    build_type: Option<&'a Words>,
}

impl<'a> ReleaseItem<'a> {
    pub(super) fn of(release: &'a Release) -> Self {
        let Release {
            name,
            state,
            reason,
            failure,
            family,
            architecture,
            recipe,
            components,
            fingerprint,
            pipeline,
            created,
            build_type,
            placed,
        } = release;
        Self {
            name,
            kind: match name {
                CanonicalName::Build(_) => "built",
                CanonicalName::Ami { .. } => "foreign",
            },
            state: *state,
            height: state.height(),
            placed: *placed,
            reason: reason.as_ref(),
            failure: failure.as_ref(),
            family: family.as_ref(),
            architecture: *architecture,
            recipe: recipe.as_ref(),
            components,
            fingerprint: fingerprint.as_deref(),
            pipeline: pipeline.as_ref(),
            created: *created,
            build_type: build_type.as_ref(),
        }
    }
}

/// As much of a release as tells whether to look again.
#[derive(Deserialize, Debug)]
pub(super) struct KnownItem {
    /// None of a release that was only met as somebody's ancestor.
    pub(super) state: Option<BuildState>,
    #[serde(default)]
    pub(super) placed: bool,
    #[serde(default)]
    pub(super) linked: bool,
    #[serde(default)]
    pub(super) detailed: bool,
}

/// One image of a release.
#[derive(Serialize, Debug)]
pub(super) struct PlacementItem<'a> {
    state: AmiState,
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    created: Option<Timestamp>,
    /// DynamoDB has no empty sets.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    snapshots: &'a BTreeSet<SnapshotId>,
    size: u32,
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    watermarks: &'a BTreeSet<Words>,
    seen: Timestamp,
    /// When it was first looked at.
    found: Timestamp,
    /// Since when it is known to be in that state.
    since: Timestamp,
    managed: bool,
}

impl<'a> PlacementItem<'a> {
    pub(super) fn of(placement: &'a Placement) -> Self {
        let Placement {
            release: _,
            target: _,
            ami: _,
            managed,
            state,
            name,
            created,
            snapshots,
            size,
            watermarks,
            seen,
        } = placement;
        Self {
            state: *state,
            name,
            created: *created,
            snapshots,
            size: *size,
            watermarks,
            seen: *seen,
            found: *seen,
            since: *seen,
            managed: *managed,
        }
    }
}

/// As much of a placement as its state is decided by.
#[derive(Deserialize, Debug)]
pub(super) struct StandingItem {
    pub(super) state: AmiState,
    pub(super) since: Option<Timestamp>,
    pub(super) doubt: Option<AmiState>,
    pub(super) doubt_since: Option<Timestamp>,
}

/// What a look adds to a placement. Nulls take away what was there.
#[derive(Serialize, Debug)]
pub(super) struct LookedItem {
    pub(super) state: AmiState,
    /// Only where the state changes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) since: Option<Timestamp>,
    pub(super) doubt: Option<AmiState>,
    pub(super) doubt_since: Option<Timestamp>,
    pub(super) seen: Timestamp,
    /// Only where that it is disabled from now on is our doing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) disabled_by_us: Option<Timestamp>,
}

/// A placement by its target, with the state that it had when that last changed.
#[derive(Serialize, Deserialize, Debug)]
pub(super) struct PlacedItem {
    pub(super) release: ReleaseId,
    pub(super) account: AccountId,
    pub(super) region: Region,
    /// None while it is being changed.
    #[serde(default)]
    pub(super) state: Option<AmiState>,
    /// Since when it is known to be in that state.
    #[serde(default)]
    pub(super) since: Option<Timestamp>,
    /// The watermarks that it carries; none while they are being changed. A write without them leaves them as they are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) watermarks: Option<BTreeSet<Words>>,
}

impl PlacedItem {
    /// None: it is being changed.
    pub(super) fn new(release: ReleaseId, target: Target, state: Option<(AmiState, Option<Timestamp>)>) -> Self {
        Self {
            release,
            account: target.account(),
            region: target.region(),
            state: state.map(|(state, _)| state),
            since: state.and_then(|(_, since)| since),
            watermarks: None,
        }
    }

    /// The same, with what the image carries.
    pub(super) fn marked(self, watermarks: &BTreeSet<Words>) -> Self {
        Self {
            watermarks: Some(watermarks.clone()),
            ..self
        }
    }
}

/// That Image Builder or we made an image after all.
#[derive(Serialize, Debug)]
pub(super) struct ManagedItem {
    pub(super) managed: bool,
}

/// That a target has placements.
#[derive(Serialize, Deserialize, Debug)]
pub(super) struct TargetItem {
    pub(super) target: Target,
}

/// Which release an image belongs to.
#[derive(Serialize, Deserialize, Debug)]
pub(super) struct LookUpItem {
    pub(super) release: ReleaseId,
    pub(super) account: AccountId,
    pub(super) region: Region,
}

/// That a release is one of its family's.
#[derive(Serialize, Deserialize, Debug)]
pub(super) struct MemberItem {
    pub(super) release: ReleaseId,
}

/// What was heard.
#[derive(Serialize, Debug)]
pub(super) struct JournalItem<'a> {
    heard: &'a str,
    written: Timestamp,
    /// In seconds since 1970, when DynamoDB may let it go.
    expires: u64,
}

impl<'a> JournalItem<'a> {
    pub(super) fn of(heard: &'a Heard, now: Timestamp) -> Self {
        Self {
            heard: heard.says.as_str(),
            written: now,
            expires: expiring(now, JOURNAL_DAYS),
        }
    }
}

/// That something was heard.
#[derive(Deserialize, Debug)]
pub(super) struct HeardItem {}

/// When DynamoDB may let go of what is written now, in seconds since 1970.
pub(super) fn expiring(now: Timestamp, days: u64) -> u64 {
    let seconds = u64::try_from(now.as_millisecond() / 1000).unwrap_or_default();
    seconds + days * SECONDS_A_DAY
}

/// The switch as people left it.
#[derive(Serialize, Deserialize, Debug)]
pub(crate) struct PausedItem {
    pub(crate) paused: bool,
    pub(crate) who: String,
    pub(crate) why: String,
    pub(crate) since: Timestamp,
}
