use serde::Serialize;

use super::rule::{BinKind, BinRule, BinRules, Tags};
use crate::Words;

/// What a Recycle Bin does with an image that is deregistered with its snapshots.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(tag = "cover", rename_all = "snake_case")]
pub enum BinCover {
    /// No rule catches anything of it.
    Nothing,
    /// A rule keeps the image, and none its snapshots, without which no image comes back.
    ImageOnly {
        /// For so many days.
        #[serde(rename = "image_days")]
        image: u16,
    },
    /// A rule keeps its snapshots, and none the image.
    SnapshotsOnly {
        /// For so many days.
        #[serde(rename = "snapshot_days")]
        snapshots: u16,
    },
    /// Its snapshots go before the image does.
    ShorterSnapshots {
        /// So many days the image is kept.
        #[serde(rename = "image_days")]
        image: u16,
        /// And so many its snapshots.
        #[serde(rename = "snapshot_days")]
        snapshots: u16,
    },
    /// It can be restored.
    Caught {
        /// For so many days.
        #[serde(rename = "image_days")]
        image: u16,
    },
    /// Nobody could read the rules.
    Unknown {
        /// Why.
        why: Words,
    },
}

impl BinCover {
    /// What the longest rules make of an image with these tags, and of its snapshots. Of those only the tags that are known for sure
    /// count for them; against them, those of the image, too.
    pub(super) fn by(rules: &BinRules, image: &Tags<'_>, snapshots: &Tags<'_>) -> Self {
        let rules = match rules {
            BinRules::Read(rules) => rules,
            BinRules::Unread(why) => return Self::Unknown { why: why.clone() },
        };
        let either: Tags<'_> = image
            .iter()
            .chain(snapshots)
            .map(|(key, value)| (*key, *value))
            .collect();
        let of_image = longest(rules, BinKind::Images, image, image);
        match (of_image, longest(rules, BinKind::Snapshots, snapshots, &either)) {
            (None, None) => Self::Nothing,
            (Some(image), None) => Self::ImageOnly { image },
            (None, Some(snapshots)) => Self::SnapshotsOnly { snapshots },
            (Some(image), Some(snapshots)) if snapshots < image => Self::ShorterSnapshots { image, snapshots },
            (Some(image), Some(_)) => Self::Caught { image },
        }
    }

    /// Whether people are to know of it before anything is deleted.
    pub const fn is_short(&self) -> bool {
        match self {
            Self::Caught { .. } => false,
            Self::Nothing
            | Self::ImageOnly { .. }
            | Self::SnapshotsOnly { .. }
            | Self::ShorterSnapshots { .. }
            | Self::Unknown { .. } => true,
        }
    }
}

/// For how many days a thing with these tags is kept; none: not at all.
fn longest(rules: &[BinRule], kind: BinKind, surely: &Tags<'_>, perhaps: &Tags<'_>) -> Option<u16> {
    let catching = rules
        .iter()
        .filter(|rule| rule.kind == kind && rule.catches(surely, perhaps));
    catching.map(|rule| rule.days).max()
}
