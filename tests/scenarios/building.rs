//! Builds: started when there is a reason, once, and for the record.

mod approving;
mod asking;
mod crashing;
mod foreseeing;
mod pairs;
mod scanning;
mod starting;
mod superseding;
mod told;
mod woken;

use std::time::Duration;

use image_plane::{Process, World};
use record_lineage::handle;
use serde_json::{Value, json};
use stage::aws::{HUB, IRELAND, hours, minutes, target};
use steward::building::BuildRequest;
use steward::channels::{Moved, Mover, Pointed};
use steward::{ChannelName, FamilyName, ReleaseId};
use steward_aws::{AppliedManifest, Aws, FirstValue};
use steward_lambda::{Deadline, Failure, Moment};
use trigger_builds::{Room, Triggered, trigger_builds};

use crate::apply::Bench;
use crate::hub::environment;

/// A line of it, with a schedule.
pub(crate) const WEB: &str = r#"
family: web
build:
  parent: { parameter: "/base/x86_64", owner: self }
  components:
    - { arn: "arn:aws:imagebuilder:eu-west-1:aws:component/update-linux/x.x.x" }
  infrastructure: { instance_types: [t3.medium], instance_profile: ImageBuilder }
triggers: { base: 1h, debounce: 0m }
"#;
const PIPELINE: &str = "arn:aws:imagebuilder:eu-west-1:111122223333:image-pipeline/web-x86-64";

/// A hub with a family that is applied, and the functions that build and record.
pub(crate) struct Yard {
    pub(crate) bench: Bench,
    /// The topic by which people are told of builds that wait.
    releases: String,
}

impl Yard {
    /// A family of which nothing is built yet.
    async fn applied() -> Self {
        Self::applied_as(Bench::new().await, WEB).await
    }

    async fn applied_as(mut bench: Bench, manifest: &str) -> Self {
        manifest.clone_into(&mut bench.manifest);
        Box::pin(bench.apply()).await.unwrap();
        let topic = |world: &mut World| world.create_topic(target(HUB, IRELAND), "releases");
        let releases = bench.world.plane.with(topic).unwrap();
        Self { bench, releases }
    }

    /// A family whose first release is in the record.
    pub(crate) async fn built() -> Self {
        Self::built_as(WEB).await
    }

    pub(crate) async fn built_as(manifest: &str) -> Self {
        let yard = Self::applied_as(Bench::new().await, manifest).await;
        yard.pass(24).await;
        assert_eq!(yard.builds().await.len(), 1);
        yard
    }

    fn room(&self, at_once: usize) -> (Room, Process) {
        let other = self.bench.world.another_process();
        let environment = environment(FirstValue::Running);
        let aws = Aws::new(&other.config(HUB, IRELAND), environment.hub, environment.access.clone());
        let room = Room::new(aws, &environment, at_once).telling_of_waits(Some(&self.releases));
        (room, other.process)
    }

    fn moment(&self) -> Moment {
        Moment {
            now: self.bench.now(),
            deadline: Deadline::after(Duration::from_mins(5)),
        }
    }

    /// Wakes the function by its sweep.
    pub(crate) async fn wake(&self) -> Result<Triggered, Failure> {
        let (room, _) = self.room(5);
        self.wake_in(&room).await
    }

    async fn wake_in(&self, room: &Room) -> Result<Triggered, Failure> {
        self.wake_by(room, &json!({ "wake": "sweep" })).await
    }

    async fn wake_by(&self, room: &Room, event: &Value) -> Result<Triggered, Failure> {
        let run = self.bench.now().to_string();
        Box::pin(trigger_builds(room, event, &run, self.moment())).await
    }

    /// What the record finds by its sweep.
    async fn record(&self) {
        let other = self.bench.world.another_process();
        let environment = environment(FirstValue::Running);
        let aws = Aws::new(&other.config(HUB, IRELAND), environment.hub, environment.access.clone());
        let room = record_lineage::Room::new(aws, &environment);
        let event = json!({ "wake": "sweep" });
        Box::pin(handle(&room, &event, self.moment())).await.unwrap();
    }

    /// So many sweeps of both, five minutes apart.
    pub(crate) async fn pass(&self, sweeps: usize) -> Triggered {
        let mut last = Triggered::default();
        for _ in 0..sweeps {
            self.bench.world.pass(minutes(5)).await;
            self.record().await;
            last = self.wake().await.unwrap();
        }
        last
    }

    /// The builds of the pipeline, the oldest first, each with why it was started.
    async fn builds(&self) -> Vec<(String, String)> {
        let ib = self.bench.ib();
        let listed = ib
            .list_image_pipeline_images()
            .image_pipeline_arn(PIPELINE)
            .send()
            .await
            .unwrap();
        let mut builds = Vec::new();
        for summary in listed.image_summary_list() {
            let arn = summary.arn().unwrap().to_owned();
            let image = ib.get_image().image_build_version_arn(&arn).send().await.unwrap();
            let tags = image.image.unwrap().tags.unwrap_or_default();
            builds.push((arn, tags.get("image-steward:reason").cloned().unwrap_or_default()));
        }
        builds.sort();
        builds
    }

    /// The base moves to an image that is new.
    pub(crate) fn base_moves(&self, name: &str) -> String {
        let world = &self.bench.world;
        let image = world.image(HUB, IRELAND, name);
        world
            .plane
            .with(|plane| plane.put_parameter(target(HUB, IRELAND), "/base/x86_64", &image));
        image
    }

    /// Has a channel of a family name its newest release.
    async fn point(&self, family: &str, channel: &ChannelName) -> ReleaseId {
        let family = family.parse().unwrap();
        let record = self.bench.run().await.record;
        let newest = *record.members_of(&family).await.unwrap().last().unwrap();
        let held = record.channels(&family).await.unwrap().remove(channel);
        let before = held.as_ref().map_or(0, |held| held.history.len());
        let moved = Moved {
            number: u32::try_from(before).unwrap() + 1,
            to: Pointed::from([(newest.architecture, newest.release)]),
            at: self.bench.now(),
            by: Mover::Itself,
            why: "it stood on candidate for 24h".into(),
            backward: false,
        };
        let channel = (channel, held.as_ref());
        assert!(record.move_channel(&family, channel, None, &moved).await.unwrap());
        newest.release
    }

    /// A newer version of us applied a manifest that this one cannot read.
    async fn unreadable(&self, family: &FamilyName, version: u32) {
        let manifest = AppliedManifest {
            version,
            digest: format!("of {version}"),
            who: String::from("ann"),
            at: self.bench.now(),
            message: None,
            text: format!("family: {family}\nof: the day after tomorrow\n"),
        };
        let record = self.bench.run().await.record;
        let before = record.applied(family).await.unwrap();
        record.store_manifest(family, &manifest, before.as_ref()).await.unwrap();
    }

    pub(crate) async fn ask(&self, why: &str) {
        let request = BuildRequest {
            who: String::from("ann"),
            why: why.into(),
            at: self.bench.now(),
            architecture: None,
        };
        self.bench.run().await.record.ask_build(&web(), &request).await.unwrap();
    }

    /// What the family's journal says of builds.
    async fn journal(&self) -> Vec<String> {
        let journal = self.bench.run().await.record.journal_of_family(&web()).await.unwrap();
        journal.into_iter().map(|entry| entry.heard).collect()
    }
}

fn web() -> FamilyName {
    "web".parse().unwrap()
}
