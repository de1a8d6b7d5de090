//! Whom an image may be shared with, and why EC2 says no: for ModifyImageAttribute and for Image Builder alike.

use std::time::Duration;

use super::image::{Image, ImageState, LaunchPermissions};
use super::{block_public_access, errors};
use crate::ids::AccountId;
use crate::wire::error::ApiError;
use crate::world::{Target, World};

/// Entities an image may be shared with; a unit or an organization is one.
const MOST_ENTITIES: usize = 1000;
/// Public images an account may have in a Region.
const MOST_PUBLIC: usize = 5;
/// Two years after its creation a public image is deprecated, unless its owner said earlier.
const PUBLIC_FOR: Duration = Duration::from_hours(17520);

/// Refuses launch permissions that EC2 would refuse: of disabled images, of snapshots under the default key, beyond a
/// quota, for accounts that AWS does not have, public where that is blocked.
pub(crate) fn may_share(
    world: &World,
    target: Target,
    image: &Image,
    wanted: &LaunchPermissions,
) -> Result<(), ApiError> {
    if image.state == ImageState::Disabled {
        return Err(errors::not_permitted("A disabled AMI can't be shared"));
    }
    if under_default_key(world, target, image) {
        return Err(errors::not_permitted(
            "Snapshots encrypted with the AWS Managed CMK can't be shared. Specify another snapshot.",
        ));
    }
    if wanted.entities() > MOST_ENTITIES {
        return Err(limit(format!(
            "An AMI can be shared with at most {MOST_ENTITIES} entities"
        )));
    }
    if wanted.public && !image.is_public() {
        may_be_public(world, target, image)?;
    }
    let had = |account: &AccountId| {
        image
            .launch
            .as_ref()
            .is_some_and(|held| held.accounts.contains(account))
    };
    let mut added = wanted.accounts.iter().filter(|account| !had(account));
    match added.find(|account| !world.accounts.exists(**account)) {
        Some(unknown) => Err(bad_item(&unknown.to_string(), "userId")),
        None => Ok(()),
    }
}

/// One that is wrong spoils the whole call.
pub(super) fn bad_item(value: &str, kind: &str) -> ApiError {
    ApiError::client(
        "InvalidAMIAttributeItemValue",
        format!("Invalid attribute item value \"{value}\" for {kind} item type."),
    )
}

fn may_be_public(world: &World, target: Target, image: &Image) -> Result<(), ApiError> {
    if image.encrypted() {
        return Err(errors::not_permitted(
            "An image with encrypted snapshots can't be made public",
        ));
    }
    if !image.watermarks.is_empty() {
        return Err(errors::not_permitted("An image with watermarks can't be made public"));
    }
    if block_public_access::is_blocked(world, target) {
        return Err(errors::not_permitted(
            "You can't publicly share this image because block public access for AMIs is enabled for this Region",
        ));
    }
    let mine = |image: &Image| image.owner == target.account && image.is_public();
    let public = world
        .ec2
        .get(target.region)
        .map_or(0, |plane| plane.images().filter(|(_, image)| mine(image)).count());
    if public >= MOST_PUBLIC {
        return Err(limit(format!(
            "You have reached your quota of {MOST_PUBLIC} public AMIs in this Region"
        )));
    }
    Ok(())
}

fn limit(message: String) -> ApiError {
    ApiError::client("ResourceLimitExceeded", message)
}

fn under_default_key(world: &World, target: Target, image: &Image) -> bool {
    let plane = world.ec2.get(target.region);
    let mut keys = image
        .snapshots()
        .filter_map(|id| plane.and_then(|plane| plane.snapshot(id))?.key.as_ref());
    keys.any(|key| world.keys.is_default(key))
}

/// Sets an image's launch permissions. One that becomes public gets the date on which it is deprecated.
pub(crate) fn share(image: &mut Image, wanted: LaunchPermissions) {
    if wanted.public && image.deprecate_at.is_none() {
        image.deprecate_at = Some((image.created + PUBLIC_FOR).nearest_minute());
    }
    image.launch = (!wanted.is_empty()).then(|| Box::new(wanted));
}
