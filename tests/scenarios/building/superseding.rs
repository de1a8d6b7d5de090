//! A build that is ended because something else would be built now.

use image_plane::{Effect, Fault};

use super::*;
use crate::crash::Crash;

/// So long a build runs before its tests begin, and some time more.
const TO_TESTS: u64 = 15;

fn manifest() -> String {
    WEB.replace("base: 1h", "base: 5m, cancel_superseded: true")
}

impl Yard {
    /// The family with a build under way, and another base than that is built on.
    async fn overtaken() -> Self {
        let yard = Self::applied_as(Bench::new().await, &manifest()).await;
        yard.pass(6).await;
        assert_eq!(yard.states().await, ["AVAILABLE"]);
        yard.base_moves("base-2");
        yard.pass(1).await;
        assert_eq!(yard.builds().await.len(), 2);
        // It has looked up by now what it is built on.
        yard.bench.world.pass(minutes(8)).await;
        yard.base_moves("base-3");
        yard
    }

    /// How the builds have ended, the oldest first.
    async fn states(&self) -> Vec<String> {
        let mut states = Vec::new();
        for (build, _) in self.builds().await {
            let image = self.bench.ib().get_image().image_build_version_arn(build).send();
            let state = image.await.unwrap().image.unwrap().state.unwrap();
            states.push(state.status.unwrap().to_string());
        }
        states
    }
}

#[tokio::test(start_paused = true)]
async fn a_build_on_a_base_that_has_moved_is_ended_and_the_next_is_on_the_one_that_holds() {
    let yard = Yard::overtaken().await;
    let outcome = yard.wake().await.unwrap();
    assert_eq!((outcome.cancelled.len(), outcome.started.len()), (1, 0), "{outcome:#?}");
    yard.pass(24).await;
    assert_eq!(yard.states().await, ["AVAILABLE", "CANCELLED", "AVAILABLE"]);
    let [_, (ended, _), (_, reason)] = yard.builds().await.try_into().unwrap();
    assert!(reason.starts_with("its base moved: ami-"), "{reason}");
    let journal = yard.journal().await;
    let says = format!("{ended} is to end, as something else would be built now: its base moved: ami-");
    assert_eq!(
        journal.iter().filter(|said| said.starts_with(&says)).count(),
        1,
        "{journal:#?}"
    );
    yard.pass(24).await;
    assert_eq!(yard.builds().await.len(), 3);
}

#[tokio::test(start_paused = true)]
async fn a_build_that_is_tested_already_is_left_to_its_end() {
    let yard = Yard::built_as(&manifest()).await;
    yard.base_moves("base-2");
    yard.pass(1).await;
    yard.bench.world.pass(minutes(TO_TESTS)).await;
    yard.base_moves("base-3");
    let outcome = yard.wake().await.unwrap();
    assert_eq!(outcome.cancelled, [""; 0], "{outcome:#?}");
    yard.pass(36).await;
    assert_eq!(yard.states().await, ["AVAILABLE"; 3]);
}

#[tokio::test(start_paused = true)]
async fn an_end_that_is_denied_is_said_and_the_other_follows_the_build() {
    let yard = Yard::overtaken().await;
    let fault = Fault::new(Effect::Deny).on("CancelImageCreation");
    yard.bench.world.plane.with(|plane| plane.inject(fault));
    let failure = yard.wake().await.unwrap_err();
    let said = format!("{failure:?}");
    assert!(said.contains("failed to cancel the build"), "{said}");
    yard.pass(36).await;
    assert_eq!(yard.states().await, ["AVAILABLE"; 3]);
}

#[tokio::test(start_paused = true)]
async fn a_crash_at_any_call_of_an_end_comes_to_one_end_and_one_build() {
    let mut crashed = 0;
    for kind in Crash::KINDS {
        for call in 0.. {
            let yard = Yard::overtaken().await;
            let (room, process) = yard.room(5);
            let crash = kind.at(call);
            crash.strike(&yard.bench.world.plane);
            let run = process.run(Box::pin(async { yard.wake_in(&room).await })).await;
            if run.is_ok() {
                break;
            }
            crashed += 1;
            yard.pass(8).await;
            let states = yard.states().await;
            let ends = states.iter().filter(|state| *state == "CANCELLED").count();
            // Where the end was not asked for before the tests began, it is not.
            assert!(states.len() == 3 && ends <= 1, "{crash}: {states:?}");
            let journal = yard.journal().await;
            let told = journal.iter().filter(|said| said.contains(" is to end, ")).count();
            assert!(ends <= told && told <= 1, "{crash}: {journal:#?}");
            let (_, last) = yard.builds().await.pop().unwrap();
            assert!(last.starts_with("its base moved: ami-"), "{crash}: {last}");
        }
    }
    assert!(crashed > 20, "{crashed}");
}
