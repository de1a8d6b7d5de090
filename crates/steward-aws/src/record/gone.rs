//! Accounts that cannot be used any more, or are not in the organization: nobody lets anybody in there.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use steward::{AccountId, Target};

use super::Record;
use super::keys::Key;
use crate::Problem;

#[derive(Serialize, Deserialize, Debug)]
struct GoneItem {
    accounts: BTreeSet<AccountId>,
}

impl Record {
    /// Writes which accounts are gone, of those that own images.
    pub async fn write_gone(&self, accounts: &BTreeSet<AccountId>) -> Result<(), Problem> {
        let accounts = accounts.clone();
        self.set(Key::gone(), GoneItem { accounts }, None).await.map(drop)
    }

    /// Which accounts are gone, of those that own images, as whoever reads the organization last saw it.
    pub async fn gone(&self) -> Result<BTreeSet<AccountId>, Problem> {
        let item: Option<GoneItem> = self.get(Key::gone()).await?;
        Ok(item.map(|item| item.accounts).unwrap_or_default())
    }

    /// The accounts that are gone, where some of these targets are members': the hub's own is always there.
    pub async fn gone_among(&self, targets: impl IntoIterator<Item = Target>) -> Result<BTreeSet<AccountId>, Problem> {
        let hub = self.hub.account();
        if targets.into_iter().all(|target| target.account() == hub) {
            return Ok(BTreeSet::new());
        }
        let mut gone = self.gone().await?;
        gone.remove(&hub);
        Ok(gone)
    }
}
