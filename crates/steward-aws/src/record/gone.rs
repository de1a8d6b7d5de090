//! Accounts that cannot be used any more, or are not in the organization: nobody lets anybody in there.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use steward::organization::Gone;
use steward::{AccountId, Target, Timestamp};

use super::Record;
use super::keys::Key;
use crate::Problem;

#[derive(Serialize, Deserialize, Debug)]
struct GoneItem {
    /// Of those that own images.
    accounts: BTreeSet<AccountId>,
    /// Of all.
    #[serde(default)]
    closed: BTreeSet<AccountId>,
    #[serde(default)]
    closed_since: BTreeMap<AccountId, Timestamp>,
}

impl Record {
    /// Writes which accounts are gone.
    pub async fn write_gone(&self, gone: &Gone) -> Result<(), Problem> {
        let Gone {
            owners,
            closed,
            closed_since,
        } = gone.clone();
        let item = GoneItem {
            accounts: owners,
            closed,
            closed_since,
        };
        self.set(Key::gone(), item, None).await.map(drop)
    }

    /// Which accounts are gone, as whoever reads the organization last saw it.
    pub async fn gone(&self) -> Result<Gone, Problem> {
        let item: Option<GoneItem> = self.get(Key::gone()).await?;
        let Some(item) = item else {
            return Ok(Gone::default());
        };
        let GoneItem {
            accounts,
            closed,
            closed_since,
        } = item;
        Ok(Gone {
            owners: accounts,
            closed,
            closed_since,
        })
    }

    /// The owners of images that are gone, where some of these targets are members': the hub's own is always there.
    pub async fn gone_among(&self, targets: impl IntoIterator<Item = Target>) -> Result<BTreeSet<AccountId>, Problem> {
        let hub = self.hub.account();
        if targets.into_iter().all(|target| target.account() == hub) {
            return Ok(BTreeSet::new());
        }
        let mut gone = self.gone().await?.owners;
        gone.remove(&hub);
        Ok(gone)
    }
}
