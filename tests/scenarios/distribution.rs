//! Distribution: whatever becomes of events, workers and copies, each release ends up where its manifest says, and nowhere else.

mod consumers;
mod counted;
mod explained;
mod gone;
pub(crate) mod keys;
mod many;
pub(crate) mod owned;
mod resting;
mod said;
pub(crate) mod sharing;
mod stood;
mod trouble;

use std::collections::{BTreeMap, BTreeSet};

use distribute_images::{Dispatched, Room, apply_distribution, plan_distribution};
use image_plane::{Crashed, Process, QueueSettings, Settings};
use serde_json::json;
use stage::aws::{HUB, IRELAND, VIRGINIA, describe, hours, minutes, snapshots, target};
use stage::member::PUBLISH_ROLE;
use steward_aws::{Aws, FirstValue};
use steward_lambda::Failure;

use crate::crash::Crash;
use crate::hub::{Hub, environment};

const TOKYO: &str = "ap-northeast-1";
const FAMILY: &str = "image-steward:family";
const RELEASE: &str = "image-steward:release";

/// A hub with a queue of work, and its one release in the record.
pub(crate) struct Depot {
    pub(crate) hub: Hub,
    /// The queue's URL and ARN.
    url: String,
    arn: String,
    /// The image of the build.
    pub(crate) built: String,
    /// The topic of releases.
    pub(crate) releases: String,
}

impl Depot {
    pub(crate) async fn new(settings: Settings) -> Self {
        // The SDK's futures are large.
        let (hub, built) = Box::pin(Hub::recorded(settings)).await;
        let plane = &hub.shop.aws.plane;
        // Longer than any work here takes, however often a call is tried again.
        let settings = QueueSettings {
            visibility_timeout: minutes(2),
            ..QueueSettings::fifo()
        };
        let queue = plane.with(|world| world.create_queue(target(HUB, IRELAND), "work.fifo", settings));
        let queue = queue.unwrap();
        let releases = plane.with(|world| world.create_topic(target(HUB, IRELAND), "releases"));
        let releases = releases.unwrap();
        Self {
            hub,
            url: queue.url,
            arn: queue.arn,
            built,
            releases,
        }
    }

    pub(crate) fn room(&self) -> (Room, Process) {
        self.room_with(Some(&self.url))
    }

    /// The same where the template gives no queue.
    pub(crate) fn observing(&self) -> (Room, Process) {
        self.room_with(None)
    }

    fn room_with(&self, queue: Option<&str>) -> (Room, Process) {
        let other = self.hub.shop.aws.another_process();
        let mut environment = environment(FirstValue::Running);
        PUBLISH_ROLE.clone_into(&mut environment.access.role);
        let aws = Aws::new(&other.config(HUB, IRELAND), environment.hub, environment.access.clone());
        // The template gives the topic where it gives the queue.
        let releases = queue.map(|_| self.releases.as_str());
        let room = Room::new(aws, &environment, queue)
            .telling_of_releases(releases)
            .publishing_under(Some("/golden/".parse().unwrap()))
            .with_role(Some(format!("arn:aws:iam::{HUB}:root")));
        (room, other.process)
    }

    pub(crate) async fn dispatch(&self) -> Result<Dispatched, Failure> {
        let (room, _) = self.room();
        let run = format!("run-{}", self.hub.moment().now);
        plan_distribution(&room, &json!({ "wake": "sweep" }), &run, self.hub.moment()).await
    }

    /// A sweep that sends nobody: it writes down who may use the family.
    pub(crate) async fn observe(&self) {
        let (room, _) = self.observing();
        let event = json!({ "wake": "sweep" });
        plan_distribution(&room, &event, "observing", self.hub.moment())
            .await
            .unwrap();
    }

    /// The same where the environment may end at any call.
    pub(crate) async fn dispatch_or_crash(&self) -> Result<Dispatched, Crashed> {
        let (room, process) = self.room();
        let run = format!("run-{}", self.hub.moment().now);
        let event = json!({ "wake": "sweep" });
        let dispatched = plan_distribution(&room, &event, &run, self.hub.moment());
        process.run(Box::pin(dispatched)).await.map(Result::unwrap)
    }

    /// Lets workers do all the work there is; whether one of them ended on the way.
    pub(crate) async fn work_or_crash(&self) -> bool {
        let mut crashed = false;
        while let Some(worked) = self.work().await {
            crashed |= worked.is_err();
        }
        crashed
    }

    /// Lets a worker do the next piece of work; none where there is none.
    pub(crate) async fn work(&self) -> Option<Result<(), Crashed>> {
        let batch = self
            .hub
            .shop
            .aws
            .plane
            .with(|world| world.take_batch(&self.arn))
            .unwrap()?;
        let (room, process) = self.room();
        let handled = process
            .run(Box::pin(apply_distribution(&room, &batch, self.hub.moment())))
            .await;
        Some(handled.map(|answer| {
            let answer = answer.unwrap();
            let receipt = batch["Records"][0]["receiptHandle"].as_str().unwrap();
            if answer.batch_item_failures.is_empty() {
                let deleted = self
                    .hub
                    .shop
                    .aws
                    .plane
                    .with(|world| world.acknowledge(&self.arn, receipt));
                assert!(deleted.unwrap());
            }
        }))
    }

    /// One sweep, and all the work that it sends.
    pub(crate) async fn round(&self) -> Dispatched {
        let dispatched = self.dispatch().await.unwrap();
        while let Some(worked) = self.work().await {
            assert!(worked.is_ok());
        }
        dispatched
    }

    /// Sweeps until nothing is due.
    pub(crate) async fn settle(&self) {
        for _ in 0..40 {
            self.hub.shop.aws.pass(minutes(5)).await;
            self.hub.sweep().await;
            let round = self.round().await;
            if round.due + round.views == 0 {
                return;
            }
        }
        panic!("it never comes to rest");
    }

    /// The images of the family that are copies, by their Region.
    pub(crate) async fn copies(&self) -> BTreeMap<&'static str, Vec<String>> {
        let mut copies = BTreeMap::new();
        for region in [IRELAND, VIRGINIA, TOKYO] {
            let ec2 = self.hub.shop.aws.ec2(HUB, region);
            let images = ec2
                .describe_images()
                .owners("self")
                .include_disabled(true)
                .send()
                .await
                .unwrap();
            let copies_there = images.images().iter().filter(|image| {
                image.source_image_id().is_some() && image.tags().iter().any(|tag| tag.key() == Some(RELEASE))
            });
            let ids: Vec<String> = copies_there.map(|image| image.image_id().unwrap().to_owned()).collect();
            if !ids.is_empty() {
                copies.insert(region, ids);
            }
        }
        copies
    }

    /// The release's id.
    pub(crate) async fn release(&self) -> String {
        let members = self.hub.record().members_of(&"web".parse().unwrap()).await.unwrap();
        members[0].release.to_string()
    }

    /// How many calls of this kind were made.
    pub(crate) fn calls(&self, action: &str) -> u64 {
        self.hub.shop.aws.plane.with(|world| world.ledger().of(action).all())
    }

    /// How many calls changed something of EC2.
    pub(crate) fn changes(&self) -> usize {
        let of_ec2 = |mutation: &&image_plane::Mutation| mutation.service == image_plane::Service::Ec2;
        let plane = &self.hub.shop.aws.plane;
        plane.with(|world| world.ledger().changes().filter(of_ec2).count())
    }

    /// How the release stands in each target.
    pub(crate) async fn stands(&self) -> BTreeMap<String, String> {
        let stood = self.hub.record().stood(&"web".parse().unwrap()).await.unwrap();
        stood
            .into_iter()
            .map(|((_, target), stood)| (target.region().to_string(), stood.says.to_string()))
            .collect()
    }

    pub(crate) async fn findings(&self, region: &str) -> Vec<String> {
        let stood = self.hub.record().stood(&"web".parse().unwrap()).await.unwrap();
        let there = stood
            .into_iter()
            .filter(|((_, target), _)| target.region().to_string() == region);
        there
            .flat_map(|(_, stood)| stood.findings)
            .map(|finding| finding.to_string())
            .collect()
    }

    /// The steps of workers that were begun and not ended.
    pub(crate) fn open_steps(&self) -> Vec<(String, String)> {
        let items = self.hub.items().into_keys();
        items
            .filter(|(pk, _)| pk.starts_with("OPEN#apply-distribution"))
            .collect()
    }
}

async fn tags(ec2: &aws_sdk_ec2::Client, of: &[String]) -> BTreeSet<(String, String)> {
    let filter = aws_sdk_ec2::types::Filter::builder()
        .name("resource-id")
        .set_values(Some(of.to_vec()))
        .build();
    let tags = ec2.describe_tags().filters(filter).send().await.unwrap();
    let text = |text: Option<&str>| text.unwrap().to_owned();
    tags.tags()
        .iter()
        .map(|tag| (text(tag.key()), text(tag.value())))
        .collect()
}

#[tokio::test(start_paused = true)]
async fn a_release_is_copied_to_each_region_with_its_tags_and_then_nothing_more_is_changed() {
    let depot = Depot::new(Settings::calm()).await;
    depot
        .hub
        .want("{ regions: { eu-west-1: {}, us-east-1: {}, ap-northeast-1: {} }, tags: { team: web } }")
        .await;
    depot.settle().await;
    let copies = depot.copies().await;
    assert_eq!(copies.keys().copied().collect::<Vec<_>>(), [TOKYO, VIRGINIA]);
    for (region, ids) in &copies {
        let [copy] = ids.as_slice() else { panic!("{ids:?}") };
        let ec2 = depot.hub.shop.aws.ec2(HUB, region);
        let image = describe(&ec2, copy).await;
        let mut both = vec![copy.clone()];
        both.extend(snapshots(&image));
        for one in both {
            let tags = tags(&ec2, &[one]).await;
            for (key, value) in [(FAMILY, "web"), ("team", "web"), ("Name", "web/1.4.2/1")] {
                assert!(tags.contains(&(key.to_owned(), value.to_owned())), "{tags:?}");
            }
            assert!(tags.iter().any(|(key, _)| key == RELEASE));
        }
        // The record knows it as ours.
        let items = depot.hub.items();
        let placed = items
            .iter()
            .find(|((pk, sk), _)| pk.starts_with("R#") && sk.starts_with("P#") && sk.ends_with(copy.as_str()));
        assert_eq!(placed.unwrap().1["managed"]["BOOL"], true);
    }
    // The build's own image has the manifest's tags by now, and lies where it lay.
    let home = depot.hub.shop.aws.hub();
    assert!(
        tags(&home, std::slice::from_ref(&depot.built))
            .await
            .contains(&("team".to_owned(), "web".to_owned()))
    );
    let changed = depot.changes();
    assert_eq!(depot.calls("CopyImage"), 2);
    depot.hub.shop.aws.pass(hours(25)).await;
    depot.hub.sweep().await;
    let round = depot.round().await;
    assert_eq!((round.due, depot.changes()), (3, changed));
}

#[tokio::test(start_paused = true)]
async fn within_the_day_a_release_that_stands_as_it_should_costs_no_call() {
    let depot = Depot::new(Settings::calm()).await;
    depot.hub.want("{ regions: { us-east-1: {} } }").await;
    depot.settle().await;
    let before = depot.hub.calls();
    depot.hub.shop.aws.pass(hours(1)).await;
    assert_eq!(depot.round().await.due, 0);
    assert_eq!(depot.hub.calls(), before);
}

#[tokio::test(start_paused = true)]
async fn a_crash_at_any_call_leaves_one_copy_and_the_record_right() {
    let mut ends = 0;
    for kind in Crash::KINDS {
        for skip in 0..60 {
            let depot = Depot::new(Settings::calm()).await;
            depot
                .hub
                .want("{ regions: { us-east-1: {} }, share_with: { accounts: [\"222233334444\"] } }")
                .await;
            depot.dispatch().await.unwrap();
            // The work at home first: it changes only who may use the image.
            let crash = kind.at(skip);
            crash.strike(&depot.hub.shop.aws.plane);
            if !depot.work_or_crash().await {
                break;
            }
            ends += 1;
            depot.hub.shop.aws.pass(hours(1)).await;
            depot.settle().await;
            let at = crash.to_string();
            let copies = depot.copies().await;
            assert_eq!(copies[VIRGINIA].len(), 1, "{at}: {copies:?}");
            let shared = describe_grants(&depot, VIRGINIA, &copies[VIRGINIA][0]).await;
            assert_eq!(shared, ["222233334444"], "{at}");
            assert_eq!(depot.open_steps(), [], "{at}");
        }
    }
    assert!(ends > 40, "{ends}");
}

/// Whom an image is shared with.
pub(crate) async fn describe_grants(depot: &Depot, region: &'static str, ami: &str) -> Vec<String> {
    let ec2 = depot.hub.shop.aws.ec2(HUB, region);
    let attribute = aws_sdk_ec2::types::ImageAttributeName::LaunchPermission;
    let answer = ec2
        .describe_image_attribute()
        .image_id(ami)
        .attribute(attribute)
        .send()
        .await
        .unwrap();
    let who = answer.launch_permissions().iter().map(|permission| {
        let account = permission.user_id().or(permission.organization_arn());
        account
            .or(permission.organizational_unit_arn())
            .unwrap_or("all")
            .to_owned()
    });
    let mut who: Vec<String> = who.collect();
    who.sort();
    who
}

#[tokio::test(start_paused = true)]
async fn a_copy_that_takes_hours_keeps_nobody_busy_and_is_seen_under_way() {
    let slow = Settings {
        copy_per_gib: minutes(20),
        ..Settings::calm()
    };
    let depot = Depot::new(slow).await;
    depot.hub.want("{ regions: { us-east-1: {} } }").await;
    depot.round().await;
    for _ in 0..30 {
        depot.hub.shop.aws.pass(minutes(5)).await;
        depot.round().await;
        assert!(
            depot.stands().await[VIRGINIA].contains("is being made since"),
            "{:?}",
            depot.stands().await
        );
    }
    depot.settle().await;
    assert!(depot.stands().await[VIRGINIA].ends_with("is there"));
    assert_eq!(depot.calls("CopyImage"), 1);
}
