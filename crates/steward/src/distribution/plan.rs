use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::audience::Grantee;
use super::encrypted::Unkeyed;
use super::finding::Finding;
use super::lending::Lent;
use super::step::DistributionStep;
use crate::{AmiId, KmsKeyRef, Timestamp, Words};

/// What is to be done for a release in a target, and what is in the way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TargetPlan {
    /// How far the release is there.
    pub standing: TargetStanding,
    /// The steps, in the order in which they are taken.
    pub steps: Vec<DistributionStep>,
    /// The steps after these by which members are let copy what is there, or no longer. How far the release is there does not
    /// stand on them.
    pub lending: Vec<DistributionStep>,
    /// Which members it is lent to then.
    #[serde(skip)]
    pub lent: Lent,
    /// The keys that who launches what is there must be able to use; none where nothing whole is there.
    #[serde(skip)]
    pub keys: Option<BTreeSet<KmsKeyRef>>,
    /// What of it is by none of these; none where nothing whole is there.
    #[serde(skip)]
    pub unkeyed: Option<Unkeyed>,
    /// Who may launch it already; none where that was not read.
    #[serde(skip)]
    pub grants: Option<BTreeSet<Grantee>>,
    /// What is wrong there, and what would put it right.
    pub findings: Vec<Finding>,
}

/// How far a release is in a target, as far as channels ask.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reach {
    /// It is not there yet, or not for all who are declared.
    #[default]
    Coming,
    /// It is there, tagged and shared as declared.
    Usable,
    /// Its image, or the one it would be copied from, is disabled.
    Disabled,
    /// It is gone.
    Retired,
}

impl TargetPlan {
    /// Whether there is nothing to do.
    pub const fn rests(&self) -> bool {
        self.steps.is_empty() && self.lending.is_empty()
    }

    /// Whether a member only waits until the hub lends it its image.
    pub fn waits_for_the_hub(&self) -> bool {
        let mut blocking = self
            .findings
            .iter()
            .filter(|finding| finding.blocks_a_copy())
            .peekable();
        blocking.peek().is_some() && blocking.all(Finding::waits_for_the_hub)
    }

    /// Whether something there is in the way of a copy, whatever the hub lends.
    pub fn is_stuck(&self) -> bool {
        matches!(self.standing, TargetStanding::Blocked) && !self.waits_for_the_hub()
    }

    /// How far the release is before any step of the plan: what a step makes counts once it was read back. What EC2 refuses of
    /// a name alone (`all_refused`) it would refuse for ever, and the others need not wait for it.
    pub fn reach(&self, all_refused: bool) -> Reach {
        let rests = self.steps.is_empty() || all_refused;
        match &self.standing {
            TargetStanding::There(_) if rests && !self.findings.iter().any(Finding::shuts_out) => Reach::Usable,
            TargetStanding::NotWanted
            | TargetStanding::There(_)
            | TargetStanding::Pending { .. }
            | TargetStanding::Missing
            | TargetStanding::Failed { .. }
            | TargetStanding::Blocked => Reach::Coming,
            TargetStanding::OnLadder(_) => Reach::Disabled,
            TargetStanding::Gone => Reach::Retired,
        }
    }
}

impl TargetStanding {
    /// Whether an image is to come that is not there yet.
    pub const fn lacks(&self) -> bool {
        match self {
            Self::NotWanted | Self::There(_) | Self::OnLadder(_) => false,
            Self::Pending { .. } | Self::Missing | Self::Failed { .. } | Self::Gone | Self::Blocked => true,
        }
    }
}

/// How far a release is in a target.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TargetStanding {
    /// The manifest wants no copy there, and there is none.
    NotWanted,
    /// Its image is there, and usable.
    There(AmiId),
    /// EC2 still makes its image.
    Pending {
        /// Which.
        ami: AmiId,
        /// Since when.
        since: Option<Timestamp>,
    },
    /// There is none yet.
    Missing,
    /// EC2 could not make it.
    Failed {
        /// Which.
        ami: AmiId,
        /// Why, in EC2's words.
        why: Option<Words>,
    },
    /// This image, its own or the one it would be copied from, is disabled: from there on it is pruning's, until somebody asks
    /// for the release.
    OnLadder(AmiId),
    /// There is none, and nothing left to copy.
    Gone,
    /// None can be copied there until somebody does something: the findings say what.
    Blocked,
}
