//! Which accounts are gone, for whoever cannot read the organization.

use std::collections::BTreeSet;

use steward::organization::{OrganizationSeen, decide_gone};
use steward::{AccountId, Target};
use steward_aws::Problem;

use crate::Room;

/// Writes which accounts are gone now, by a reading of the organization; these own images.
pub(super) async fn note_gone(
    room: &Room,
    owners: BTreeSet<AccountId>,
    organization: &OrganizationSeen,
) -> Result<(), Problem> {
    let before = room.record.gone().await?;
    let gone = decide_gone(&before, &owners, organization);
    if gone == before {
        return Ok(());
    }
    room.record.write_gone(&gone).await
}

/// The accounts beside the hub that have images of ours, as the record has it: whatever manifests say of them today.
pub(super) async fn owners_elsewhere(room: &Room) -> Result<BTreeSet<AccountId>, Problem> {
    let targets = room.record.targets().await?.into_iter();
    let hub = room.aws.hub().account();
    Ok(targets.map(Target::account).filter(|account| *account != hub).collect())
}
