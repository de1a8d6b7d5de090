//! Block device mappings, as requests give them and answers show them.

use super::image::{Device, Volume, VolumeKind};
use super::visibility::may_read_snapshot;
use super::{encryption, errors, lookup, volume_limits};
use crate::ids::SnapshotId;
use crate::kms::KeyArn;
use crate::wire::error::ApiError;
use crate::wire::query::Params;
use crate::wire::xml::Xml;
use crate::world::{Target, World};

/// What a request, or a recipe, says of one device.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Wish {
    pub(crate) name: String,
    pub(crate) change: Change,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) enum Change {
    /// `NoDevice`: leave it out.
    Remove,
    Instance(String),
    Ebs(EbsWish),
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct EbsWish {
    pub(crate) snapshot: Option<SnapshotId>,
    pub(crate) size_gib: Option<u32>,
    pub(crate) kind: Option<VolumeKind>,
    pub(crate) encrypted: Option<bool>,
    /// As the caller names it.
    pub(crate) key: Option<String>,
    pub(crate) delete_on_termination: Option<bool>,
    pub(crate) iops: Option<u32>,
    pub(crate) throughput: Option<u32>,
}

/// Reads a request's mappings; each device comes once.
pub(crate) fn read(params: &mut Params) -> Result<Vec<Wish>, ApiError> {
    let mut wishes: Vec<Wish> = Vec::new();
    for mut mapping in params.list("BlockDeviceMapping")? {
        let name = mapping.required("DeviceName")?;
        let no_device = mapping.text("NoDevice")?.is_some();
        let virtual_name = mapping.text("VirtualName")?;
        let ebs = mapping.structure("Ebs");
        mapping.finish()?;
        let change = match (no_device, virtual_name, ebs) {
            (true, None, None) => Change::Remove,
            (false, Some(name), None) => Change::Instance(name),
            (false, None, Some(ebs)) => Change::Ebs(read_ebs(ebs)?),
            _ => {
                return Err(errors::combination(format!(
                    "The device {name} must have one of Ebs, VirtualName, NoDevice"
                )));
            }
        };
        if wishes.iter().any(|wish| wish.name == name) {
            return Err(bad_mapping(format!(
                "The device '{name}' is used in more than one block-device mapping"
            )));
        }
        wishes.push(Wish { name, change });
    }
    Ok(wishes)
}

fn read_ebs(mut ebs: Params) -> Result<EbsWish, ApiError> {
    let snapshot = ebs
        .text("SnapshotId")?
        .map(|text| lookup::snapshot_id(&text))
        .transpose()?;
    let kind = ebs.text("VolumeType")?;
    let kind = kind
        .map(|text| VolumeKind::parse(&text).ok_or_else(|| errors::invalid("volumeType", &text)))
        .transpose()?;
    let wish = EbsWish {
        snapshot,
        size_gib: ebs.parsed("VolumeSize")?,
        kind,
        encrypted: ebs.boolean("Encrypted")?,
        key: ebs.text("KmsKeyId")?,
        delete_on_termination: ebs.boolean("DeleteOnTermination")?,
        iops: ebs.parsed("Iops")?,
        throughput: ebs.parsed("Throughput")?,
    };
    ebs.finish()?;
    Ok(wish)
}

/// The devices of an image with a request's wishes laid over them. What a wish leaves open stays as it is: a bigger root
/// keeps its snapshot, its key and its type.
pub(crate) fn lay_over(
    world: &World,
    target: Target,
    base: &[Device],
    wishes: Vec<Wish>,
) -> Result<Box<[Device]>, ApiError> {
    let mut devices = base.to_vec();
    for Wish { name, change } in wishes {
        let place = devices.iter().position(|device| *device.name == *name);
        let known = place.map(|place| &devices[place].volume);
        let volume = match change {
            Change::Remove => {
                devices.retain(|device| *device.name != *name);
                continue;
            }
            Change::Instance(virtual_name) => Volume::Instance(virtual_name.into()),
            Change::Ebs(wish) => wished_volume(world, target, &name, known, wish)?,
        };
        match place {
            Some(place) => devices[place].volume = volume,
            None => devices.push(Device {
                name: name.into(),
                volume,
            }),
        }
    }
    Ok(devices.into_boxed_slice())
}

/// The volume a wish is laid over; nothing of it is known where the device is new.
#[derive(Default)]
struct Base {
    snapshot: Option<SnapshotId>,
    size_gib: Option<u32>,
    kind: Option<VolumeKind>,
    key: Option<KeyArn>,
    encrypted: bool,
    delete_on_termination: Option<bool>,
    iops: Option<u32>,
    throughput: Option<u32>,
}

impl Base {
    fn of(known: Option<&Volume>) -> Self {
        match known {
            Some(Volume::Ebs {
                snapshot,
                size_gib,
                kind,
                key,
                encrypted,
                delete_on_termination,
                iops,
                throughput,
            }) => Self {
                snapshot: *snapshot,
                size_gib: Some(*size_gib),
                kind: Some(*kind),
                key: key.clone(),
                encrypted: *encrypted,
                delete_on_termination: Some(*delete_on_termination),
                iops: *iops,
                throughput: *throughput,
            },
            Some(Volume::Instance(_)) | None => Self::default(),
        }
    }
}

fn wished_volume(
    world: &World,
    target: Target,
    device: &str,
    known: Option<&Volume>,
    wish: EbsWish,
) -> Result<Volume, ApiError> {
    let EbsWish {
        snapshot,
        size_gib,
        kind,
        encrypted,
        key,
        delete_on_termination,
        iops,
        throughput,
    } = wish;
    let base = Base::of(known);
    let from = match snapshot {
        None => None,
        Some(id) => {
            let found = world.ec2.get(target.region).and_then(|plane| plane.snapshot(id));
            let readable = found.filter(|snapshot| may_read_snapshot(snapshot, target.account));
            Some(readable.ok_or_else(|| errors::no_snapshot(&id.to_string()))?)
        }
    };
    // Another snapshot brings its own size and key; the image's own keeps what the device has.
    let least = from.map(|from| from.size_gib).or(base.snapshot.and(base.size_gib));
    let source_key = if from.is_some() {
        from.and_then(|from| from.key.clone())
    } else {
        base.key
    };
    let from_encrypted = source_key.is_some() || (from.is_none() && base.encrypted);
    if encrypted == Some(false) && from_encrypted {
        return Err(errors::combination(
            "A volume of an encrypted snapshot can't be unencrypted",
        ));
    }
    let size_gib = size_gib.or(least).or(base.size_gib).ok_or_else(|| {
        ApiError::client(
            "MissingParameter",
            "The request must contain the parameter size or snapshotId",
        )
    })?;
    if let Some(least) = least
        && size_gib < least
    {
        let message = format!("Volume of size {size_gib}GB is smaller than snapshot, expect size >= {least}GB");
        return Err(bad_mapping(message));
    }
    let named = match key {
        Some(name) => {
            let unknown = || ApiError::client("InvalidParameterValue", format!("The KMS key {name} does not exist"));
            Some(encryption::resolve(world, target, &name).ok_or_else(unknown)?)
        }
        None => None,
    };
    let key = named.or(source_key);
    let kind = kind.or(base.kind).unwrap_or(VolumeKind::Gp2);
    // What was provisioned was provisioned for its type: another type starts with its own.
    let (base_iops, base_throughput) = if base.kind == Some(kind) {
        (base.iops, base.throughput)
    } else {
        (None, None)
    };
    let (iops, throughput) = (iops.or(base_iops), throughput.or(base_throughput));
    volume_limits::check(device, kind, Some(size_gib), iops, throughput)?;
    Ok(Volume::Ebs {
        snapshot: snapshot.or(base.snapshot),
        size_gib,
        kind,
        encrypted: key.is_some() || encrypted == Some(true) || from_encrypted,
        key,
        delete_on_termination: delete_on_termination.or(base.delete_on_termination).unwrap_or(true),
        iops,
        throughput,
    })
}

/// A device that cannot be mapped as the request says.
pub(super) fn bad_mapping(message: String) -> ApiError {
    ApiError::client("InvalidBlockDeviceMapping", message)
}

/// Writes an image's mappings.
pub(crate) fn write(xml: &mut Xml, devices: &[Device]) {
    xml.items("blockDeviceMapping", devices, |xml, Device { name, volume }| {
        xml.text("deviceName", name);
        match volume {
            Volume::Instance(virtual_name) => xml.text("virtualName", virtual_name),
            Volume::Ebs {
                snapshot,
                size_gib,
                kind,
                key: _,
                encrypted,
                delete_on_termination,
                iops,
                throughput,
            } => xml.element("ebs", |xml| {
                xml.optional("snapshotId", *snapshot);
                xml.text("volumeSize", size_gib);
                xml.text("deleteOnTermination", delete_on_termination);
                xml.text("volumeType", kind);
                xml.text("encrypted", encrypted);
                xml.optional("iops", *iops);
                xml.optional("throughput", *throughput);
            }),
        }
    });
}
