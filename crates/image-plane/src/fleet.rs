//! A fleet from a file: images as `aws ec2 describe-images` prints them, and what else a world starts with.

use std::fmt;

use serde::Deserialize;

use crate::ec2::place::NewImage;
use crate::ids::{AccountId, ImageId, SnapshotId};
use crate::region::Region;
use crate::time::Time;
use crate::world::{Target, World};

/// What is wrong with a fleet file.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct FleetError(String);

impl fmt::Display for FleetError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for FleetError {}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Fleet {
    account: String,
    region: String,
    images: Vec<FleetImage>,
}

/// As `DescribeImages` prints it. What the model does not keep of an image is read over.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct FleetImage {
    image_id: String,
    name: String,
    owner_id: Option<String>,
    creation_date: String,
    architecture: Option<String>,
    #[serde(default)]
    tags: Vec<FleetTag>,
    #[serde(default)]
    block_device_mappings: Vec<FleetDevice>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct FleetTag {
    key: String,
    value: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct FleetDevice {
    ebs: Option<FleetEbs>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct FleetEbs {
    snapshot_id: Option<String>,
    volume_size: Option<u32>,
}

impl World {
    /// Places the images of a fleet file (`{"account","region","images":[…]}`) and says how many there were.
    pub fn place_fleet(&mut self, json: &str) -> Result<usize, FleetError> {
        let Fleet {
            account,
            region,
            images,
        } = serde_json::from_str(json).map_err(|error| FleetError(error.to_string()))?;
        let account: AccountId = read(&account, "account", "12 digits")?;
        let region: Region = read(&region, "region", "a Region's name")?;
        let count = images.len();
        for (place, image) in images.into_iter().enumerate() {
            self.place_fleet_image(Target { account, region }, image)
                .map_err(|FleetError(why)| FleetError(format!("images[{place}]: {why}")))?;
        }
        Ok(count)
    }

    fn place_fleet_image(&mut self, home: Target, image: FleetImage) -> Result<(), FleetError> {
        let FleetImage {
            image_id,
            name,
            owner_id,
            creation_date,
            architecture,
            tags,
            block_device_mappings,
        } = image;
        let id: ImageId = read(&image_id, "ImageId", "an id like ami-0123456789abcdef0")?;
        let account = owner_id.map_or(Ok(home.account), |owner| read(&owner, "OwnerId", "12 digits"))?;
        let created = Time::parse(&creation_date).ok_or_else(|| {
            FleetError(format!(
                "CreationDate {creation_date:?} is not a time like 2026-01-18T17:50:56.000Z"
            ))
        })?;
        let mut new = NewImage::named(&name).id(id).created(created);
        if architecture.as_deref() == Some("arm64") {
            new = new.arm64();
        }
        for FleetTag { key, value } in tags {
            new = new.tag(&key, &value);
        }
        let volumes: Vec<FleetEbs> = block_device_mappings
            .into_iter()
            .filter_map(|device| device.ebs)
            .collect();
        let snapshots: Vec<Option<SnapshotId>> = volumes
            .iter()
            .map(|ebs| {
                ebs.snapshot_id
                    .as_deref()
                    .map(|id| read(id, "SnapshotId", "an id like snap-0123456789abcdef0"))
                    .transpose()
            })
            .collect::<Result<_, _>>()?;
        if !volumes.is_empty() {
            new = new
                .volumes(volumes.iter().map(|ebs| (ebs.volume_size.unwrap_or(8), None)))
                .snapshot_ids(snapshots);
        }
        self.place_image(Target { account, ..home }, new);
        Ok(())
    }
}

fn read<T: std::str::FromStr>(text: &str, field: &str, right: &str) -> Result<T, FleetError> {
    text.parse()
        .map_err(|_| FleetError(format!("{field} {text:?} is not {right}")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::settings::Settings;

    fn place(json: &str) -> Result<usize, String> {
        let mut world = World::new(1, Time::parse("2026-01-01T00:00:00Z").unwrap(), Settings::calm());
        world.place_fleet(json).map_err(|error| error.to_string())
    }

    #[test]
    fn a_fleet_is_what_describe_images_prints() {
        let json = r#"{"account":"111122223333","region":"eu-west-1","images":[
            {"ImageId":"ami-0123456789abcdef0","Name":"web-1","OwnerId":"111122223333","CreationDate":"2025-01-18T17:50:56.000Z",
             "State":"available","Architecture":"arm64","Tags":[{"Key":"app","Value":"web"}],
             "BlockDeviceMappings":[{"DeviceName":"/dev/xvda","Ebs":{"SnapshotId":"snap-0123456789abcdef0","VolumeSize":10}}]}]}"#;
        assert_eq!(place(json), Ok(1));
    }

    #[test]
    fn what_is_wrong_with_a_fleet_is_said_with_its_place() {
        let json = r#"{"account":"111122223333","region":"eu-west-1","images":[{"ImageId":"ami-x","Name":"a","CreationDate":"2025-01-18T17:50:56.000Z"}]}"#;
        assert_eq!(
            place(json),
            Err("images[0]: ImageId \"ami-x\" is not an id like ami-0123456789abcdef0".into())
        );
        let json = r#"{"account":"1","region":"eu-west-1","images":[]}"#;
        assert_eq!(place(json), Err("account \"1\" is not 12 digits".into()));
    }
}
