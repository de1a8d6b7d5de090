//! Putting images and instances into a world past every API: what was there before a test, or a fleet, begins.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use super::image::{
    Architecture, Device, Image, ImageState, LaunchPermissions, OwnerAlias, Protection, Volume, VolumeKind,
};
use super::snapshot::{Snapshot, SnapshotState};
use super::tags::Tags;
use super::watermark::Watermarks;
use crate::ids::{AccountId, ImageId, SnapshotId, VolumeId};
use crate::kms::KeyArn;
use crate::region::Region;
use crate::time::Time;
use crate::world::{Target, World};

/// An image that has long been there.
#[derive(Clone, Debug)]
pub struct NewImage {
    name: Arc<str>,
    id: Option<ImageId>,
    created: Option<Time>,
    architecture: Architecture,
    windows: bool,
    tags: Vec<(String, String)>,
    /// Tags that many images have together, in place of those above.
    common_tags: Option<Tags>,
    volumes: Vec<(u32, Option<KeyArn>)>,
    snapshots: Vec<Option<SnapshotId>>,
    alias: Option<OwnerAlias>,
    public: bool,
    backup: bool,
    source: Option<(ImageId, Region)>,
    state: ImageState,
    shared_with: BTreeSet<AccountId>,
    deprecated: Option<Time>,
    launched: Option<Time>,
    protection: Protection,
}

impl NewImage {
    /// An unencrypted image of 8 GiB for `x86_64`, created now.
    #[must_use]
    pub fn named(name: &str) -> Self {
        Self {
            name: name.into(),
            id: None,
            created: None,
            architecture: Architecture::X86_64,
            windows: false,
            tags: Vec::new(),
            common_tags: None,
            volumes: vec![(8, None)],
            snapshots: Vec::new(),
            alias: None,
            public: false,
            backup: false,
            source: None,
            state: ImageState::Available,
            shared_with: BTreeSet::new(),
            deprecated: None,
            launched: None,
            protection: Protection::Off,
        }
    }

    /// With this id instead of a drawn one.
    #[must_use]
    pub const fn id(mut self, id: ImageId) -> Self {
        self.id = Some(id);
        self
    }

    /// Created at this time.
    #[must_use]
    pub const fn created(mut self, at: Time) -> Self {
        self.created = Some(at);
        self
    }

    /// For `arm64`.
    #[must_use]
    pub const fn arm64(mut self) -> Self {
        self.architecture = Architecture::Arm64;
        self
    }

    /// Running Windows.
    #[must_use]
    pub const fn windows(mut self) -> Self {
        self.windows = true;
        self
    }

    /// With a tag on the image.
    #[must_use]
    pub fn tag(mut self, key: &str, value: &str) -> Self {
        self.tags.push((key.to_owned(), value.to_owned()));
        self
    }

    /// With these volumes: GiB, and the key of an encrypted one. The first is the root.
    #[must_use]
    pub fn volumes(mut self, volumes: impl IntoIterator<Item = (u32, Option<KeyArn>)>) -> Self {
        self.volumes = volumes.into_iter().collect();
        self
    }

    /// Starting from these snapshots, volume by volume; those not there yet are made with these ids.
    #[must_use]
    pub fn snapshot_ids(mut self, snapshots: impl IntoIterator<Item = Option<SnapshotId>>) -> Self {
        self.snapshots = snapshots.into_iter().collect();
        self
    }

    /// Public, and one of Amazon's own.
    #[must_use]
    pub const fn amazon(mut self) -> Self {
        self.alias = Some(OwnerAlias::Amazon);
        self.public = true;
        self
    }

    /// Public.
    #[must_use]
    pub const fn public(mut self) -> Self {
        self.public = true;
        self
    }

    /// Made and managed by AWS Backup.
    #[must_use]
    pub const fn backup(mut self) -> Self {
        self.backup = true;
        self
    }

    /// Copied from this image.
    #[must_use]
    pub const fn copied_from(mut self, image: ImageId, region: Region) -> Self {
        self.source = Some((image, region));
        self
    }

    /// Sold in the Marketplace, and so public.
    #[must_use]
    pub const fn marketplace(mut self) -> Self {
        self.alias = Some(OwnerAlias::Marketplace);
        self.public = true;
        self
    }

    /// Shared with these accounts.
    #[must_use]
    pub fn shared_with(mut self, accounts: impl IntoIterator<Item = AccountId>) -> Self {
        self.shared_with.extend(accounts);
        self
    }

    /// Deprecated from this time on.
    #[must_use]
    pub const fn deprecated_at(mut self, at: Time) -> Self {
        self.deprecated = Some(at);
        self
    }

    /// Disabled, and so shared with nobody.
    #[must_use]
    pub fn disabled(mut self) -> Self {
        self.state = ImageState::Disabled;
        self
    }

    /// Still pending, and for ever: nothing ends it.
    #[must_use]
    pub fn pending(mut self) -> Self {
        self.state = ImageState::Pending;
        self
    }

    /// Failed, for this reason.
    #[must_use]
    pub fn failed(mut self, reason: &str) -> Self {
        self.state = ImageState::Failed(reason.into());
        self
    }

    /// Last launched at this time, as its owner reads it.
    #[must_use]
    pub const fn launched_at(mut self, at: Time) -> Self {
        self.launched = Some(at);
        self
    }

    /// Protected from deregistration.
    #[must_use]
    pub const fn protected(mut self) -> Self {
        self.protection = Protection::On { cooldown: true };
        self
    }

    /// Protected from deregistration until then, although the protection was switched off.
    #[must_use]
    pub const fn protected_until(mut self, until: Time) -> Self {
        self.protection = Protection::Cooling { until };
        self
    }

    /// With a name that many images share.
    pub(crate) fn common_name(mut self, name: Arc<str>) -> Self {
        self.name = name;
        self
    }

    /// With tags that many images share.
    pub(crate) fn common_tags(mut self, tags: Tags) -> Self {
        self.common_tags = Some(tags);
        self
    }
}

impl World {
    /// Puts an image, an available one unless it says otherwise, into a target, with completed snapshots behind it, as if it had always been there.
    pub fn place_image(&mut self, target: Target, new: NewImage) -> ImageId {
        let NewImage {
            name,
            id,
            created,
            architecture,
            windows,
            tags,
            common_tags,
            volumes,
            snapshots,
            alias,
            public,
            backup,
            source,
            state,
            shared_with,
            deprecated,
            launched,
            protection,
        } = new;
        let created = created.unwrap_or(self.now);
        let id = id.unwrap_or_else(|| ImageId::draw(&mut self.random));
        let tags: Tags = common_tags.unwrap_or_else(|| {
            let shared = |(key, value): &(String, String)| (self.words.share(key), self.words.share(value));
            tags.iter().map(shared).collect()
        });
        let mut devices = Vec::new();
        for (place, (size_gib, key)) in volumes.into_iter().enumerate() {
            let wanted = snapshots.get(place).copied().flatten();
            let known = wanted.filter(|id| self.ec2.plane(target.region).snapshot(*id).is_some());
            let snapshot = known.unwrap_or_else(|| {
                let id = wanted.unwrap_or_else(|| SnapshotId::draw(&mut self.random));
                self.place_snapshot(target, id, size_gib, key.clone(), created, &tags, backup)
            });
            let encrypted = key.is_some();
            let volume = Volume::Ebs {
                snapshot: Some(snapshot),
                size_gib,
                kind: VolumeKind::Gp3,
                key,
                encrypted,
                delete_on_termination: true,
                iops: None,
                throughput: None,
            };
            devices.push(Device {
                name: self.words.share(&device_name(place)),
                volume,
            });
        }
        let launch = LaunchPermissions {
            public,
            accounts: shared_with,
            ..LaunchPermissions::default()
        };
        let launch = (!launch.is_empty()).then(|| Box::new(launch));
        let image = Image {
            owner: target.account,
            alias,
            name,
            description: "".into(),
            state,
            created,
            architecture,
            windows,
            root_device: self.words.share(&device_name(0)),
            devices: devices.into_boxed_slice(),
            ena: true,
            boot_mode: None,
            imds_v2: false,
            tags,
            launch,
            source,
            source_instance: None,
            deprecate_at: deprecated,
            launched,
            protection,
            backup,
            watermarks: Watermarks::default(),
        };
        self.ec2
            .plane(target.region)
            .insert_image(id, image, created, Duration::ZERO);
        id
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "all a placed snapshot takes over from its image"
    )]
    fn place_snapshot(
        &mut self,
        target: Target,
        id: SnapshotId,
        size_gib: u32,
        key: Option<KeyArn>,
        at: Time,
        tags: &Tags,
        backup: bool,
    ) -> SnapshotId {
        let snapshot = Snapshot {
            owner: target.account,
            description: "".into(),
            volume: VolumeId::draw(&mut self.random),
            size_gib,
            state: SnapshotState::Completed,
            started: at,
            completes: at,
            copied: false,
            key,
            tags: tags.clone(),
            permissions: None,
            images: Vec::new(),
            locked_until: None,
            backup,
        };
        self.ec2
            .plane(target.region)
            .insert_snapshot(id, snapshot, at, Duration::ZERO);
        id
    }
}

/// `/dev/xvda` for the root, then `/dev/sdb`, …
fn device_name(place: usize) -> String {
    let letter = u8::try_from(place)
        .ok()
        .and_then(|place| b'a'.checked_add(place))
        .map_or('z', char::from);
    if place == 0 {
        "/dev/xvda".to_owned()
    } else {
        format!("/dev/sd{letter}")
    }
}
