use std::collections::BTreeSet;

use crate::distribution::distribution_targets;
use crate::manifest::Manifest;
use crate::{AccountId, Target};

/// Where consumers see a family that is built at home, whose audience these accounts are.
pub fn consumer_targets(manifest: &Manifest, home: Target, readers: &BTreeSet<AccountId>) -> BTreeSet<Target> {
    let owned = distribution_targets(&manifest.distribute, home, &BTreeSet::new());
    let consumers = readers.iter().filter(|account| **account != home.account());
    let everywhere = consumers.flat_map(|account| owned.iter().map(|owned| Target::new(*account, owned.region())));
    everywhere.collect()
}
