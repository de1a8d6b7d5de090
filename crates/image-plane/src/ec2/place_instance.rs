//! Putting instances into a world past every API: those that ran before a test began.

use std::sync::Arc;

use super::Due;
use super::image::{Image, Volume};
use super::instance::{Instance, InstanceState, VolumeRecord};
use super::instances::REMAINS;
use super::tags::Tags;
use crate::ids::{ImageId, InstanceId, ReservationId, VolumeId};
use crate::region::Region;
use crate::time::Time;
use crate::world::versioned::Versioned;
use crate::world::{self, Target, World};

/// An instance that was launched long ago.
#[derive(Clone, Debug)]
pub(crate) struct NewInstance {
    pub(crate) id: InstanceId,
    pub(crate) image: ImageId,
    /// The image as it was at the launch; one for all instances of it.
    pub(crate) template: Arc<Image>,
    pub(crate) kind: &'static str,
    pub(crate) state: InstanceState,
    pub(crate) launched: Time,
    pub(crate) tags: Tags,
}

impl World {
    /// An image as instances remember it.
    pub(crate) fn remembered_image(&self, region: Region, id: ImageId) -> Option<Arc<Image>> {
        let plane = self.ec2.get(region);
        plane.and_then(|plane| plane.image(id)).cloned().map(Arc::new)
    }

    /// Puts an instance into a target. A terminated one is described for as long as one that was terminated now.
    pub(crate) fn place_instance(&mut self, target: Target, new: NewInstance) {
        let NewInstance {
            id,
            image,
            template,
            kind,
            state,
            launched,
            tags,
        } = new;
        let ended = state == InstanceState::Terminated;
        let mut volumes = Vec::new();
        for device in template.devices.iter().filter(|_| !ended) {
            if let Volume::Ebs { size_gib, key, .. } = &device.volume {
                let volume = VolumeId::draw(&mut self.random);
                let record = VolumeRecord {
                    owner: target.account,
                    size_gib: *size_gib,
                    key: key.clone(),
                };
                self.ec2.plane(target.region).volumes.insert(volume, record);
                volumes.push((device.name.clone(), volume));
            }
        }
        let instance = Instance {
            owner: target.account,
            reservation: ReservationId::draw(&mut self.random),
            image,
            template,
            kind: kind.into(),
            state,
            reason: None,
            launched,
            volumes: volumes.into_boxed_slice(),
            tags,
            client_token: None,
            operator: None,
        };
        let plane = self.ec2.plane(target.region);
        plane.instances.insert(id, Versioned::settled(instance));
        if ended {
            self.plan(REMAINS, world::Due::Ec2(Due::InstanceBecomes { target, id, state }));
        }
    }
}
