//! What releases are called.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::Serialize;
use steward::lineage::{Caption, Card};
use steward::{Architecture, ReleaseId};
use steward_aws::Record;

use crate::failure::Failure;

/// A release by its key, and by what people call it: of each architecture the same.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub(crate) struct Titled {
    pub(crate) release: ReleaseId,
    /// `web/1.4.2/7`, or an image and its Region; the key itself where the record knows no more.
    pub(crate) title: String,
    pub(crate) architecture: Option<Architecture>,
}

impl Titled {
    pub(crate) fn of(release: ReleaseId, card: Option<&Card>) -> Self {
        Self {
            release,
            title: card.map_or_else(|| release.to_string(), Card::title),
            architecture: card.and_then(|card| card.architecture),
        }
    }

    pub(crate) fn captioned(release: ReleaseId, caption: Option<&Caption>) -> Self {
        Self {
            release,
            title: caption.map_or_else(|| release.to_string(), Caption::title),
            architecture: caption.and_then(|caption| caption.architecture),
        }
    }
}

impl fmt::Display for Titled {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.title)?;
        match self.architecture {
            Some(architecture) => write!(f, " ({architecture})"),
            None => Ok(()),
        }
    }
}

pub(crate) async fn titled(record: &Record, release: ReleaseId) -> Result<Titled, Failure> {
    let card = record.card(release).await?;
    Ok(Titled::of(release, card.as_ref()))
}

/// The same of many.
pub(crate) async fn titles(
    record: &Record,
    releases: &BTreeSet<ReleaseId>,
) -> Result<BTreeMap<ReleaseId, Titled>, Failure> {
    let captions = record.captions(releases).await?;
    let title = |release: &ReleaseId| (*release, Titled::captioned(*release, captions.get(release)));
    Ok(releases.iter().map(title).collect())
}

/// `base/1.0.0/1, web/1.0.0/1`.
pub(crate) fn listed<'a>(titles: impl IntoIterator<Item = &'a Titled>) -> String {
    joined(titles, ", ")
}

/// `base/1.0.0/1 → web/1.0.0/1`.
pub(crate) fn way<'a>(titles: impl IntoIterator<Item = &'a Titled>) -> String {
    joined(titles, " → ")
}

fn joined<'a>(titles: impl IntoIterator<Item = &'a Titled>, between: &str) -> String {
    let titles: Vec<String> = titles.into_iter().map(ToString::to_string).collect();
    titles.join(between)
}
