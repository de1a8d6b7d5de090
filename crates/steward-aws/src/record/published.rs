//! How channels are published: in each target, as a worker last saw it.

use std::collections::BTreeMap;

use serde::Deserialize;
use steward::distribution::LastLook;
use steward::publication::Published;
use steward::{FamilyName, Target};

use super::Record;
use super::keys::{Key, PUBLISHED, of_family, published_with, target_of};
use crate::Problem;

#[derive(Deserialize, Debug)]
struct PublishedRow {
    sk: String,
    #[serde(flatten)]
    published: Published,
}

#[derive(Deserialize, Debug)]
struct LastLookRow {
    sk: String,
    #[serde(flatten)]
    last: LastLook,
}

/// What of a row says when it is to be looked at again, with its key.
fn last_look() -> Vec<&'static str> {
    ["sk"].into_iter().chain(LastLook::MEMBERS).collect()
}

impl Record {
    /// Writes how a family is published in a target.
    pub async fn write_published(
        &self,
        family: &FamilyName,
        target: Target,
        published: &Published,
    ) -> Result<(), Problem> {
        let key = Key::published(family, target);
        if target.account() == self.hub.account() {
            return self.set(key, published, None).await.map(drop);
        }
        self.write_row(family, key, published).await
    }

    /// Forgets how a family is published in a target.
    pub async fn forget_published(&self, family: &FamilyName, target: Target) -> Result<(), Problem> {
        self.delete_row(family, Key::published(family, target)).await
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

    /// When it was looked at last how a family is published, wherever it is.
    pub async fn published_looks(&self, family: &FamilyName) -> Result<BTreeMap<Target, LastLook>, Problem> {
        self.looks(family, PUBLISHED, PUBLISHED).await
    }

    /// The same in the hub's account.
    pub async fn published_looks_with_hub(&self, family: &FamilyName) -> Result<BTreeMap<Target, LastLook>, Problem> {
        let with_hub = published_with(self.hub.account());
        self.looks(family, &with_hub, PUBLISHED).await
    }

    /// When the rows were looked at last whose keys start so, each of which names its target after this.
    pub(super) async fn looks(
        &self,
        family: &FamilyName,
        starts: &str,
        before: &str,
    ) -> Result<BTreeMap<Target, LastLook>, Problem> {
        let rows: Vec<LastLookRow> = self.query_only(&of_family(family), starts, &last_look()).await?;
        let wrong = || Problem::not_understood("read what was looked at", self.hub, "a key is no target's");
        let read = |LastLookRow { sk, last }: LastLookRow| Some((target_of(sk.strip_prefix(before)?)?, last));
        rows.into_iter().map(|row| read(row).ok_or_else(wrong)).collect()
    }
}
