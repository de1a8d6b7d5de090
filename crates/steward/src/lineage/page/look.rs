use super::facts::{Facts, PlacedImage};
use crate::lineage::Card;
use crate::{AmiState, BuildState};

/// What a release looks like at a glance: a shape, a word and a colour, each enough by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Look {
    Available,
    Deprecated,
    Disabled,
    Deregistered,
    Building,
    Failed,
    Cancelled,
    Foreign,
    Stub,
    /// Beside one of the others.
    Revoked,
}

impl Look {
    /// What its build says, unless its images say that it is further down the ladder.
    pub(super) fn of(card: &Card, facts: &Facts) -> Self {
        if card.kind == "stub" {
            return Self::Stub;
        }
        if card.kind == "foreign" && !card.is_adopted() {
            return Self::Foreign;
        }
        match card.state {
            Some(BuildState::Failed) => return Self::Failed,
            Some(BuildState::Cancelled) => return Self::Cancelled,
            Some(state) if !state.ended() => return Self::Building,
            _ => {}
        }
        let images = &facts.placements;
        if !images.is_empty() && images.iter().all(|placed| placed.state.is_gone()) {
            return Self::Deregistered;
        }
        let mut there = facts.images().peekable();
        if there.peek().is_some() && there.all(|placed| placed.state == AmiState::Disabled) {
            return Self::Disabled;
        }
        let mut there = facts.images().peekable();
        let is_down = |placed: &PlacedImage| placed.deprecated || placed.state == AmiState::Disabled;
        if there.peek().is_some() && there.all(is_down) {
            return Self::Deprecated;
        }
        match card.state {
            Some(BuildState::Deprecated) => Self::Deprecated,
            Some(BuildState::Disabled) => Self::Disabled,
            Some(BuildState::Deleted) => Self::Deregistered,
            Some(_) => Self::Available,
            // No build made what was adopted: its image alone says how it stands.
            None if card.is_adopted() && facts.images().next().is_some() => Self::Available,
            None if card.is_adopted() => Self::Foreign,
            None => Self::Stub,
        }
    }

    /// In the words of the record.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Available => "available",
            Self::Deprecated => "deprecated",
            Self::Disabled => "disabled",
            Self::Deregistered => "deregistered",
            Self::Building => "building",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
            Self::Foreign => "from elsewhere",
            Self::Stub => "not looked at yet",
            Self::Revoked => "revoked",
        }
    }

    /// In the style, and in the names of the shapes.
    pub(super) const fn class(self) -> &'static str {
        match self {
            Self::Available => "available",
            Self::Deprecated => "deprecated",
            Self::Disabled => "disabled",
            Self::Deregistered => "deregistered",
            Self::Building => "building",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
            Self::Foreign => "foreign",
            Self::Stub => "stub",
            Self::Revoked => "revoked",
        }
    }

    /// The shape, in a square of 16 by 16. Outlines differ, so that they are told apart without colour and when small.
    pub(super) const fn shape(self) -> &'static str {
        match self {
            Self::Available => {
                r#"<circle cx="8" cy="8" r="7" fill="currentColor" stroke="none"/><path d="M4.8 8.3 7 10.5l4.3-4.8" class="hole"/>"#
            }
            Self::Deprecated => r#"<path d="M2 3.2h12L8 14z"/>"#,
            Self::Disabled => r#"<circle cx="8" cy="8" r="6.2"/><path d="M5 8h6"/>"#,
            Self::Deregistered => r#"<circle cx="8" cy="8" r="6.2" stroke-dasharray="2.6 2.2"/>"#,
            Self::Building => {
                r#"<path d="M8 1.8A6.2 6.2 0 1 1 1.8 8"/><circle cx="8" cy="8" r="1.8" fill="currentColor" stroke="none"/>"#
            }
            Self::Failed => {
                r#"<path d="M8 1.2 14.8 8 8 14.8 1.2 8z" fill="currentColor" stroke="none"/><path d="M8 4.9v3.6M8 10.6v.4" class="hole"/>"#
            }
            Self::Cancelled => r#"<rect x="2" y="2" width="12" height="12" rx="1.5"/><path d="M5 11l6-6"/>"#,
            Self::Foreign => r#"<path d="M6 2.5H2.5v11h11V10M9 2.5h4.5V7M13.2 2.8 7 9"/>"#,
            Self::Stub => r#"<path d="M3 8h.1M8 8h.1M13 8h.1" stroke-width="2.8"/>"#,
            Self::Revoked => {
                r#"<path d="M5.1 1h5.8L15 5.1v5.8L10.9 15H5.1L1 10.9V5.1z" fill="currentColor" stroke="none"/><path d="M5.4 5.4l5.2 5.2M10.6 5.4l-5.2 5.2" class="hole"/>"#
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::lineage::page::testing::{elsewhere, placed};
    use crate::testing::built;

    const ALL: [Look; 10] = [
        Look::Available,
        Look::Deprecated,
        Look::Disabled,
        Look::Deregistered,
        Look::Building,
        Look::Failed,
        Look::Cancelled,
        Look::Foreign,
        Look::Stub,
        Look::Revoked,
    ];

    fn look(state: BuildState, images: &[AmiState]) -> Look {
        let placements = (1..).zip(images).map(|(n, state)| placed(n, "111122223333", *state));
        let facts = Facts {
            placements: placements.collect(),
            ..Facts::default()
        };
        let mut card = built("web/1.0.0/1");
        card.state = Some(state);
        Look::of(&card, &facts)
    }

    #[test]
    fn a_release_looks_as_its_build_ended() {
        for (state, expected) in [
            (BuildState::Available, Look::Available),
            (BuildState::Deprecated, Look::Deprecated),
            (BuildState::Disabled, Look::Disabled),
            (BuildState::Deleted, Look::Deregistered),
            (BuildState::Testing, Look::Building),
            (BuildState::Failed, Look::Failed),
            (BuildState::Cancelled, Look::Cancelled),
        ] {
            assert_eq!(look(state, &[]), expected, "{state}");
        }
        let mut card = elsewhere(1);
        assert_eq!(Look::of(&card, &Facts::default()), Look::Foreign);
        card.kind = String::from("stub");
        assert_eq!(Look::of(&card, &Facts::default()), Look::Stub);
    }

    #[test]
    fn what_was_adopted_looks_as_its_image_does() {
        let mut card = elsewhere(1);
        card.family = Some("web".parse().unwrap());
        for (state, expected) in [
            (AmiState::Available, Look::Available),
            (AmiState::Disabled, Look::Disabled),
            (AmiState::Deregistered, Look::Deregistered),
        ] {
            let facts = Facts {
                placements: vec![placed(1, "111122223333", state)],
                ..Facts::default()
            };
            assert_eq!(Look::of(&card, &facts), expected, "{state}");
        }
        assert_eq!(Look::of(&card, &Facts::default()), Look::Foreign);
    }

    #[test]
    fn images_that_are_all_disabled_or_gone_say_more_than_the_build() {
        use AmiState::{Available, Deregistered, Disabled, Invalid};
        assert_eq!(
            look(BuildState::Available, &[Deregistered, Invalid]),
            Look::Deregistered
        );
        assert_eq!(look(BuildState::Available, &[Deregistered, Disabled]), Look::Disabled);
        assert_eq!(look(BuildState::Deprecated, &[Available, Disabled]), Look::Deprecated);
        assert_eq!(look(BuildState::Failed, &[Available]), Look::Failed);
    }

    #[test]
    fn a_release_is_deprecated_once_none_of_its_images_is_above_that() {
        let mut facts = Facts {
            placements: vec![
                placed(1, "111122223333", AmiState::Available),
                placed(2, "111122223333", AmiState::Disabled),
                placed(3, "111122223333", AmiState::Deregistered),
            ],
            ..Facts::default()
        };
        let mut card = built("web/1.0.0/1");
        card.state = Some(BuildState::Available);
        assert_eq!(Look::of(&card, &facts), Look::Available);
        facts.placements[0].deprecated = true;
        assert_eq!(Look::of(&card, &facts), Look::Deprecated);
    }

    #[test]
    fn every_look_has_a_word_and_a_shape_of_its_own() {
        let words: BTreeSet<&str> = ALL.into_iter().map(Look::word).collect();
        let shapes: BTreeSet<&str> = ALL.into_iter().map(Look::shape).collect();
        let classes: BTreeSet<&str> = ALL.into_iter().map(Look::class).collect();
        assert_eq!((words.len(), shapes.len(), classes.len()), (10, 10, 10));
    }
}
