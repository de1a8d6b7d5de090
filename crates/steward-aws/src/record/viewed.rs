//! What consumers see of a family: in each target, as a worker last saw it, and what was put there.

use std::collections::BTreeMap;

use steward::consumers::{PutThere, Viewed};
use steward::distribution::LastLook;
use steward::{FamilyName, Target};

use super::Record;
use super::keys::{Key, VIEWED, of_family, target_of};
use super::published::WithLook;
use crate::Problem;

impl Record {
    /// Writes what a consumer sees of a family.
    pub async fn write_viewed(&self, family: &FamilyName, target: Target, viewed: &Viewed) -> Result<(), Problem> {
        let written = WithLook::of(viewed, &viewed.last_look());
        self.write_row(family, Key::viewed(family, target), viewed, written)
            .await
    }

    /// What a consumer sees of a family; none where nobody has looked.
    pub async fn viewed_in(&self, family: &FamilyName, target: Target) -> Result<Option<Viewed>, Problem> {
        self.get(Key::viewed(family, target)).await
    }

    /// What consumers see of a family, wherever they are.
    pub async fn viewed(&self, family: &FamilyName) -> Result<BTreeMap<Target, Viewed>, Problem> {
        let rows: Vec<(String, Viewed)> = self.query_keyed(&of_family(family), VIEWED, None).await?;
        let wrong = || Problem::not_understood("read what consumers see", self.hub, "a key is no target's");
        let read = |(sk, viewed): (String, Viewed)| Some((target_of(sk.strip_prefix(VIEWED)?)?, viewed));
        rows.into_iter().map(|row| read(row).ok_or_else(wrong)).collect()
    }

    /// When it was looked at last what consumers see of a family, wherever they are.
    pub async fn viewed_looks(&self, family: &FamilyName) -> Result<BTreeMap<Target, LastLook>, Problem> {
        self.looks(family, VIEWED, VIEWED).await
    }

    /// Writes what was put into a consumer's account for a family.
    pub async fn write_put(&self, family: &FamilyName, target: Target, put: &PutThere) -> Result<(), Problem> {
        self.set(Key::put_there(family, target), put, None).await.map(drop)
    }

    /// What was put into a consumer's account for a family.
    pub async fn put_in(&self, family: &FamilyName, target: Target) -> Result<PutThere, Problem> {
        let put: Option<PutThere> = self.get(Key::put_there(family, target)).await?;
        Ok(put.unwrap_or_default())
    }

    /// Forgets a consumer of a family.
    pub async fn forget_consumer(&self, family: &FamilyName, target: Target) -> Result<(), Problem> {
        // Whoever dies between finds by the other that something is left to forget.
        self.delete(Key::put_there(family, target)).await?;
        self.delete_row(family, Key::viewed(family, target)).await
    }
}
