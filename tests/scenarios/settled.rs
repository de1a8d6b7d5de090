//! How a release stands in a target, without a worker that looked.

use std::collections::BTreeSet;

use steward::distribution::{Lent, Reach, Stood};
use steward::{AmiId, Timestamp, Words};

/// As a worker leaves it that found nothing to do, by the first manifest of its family and for nobody but its owner.
pub(crate) fn settled(says: impl Into<Words>, ami: Option<AmiId>, looked: Timestamp) -> Stood {
    Stood {
        says: says.into(),
        reach: Reach::Usable,
        ami,
        keys: Some(BTreeSet::new()),
        encrypted: None,
        shared: None,
        lacks: false,
        settled: true,
        under_way: false,
        findings: Vec::new(),
        manifest: 1,
        audience: String::new(),
        looked,
        stuck: false,
        refused: 0,
        tries: 0,
        failed: BTreeSet::new(),
        made: None,
        lent: Lent::default(),
    }
}
