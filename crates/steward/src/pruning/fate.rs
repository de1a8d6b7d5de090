use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;

use super::check::Violation;
use super::plan::{Blocked, Expendable, Kept, Next, PruningPlan};
use crate::AmiId;

/// What a plan says of an image.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "fate", rename_all = "snake_case")]
pub enum ImageFate {
    /// No rule keeps it any more.
    Goes(Expendable),
    /// It stays.
    Stays(Kept),
    /// It might go, and does not.
    Blocked(Blocked),
    /// The plan of its family is wrong, and nobody acts by it.
    Unsaid {
        /// In what it is wrong.
        reason: String,
    },
}

impl PruningPlan {
    /// What it says of each image: nothing, where it is wrong in anything.
    pub fn fates(&self, wrong: Option<&Violation>) -> BTreeMap<AmiId, ImageFate> {
        let goes = self.expendable.iter().cloned();
        let goes = goes.map(|image| (image.ami, ImageFate::Goes(image)));
        let stays = self
            .kept
            .iter()
            .cloned()
            .map(|image| (image.ami, ImageFate::Stays(image)));
        let blocked = self.blocked.iter().cloned();
        let blocked = blocked.map(|image| (image.ami, ImageFate::Blocked(image)));
        let all = goes.chain(stays).chain(blocked);
        let said = |fate: ImageFate| match wrong {
            None => fate,
            Some(wrong) => ImageFate::Unsaid {
                reason: wrong.to_string(),
            },
        };
        all.map(|(ami, fate)| (ami, said(fate))).collect()
    }
}

impl fmt::Display for ImageFate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Stays(Kept { why, .. }) => write!(f, "stays: {why}"),
            Self::Blocked(Blocked { by, .. }) => write!(f, "might go, and does not: {by}"),
            Self::Unsaid { reason } => write!(
                f,
                "nobody knows what becomes of it: the plan of its family is wrong, and nobody acts by it: {reason}. Report it"
            ),
            Self::Goes(Expendable {
                rung,
                next,
                since,
                reason,
                ..
            }) => {
                write!(f, "goes: no rule keeps it since {since} ({reason}); it is {rung}, ")?;
                match next {
                    Some(Next { rung, at }) => write!(f, "and {rung} from {at} on"),
                    None => f.write_str("where its ladder ends"),
                }
            }
        }
    }
}
