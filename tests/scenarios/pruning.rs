//! Pruning: what nobody needs goes, what somebody needs stays, and whoever does not know leaves it alone.

mod planning;

use image_plane::{Process, QueueSettings, Settings};
use prune_images::{Planned, Room, plan_pruning};
use serde_json::json;
use stage::aws::{HUB, IRELAND, minutes, target};
use stage::shop::amis;
use steward::pruning::{Effect, PruningWork};
use steward_aws::{Aws, FirstValue};
use steward_lambda::Failure;

use crate::evidence::gather;
use crate::hub::{Hub, environment};

/// What it takes to see the ladder within minutes of a test.
pub(crate) const RETAIN: &str = "retain: { releases: 1, for: 1d, limits: { share: 100% }, \
     ladder: { deprecate: 0d, disable: 14d, delete: 30d } }";

/// A hub with a queue of pruning's work, and a family's releases in the record.
pub(crate) struct Yard {
    pub(crate) hub: Hub,
    url: String,
    arn: String,
    /// The topic by which people are told.
    topic: String,
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
        let queue = hub
            .shop
            .aws
            .plane
            .with(|world| world.create_queue(target(HUB, IRELAND), "prune.fifo", QueueSettings::fifo()));
        let queue = queue.unwrap();
        let plane = &hub.shop.aws.plane;
        let topic = plane.with(|world| world.create_topic(target(HUB, IRELAND), "releases"));
        let yard = Self {
            topic: topic.unwrap(),
            hub,
            url: queue.url,
            arn: queue.arn,
            images,
        };
        yard.want(retain).await;
        yard
    }

    /// Applies a manifest that says this beside.
    pub(crate) async fn want(&self, retain: &str) {
        self.hub
            .want(&format!("{{ regions: {{ eu-west-1: {{}} }} }}\n{retain}"))
            .await;
    }

    fn room_with(&self, queue: Option<&str>) -> (Room, Process) {
        let other = self.hub.shop.aws.another_process();
        let environment = environment(FirstValue::Running);
        let aws = Aws::new(&other.config(HUB, IRELAND), environment.hub, environment.access.clone());
        // The template gives the topic where it gives the queue.
        let room = Room::new(aws, &environment, queue).telling_of_images(queue.map(|_| self.topic.as_str()));
        (room, other.process)
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

    /// Disables an image, and lets the record see it.
    pub(crate) async fn disabled(&self, ami: &str) {
        let ec2 = self.hub.shop.aws.ec2(HUB, IRELAND);
        ec2.disable_image().image_id(ami).send().await.unwrap();
        for _ in 0..3 {
            self.hub.shop.aws.pass(minutes(61)).await;
            self.hub.sweep().await;
            self.hub.shop.aws.pass(minutes(6)).await;
            self.hub.sweep().await;
        }
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
