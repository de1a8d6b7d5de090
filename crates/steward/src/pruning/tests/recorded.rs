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
fn what_went_after_pruning_had_disabled_it_went_then_and_what_another_hand_took_away_did_not() {
    let gone = RecordedImage {
        state: AmiState::Deregistered,
        since: Some(day(99)),
        taken: TakenDown {
            deprecated: Some(day(60)),
            disabled: Some(day(80)),
        },
        ..image()
    };
    assert_eq!(gone.gone(), Some(day(99)));
    let never_ours = |image: RecordedImage| assert_eq!(image.gone(), None);
    never_ours(RecordedImage {
        taken: TakenDown::default(),
        ..gone.clone()
    });
    never_ours(RecordedImage {
        state: AmiState::Disabled,
        ..gone.clone()
    });
    never_ours(RecordedImage { managed: false, ..gone });
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
