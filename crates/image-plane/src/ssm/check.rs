//! The late check of an `aws:ec2:image` parameter: is its value the id of an image that its account sees in its Region,
//! at that moment? AWS documents one failure's words, and no time.

use crate::ec2::image::ImageState;
use crate::ec2::visibility::may_launch;
use crate::ids::ImageId;
use crate::world::{Target, World};

/// What is wrong with a value, as the event says it.
pub(super) fn exception(world: &World, target: Target, value: &str) -> Option<&'static str> {
    let image = value.parse::<ImageId>().ok().and_then(|id| {
        let plane = world.ec2.get(target.region)?;
        plane.image(id)
    });
    // A disabled image is not among those that DescribeImages shows unasked, not even to its owner.
    let seen =
        image.is_some_and(|image| image.state != ImageState::Disabled && may_launch(world, image, target.account));
    (!seen).then_some("Unable to Describe Resource")
}
