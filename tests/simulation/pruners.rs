//! Who knows who uses images, and who retires them: woken by their schedules and their queue.

use std::time::Duration;

use image_plane::{ImageId, Process, Time};
use prune_images::{apply_pruning, plan_pruning};
use record_lineage::gather_evidence;
use serde_json::json;
use stage::aws::{HUB, minutes};
use stage::member::LOOK_ROLE;

use crate::site::{Broken, Site};

/// Functions that take longer are ended.
const TIMEOUT: Duration = minutes(15);
const TIMEOUT_OF_PLAN: Duration = minutes(5);

impl Site {
    /// Wakes gather-evidence as its schedule does.
    pub(crate) async fn gather(&mut self) -> Result<(), Broken> {
        let (room, process) = self.warm.gather.take().unwrap_or_else(|| self.record_room(LOOK_ROLE));
        let run = self.next_run();
        let event = json!({ "wake": "sweep" });
        let began = self.plane().now();
        let before = self.plane().with(|world| crate::judge::looked_at(world));
        let work = Box::pin(gather_evidence(&room, &event, &run, self.moment_of(TIMEOUT)));
        let answered = self.invoke_for(TIMEOUT, "gather-evidence", &process, work).await?;
        let Some(answer) = answered else { return Ok(()) };
        self.warm.gather = Some((room, process));
        match answer {
            Ok(gathered) => {
                let plane = &self.aws.plane;
                plane.with(|world| self.judge.needs.was_read(&before, world, began));
                self.say(format!(
                    "gathered {} targets, {} changed",
                    gathered.targets, gathered.changed
                ));
            }
            Err(failure) => self.say(format!("gather-evidence fails: {failure:?}")),
        }
        Ok(())
    }

    /// Wakes plan-pruning as its schedule does.
    pub(crate) async fn plan_pruning(&mut self) -> Result<(), Broken> {
        let (room, process) = self.warm.plan_pruning.take().unwrap_or_else(|| self.pruning_room());
        let run = self.next_run();
        let event = json!({ "wake": "sweep" });
        let work = Box::pin(plan_pruning(&room, &event, &run, self.moment_of(TIMEOUT_OF_PLAN)));
        let answered = self.invoke_for(TIMEOUT_OF_PLAN, "plan-pruning", &process, work).await?;
        self.hear_announcements();
        let Some(answer) = answered else { return Ok(()) };
        self.warm.plan_pruning = Some((room, process));
        self.say(format!("plan-pruning: {answer:?}"));
        Ok(())
    }

    /// Lets a worker take the next piece of pruning's work; false where there is none.
    pub(crate) async fn prune(&mut self) -> Result<bool, Broken> {
        let queue = self.pruning_queue.arn.clone();
        let batch = self.plane().with(|world| world.take_batch(&queue)).unwrap();
        let Some(batch) = batch else { return Ok(false) };
        self.sent_to = images_in(batch["Records"][0]["body"].as_str().unwrap_or_default());
        self.look_around().await;
        let (room, process) = self.warm.apply_pruning.take().unwrap_or_else(|| self.pruning_room());
        let work = Box::pin(apply_pruning(&room, &batch, self.moment_of(TIMEOUT)));
        let answered = self.invoke_for(TIMEOUT, "apply-pruning", &process, work).await?;
        let Some(answer) = answered else { return Ok(true) };
        self.warm.apply_pruning = Some((room, process));
        match answer {
            // Somebody may end it before the message is taken away.
            Ok(answer) if answer.batch_item_failures.is_empty() && !self.dice.chance(self.weather.strikes / 5) => {
                let receipt = batch["Records"][0]["receiptHandle"].as_str().unwrap();
                // Whoever slept for long is done with what another has by now.
                self.plane().with(|world| world.acknowledge(&queue, receipt)).unwrap();
            }
            Ok(_) => self.say("the message of apply-pruning goes back"),
            Err(failure) => self.say(format!("apply-pruning fails: {failure:?}")),
        }
        Ok(true)
    }

    /// Whether there is any pruning that was sent and is not done.
    pub(crate) fn has_pruning(&self) -> bool {
        let plane = &self.aws.plane;
        plane
            .with(|world| world.queued_messages(&self.pruning_queue.arn))
            .unwrap()
            > 0
    }

    /// Where the channels of all families stand by now.
    pub(crate) async fn look_at_channels(&mut self) {
        let now = self.aws.plane.now();
        for family in &self.families {
            let name = family.policy.family.parse().unwrap();
            let channels = self.record.channels(&name).await.unwrap();
            self.judge.needs.on_channels(&family.policy.family, &channels, now);
        }
    }

    /// What people were told goes for good.
    fn hear_announcements(&mut self) {
        let told = self.plane().with(image_plane::World::take_published);
        for message in told {
            let subject = message.subject.unwrap_or_default();
            if subject.contains("to be deregistered") || subject.contains("to be deleted") {
                self.judge.needs.was_told(&message.message, message.at);
            }
        }
    }

    fn pruning_room(&self) -> (prune_images::Room, Process) {
        let (aws, environment, process) = self.aws_of_function(LOOK_ROLE);
        let queue = self.acts.then_some(self.pruning_queue.url.as_str());
        let room = prune_images::Room::new(aws, &environment, queue).telling_of_images(Some(&self.releases));
        (room, process)
    }

    pub(crate) fn next_run(&mut self) -> String {
        self.runs += 1;
        format!("run-{}", self.runs)
    }

    /// Now, in the model's own time.
    pub(crate) fn now(&self) -> Time {
        self.aws.plane.now()
    }

    /// The hub's EC2 where an image is.
    pub(crate) fn ec2_of(&self, region: image_plane::Region) -> aws_sdk_ec2::Client {
        self.aws.ec2(HUB, region.name())
    }
}

/// The images that a message names.
fn images_in(body: &str) -> Vec<ImageId> {
    let words = body.split('"');
    words.filter_map(|word| word.parse().ok()).collect()
}
