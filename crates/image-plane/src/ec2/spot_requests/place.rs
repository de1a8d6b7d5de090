//! Putting Spot Instance requests into a world past every API.

use super::super::spot_launch::Launch;
use super::super::tags::Tags;
use super::SpotRequest;
use crate::ids::{ImageId, InstanceId, SpotRequestId};
use crate::time::Time;
use crate::world::{Target, World};

/// A Spot Instance request. Whether it is active, open or closed depends on its instance.
#[derive(Clone, Copy, Debug)]
pub(crate) struct NewSpotRequest {
    pub(crate) id: SpotRequestId,
    pub(crate) created: Time,
    pub(crate) image: ImageId,
    pub(crate) kind: &'static str,
    pub(crate) persistent: bool,
    pub(crate) instance: InstanceId,
    pub(crate) cancelled: bool,
}

impl World {
    /// Puts a Spot Instance request into a target.
    pub(crate) fn place_spot_request(&mut self, target: Target, new: NewSpotRequest) {
        let NewSpotRequest {
            id,
            created,
            image,
            kind,
            persistent,
            instance,
            cancelled,
        } = new;
        let request = SpotRequest {
            owner: target.account,
            created,
            persistent,
            launch: Launch::of(image, kind),
            price: None,
            instance,
            tags: Tags::default(),
            cancelled,
        };
        self.ec2.plane(target.region).spot_requests.insert(id, request);
    }
}
