//! How channels are published: in each target, as a worker last saw it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use steward::distribution::LastLook;
use steward::publication::{ParameterSeen, Published, PublishedName};
use steward::{AmiId, FamilyName, Region, Target};

use super::Record;
use super::keys::{Key, PUBLISHED, of_family, published_with, target_of};
use crate::Problem;

/// A row with its last look in one piece: of hundreds of thousands of rows sweeps read that alone.
#[derive(Serialize, Debug)]
pub(super) struct WithLook<'a, R> {
    #[serde(flatten)]
    row: &'a R,
    look: String,
}

impl<'a, R> WithLook<'a, R> {
    pub(super) fn of(row: &'a R, look: &LastLook) -> Self {
        let look = look.to_string();
        Self { row, look }
    }
}

/// The same as it is read; none where an older version wrote it.
#[derive(Deserialize, Debug)]
struct LookOf {
    look: Option<String>,
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
        let written = WithLook::of(published, &published.last_look());
        if target.account() == self.hub.account() {
            return self.set(key, written, None).await.map(drop);
        }
        self.write_row(family, key, published, written).await
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
        let rows: Vec<(String, Published)> = self.query_keyed(&of_family(family), PUBLISHED, None).await?;
        let wrong = || Problem::not_understood("read how a family is published", self.hub, "a key is no target's");
        let read = |(sk, published): (String, Published)| Some((target_of(sk.strip_prefix(PUBLISHED)?)?, published));
        rows.into_iter().map(|row| read(row).ok_or_else(wrong)).collect()
    }

    /// Tells which of the parameters that were seen in a Region are others': those that name no image of the family's, and that
    /// publishing is not known to have written.
    pub async fn tell_others(
        &self,
        (family, region): (&FamilyName, Region),
        wrote: &BTreeMap<String, AmiId>,
        seen: &mut BTreeMap<PublishedName, ParameterSeen>,
    ) -> Result<(), Problem> {
        let unwritten = seen.iter_mut().filter(|(name, _)| !wrote.contains_key(name.as_str()));
        for (_, seen) in unwritten {
            let ParameterSeen::Image { ami, version: _ } = *seen else {
                continue;
            };
            let release = match ami {
                Some(ami) => self.release_of(ami, region).await?,
                None => None,
            };
            let card = match release {
                Some(release) => self.card(release).await?,
                None => None,
            };
            if card.and_then(|card| card.family).as_ref() != Some(family) {
                *seen = ParameterSeen::OfOthers(ami);
            }
        }
        Ok(())
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
        let pk = of_family(family);
        let rows: Vec<(String, LookOf)> = self.query_keyed(&pk, starts, Some("look")).await?;
        let in_one_piece = |(sk, LookOf { look }): (String, LookOf)| Some((sk, look?.parse().ok()?));
        let looks: Option<Vec<(String, LastLook)>> = rows.into_iter().map(in_one_piece).collect();
        let looks = match looks {
            Some(looks) => looks,
            // An older version wrote one of them.
            None => self.query_keyed(&pk, starts, None).await?,
        };
        let wrong = || Problem::not_understood("read what was looked at", self.hub, "a key is no target's");
        let read = |(sk, last): (String, LastLook)| Some((target_of(sk.strip_prefix(before)?)?, last));
        looks.into_iter().map(|row| read(row).ok_or_else(wrong)).collect()
    }
}
