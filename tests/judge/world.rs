//! The world both lives are walked in: opened twice alike, once behind a port and once in process.

use std::sync::Arc;
use std::time::Duration;

use image_plane::{
    AccountId, BinKind, BinRule, BuildFailure, BuildStage, FailureCause, ImagePlane, Membership, RegionFailure,
    RegionFailureStatus, Settings, TableSettings, Tables, Target, Time, TokioClock, World,
};

pub(crate) const HUB: AccountId = AccountId::new(111_122_223_333);
pub(crate) const MEMBER: AccountId = AccountId::new(222_233_334_444);
pub(crate) const CONSUMER: AccountId = AccountId::new(333_344_445_555);
pub(crate) const IRELAND: &str = "eu-west-1";
pub(crate) const VIRGINIA: &str = "us-east-1";

pub(crate) const ORGANIZATION: &str = "arn:aws:organizations::111122223333:organization/o-exampleorgid";
pub(crate) const UNIT: &str = "arn:aws:organizations::111122223333:ou/o-exampleorgid/ou-ab12-11111111";

/// A role of the member's, which the hub may assume.
pub(crate) const READER: &str = "arn:aws:iam::222233334444:role/reader";
const TRUST: &str = r#"{"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Principal": {"AWS": "arn:aws:iam::111122223333:root"}, "Action": "sts:AssumeRole"}]}"#;
const READS: &str = r#"{"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Action": "ec2:Describe*", "Resource": "*"}]}"#;
const UNLUCKY: &str = "arn:aws:imagebuilder:eu-west-1:111122223333:image-pipeline/unlucky";
const SEED: u64 = 7;
const WEEK: Duration = Duration::from_hours(7 * 24);

/// A runtime whose clock stands still unless somebody moves it, also while a server in it waits for a client. Both worlds
/// live at exactly the same times, so that even times can be compared.
pub(crate) fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .start_paused(true)
        .build()
        .unwrap()
}

/// Opens the world. Call it within a runtime.
pub(crate) fn open() -> (ImagePlane, Arc<TokioClock>) {
    let start = Time::parse("2026-01-05T08:00:00Z").unwrap();
    let clock = Arc::new(TokioClock::starting_at(start));
    let mut world = World::new(SEED, start, Settings::calm());
    for region in [IRELAND, VIRGINIA] {
        world.publish_vendor_images(region.parse().unwrap());
    }
    for account in [HUB, MEMBER, CONSUMER] {
        world.account_mut(account).membership = Some(Membership {
            organization_arn: ORGANIZATION.to_owned(),
            unit_arns: vec![UNIT.to_owned()],
        });
    }
    // Whoever copies needs the key of the original and one of its own; the consumer has neither.
    let golden = Some("alias/golden");
    world.create_key(target(HUB, IRELAND), golden, [MEMBER]);
    world.create_key(target(HUB, VIRGINIA), golden, []);
    world.create_key(target(MEMBER, IRELAND), golden, []);
    let keep = |kind| BinRule::of(kind, WEEK);
    world.set_bin_rules(
        target(HUB, IRELAND),
        vec![keep(BinKind::Image), keep(BinKind::Snapshot)],
    );
    let reader = world.create_role(MEMBER, "reader", TRUST, &[READS]).unwrap();
    assert_eq!(reader, READER);
    for failure in failures() {
        world.fail_builds(UNLUCKY, 1, &failure);
    }
    let tables = Tables::new(SEED, TableSettings::calm());
    (ImagePlane::new(world, tables, clock.clone()), clock)
}

/// How the builds of the unlucky pipeline fail, one after the other.
fn failures() -> [BuildFailure; 3] {
    let failure = |stage, cause| BuildFailure { stage, cause };
    let step = FailureCause::Component {
        component_arn: None,
        phase: "build".to_owned(),
        step: "install".to_owned(),
        action: "ExecuteBash".to_owned(),
        message: "no such package: \"nginx\" & <others>".to_owned(),
    };
    let region = RegionFailure {
        region: VIRGINIA.parse().unwrap(),
        account: None,
        status: RegionFailureStatus::TimedOut,
        step: None,
        message: "the copy took too long".to_owned(),
    };
    let capacity = FailureCause::Capacity {
        instance_type: "t3.medium".to_owned(),
    };
    [
        failure(BuildStage::Building, step),
        failure(BuildStage::Distributing, FailureCause::Regions(vec![region])),
        failure(BuildStage::Building, capacity),
    ]
}

pub(crate) fn target(account: AccountId, region: &str) -> Target {
    Target {
        account,
        region: region.parse().unwrap(),
    }
}
