//! Who may see, launch and read what.

use super::image::{Image, ImageState};
use super::snapshot::Snapshot;
use crate::ids::AccountId;
use crate::world::World;

/// Whether an account may launch this image, and so sees it: the owner, everybody for a public one, whoever it is shared with.
pub(crate) fn may_launch(world: &World, image: &Image, account: AccountId) -> bool {
    image.owner == account
        || (image.state != ImageState::Disabled && (image.is_public() || shared_with(world, image, account)))
}

/// Whether the image is shared with the account by name, by unit or by organization.
pub(crate) fn shared_with(world: &World, image: &Image, account: AccountId) -> bool {
    let Some(launch) = &image.launch else { return false };
    if launch.accounts.contains(&account) {
        return true;
    }
    let membership = world
        .accounts
        .get(account)
        .and_then(|account| account.membership.as_ref());
    membership.is_some_and(|membership| {
        launch.organizations.contains(&membership.organization_arn)
            || membership.unit_arns.iter().any(|unit| launch.units.contains(unit))
    })
}

/// Whether an account may create volumes from, and copy, this snapshot.
pub(crate) fn may_read_snapshot(snapshot: &Snapshot, account: AccountId) -> bool {
    snapshot.owner == account
        || snapshot
            .permissions
            .as_ref()
            .is_some_and(|permissions| permissions.public || permissions.accounts.contains(&account))
}
