//! A family's images in a target, as deep as distribution is decided by.

use std::collections::{BTreeMap, BTreeSet};

use aws_sdk_ec2::types::{
    CreateVolumePermission, EbsBlockDevice, Filter, Image, ImageAttributeName, LaunchPermission, PermissionGroup,
    Snapshot, SnapshotAttributeName,
};
use steward::distribution::{Copier, Encryption, Grantee, ImageThere, SnapshotThere};
use steward::{AmiId, FamilyName, KmsKeyRef, SnapshotId, Words};

use crate::images::{GONE, source};
use crate::problem::{absent, unless_refused};
use crate::tags::tags_of;
use crate::{AtTarget, ImagesOf, Problem};

/// What EC2 answers for a snapshot that is gone.
pub(crate) const NO_SNAPSHOT: [&str; 1] = ["InvalidSnapshot.NotFound"];

/// What copies show as the volume that they were made of. AWS documents no more than that it means nothing.
const NO_VOLUME: &str = "vol-ffffffff";

/// An image without what its snapshots are like.
struct Described {
    ami: AmiId,
    image: ImageThere,
    behind: BTreeSet<SnapshotId>,
}

impl AtTarget {
    /// Every image of a family that the account owns there, with the snapshots behind it. Who may use them is not read yet.
    pub async fn images_of_family(&self, family: &FamilyName) -> Result<BTreeMap<AmiId, ImageThere>, Problem> {
        let of = ImagesOf::Family(self.target.account(), family.clone());
        let described = self.described(&of, described).await?;
        let behind = described
            .iter()
            .flat_map(|image| image.behind.iter().copied())
            .collect();
        let snapshots = self.snapshots_there(&behind).await?;
        let whole = |Described { ami, mut image, behind }: Described| {
            // One that is not among them is gone, or another account's.
            let there = behind
                .into_iter()
                .filter_map(|id| Some((id, snapshots.get(&id)?.clone())));
            image.snapshots = there.collect();
            (ami, image)
        };
        Ok(described.into_iter().map(whole).collect())
    }

    /// Reads who may use an image and its snapshots; false where the image is gone.
    pub async fn read_permissions(&self, ami: AmiId, image: &mut ImageThere) -> Result<bool, Problem> {
        image.grants = self.grants(ami).await?;
        if image.grants.is_none() {
            return Ok(false);
        }
        self.read_copiers(image).await?;
        Ok(true)
    }

    /// Reads who may copy the snapshots behind an image.
    pub(super) async fn read_copiers(&self, image: &mut ImageThere) -> Result<(), Problem> {
        for (snapshot, there) in &mut image.snapshots {
            there.permitted = self.permitted(*snapshot).await?;
        }
        Ok(())
    }

    /// Those of these snapshots that are there, and who may copy them.
    pub(super) async fn snapshots_with_copiers(
        &self,
        of: &BTreeSet<SnapshotId>,
    ) -> Result<BTreeMap<SnapshotId, SnapshotThere>, Problem> {
        let mut snapshots = self.snapshots_there(of).await?;
        for (snapshot, there) in &mut snapshots {
            there.permitted = self.permitted(*snapshot).await?;
        }
        Ok(snapshots)
    }

    /// How many volumes of copies are under way into the target, by whom ever. Backups are none: EBS makes as many as it is asked for.
    pub async fn copies_in_flight(&self) -> Result<usize, Problem> {
        let pending = Filter::builder().name("status").values("pending").build();
        let doing = "count the copies of snapshots that are being made";
        let pending = self.snapshots_where(pending, doing, |snapshot| Ok(is_copy(snapshot)));
        Ok(pending.await?.into_iter().filter(|is_copy| *is_copy).count())
    }

    pub(crate) async fn grants(&self, ami: AmiId) -> Result<Option<BTreeSet<Grantee>>, Problem> {
        let doing = format!("read who may use {ami}");
        self.reads.wait().await;
        let request = self.ec2.describe_image_attribute().image_id(ami.to_string());
        let call = request.attribute(ImageAttributeName::LaunchPermission).send();
        let Some(answer) = absent(self.answered(&doing, call).await, &GONE)? else {
            return Ok(None);
        };
        let grantees: Result<_, String> = answer.launch_permissions().iter().map(grantee).collect();
        let wrong = |what| Problem::not_understood(&doing, self.target, what);
        grantees.map(Some).map_err(wrong)
    }

    async fn permitted(&self, snapshot: SnapshotId) -> Result<Option<BTreeSet<Copier>>, Problem> {
        let doing = format!("read who may copy {snapshot}");
        self.reads.wait().await;
        let request = self.ec2.describe_snapshot_attribute().snapshot_id(snapshot.to_string());
        let call = request.attribute(SnapshotAttributeName::CreateVolumePermission).send();
        let Some(answer) = absent(self.answered(&doing, call).await, &NO_SNAPSHOT)? else {
            return Ok(None);
        };
        let copiers: Result<_, String> = answer.create_volume_permissions().iter().map(copier).collect();
        let wrong = |what| Problem::not_understood(&doing, self.target, what);
        copiers.map(Some).map_err(wrong)
    }

    async fn snapshots_there(&self, of: &BTreeSet<SnapshotId>) -> Result<BTreeMap<SnapshotId, SnapshotThere>, Problem> {
        let doing = "look at the snapshots of images";
        let seen = self.snapshots_of(of, doing, SnapshotSeen::read).await?;
        let keys: BTreeSet<KmsKeyRef> = seen.iter().filter_map(|snapshot| snapshot.key.clone()).collect();
        let mut managed_by_aws = BTreeMap::new();
        for key in keys {
            // One that may not be looked at is one image's trouble, and no other's of the list.
            let managed = unless_refused(self.is_aws_managed(&key).await)?;
            managed_by_aws.insert(key, managed);
        }
        let there = |snapshot: SnapshotSeen| {
            let encryption = match snapshot.key {
                None => Encryption::None,
                Some(key) => match managed_by_aws.get(&key) {
                    Some(Ok(true)) => Encryption::DefaultKey,
                    Some(Ok(false)) | None => Encryption::Key(key),
                    Some(Err(why)) => Encryption::Unseen { key, why: why.clone() },
                },
            };
            let there = SnapshotThere {
                owner: snapshot.owner,
                encryption,
                tags: snapshot.tags,
                permitted: None,
            };
            (snapshot.id, there)
        };
        Ok(seen.into_iter().map(there).collect())
    }
}

/// Copies alone say by which kind of transfer they were made. One that this misses is counted by EC2, which then refuses the next.
fn is_copy(snapshot: &Snapshot) -> bool {
    snapshot.transfer_type().is_some() || snapshot.volume_id() == Some(NO_VOLUME)
}

struct SnapshotSeen {
    id: SnapshotId,
    owner: steward::AccountId,
    /// None: it is not encrypted.
    key: Option<KmsKeyRef>,
    tags: BTreeMap<String, String>,
}

impl SnapshotSeen {
    fn read(snapshot: &Snapshot) -> Result<Self, String> {
        let id = snapshot.snapshot_id().ok_or("a snapshot without an id")?;
        let of = |what: &dyn std::fmt::Display| format!("{id} has {what}");
        let owner = snapshot.owner_id().ok_or_else(|| of(&"no owner"))?;
        let key = match (snapshot.encrypted().unwrap_or_default(), snapshot.kms_key_id()) {
            (false, _) => None,
            (true, None) => return Err(of(&"no key although it is encrypted")),
            (true, Some(key)) => Some(key.parse().map_err(|error| of(&format_args!("a bad key: {error}")))?),
        };
        Ok(Self {
            id: id.parse().map_err(|error| of(&format_args!("a bad id: {error}")))?,
            owner: owner
                .parse()
                .map_err(|error| of(&format_args!("a bad owner: {error}")))?,
            key,
            tags: tags_of(snapshot.tags()),
        })
    }
}

fn described(image: &Image) -> Result<Described, String> {
    let id = image.image_id().ok_or("an image without an id")?;
    let of = |what: &dyn std::fmt::Display| format!("{id} has {what}");
    let state = image.state().ok_or_else(|| of(&"no state"))?;
    let owner = image.owner_id().ok_or_else(|| of(&"no owner"))?;
    let volumes = image.block_device_mappings().iter().filter_map(|device| device.ebs());
    let behind = volumes.filter_map(EbsBlockDevice::snapshot_id).map(str::parse);
    let created = image.creation_date().map(str::parse).transpose();
    Ok(Described {
        ami: id.parse().map_err(|error| of(&format_args!("a bad id: {error}")))?,
        image: ImageThere {
            owner: owner
                .parse()
                .map_err(|error| of(&format_args!("a bad owner: {error}")))?,
            state: state
                .as_str()
                .parse()
                .map_err(|error| of(&format_args!("a bad state: {error}")))?,
            why: image
                .state_reason()
                .and_then(|reason| reason.message())
                .map(Words::from),
            created: created.map_err(|error| of(&format_args!("a bad creation date: {error}")))?,
            source: source(image.source_image_region(), image.source_image_id()).map_err(|what| of(&what))?,
            tags: tags_of(image.tags()),
            watermarked: !image.image_watermarks().is_empty(),
            grants: None,
            snapshots: BTreeMap::new(),
        },
        behind: behind
            .collect::<Result<_, _>>()
            .map_err(|error| of(&format_args!("a bad snapshot id: {error}")))?,
    })
}

/// What is not understood is an error: it would be taken for nobody, or for somebody else.
fn grantee(permission: &LaunchPermission) -> Result<Grantee, String> {
    let bad = |what: &str, error: &dyn std::fmt::Display| format!("a bad {what}: {error}");
    match (
        permission.user_id(),
        permission.group(),
        permission.organizational_unit_arn(),
        permission.organization_arn(),
    ) {
        (Some(account), None, None, None) => {
            let account = account.parse().map_err(|error| bad("account", &error))?;
            Ok(Grantee::Account(account))
        }
        (None, Some(PermissionGroup::All), None, None) => Ok(Grantee::Everybody),
        (None, None, Some(unit), None) => Ok(Grantee::Unit(unit.parse().map_err(|error| bad("unit", &error))?)),
        (None, None, None, Some(organization)) => {
            let organization = organization.parse().map_err(|error| bad("organization", &error))?;
            Ok(Grantee::Organization(organization))
        }
        _ => Err(format!("a permission of a kind nobody knows: {permission:?}")),
    }
}

fn copier(permission: &CreateVolumePermission) -> Result<Copier, String> {
    match (permission.user_id(), permission.group()) {
        (Some(account), None) => {
            let account = account.parse().map_err(|error| format!("a bad account: {error}"))?;
            Ok(Copier::Account(account))
        }
        (None, Some(PermissionGroup::All)) => Ok(Copier::Everybody),
        _ => Err(format!("a permission of a kind nobody knows: {permission:?}")),
    }
}
