//! The Recycle Bin.

use std::time::Duration;

use crate::time::Time;

/// Something deleted that can still come back.
#[derive(Clone, Debug)]
pub(crate) struct Binned<T> {
    pub(crate) item: T,
    pub(crate) entered: Time,
    pub(crate) exits: Time,
}

/// A retention rule of an account and Region.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BinRule {
    /// Which kind of resource.
    pub kind: BinKind,
    /// How long it is kept.
    pub retention: Duration,
    /// Only resources with one of these tags; empty for all.
    pub tags: Vec<(String, String)>,
}

/// The kinds the bin takes.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum BinKind {
    /// `EC2_IMAGE`.
    Image,
    /// `EBS_SNAPSHOT`.
    Snapshot,
}
