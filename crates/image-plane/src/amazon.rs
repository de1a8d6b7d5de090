//! What Amazon and other vendors publish, in every Region anybody uses: base images, the parameters that name them, the
//! images Image Builder manages over them, and a stranger's image that looks like one of them.

use crate::ec2::place::NewImage;
use crate::ids::AccountId;
use crate::region::Region;
use crate::time::Time;
use crate::world::{Target, World};

/// Amazon Linux.
const AMAZON_LINUX: AccountId = AccountId::new(137_112_412_989);
/// Windows by Amazon.
const AMAZON_WINDOWS: AccountId = AccountId::new(801_119_661_308);
/// Canonical, whom EC2 vouches for no more than for any account.
const CANONICAL: AccountId = AccountId::new(99_720_109_477);
/// Nobody: an account that publishes images under names like Amazon's.
const IMPOSTOR: AccountId = AccountId::new(999_900_009_999);

struct Vendor {
    account: AccountId,
    amazon: bool,
    name: &'static str,
    arm64: bool,
    windows: bool,
    created: &'static str,
    parameter: Option<&'static str>,
    /// The image of Image Builder's that Amazon manages over it, and its version.
    managed: Option<(&'static str, [u32; 3])>,
}

const LINUX: Vendor = Vendor {
    account: AMAZON_LINUX,
    amazon: true,
    name: "",
    arm64: false,
    windows: false,
    created: "",
    parameter: None,
    managed: None,
};

const IMAGES: &[Vendor] = &[
    Vendor {
        name: "al2023-ami-2023.9.20251110.1-kernel-6.1-x86_64",
        created: "2025-11-12T00:00:00Z",
        managed: Some(("amazon-linux-2023-x86", [2025, 11, 12])),
        ..LINUX
    },
    Vendor {
        name: "al2023-ami-2023.9.20251208.0-kernel-6.1-x86_64",
        created: "2025-12-10T00:00:00Z",
        parameter: Some("/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64"),
        managed: Some(("amazon-linux-2023-x86", [2025, 12, 10])),
        ..LINUX
    },
    Vendor {
        name: "al2023-ami-2023.9.20251208.0-kernel-6.1-arm64",
        arm64: true,
        created: "2025-12-10T00:00:00Z",
        parameter: Some("/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64"),
        managed: Some(("amazon-linux-2023-arm64", [2025, 12, 10])),
        ..LINUX
    },
    Vendor {
        account: AMAZON_WINDOWS,
        name: "Windows_Server-2025-English-Full-Base-2025.12.10",
        windows: true,
        created: "2025-12-11T00:00:00Z",
        parameter: Some("/aws/service/ami-windows-latest/Windows_Server-2025-English-Full-Base"),
        managed: Some(("windows-server-2025-english-full-base-x86", [2025, 12, 11])),
        ..LINUX
    },
    Vendor {
        account: CANONICAL,
        amazon: false,
        name: "ubuntu/images/hvm-ssd-gp3/ubuntu-noble-24.04-amd64-server-20251210",
        created: "2025-12-10T12:00:00Z",
        parameter: Some("/aws/service/canonical/ubuntu/server/24.04/stable/current/amd64/hvm/ebs-gp3/ami-id"),
        managed: Some(("ubuntu-server-24-lts-x86", [2025, 12, 10])),
        ..LINUX
    },
    // Newer than the real one, and found first by whoever asks for a name without an owner.
    Vendor {
        account: IMPOSTOR,
        amazon: false,
        name: "al2023-ami-2023.9.20251231.0-kernel-6.1-x86_64",
        created: "2025-12-31T00:00:00Z",
        ..LINUX
    },
];

impl World {
    /// Publishes the vendors' images and parameters in a Region.
    pub fn publish_vendor_images(&mut self, region: Region) {
        for Vendor {
            account,
            amazon,
            name,
            arm64,
            windows,
            created,
            parameter,
            managed,
        } in IMAGES
        {
            let created = Time::parse(created).unwrap_or_default();
            let mut image = NewImage::named(name).public().created(created);
            image = if *amazon { image.amazon() } else { image };
            image = if *arm64 { image.arm64() } else { image };
            image = if *windows { image.windows() } else { image };
            let id = self.place_image(
                Target {
                    account: *account,
                    region,
                },
                image,
            );
            if let Some(parameter) = parameter {
                self.parameters.put_public(region, parameter, &id.to_string(), created);
            }
            if let Some((name, version)) = managed {
                self.publish_managed_image(region, name, *version, id);
            }
        }
    }
}
