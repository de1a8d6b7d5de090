use super::*;
use crate::crash::Crash;

/// However the run ends in which a build is started, the next ones come to one build.
#[tokio::test(start_paused = true)]
async fn a_crash_at_any_call_of_a_start_comes_to_one_build() {
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
            // The lease of the dead lapses.
            yard.pass(20).await;
            assert_eq!(yard.builds().await.len(), 1, "{crash}");
        }
    }
    assert!(crashed > 20, "{crashed}");
}
