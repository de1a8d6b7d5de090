//! Which rung an image is on, by EC2 and by what the record says that pruning did.

use super::super::*;
use super::stage::*;
use crate::{AmiState, Timestamp};

fn known(state: AmiState, since: Option<i64>, deprecated: Option<Timestamp>, taken: TakenDown) -> KnownStanding {
    KnownStanding {
        state,
        since: since.map(day),
        deprecated,
        taken,
    }
}

fn stands(known: KnownStanding) -> Option<PlacementStanding> {
    known.standing(day(100))
}

const NOTHING: TakenDown = TakenDown {
    deprecated: None,
    disabled: None,
};

fn since(at: Option<i64>, by_us: bool) -> Since {
    Since { at: at.map(day), by_us }
}

#[test]
fn what_pruning_put_on_a_rung_is_there_by_us_since_then() {
    let taken = TakenDown {
        deprecated: Some(day(60)),
        disabled: Some(day(80)),
    };
    let disabled = known(AmiState::Disabled, Some(80), Some(day(60)), taken);
    assert_eq!(
        stands(disabled),
        Some(PlacementStanding::Disabled(since(Some(80), true)))
    );
    let taken = TakenDown {
        disabled: None,
        ..taken
    };
    let deprecated = known(AmiState::Available, Some(3), Some(day(60)), taken);
    assert_eq!(
        stands(deprecated),
        Some(PlacementStanding::Deprecated(since(Some(60), true)))
    );
}

#[test]
fn what_another_hand_enabled_after_we_disabled_it_is_where_it_is_since_then() {
    let taken = TakenDown {
        deprecated: Some(day(60)),
        disabled: Some(day(80)),
    };
    let enabled = |since| stands(known(AmiState::Available, since, Some(day(60)), taken));
    let on_rung = |at| Some(PlacementStanding::Deprecated(since(Some(at), true)));
    assert_eq!(enabled(Some(90)), on_rung(90));
    // Nobody saw it disabled, and so nobody saw it enabled.
    assert_eq!(enabled(Some(3)), on_rung(80));
    assert_eq!(enabled(None), on_rung(80));
}

#[test]
fn what_another_hand_put_there_is_not_by_us() {
    let disabled = known(AmiState::Disabled, Some(80), None, NOTHING);
    assert_eq!(
        stands(disabled),
        Some(PlacementStanding::Disabled(since(Some(80), false)))
    );
    let unseen = known(AmiState::Disabled, None, None, NOTHING);
    assert_eq!(stands(unseen), Some(PlacementStanding::Disabled(since(None, false))));
    let deprecated = known(AmiState::Available, None, Some(day(50)), NOTHING);
    assert_eq!(
        stands(deprecated),
        Some(PlacementStanding::Deprecated(since(Some(50), false)))
    );
}

#[test]
fn what_another_hand_put_there_again_after_us_is_not_by_us() {
    let taken = TakenDown {
        deprecated: Some(day(60)),
        disabled: Some(day(80)),
    };
    let disabled = known(AmiState::Disabled, Some(90), None, taken);
    assert_eq!(
        stands(disabled),
        Some(PlacementStanding::Disabled(since(Some(90), false)))
    );
    let deprecated = known(AmiState::Available, Some(3), Some(day(90)), taken);
    assert_eq!(
        stands(deprecated),
        Some(PlacementStanding::Deprecated(since(Some(90), false)))
    );
}

#[test]
fn a_moment_of_deprecation_that_is_hardly_ahead_has_come_and_another_has_not() {
    let taken = TakenDown {
        deprecated: Some(day(100)),
        disabled: None,
    };
    let soon = day(100).saturating_add(DEPRECATED_FROM);
    let by_us = known(AmiState::Available, Some(3), Some(soon), taken);
    assert_eq!(
        stands(by_us),
        Some(PlacementStanding::Deprecated(since(Some(100), true)))
    );
    let later = known(AmiState::Available, Some(3), Some(day(101)), taken);
    assert_eq!(stands(later), Some(PlacementStanding::Available));
    assert_eq!(
        stands(known(AmiState::Available, Some(3), None, taken)),
        Some(PlacementStanding::Available)
    );
}

#[test]
fn what_is_gone_stands_nowhere_and_what_is_not_settled_on_no_rung() {
    for state in [AmiState::Deregistered, AmiState::Invalid] {
        assert_eq!(stands(known(state, None, None, NOTHING)), None);
    }
    for state in [
        AmiState::Pending,
        AmiState::Transient,
        AmiState::Failed,
        AmiState::Error,
    ] {
        let unsettled = PlacementStanding::Unsettled(state);
        assert_eq!(stands(known(state, None, None, NOTHING)), Some(unsettled));
    }
}
