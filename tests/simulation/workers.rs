//! Workers at the queue of distribution's work, one at a time or two at once.

use std::fmt::Debug;

use distribute_images::apply_distribution;
use serde_json::Value;

use crate::site::{Broken, Site};

impl Site {
    /// Lets a worker take the next message, and another the one after that where there are two; false where there is none.
    pub(crate) async fn work(&mut self) -> Result<bool, Broken> {
        let Some(batch) = self.take_work() else {
            return Ok(false);
        };
        let (room, process) = self.warm.apply.take().unwrap_or_else(|| self.distribution_room());
        // What it is sent is of another target: those of the same come one after the other.
        let second = if self.in_pairs { self.take_work() } else { None };
        let second = second.map(|batch| {
            let warm = self.warm.beside.take();
            (batch, warm.unwrap_or_else(|| self.distribution_room()))
        });
        let moment = self.moment();
        let beside = async {
            let (batch, (room, process)) = second.as_ref()?;
            let work = Box::pin(apply_distribution(room, batch, moment));
            Some(process.run(work).await)
        };
        let work = Box::pin(apply_distribution(&room, &batch, moment));
        let both = Box::pin(async { tokio::join!(work, beside) });
        let Some((answer, beside)) = self.invoke("apply-distribution", &process, both).await? else {
            return Ok(true);
        };
        self.warm.apply = Some((room, process));
        self.take_away(&batch, answer.map(|answer| answer.batch_item_failures.is_empty()));
        match (second, beside) {
            (Some((batch, warm)), Some(Ok(answer))) => {
                self.judge.seen.pairs += 1;
                self.warm.beside = Some(warm);
                self.take_away(&batch, answer.map(|answer| answer.batch_item_failures.is_empty()));
            }
            (_, Some(Err(_crashed))) => {
                self.crashes += 1;
                self.say("the second apply-distribution crashes");
            }
            (_, None) | (None, Some(Ok(_))) => {}
        }
        Ok(true)
    }

    fn take_work(&self) -> Option<Value> {
        let queue = &self.queue.arn;
        self.aws.plane.with(|world| world.take_batch(queue)).unwrap()
    }

    /// What a worker is done with leaves the queue.
    fn take_away(&mut self, batch: &Value, is_done: Result<bool, impl Debug>) {
        match is_done {
            // Somebody may end it before the message is taken away.
            Ok(is_done) if is_done && !self.dice.chance(self.weather.strikes / 5) => {
                let receipt = batch["Records"][0]["receiptHandle"].as_str().unwrap();
                self.aws
                    .plane
                    .with(|world| world.acknowledge(&self.queue.arn, receipt))
                    .unwrap();
            }
            Ok(_) => self.say("the message of apply-distribution goes back"),
            Err(failure) => self.say(format!("apply-distribution fails: {failure:?}")),
        }
    }

    /// Whether there is any work that was sent and is not done.
    pub(crate) fn has_work(&self) -> bool {
        let plane = &self.aws.plane;
        plane.with(|world| world.queued_messages(&self.queue.arn)).unwrap() > 0
    }
}
