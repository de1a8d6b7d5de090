use steward::{CanonicalName, ImageBuildArn};

use super::*;
use crate::crash::Crash;

/// However the run ends in which a build is started, and whoever looks next after so many hours, all comes to one build, and why it was
/// started is known.
async fn comes_to_one_build(hours: u64) {
    let mut crashed = 0;
    for kind in Crash::KINDS {
        for call in 0.. {
            let yard = Yard::applied().await;
            let (room, process) = yard.room(5);
            let crash = kind.at(call);
            crash.strike(&yard.bench.world.plane);
            let run = process.run(Box::pin(async { yard.wake_in(&room).await })).await;
            if run.is_ok() {
                break;
            }
            crashed += 1;
            yard.bench.world.pass(minutes(60 * hours)).await;
            // The lease of the dead lapses.
            yard.pass(20).await;
            let builds = yard.builds().await;
            assert_eq!(builds.len(), 1, "{crash}");
            let (journal, says) = (yard.journal().await, format!("{} was started: ", builds[0].0));
            let told = journal.iter().filter(|said| said.starts_with(&says)).count();
            assert_eq!(told, 1, "{crash}: {journal:#?}");
            let release = CanonicalName::from(builds[0].0.parse::<ImageBuildArn>().unwrap()).id();
            let record = yard.bench.run().await.record;
            assert_eq!(record.because(release).await.unwrap().len(), 1, "{crash}");
        }
    }
    assert!(crashed > 20, "{crashed}");
}

#[tokio::test(start_paused = true)]
async fn a_crash_at_any_call_of_a_start_comes_to_one_build() {
    Box::pin(comes_to_one_build(0)).await;
}

#[tokio::test(start_paused = true)]
async fn a_crash_at_any_call_of_a_start_comes_to_one_build_though_nobody_looks_for_half_a_day() {
    Box::pin(comes_to_one_build(13)).await;
}
