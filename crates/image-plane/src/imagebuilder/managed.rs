//! What Amazon manages: components that exist in every Region, and images over Amazon's public AMIs.

use super::arn::{Arn, Kind, Owner, Place, Version, named};
use super::component::{Component, Platform};
use super::document::Document;
use super::image::Status;
use crate::ids::ImageId;
use crate::region::Region;
use crate::time::Time;
use crate::world::World;

/// An image of Amazon's: a build version over a public AMI.
#[derive(Clone, Debug)]
pub(crate) struct ManagedImage {
    pub(crate) ami: ImageId,
    pub(crate) platform: Platform,
    pub(crate) os_version: String,
    pub(crate) created: Time,
    pub(crate) status: Status,
}

struct Managed {
    name: &'static str,
    platform: Platform,
    phase: &'static str,
    /// What its document says between the schema's version and the phases.
    parameters: &'static str,
    versions: &'static [Version],
}

/// Amazon's documents are not public; that hardening has a level is.
const LEVEL: &str = "parameters:\n  - Level:\n      type: string\n      default: High\n";

const COMPONENTS: [Managed; 9] = [
    Managed {
        name: "amazon-cloudwatch-agent-linux",
        platform: Platform::Linux,
        phase: "build",
        parameters: "",
        versions: &[Version::new(1, 0, 1)],
    },
    Managed {
        name: "amazon-cloudwatch-agent-windows",
        platform: Platform::Windows,
        phase: "build",
        parameters: "",
        versions: &[Version::new(1, 0, 0)],
    },
    Managed {
        name: "reboot-test-linux",
        platform: Platform::Linux,
        phase: "test",
        parameters: "",
        versions: &[Version::new(1, 0, 0)],
    },
    Managed {
        name: "reboot-test-windows",
        platform: Platform::Windows,
        phase: "test",
        parameters: "",
        versions: &[Version::new(1, 0, 0)],
    },
    Managed {
        name: "simple-boot-test-linux",
        platform: Platform::Linux,
        phase: "test",
        parameters: "",
        versions: &[Version::new(1, 0, 0)],
    },
    Managed {
        name: "simple-boot-test-windows",
        platform: Platform::Windows,
        phase: "test",
        parameters: "",
        versions: &[Version::new(1, 0, 0)],
    },
    Managed {
        name: "stig-build-linux",
        platform: Platform::Linux,
        phase: "build",
        parameters: LEVEL,
        versions: &[Version::new(2025, 3, 0)],
    },
    Managed {
        name: "update-linux",
        platform: Platform::Linux,
        phase: "build",
        parameters: "",
        versions: &[Version::new(1, 0, 0), Version::new(1, 0, 2)],
    },
    Managed {
        name: "update-windows",
        platform: Platform::Windows,
        phase: "build",
        parameters: "",
        versions: &[Version::new(1, 0, 0)],
    },
];

/// Amazon's components, in the order of their places.
pub(crate) fn components() -> impl Iterator<Item = (Place, Component)> {
    COMPONENTS.iter().flat_map(|managed| {
        managed.versions.iter().map(|version| {
            let Managed {
                name,
                platform,
                phase,
                parameters,
                versions: _,
            } = managed;
            let data =
                format!("name: {name}\nschemaVersion: 1.0\n{parameters}phases:\n  - name: {phase}\n    steps: []\n");
            let component = Component {
                name: (*name).to_owned(),
                platform: *platform,
                document: Document::read(&data).unwrap_or_default(),
                data,
                description: None,
                change_description: None,
                supported_os_versions: None,
                kms_key_id: None,
                tags: super::check::TagMap::new(),
                created: Time::parse("2020-01-01T00:00:00Z").unwrap_or_default(),
            };
            (((*name).to_owned(), *version, 1), component)
        })
    })
}

/// The ARN of something Amazon manages.
pub(crate) fn arn(region: Region, kind: Kind, (name, version, build): &Place) -> Arn {
    Arn {
        region,
        owner: Owner::Amazon,
        kind,
        name: name.clone(),
        version: Some((*version).into()),
        build: Some(*build),
    }
}

/// The newest of Amazon's images that an ARN can mean.
pub(crate) fn newest_image<'a>(world: &'a World, arn: &Arn) -> Option<(&'a Place, &'a ManagedImage)> {
    let images = &world.builder.managed_images;
    let first = (arn.region, named(&arn.name));
    let of_name = images
        .range(first..)
        .take_while(|((region, place), _)| (*region, place.0.as_str()) == (arn.region, arn.name.as_str()));
    let fitting = of_name
        .filter(|((_, place), image)| arn.matches(place) && (arn.build.is_some() || image.status == Status::Available));
    fitting.last().map(|((_, place), image)| (place, image))
}

/// The operating system an image's name stands for: `ubuntu-server-24-lts-x86` is `Ubuntu 24`.
fn system(name: &str) -> String {
    let number = name
        .split('-')
        .find(|part| part.bytes().all(|byte| byte.is_ascii_digit()));
    let kind = match name.split('-').next() {
        Some("amazon") => "Amazon Linux",
        Some("windows") => "Microsoft Windows Server",
        Some("ubuntu") => "Ubuntu",
        other => other.unwrap_or_default(),
    };
    format!("{kind} {}", number.unwrap_or_default()).trim_end().to_owned()
}

/// Publishes the next build version of an image of Amazon's over one of its public AMIs, and gives its ARN.
pub(crate) fn publish_image(world: &mut World, region: Region, name: &str, version: Version, ami: ImageId) -> Arn {
    let windows = world
        .ec2
        .get(region)
        .and_then(|plane| plane.image(ami))
        .is_some_and(|image| image.windows);
    let of_version = world
        .builder
        .managed_images
        .keys()
        .filter(|(home, place)| (*home, place.0.as_str(), place.1) == (region, name, version));
    let build = of_version.map(|(_, place)| place.2).max().unwrap_or(0) + 1;
    let place = (name.to_owned(), version, build);
    let image = ManagedImage {
        ami,
        platform: if windows { Platform::Windows } else { Platform::Linux },
        os_version: system(name),
        created: world.now,
        status: Status::Available,
    };
    let arn = arn(region, Kind::Image, &place);
    world.builder.managed_images.insert((region, place), image);
    arn
}

/// Deprecates a build version of an image of Amazon's, as Amazon does with old ones; false where there is none.
pub(crate) fn deprecate_image(world: &mut World, arn: &str) -> bool {
    let place = Arn::read("arn", arn, Kind::Image)
        .ok()
        .and_then(|arn| Some((arn.region, arn.place()?)));
    let image = place.and_then(|place| world.builder.managed_images.get_mut(&place));
    image.map(|image| image.status = Status::Deprecated).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_image_of_amazons_is_named_after_its_system() {
        let systems = [
            "amazon-linux-2023-arm64",
            "ubuntu-server-24-lts-x86",
            "windows-server-2025-english-full-base-x86",
            "macos",
        ]
        .map(system);
        assert_eq!(
            systems,
            [
                "Amazon Linux 2023",
                "Ubuntu 24",
                "Microsoft Windows Server 2025",
                "macos"
            ]
        );
    }
}
