//! Instances and their volumes, as far as an image's life needs them.

use std::fmt;
use std::sync::Arc;

use super::image::{Image, Volume};
use super::operator::Operator;
use super::tags::Tags;
use crate::ids::{AccountId, ImageId, ReservationId, VolumeId};
use crate::kms::KeyArn;
use crate::time::Time;

/// Where an instance stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum InstanceState {
    Pending,
    Running,
    Stopping,
    Stopped,
    ShuttingDown,
    Terminated,
}

impl InstanceState {
    pub(crate) const ALL: [Self; 6] = [
        Self::Pending,
        Self::Running,
        Self::ShuttingDown,
        Self::Terminated,
        Self::Stopping,
        Self::Stopped,
    ];

    /// The number the API gives beside the name.
    pub(crate) const fn code(self) -> u8 {
        match self {
            Self::Pending => 0,
            Self::Running => 16,
            Self::ShuttingDown => 32,
            Self::Terminated => 48,
            Self::Stopping => 64,
            Self::Stopped => 80,
        }
    }

    pub(crate) const fn can_be_imaged(self) -> bool {
        matches!(self, Self::Running | Self::Stopped | Self::Stopping)
    }
}

impl fmt::Display for InstanceState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Pending => "pending",
            Self::Running => "running",
            Self::Stopping => "stopping",
            Self::Stopped => "stopped",
            Self::ShuttingDown => "shutting-down",
            Self::Terminated => "terminated",
        })
    }
}

/// An instance.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Instance {
    pub(crate) owner: AccountId,
    pub(crate) reservation: ReservationId,
    pub(crate) image: ImageId,
    /// The image as it was at the launch, which an image of this instance inherits from.
    pub(crate) template: Arc<Image>,
    pub(crate) kind: Box<str>,
    pub(crate) state: InstanceState,
    /// Why it ended by itself.
    pub(crate) reason: Option<&'static str>,
    pub(crate) launched: Time,
    pub(crate) volumes: Box<[(Arc<str>, VolumeId)]>,
    pub(crate) tags: Tags,
    pub(crate) client_token: Option<Box<str>>,
    pub(crate) operator: Option<Operator>,
}

impl Instance {
    /// Whether a device's volume goes with the instance.
    pub(crate) fn deletes(&self, device: &str) -> bool {
        let mut devices = self.template.devices.iter();
        devices.any(|known| match &known.volume {
            Volume::Ebs {
                delete_on_termination, ..
            } => *known.name == *device && *delete_on_termination,
            Volume::Instance(_) => false,
        })
    }

    /// The volumes that go with the instance.
    pub(crate) fn volumes_that_go(&self) -> impl Iterator<Item = VolumeId> {
        let volumes = self.volumes.iter().filter(|(device, _)| self.deletes(device));
        volumes.map(|(_, volume)| *volume)
    }
}

/// A volume of an instance.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct VolumeRecord {
    pub(crate) owner: AccountId,
    pub(crate) size_gib: u32,
    pub(crate) key: Option<KeyArn>,
}
