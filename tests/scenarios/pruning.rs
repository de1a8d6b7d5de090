//! Pruning: what nobody needs goes, what somebody needs stays, and whoever does not know leaves it alone.

mod applying;
mod asked;
mod bins;
mod by_hand;
mod climbing;
mod containers;
mod crashing;
pub(crate) mod described;
mod holding;
pub(crate) mod left;
mod left_behind;
mod leftovers;
mod let_in;
mod looking;
mod many;
mod members;
mod news;
mod pairs;
mod planning;
mod reported;
mod restoring;
mod settling;
mod shown;
pub(crate) mod simulated;
mod wishing;

use std::time::Duration;

use aws_config::SdkConfig;
use aws_sdk_dynamodb::types::AttributeValue;
use image_plane::{Crashed, Process, QueueSettings, Settings};
use prune_images::{Planned, Room, apply_pruning, plan_pruning};
use serde_json::{Value, json};
use stage::aws::{HUB, IRELAND, hours, minutes, target};
use stage::shop::{amis, distribution};
use steward::pruning::{Effect, PruningWork};
use steward_aws::{Aws, FirstValue};
use steward_lambda::{Deadline, Failure, Moment};

use crate::evidence::gather;
use crate::hub::{Hub, TABLE, environment, in_role};

/// What it takes to see the ladder within minutes of a test.
pub(crate) const RETAIN: &str = "retain: { releases: 1, for: 1d, limits: { share: 100% }, \
     ladder: { deprecate: 0d, disable: 14d, delete: 30d } }";

/// The same without any rung.
pub(crate) const RETAIN_NOTHING_GOES: &str = "retain: { releases: 1, for: 1d, limits: { share: 100% } }";

/// The hub's bucket of reports.
const REPORTS: &str = "image-steward-reports";

/// After so long the queue shows a message again that nobody was done with.
pub(crate) const REAPPEARS: Duration = minutes(20);

/// The same with rungs that are a day apart.
pub(crate) const LADDER: &str = "retain: { releases: 1, for: 1d, keep_tags: { keep: \"true\" }, limits: { share: 100% }, \
     ladder: { deprecate: 0d, disable: 1d, delete: 2d } }";

/// A hub with a queue of pruning's work, and a family's releases in the record.
pub(crate) struct Yard {
    pub(crate) hub: Hub,
    url: String,
    arn: String,
    /// The topic by which people are told.
    pub(crate) topic: String,
    /// The images of its builds, the oldest first.
    pub(crate) images: Vec<String>,
}

impl Yard {
    /// A family that built so often, by a manifest that shares it with nobody and says this beside.
    pub(crate) async fn new(builds: usize, retain: &str) -> Self {
        // The SDK's futures are large.
        let (hub, first) = Box::pin(Hub::recorded(Settings::calm())).await;
        let mut images = vec![first];
        for _ in 1..builds {
            let build = hub.shop.built().await;
            hub.sweep().await;
            images.push(amis(&hub.shop.image(&build).await)[0].1.clone());
        }
        let yard = Self::around(hub, images);
        yard.want(retain).await;
        yard
    }

    /// The same with two images of each build, one in each of these Regions, in this order.
    pub(crate) async fn in_regions(builds: usize, retain: &str, regions: [&'static str; 2]) -> Self {
        let all = regions.map(distribution).into();
        let hub = Box::pin(Hub::new(Settings::calm(), all)).await;
        let mut images = Vec::new();
        for _ in 0..builds {
            let build = hub.shop.built().await;
            hub.sweep().await;
            let mut made = amis(&hub.shop.image(&build).await);
            made.sort_by_key(|(region, _)| *region != regions[0]);
            images.extend(made.into_iter().map(|(_, ami)| ami));
        }
        let yard = Self::around(hub, images);
        let named = regions.map(|region| format!("{region}: {{}}")).join(", ");
        yard.hub.want(&format!("{{ regions: {{ {named} }} }}\n{retain}")).await;
        yard
    }

    /// The same of images that there are.
    pub(crate) fn around(hub: Hub, images: Vec<String>) -> Self {
        let plane = &hub.shop.aws.plane;
        let settings = QueueSettings {
            visibility_timeout: REAPPEARS,
            ..QueueSettings::fifo()
        };
        let queue = plane.with(|world| world.create_queue(target(HUB, IRELAND), "prune.fifo", settings));
        let queue = queue.unwrap();
        let topic = plane.with(|world| world.create_topic(target(HUB, IRELAND), "releases"));
        assert!(plane.with(|world| world.create_bucket(target(HUB, IRELAND), REPORTS)));
        Self {
            topic: topic.unwrap(),
            hub,
            url: queue.url,
            arn: queue.arn,
            images,
        }
    }

    /// Applies a manifest that says this beside.
    pub(crate) async fn want(&self, retain: &str) {
        self.hub
            .want(&format!("{{ regions: {{ eu-west-1: {{}} }} }}\n{retain}"))
            .await;
    }

    fn room_with(&self, queue: Option<&str>) -> (Room, Process) {
        let other = self.hub.shop.aws.another_process();
        (self.room_of(&other.config(HUB, IRELAND), queue), other.process)
    }

    fn room_of(&self, config: &SdkConfig, queue: Option<&str>) -> Room {
        let environment = environment(FirstValue::Running);
        let aws = Aws::new(config, environment.hub, environment.access.clone());
        let room = Room::new(aws, &environment, queue).telling_of_images(Some(&self.topic));
        room.reporting_to(REPORTS)
    }

    /// Plans, as the sweep has it.
    pub(crate) async fn plan(&self) -> Result<Planned, Failure> {
        let (room, _) = self.room_with(Some(&self.url));
        let run = format!("run-{}", self.hub.moment().now);
        plan_pruning(&room, &json!({ "wake": "sweep" }), &run, self.hub.moment()).await
    }

    /// The same in observe mode.
    pub(crate) async fn observe(&self) -> Planned {
        let (room, _) = self.room_with(None);
        let event = json!({ "wake": "sweep" });
        plan_pruning(&room, &event, "observing", self.hub.moment())
            .await
            .unwrap()
    }

    /// Lets the time pass until evidence is due again, gathers it, and plans.
    pub(crate) async fn plan_later(&self) -> Planned {
        self.hub.shop.aws.pass(minutes(61)).await;
        self.hub.sweep().await;
        gather(&self.hub).await.unwrap();
        self.plan().await.unwrap()
    }

    /// Lets a worker do the next piece of work within this time; none where there is none.
    pub(crate) async fn work_within(&self, time: Duration) -> Option<Result<(), Crashed>> {
        self.work_in(self.room_with(Some(&self.url)), time).await
    }

    /// The same in a room that is there.
    async fn work_in(&self, by: (Room, Process), time: Duration) -> Option<Result<(), Crashed>> {
        let batch = self.take()?;
        Some(self.handle(&batch, by, time).await)
    }

    /// The next message, as the queue hands it over; none where there is none.
    fn take(&self) -> Option<Value> {
        let plane = &self.hub.shop.aws.plane;
        plane.with(|world| world.take_batch(&self.arn)).unwrap()
    }

    /// Lets a worker do what a message says that was taken.
    async fn handle(&self, batch: &Value, (room, process): (Room, Process), time: Duration) -> Result<(), Crashed> {
        let moment = Moment {
            deadline: Deadline::after(time),
            ..self.hub.moment()
        };
        let handled = process.run(Box::pin(apply_pruning(&room, batch, moment))).await;
        handled.map(|answer| {
            let answer = answer.unwrap();
            let receipt = batch["Records"][0]["receiptHandle"].as_str().unwrap();
            // Whoever slept for long is done with what another has by now.
            if answer.batch_item_failures.is_empty() {
                let plane = &self.hub.shop.aws.plane;
                plane.with(|world| world.acknowledge(&self.arn, receipt)).unwrap();
            }
        })
    }

    /// Lets workers do all the work there is; how many of them there were.
    pub(crate) async fn apply(&self) -> usize {
        let mut workers = 0;
        while let Some(worked) = self.work_within(minutes(15)).await {
            worked.unwrap();
            workers += 1;
        }
        workers
    }

    /// The same by workers that may do what this role of the hub's may.
    pub(crate) async fn apply_in(&self, role: &str) {
        loop {
            let other = self.hub.shop.aws.another_process();
            let config = in_role(&other, role).await;
            let room = self.room_of(&config, Some(&self.url));
            let Some(worked) = self.work_in((room, other.process), minutes(15)).await else {
                break;
            };
            worked.unwrap();
        }
    }

    /// Lets a worker come that is sent for nothing in particular.
    pub(crate) async fn visit(&self) {
        let (room, _) = self.room_with(Some(&self.url));
        let work = json!({ "run": "nothing", "target": "111122223333/eu-west-1", "families": [] });
        let batch = json!({ "Records": [{ "messageId": "m", "body": work.to_string() }] });
        let moment = Moment {
            deadline: Deadline::after(minutes(15)),
            ..self.hub.moment()
        };
        let answer = Box::pin(apply_pruning(&room, &batch, moment)).await.unwrap();
        assert!(answer.batch_item_failures.is_empty());
    }

    /// The first time at which anything goes.
    pub(crate) async fn until_expendable(&self) {
        self.hub.shop.aws.pass(hours(48)).await;
        self.plan_later().await;
    }

    /// The next day, on which what is on a rung of `LADDER` goes to the next.
    pub(crate) async fn next_day(&self) {
        self.hub.shop.aws.pass(hours(24)).await;
        self.plan_later().await;
    }

    /// The day on which the oldest images are to be disabled: a worker has work.
    pub(crate) async fn until_disabling(&self) {
        self.until_expendable().await;
        self.apply().await;
        self.next_day().await;
    }

    /// The day on which they are to go for good.
    pub(crate) async fn until_deregistering(&self) {
        self.until_disabling().await;
        self.apply().await;
        // It is announced as soon as it is near.
        self.plan_later().await;
        self.apply().await;
        self.next_day().await;
    }

    /// On which rung EC2 has an image.
    pub(crate) async fn rung(&self, region: &'static str, ami: &str) -> &'static str {
        let ec2 = self.hub.shop.aws.ec2(HUB, region);
        let request = ec2.describe_images().owners("self").include_deprecated(true);
        let answer = request.include_disabled(true).send().await.unwrap();
        let image = answer.images().iter().find(|image| image.image_id() == Some(ami));
        match image.map(|image| (image.state().unwrap().as_str(), image.deprecation_time())) {
            None => "gone",
            Some(("disabled", _)) => "disabled",
            Some((_, None)) => "available",
            Some((_, Some(_))) => "deprecated",
        }
    }

    /// The same of the first images, in the hub's own Region.
    pub(crate) async fn rungs(&self) -> Vec<&'static str> {
        let mut rungs = Vec::new();
        for ami in &self.images {
            rungs.push(self.rung(IRELAND, ami).await);
        }
        rungs
    }

    /// What was changed by these actions, in the order in which it was.
    pub(crate) fn changes(&self, of: &[&str]) -> Vec<&'static str> {
        let plane = &self.hub.shop.aws.plane;
        plane.with(|world| {
            let changes = world.ledger().changes().map(|change| change.action);
            changes.filter(|action| of.contains(action)).collect()
        })
    }

    /// The build that made an image, and a member of what the record has of that release.
    pub(crate) fn release(&self, ami: &str, member: &str) -> String {
        let items = self.hub.items();
        let placed = items.keys().find(|(pk, sk)| pk.starts_with("R#") && sk.ends_with(ami));
        let (release, _) = placed.unwrap().clone();
        items[&(release, String::from("META"))][member]["S"]
            .as_str()
            .unwrap()
            .to_owned()
    }

    /// A member of what the record has of an image.
    pub(crate) fn placed(&self, ami: &str, member: &str) -> Option<String> {
        let items = self.hub.items();
        let placed = items
            .iter()
            .find(|((pk, sk), _)| pk.starts_with("R#") && sk.ends_with(ami));
        placed.unwrap().1[member]["S"].as_str().map(str::to_owned)
    }

    /// The same as the table has it; null where it has none.
    pub(crate) fn member_of(&self, ami: &str, member: &str) -> Value {
        let items = self.hub.items();
        let mut placed = items.iter();
        let placed = placed.find(|((pk, sk), _)| pk.starts_with("R#") && sk.ends_with(ami));
        match &placed.unwrap().1[member] {
            Value::Object(value) if value.contains_key("NULL") => Value::Null,
            value => value.clone(),
        }
    }

    /// What the journal says of pruning.
    pub(crate) fn journal(&self) -> Vec<String> {
        let journal = self.hub.journal().into_iter().map(|(_, says)| says);
        journal.filter(|says| says.starts_with("apply-pruning")).collect()
    }

    /// Steps that nobody wrote the end of.
    pub(crate) fn open_steps(&self) -> Vec<String> {
        let items = self.hub.items().into_keys();
        let open = items.filter(|(pk, _)| pk.starts_with("OPEN#apply-pruning"));
        open.map(|(_, step)| step).collect()
    }

    /// Disables an image, and lets the record see it.
    pub(crate) async fn disabled(&self, ami: &str) {
        let ec2 = self.hub.shop.aws.ec2(HUB, IRELAND);
        ec2.disable_image().image_id(ami).send().await.unwrap();
        self.seen().await;
    }

    /// The same of one that another hand deregisters.
    pub(crate) async fn deregistered(&self, ami: &str) {
        let ec2 = self.hub.shop.aws.ec2(HUB, IRELAND);
        ec2.deregister_image().image_id(ami).send().await.unwrap();
        self.seen().await;
    }

    /// Deprecates an image.
    pub(crate) async fn deprecated(&self, ami: &str) {
        let ec2 = self.hub.shop.aws.ec2(HUB, IRELAND);
        let soon = self.hub.moment().now.as_millisecond() + 120_000;
        let deprecate = ec2.enable_image_deprecation().image_id(ami);
        let deprecate = deprecate.deprecate_at(aws_smithy_types::DateTime::from_millis(soon));
        deprecate.send().await.unwrap();
    }

    /// Lets the record compare the images with EC2's, twice.
    async fn seen(&self) {
        for _ in 0..3 {
            self.hub.shop.aws.pass(minutes(61)).await;
            self.hub.sweep().await;
            self.hub.shop.aws.pass(minutes(6)).await;
            self.hub.sweep().await;
        }
    }

    /// Makes a member of an item something that nobody understands.
    async fn garble(&self, pk: &str, sk: &str, member: &str) {
        let tables = aws_sdk_dynamodb::Client::new(&self.hub.shop.aws.config(HUB, IRELAND));
        let text = |text: &str| AttributeValue::S(text.to_owned());
        let update = tables.update_item().table_name(TABLE).key("pk", text(pk));
        let update = update
            .key("sk", text(sk))
            .condition_expression("attribute_exists(#member)")
            .update_expression("SET #member = :garbled")
            .expression_attribute_names("#member", member)
            .expression_attribute_values(":garbled", text("?"));
        update.send().await.unwrap();
    }

    /// The steps that were sent, of all targets.
    pub(crate) fn sent(&self) -> Vec<Effect> {
        let mut effects = Vec::new();
        while let Some(batch) = self
            .hub
            .shop
            .aws
            .plane
            .with(|world| world.take_batch(&self.arn))
            .unwrap()
        {
            let record = &batch["Records"][0];
            let work: PruningWork = serde_json::from_str(record["body"].as_str().unwrap()).unwrap();
            let steps = work.families.into_iter().flat_map(|family| family.steps);
            effects.extend(steps.map(|step| step.effect));
            let receipt = record["receiptHandle"].as_str().unwrap();
            let plane = &self.hub.shop.aws.plane;
            assert!(plane.with(|world| world.acknowledge(&self.arn, receipt)).unwrap());
        }
        effects
    }
}
