use serde::Serialize;

use super::finding::Finding;
use super::step::DistributionStep;
use crate::{AmiId, Timestamp, Words};

/// What is to be done for a release in a target, and what is in the way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TargetPlan {
    /// How far the release is there.
    pub standing: TargetStanding,
    /// The steps, in the order in which they are taken.
    pub steps: Vec<DistributionStep>,
    /// What is wrong there, and what would put it right.
    pub findings: Vec<Finding>,
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
    /// This image, its own or the one it would be copied from, is disabled: from there on it is pruning's.
    OnLadder(AmiId),
    /// There is none, and nothing left to copy.
    Gone,
    /// None can be copied there until somebody does something: the findings say what.
    Blocked,
}
