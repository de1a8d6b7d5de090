//! What a source says of an image, as it is kept with that.

use steward::evidence::{ImageSeen, KeptUse, ReportStanding, Source};
use steward::{AmiId, Target};

use super::keys::Key;
use super::{HeldUse, Record};
use crate::Problem;

/// What a source of a target says of an image.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kept {
    /// Who uses it.
    Use(KeptUse),
    /// How the target's account sees it.
    Image(ImageSeen),
    /// What usage reports tell.
    Reports(KeptReports),
}

/// What usage reports tell its owner of an image.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeptReports {
    /// How they stand; none where nobody asked for a whole one.
    pub standing: Option<ReportStanding>,
    /// Who uses it by what they say.
    pub usage: Option<KeptUse>,
}

impl Record {
    /// What a source is known to say of an image.
    pub async fn kept_use(&self, target: Target, (source, ami): (Source, AmiId)) -> Result<Option<Kept>, Problem> {
        let held: Option<HeldUse> = self.get(Key::usage(ami, source, target)).await?;
        Ok(held.map(|held| match held {
            HeldUse { image: Some(image), .. } => Kept::Image(image),
            HeldUse {
                reports: None,
                usage: Some(usage),
                ..
            } => Kept::Use(usage),
            HeldUse { reports, usage, .. } => Kept::Reports(KeptReports {
                standing: reports,
                usage,
            }),
        }))
    }
}

impl Kept {
    /// The same with what a reading that nobody believes says besides: it takes nothing away.
    #[must_use]
    pub fn with(&self, found: &Self) -> Self {
        match (self, found) {
            (Self::Use(known), Self::Use(found)) => Self::Use(known.with(found)),
            (Self::Image(known), Self::Image(found)) => Self::Image(known.with(found)),
            (Self::Reports(known), Self::Reports(found)) => Self::Reports(KeptReports {
                // A later one may show nothing, and stands for what came before it.
                standing: known.standing.or(found.standing),
                usage: match (&known.usage, &found.usage) {
                    (Some(known), Some(found)) => Some(known.with(found)),
                    (known, found) => known.clone().or_else(|| found.clone()),
                },
            }),
            // A source says one kind of thing.
            (Self::Use(_) | Self::Image(_) | Self::Reports(_), found) => found.clone(),
        }
    }

    /// What tells it from what was kept before.
    pub fn digest(&self) -> String {
        match self {
            Self::Use(usage) => usage.digest.clone(),
            Self::Image(image) => image.digest(),
            Self::Reports(KeptReports { standing, usage }) => {
                let usage = usage.as_ref().map_or("nobody", |usage| &usage.digest);
                format!("{standing:?} {usage}")
            }
        }
    }
}
