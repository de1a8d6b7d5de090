//! Images of an organization, as the record has them.

use std::collections::BTreeSet;

use image_plane::organization::{Placement as Placed, State};
use steward::{AmiId, AmiState, CanonicalName, Placement, Target, Timestamp};

/// One that is there, as if the hub had made it: a release by itself.
pub(crate) fn placement(placed: &Placed, seen: Timestamp) -> Placement {
    let target: Target = placed.home.to_string().parse().unwrap();
    let ami: AmiId = placed.ami.to_string().parse().unwrap();
    let region = target.region();
    Placement {
        release: CanonicalName::Ami { region, id: ami }.id(),
        target,
        ami,
        managed: true,
        state: if placed.state == State::Disabled {
            AmiState::Disabled
        } else {
            AmiState::Available
        },
        name: placed.name.to_string(),
        created: None,
        snapshots: BTreeSet::new(),
        size: 8,
        watermarks: BTreeSet::new(),
        seen,
    }
}
