//! An AMI as EC2 keeps it.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use super::tags::Tags;
use super::watermark::Watermarks;
use crate::ids::{AccountId, ImageId, InstanceId, SnapshotId};
use crate::kms::KeyArn;
use crate::region::Region;
use crate::time::Time;

/// The state EC2 shows. A deregistered image is gone from the books and seen only by stale readers.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum ImageState {
    Pending,
    Available,
    Disabled,
    /// With the reason EC2 gives.
    Failed(Box<str>),
}

impl fmt::Display for ImageState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Pending => "pending",
            Self::Available => "available",
            Self::Disabled => "disabled",
            Self::Failed(_) => "failed",
        })
    }
}

/// What the image runs on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Architecture {
    I386,
    X86_64,
    Arm64,
    X86_64Mac,
    Arm64Mac,
}

impl Architecture {
    const NAMES: [(Self, &'static str); 5] = [
        (Self::I386, "i386"),
        (Self::X86_64, "x86_64"),
        (Self::Arm64, "arm64"),
        (Self::X86_64Mac, "x86_64_mac"),
        (Self::Arm64Mac, "arm64_mac"),
    ];

    pub(crate) fn parse(text: &str) -> Option<Self> {
        Self::NAMES
            .iter()
            .find(|(_, name)| *name == text)
            .map(|(this, _)| *this)
    }
}

impl fmt::Display for Architecture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            Self::NAMES
                .iter()
                .find(|(this, _)| this == self)
                .map_or("", |(_, name)| name),
        )
    }
}

/// The vendor EC2 vouches for; shown as `imageOwnerAlias`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum OwnerAlias {
    Amazon,
    Marketplace,
    BackupVault,
}

impl fmt::Display for OwnerAlias {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Amazon => "amazon",
            Self::Marketplace => "aws-marketplace",
            Self::BackupVault => "aws-backup-vault",
        })
    }
}

/// Protection against deregistration, and what is left of it after it is switched off.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Protection {
    Off,
    On {
        cooldown: bool,
    },
    /// Switched off, and still in force until then.
    Cooling {
        until: Time,
    },
}

impl Protection {
    /// Whether the image can be deregistered at this time.
    pub(crate) fn allows(self, now: Time) -> bool {
        match self {
            Self::Off => true,
            Self::On { .. } => false,
            Self::Cooling { until } => until <= now,
        }
    }
}

/// Whoever may launch besides the owner.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct LaunchPermissions {
    pub(crate) public: bool,
    pub(crate) accounts: BTreeSet<AccountId>,
    pub(crate) organizations: BTreeSet<String>,
    pub(crate) units: BTreeSet<String>,
}

impl LaunchPermissions {
    /// How many entities share the image, as the quota counts: a unit or an organization is one.
    pub(crate) fn entities(&self) -> usize {
        let Self {
            public: _,
            accounts,
            organizations,
            units,
        } = self;
        accounts.len() + organizations.len() + units.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        !self.public && self.entities() == 0
    }
}

/// One volume an instance of this image starts with.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Device {
    pub(crate) name: Arc<str>,
    pub(crate) volume: Volume,
}

/// What is behind a device.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Volume {
    Ebs {
        /// None for a volume that starts empty.
        snapshot: Option<SnapshotId>,
        size_gib: u32,
        kind: VolumeKind,
        key: Option<KeyArn>,
        encrypted: bool,
        delete_on_termination: bool,
        iops: Option<u32>,
        throughput: Option<u32>,
    },
    /// `ephemeral0`, …
    Instance(Box<str>),
}

/// The type of an EBS volume.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum VolumeKind {
    Standard,
    Io1,
    Io2,
    Gp2,
    Gp3,
    Sc1,
    St1,
}

impl VolumeKind {
    const NAMES: [(Self, &'static str); 7] = [
        (Self::Standard, "standard"),
        (Self::Io1, "io1"),
        (Self::Io2, "io2"),
        (Self::Gp2, "gp2"),
        (Self::Gp3, "gp3"),
        (Self::Sc1, "sc1"),
        (Self::St1, "st1"),
    ];

    pub(crate) fn parse(text: &str) -> Option<Self> {
        Self::NAMES
            .iter()
            .find(|(_, name)| *name == text)
            .map(|(this, _)| *this)
    }
}

impl fmt::Display for VolumeKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            Self::NAMES
                .iter()
                .find(|(this, _)| this == self)
                .map_or("", |(_, name)| name),
        )
    }
}

/// An AMI.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Image {
    pub(crate) owner: AccountId,
    pub(crate) alias: Option<OwnerAlias>,
    pub(crate) name: Arc<str>,
    pub(crate) description: Box<str>,
    pub(crate) state: ImageState,
    pub(crate) created: Time,
    pub(crate) architecture: Architecture,
    pub(crate) windows: bool,
    pub(crate) root_device: Arc<str>,
    pub(crate) devices: Box<[Device]>,
    pub(crate) ena: bool,
    pub(crate) boot_mode: Option<Box<str>>,
    pub(crate) imds_v2: bool,
    /// The owner's tags.
    pub(crate) tags: Tags,
    pub(crate) launch: Option<Box<LaunchPermissions>>,
    /// The image it was copied from, or the one its instance was launched from.
    pub(crate) source: Option<(ImageId, Region)>,
    pub(crate) source_instance: Option<InstanceId>,
    pub(crate) deprecate_at: Option<Time>,
    /// When it was last launched; the owner sees it a day later.
    pub(crate) launched: Option<Time>,
    pub(crate) protection: Protection,
    /// Made by AWS Backup, which alone may delete it.
    pub(crate) backup: bool,
    /// What copies and images of its instances carry on.
    pub(crate) watermarks: Watermarks,
}

impl Image {
    pub(crate) fn deprecated(&self, now: Time) -> bool {
        self.deprecate_at.is_some_and(|at| at <= now)
    }

    pub(crate) fn is_public(&self) -> bool {
        self.launch.as_ref().is_some_and(|launch| launch.public)
    }

    pub(crate) fn snapshots(&self) -> impl Iterator<Item = SnapshotId> {
        self.devices.iter().filter_map(|device| match &device.volume {
            Volume::Ebs { snapshot, .. } => *snapshot,
            Volume::Instance(_) => None,
        })
    }

    pub(crate) fn encrypted(&self) -> bool {
        self.devices
            .iter()
            .any(|device| matches!(device.volume, Volume::Ebs { encrypted: true, .. }))
    }
}
