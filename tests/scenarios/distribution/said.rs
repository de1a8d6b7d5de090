//! What the worker's log says, in the words that the template's alarms listen for.

use std::sync::{Arc, Mutex};

use image_plane::{Effect, Fault, Settings};
use stage::aws::minutes;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Metadata, Subscriber};

use super::Depot;

/// Keeps what is logged.
#[derive(Clone, Default)]
pub(super) struct Log(Arc<Mutex<Vec<String>>>);

impl Log {
    pub(super) fn times(&self, words: &str) -> usize {
        self.0.lock().unwrap().iter().filter(|said| *said == words).count()
    }
}

impl Subscriber for Log {
    fn enabled(&self, _: &Metadata<'_>) -> bool {
        true
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut message = Message(String::new());
        event.record(&mut message);
        self.0.lock().unwrap().push(message.0);
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

struct Message(String);

impl Visit for Message {
    fn record_debug(&mut self, field: &Field, value: &dyn std::fmt::Debug) {
        if field.name() == "message" {
            self.0 = format!("{value:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_read_is_said_each_time() {
    let depot = Depot::new(Settings::calm()).await;
    depot.hub.want("{ regions: { us-east-1: {} } }").await;
    let denied = Fault::new(Effect::Deny).on("DescribeRegions").always();
    depot.hub.shop.aws.plane.with(|world| world.inject(denied));
    let log = Log::default();
    let _kept = tracing::subscriber::set_default(log.clone());
    for sweeps in 1..4 {
        depot.hub.shop.aws.pass(minutes(5)).await;
        depot.round().await;
        assert_eq!((log.times("work failed"), log.times("tried in vain")), (2 * sweeps, 0));
    }
}

#[tokio::test(start_paused = true)]
async fn a_step_that_is_refused_is_said_to_be_in_vain_from_the_third_time_on() {
    let depot = Depot::new(Settings::calm()).await;
    depot.hub.want("{ regions: { us-east-1: {} } }").await;
    let denied = Fault::new(Effect::Deny).on("CopyImage").always();
    depot.hub.shop.aws.plane.with(|world| world.inject(denied));
    let log = Log::default();
    let _kept = tracing::subscriber::set_default(log.clone());
    let mut said = Vec::new();
    for _ in 0..12 {
        depot.hub.shop.aws.pass(minutes(5)).await;
        depot.round().await;
        said.push(log.times("tried in vain"));
    }
    // Tried at once, and after 4, 10 and 30 minutes more.
    assert_eq!(said, [0, 0, 0, 1, 1, 1, 1, 1, 1, 2, 2, 2]);
    depot.hub.shop.aws.plane.with(image_plane::World::clear_faults);
    depot.hub.shop.aws.pass(stage::aws::hours(6)).await;
    depot.settle().await;
    assert_eq!(log.times("tried in vain"), 2);
}

#[tokio::test(start_paused = true)]
async fn a_release_that_cannot_be_looked_at_is_said_to_be_in_vain_as_well() {
    let depot = Depot::new(Settings::calm()).await;
    depot.hub.want("{ regions: {} }").await;
    let denied = Fault::new(Effect::Deny).on("DescribeImageAttribute").always();
    depot.hub.shop.aws.plane.with(|world| world.inject(denied));
    let log = Log::default();
    let _kept = tracing::subscriber::set_default(log.clone());
    for _ in 0..4 {
        depot.hub.shop.aws.pass(minutes(5)).await;
        depot.round().await;
    }
    assert_eq!((log.times("work failed"), log.times("tried in vain")), (0, 1));
}
