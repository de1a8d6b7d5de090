//! How the record's images come to be pruning's.

use std::collections::{BTreeMap, BTreeSet};

use super::super::*;
use super::stage::*;
use crate::distribution::{FAMILY, NotOurs};
use crate::evidence::ImageSeen;
use crate::{AmiState, Timestamp};

/// One that Image Builder made, that its owner saw on day 100 with its family's tag, and that can be used.
fn image() -> RecordedImage {
    RecordedImage {
        ami: ami(1, 0),
        target: at(HOME),
        managed: true,
        state: AmiState::Available,
        since: Some(day(1)),
        created: Some(day(1)),
        found: None,
        snapshots: BTreeSet::new(),
        gib: 8,
        taken: TakenDown::default(),
        refused: None,
        announced: None,
        seen: Some(seen(Some("web"), None)),
        asked: Some(day(100)),
    }
}

fn seen(tag: Option<&str>, deprecated: Option<Timestamp>) -> ImageSeen {
    ImageSeen {
        ami: ami(1, 0),
        launched: None,
        deprecated,
        tags: tag
            .map(|tag| (FAMILY.to_owned(), tag.to_owned()))
            .into_iter()
            .collect::<BTreeMap<_, _>>(),
        protected: None,
    }
}

fn placement(image: RecordedImage) -> Option<PlacementSeen> {
    image.placement(&"web".parse().unwrap(), RecordedUses::default(), day(100))
}

fn standing(image: RecordedImage) -> PlacementStanding {
    placement(image).unwrap().standing
}

#[test]
fn what_is_gone_is_no_image() {
    let gone = RecordedImage {
        state: AmiState::Deregistered,
        ..image()
    };
    assert!(placement(gone).is_none());
    assert!(placement(image()).is_some());
}

#[test]
fn what_is_gone_and_the_build_or_we_had_made_is_known_with_what_was_behind_it() {
    let gone = RecordedImage {
        state: AmiState::Deregistered,
        snapshots: ["snap-00000000000000001".parse().unwrap()].into(),
        ..image()
    };
    let expected = GoneImage {
        ami: ami(1, 0),
        target: at(HOME),
        since: Some(day(1)),
        by_us: false,
        snapshots: gone.snapshots.clone(),
        gib: 8,
    };
    assert_eq!(gone.gone(), Some(expected.clone()));
    let taken = TakenDown {
        deprecated: Some(day(60)),
        disabled: Some(day(80)),
    };
    let ours = RecordedImage { taken, ..gone.clone() };
    let by_us = GoneImage {
        by_us: true,
        ..expected
    };
    assert_eq!(ours.gone(), Some(by_us));
    let by_hand = RecordedImage { managed: false, ..gone };
    assert_eq!(by_hand.gone(), None);
    for state in AmiState::ALL
        .into_iter()
        .filter(|state| *state != AmiState::Deregistered)
    {
        assert_eq!(RecordedImage { state, ..image() }.gone(), None, "{state}");
    }
}

#[test]
fn what_can_be_launched_although_pruning_disabled_it_is_half_up() {
    let disabled = TakenDown {
        deprecated: None,
        disabled: Some(day(90)),
    };
    let half_up = |state: AmiState, taken: TakenDown| {
        placement(RecordedImage {
            state,
            taken,
            ..image()
        })
        .unwrap()
        .half_up
    };
    assert!(half_up(AmiState::Available, disabled));
    assert!(!half_up(AmiState::Disabled, disabled));
    assert!(!half_up(AmiState::Available, TakenDown::default()));
}

#[test]
fn what_pruning_deprecated_since_its_owner_was_asked_is_deprecated_whatever_was_shown_then() {
    let asked = |asked: Option<Timestamp>| {
        let taken = TakenDown {
            deprecated: Some(day(90)),
            disabled: None,
        };
        standing(RecordedImage {
            taken,
            asked,
            ..image()
        })
    };
    let by_us = PlacementStanding::Deprecated(Since {
        at: Some(day(90)),
        by_us: true,
    });
    assert_eq!(asked(None), by_us);
    assert_eq!(asked(Some(second(90 * 86_400 - 1))), by_us);
    // Somebody took it back since.
    assert_eq!(asked(Some(day(90))), PlacementStanding::Available);
    assert_eq!(asked(Some(second(90 * 86_400 + 1))), PlacementStanding::Available);
    let shown = RecordedImage {
        seen: Some(seen(Some("web"), Some(day(80)))),
        ..image()
    };
    let by_another = PlacementStanding::Deprecated(Since {
        at: Some(day(80)),
        by_us: false,
    });
    assert_eq!(standing(shown), by_another);
    let unseen = RecordedImage { seen: None, ..image() };
    assert_eq!(standing(unseen), PlacementStanding::Unsettled(AmiState::Transient));
}

#[test]
fn what_another_hand_made_or_lacks_the_familys_tag_is_not_ours() {
    let unmanaged = |image: RecordedImage| placement(image).unwrap().unmanaged;
    let tagged = |tag: Option<&str>| {
        unmanaged(RecordedImage {
            seen: Some(seen(tag, None)),
            ..image()
        })
    };
    assert_eq!(tagged(Some("web")), None);
    assert_eq!(tagged(None), Some(Unmanaged::NotOurs(NotOurs::Untagged)));
    let other = NotOurs::OtherFamily("db".into());
    assert_eq!(tagged(Some("db")), Some(Unmanaged::NotOurs(other)));
    let by_another = RecordedImage {
        managed: false,
        ..image()
    };
    assert_eq!(unmanaged(by_another), Some(Unmanaged::ByAnotherHand));
}
