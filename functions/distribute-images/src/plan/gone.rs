//! Which accounts are gone, for whoever cannot read the organization.

use std::collections::BTreeSet;

use steward::AccountId;
use steward::organization::OrganizationSeen;
use steward_aws::Problem;

use crate::Room;

/// Writes which of these accounts, and of those that were gone before, are gone now.
pub(super) async fn note_gone(
    room: &Room,
    accounts: BTreeSet<AccountId>,
    organization: &OrganizationSeen,
) -> Result<(), Problem> {
    let before = room.record.gone().await?;
    let mut gone = accounts;
    gone.extend(&before);
    gone.retain(|account| !organization.works(*account));
    if gone == before {
        return Ok(());
    }
    room.record.write_gone(&gone).await
}
