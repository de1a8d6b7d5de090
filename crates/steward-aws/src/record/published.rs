//! How channels are published: in each target, as a worker last saw it.

use std::collections::BTreeMap;

use serde::Deserialize;
use steward::publication::Published;
use steward::{FamilyName, Target};

use super::Record;
use super::keys::{Key, PUBLISHED, of_family, target_of};
use crate::Problem;

#[derive(Deserialize, Debug)]
struct PublishedRow {
    sk: String,
    #[serde(flatten)]
    published: Published,
}

impl Record {
    /// Writes how a family is published in a target.
    pub async fn write_published(
        &self,
        family: &FamilyName,
        target: Target,
        published: &Published,
    ) -> Result<(), Problem> {
        self.set(Key::published(family, target), published, None)
            .await
            .map(drop)
    }

    /// Forgets how a family is published in a target.
    pub async fn forget_published(&self, family: &FamilyName, target: Target) -> Result<(), Problem> {
        self.delete(Key::published(family, target)).await
    }

    /// How a family is published in a target; none where nobody has looked.
    pub async fn published_in(&self, family: &FamilyName, target: Target) -> Result<Option<Published>, Problem> {
        self.get(Key::published(family, target)).await
    }

    /// How a family is published, wherever it is.
    pub async fn published(&self, family: &FamilyName) -> Result<BTreeMap<Target, Published>, Problem> {
        let rows: Vec<PublishedRow> = self.query(&of_family(family), PUBLISHED).await?;
        let wrong = || Problem::not_understood("read how a family is published", self.hub, "a key is no target's");
        let read =
            |PublishedRow { sk, published }: PublishedRow| Some((target_of(sk.strip_prefix(PUBLISHED)?)?, published));
        rows.into_iter().map(|row| read(row).ok_or_else(wrong)).collect()
    }
}
