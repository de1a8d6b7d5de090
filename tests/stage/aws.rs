//! A world and the real SDK's clients in it, seeded alike: what every test here starts from.

use std::fmt::Debug;
use std::sync::Arc;
use std::time::Duration;

use aws_config::{BehaviorVersion, Region, SdkConfig};
use aws_credential_types::Credentials;
use aws_credential_types::provider::SharedCredentialsProvider;
use aws_sdk_ec2::error::{ProvideErrorMetadata, SdkError};
use aws_sdk_ec2::types::{BlockDeviceMapping, EbsBlockDevice, Image};
use aws_smithy_async::rt::sleep::TokioSleep;
use aws_smithy_runtime::client::retries::RetryPartition;
use image_plane::{
    AccountId, ImagePlane, NewImage, Process, Settings, TableSettings, Tables, Target, Time, TokioClock, World,
};

pub const HUB: AccountId = AccountId::new(111_122_223_333);
pub const MEMBER: AccountId = AccountId::new(222_233_334_444);
pub const STRANGER: AccountId = AccountId::new(666_677_778_888);
pub const IRELAND: &str = "eu-west-1";
pub const VIRGINIA: &str = "us-east-1";

/// Where a test happens: a world and one process whose clients call it.
pub struct Aws {
    pub plane: ImagePlane,
    pub process: Process,
    seed: u64,
}

impl Aws {
    /// A world without lag or throttling, for facts about something else.
    pub fn calm() -> Self {
        Self::new(1, Settings::calm())
    }

    /// A world of this seed, and the SDK's own chance seeded with it.
    pub fn new(seed: u64, settings: Settings) -> Self {
        fastrand::seed(seed);
        let start = Time::parse("2026-01-05T08:00:00Z").unwrap();
        let clock = Arc::new(TokioClock::starting_at(start));
        let plane = ImagePlane::new(
            World::new(seed, start, settings),
            Tables::new(seed, TableSettings::calm()),
            clock,
        );
        let process = plane.process();
        Self { plane, process, seed }
    }

    /// The same world, seen by another process.
    pub fn another_process(&self) -> Self {
        Self {
            plane: self.plane.clone(),
            process: self.plane.process(),
            seed: self.seed,
        }
    }

    pub fn config(&self, account: AccountId, region: &'static str) -> SdkConfig {
        let key = Credentials::new(account.to_string(), "secret", None, None, "test");
        SdkConfig::builder()
            .behavior_version(BehaviorVersion::latest())
            .region(Region::new(region))
            .credentials_provider(SharedCredentialsProvider::new(key))
            .http_client(self.process.clone())
            .time_source(self.process.time_source())
            .sleep_impl(TokioSleep::new())
            .build()
    }

    /// EC2 in a target, with a retry partition of its own.
    pub fn ec2(&self, account: AccountId, region: &'static str) -> aws_sdk_ec2::Client {
        let config = aws_sdk_ec2::config::Builder::from(&self.config(account, region))
            .retry_partition(RetryPartition::custom(format!("{account}/{region}/{}", self.seed)).build())
            .build();
        aws_sdk_ec2::Client::from_conf(config)
    }

    /// Auto Scaling in a target, with a retry partition of its own.
    pub fn scaling(&self, account: AccountId, region: &'static str) -> aws_sdk_autoscaling::Client {
        let partition = RetryPartition::custom(format!("{account}/{region}/{}/scaling", self.seed)).build();
        let config = aws_sdk_autoscaling::config::Builder::from(&self.config(account, region))
            .retry_partition(partition)
            .build();
        aws_sdk_autoscaling::Client::from_conf(config)
    }

    /// The hub's EC2 in Ireland, where most tests happen.
    pub fn hub(&self) -> aws_sdk_ec2::Client {
        self.ec2(HUB, IRELAND)
    }

    /// The Parameter Store in a target, with a retry partition of its own.
    pub fn ssm(&self, account: AccountId, region: &'static str) -> aws_sdk_ssm::Client {
        let config = aws_sdk_ssm::config::Builder::from(&self.config(account, region))
            .retry_partition(RetryPartition::custom(format!("ssm/{account}/{region}/{}", self.seed)).build())
            .build();
        aws_sdk_ssm::Client::from_conf(config)
    }

    /// EventBridge in a target, with a retry partition of its own.
    pub fn bus(&self, account: AccountId, region: &'static str) -> aws_sdk_eventbridge::Client {
        let config = aws_sdk_eventbridge::config::Builder::from(&self.config(account, region))
            .retry_partition(RetryPartition::custom(format!("events/{account}/{region}/{}", self.seed)).build())
            .build();
        aws_sdk_eventbridge::Client::from_conf(config)
    }

    /// Puts an available image into the world, past every API.
    pub fn image(&self, account: AccountId, region: &str, name: &str) -> String {
        self.image_with(account, region, NewImage::named(name))
    }

    pub fn image_with(&self, account: AccountId, region: &str, image: NewImage) -> String {
        self.plane
            .with(|world| world.place_image(target(account, region), image))
            .to_string()
    }

    pub async fn pass(&self, duration: Duration) {
        self.plane.pass(duration).await;
    }
}

pub fn target(account: AccountId, region: &str) -> Target {
    Target {
        account,
        region: region.parse().unwrap(),
    }
}

pub const fn minutes(n: u64) -> Duration {
    Duration::from_secs(60 * n)
}

pub const fn hours(n: u64) -> Duration {
    minutes(60 * n)
}

/// The error code AWS answered with; `done` where it did not refuse.
pub fn code<T, E: ProvideErrorMetadata, R>(result: &Result<T, SdkError<E, R>>) -> String {
    match result {
        Ok(_) => "done".to_owned(),
        Err(error) => error.code().unwrap_or("no code").to_owned(),
    }
}

/// The message AWS refused with.
pub fn message<T: Debug, E: ProvideErrorMetadata, R: Debug>(result: Result<T, SdkError<E, R>>) -> String {
    result
        .err()
        .and_then(|error| error.message().map(str::to_owned))
        .unwrap_or_default()
}

/// One image as its account describes it by id.
pub async fn describe(ec2: &aws_sdk_ec2::Client, id: &str) -> Image {
    let found = ec2.describe_images().image_ids(id).send().await.unwrap();
    found.images().first().cloned().unwrap()
}

pub async fn state(ec2: &aws_sdk_ec2::Client, id: &str) -> String {
    describe(ec2, id).await.state().unwrap().as_str().to_owned()
}

/// The snapshots behind an image.
pub fn snapshots(image: &Image) -> Vec<String> {
    let ebs = image.block_device_mappings().iter().filter_map(BlockDeviceMapping::ebs);
    ebs.filter_map(EbsBlockDevice::snapshot_id).map(str::to_owned).collect()
}

/// Lets an account launch an image and copy it: its owner shares it and its snapshots.
pub async fn share(owner: &aws_sdk_ec2::Client, image: &str, with: AccountId) {
    use aws_sdk_ec2::types::{LaunchPermission, LaunchPermissionModifications, SnapshotAttributeName};

    let permission = LaunchPermission::builder().user_id(with.to_string()).build();
    let add = LaunchPermissionModifications::builder().add(permission).build();
    let launch = owner.modify_image_attribute().image_id(image).launch_permission(add);
    launch.send().await.unwrap();
    for snapshot in snapshots(&describe(owner, image).await) {
        let create = owner.modify_snapshot_attribute().snapshot_id(snapshot);
        let create = create.attribute(SnapshotAttributeName::CreateVolumePermission);
        let create = create.operation_type("add".into()).user_ids(with.to_string());
        create.send().await.unwrap();
    }
}
