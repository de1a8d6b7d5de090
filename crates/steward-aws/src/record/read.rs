use steward::{AccountId, AmiId, Known, Region, ReleaseId};

use super::Record;
use super::items::{KnownItem, LookUpItem};
use super::keys::Key;
use crate::Problem;

impl Record {
    /// What the record says of a release.
    pub async fn known(&self, release: ReleaseId) -> Result<Option<Known>, Problem> {
        let item: Option<KnownItem> = self.get(Key::release(release)).await?;
        let known = |item: KnownItem| {
            let KnownItem {
                state,
                placed,
                linked,
                detailed,
            } = item;
            Some(Known {
                state: state?,
                placed,
                linked,
                detailed,
            })
        };
        Ok(item.and_then(known))
    }

    /// The release an image belongs to.
    pub async fn release_of(&self, ami: AmiId, region: Region) -> Result<Option<ReleaseId>, Problem> {
        let held = self.held_by(ami, region).await?;
        Ok(held.map(|(release, _)| release))
    }

    /// The same, and the account that the image is in.
    pub async fn held_by(&self, ami: AmiId, region: Region) -> Result<Option<(ReleaseId, AccountId)>, Problem> {
        let item: Option<LookUpItem> = self.get(Key::ami(ami, region)).await?;
        Ok(item.map(|item| (item.release, item.account)))
    }
}
