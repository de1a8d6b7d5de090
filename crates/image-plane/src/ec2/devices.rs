//! Block device mappings, as requests give them and answers show them.

use super::errors;
use super::image::{Device, Volume, VolumeKind};
use crate::ids::SnapshotId;
use crate::wire::error::ApiError;
use crate::wire::query::Params;
use crate::wire::xml::Xml;
use crate::world::{Target, World};

/// Reads a request's mappings. A device named `NoDevice` is left out of the result.
pub(crate) fn read(world: &mut World, target: Target, params: &mut Params) -> Result<Vec<Device>, ApiError> {
    let mut devices = Vec::new();
    for mut mapping in params.list("BlockDeviceMapping")? {
        let name = mapping.required("DeviceName")?;
        let no_device = mapping.text("NoDevice")?.is_some();
        let virtual_name = mapping.text("VirtualName")?;
        let ebs = mapping.structure("Ebs");
        mapping.finish()?;
        let volume = match (no_device, virtual_name, ebs) {
            (true, None, None) => continue,
            (false, Some(name), None) => Volume::Instance(name.into()),
            (false, None, Some(ebs)) => read_ebs(world, target, ebs)?,
            _ => {
                return Err(errors::combination(format!(
                    "The device {name} must have one of Ebs, VirtualName, NoDevice"
                )));
            }
        };
        devices.push(Device {
            name: name.into(),
            volume,
        });
    }
    Ok(devices)
}

fn read_ebs(world: &mut World, target: Target, mut ebs: Params) -> Result<Volume, ApiError> {
    let snapshot = ebs
        .text("SnapshotId")?
        .map(|text| {
            text.parse::<SnapshotId>()
                .map_err(|_| errors::malformed_snapshot(&text))
        })
        .transpose()?;
    let size: Option<u32> = ebs.parsed("VolumeSize")?;
    let kind = ebs.text("VolumeType")?;
    let kind = kind.map_or(Ok(VolumeKind::Gp2), |text| {
        VolumeKind::parse(&text).ok_or_else(|| errors::invalid("volumeType", &text))
    })?;
    let encrypted = ebs.boolean("Encrypted")?;
    let key = ebs.text("KmsKeyId")?;
    let delete_on_termination = ebs.boolean("DeleteOnTermination")?.unwrap_or(true);
    let (iops, throughput) = (ebs.parsed("Iops")?, ebs.parsed("Throughput")?);
    ebs.finish()?;

    let from = snapshot
        .map(|id| {
            let found = world.ec2.get(target.region).and_then(|plane| plane.snapshot(id));
            found
                .filter(|snapshot| super::visibility::may_read_snapshot(snapshot, target.account))
                .cloned()
                .ok_or_else(|| errors::no_snapshot(&id.to_string()))
        })
        .transpose()?;
    if encrypted == Some(false) && from.as_ref().is_some_and(|snapshot| snapshot.key.is_some()) {
        return Err(errors::combination(
            "A volume of an encrypted snapshot can't be unencrypted",
        ));
    }
    let size_gib = match (size, &from) {
        (Some(size), Some(snapshot)) if size < snapshot.size_gib => {
            return Err(ApiError::client(
                "InvalidBlockDeviceMapping",
                format!(
                    "Volume of size {size}GB is smaller than snapshot, expect size >= {}GB",
                    snapshot.size_gib
                ),
            ));
        }
        (Some(size), _) => size,
        (None, Some(snapshot)) => snapshot.size_gib,
        (None, None) => {
            return Err(ApiError::client(
                "MissingParameter",
                "The request must contain the parameter size or snapshotId",
            ));
        }
    };
    let named =
        match key {
            Some(name) => Some(world.keys.resolve(target, &name).ok_or_else(|| {
                ApiError::client("InvalidParameterValue", format!("The KMS key {name} does not exist"))
            })?),
            None => None,
        };
    let key = named.or_else(|| from.as_ref().and_then(|snapshot| snapshot.key.clone()));
    let encrypted = key.is_some() || encrypted == Some(true);
    Ok(Volume::Ebs {
        snapshot,
        size_gib,
        kind,
        key,
        encrypted,
        delete_on_termination,
        iops,
        throughput,
    })
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
