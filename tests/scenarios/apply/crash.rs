//! Crashes, throttling, and two at once: the next run ends where one without faults does.

use image_plane::{Effect, Fault};
use stage::aws::minutes;

use super::Bench;
use crate::crash::Crash;

/// Crashes the first run at each call, with these faults besides; the second run must end where a run without faults does.
async fn healed_after_each_crash(besides: impl Fn(u64) -> Vec<Fault>) -> usize {
    let whole = Bench::new().await;
    whole.apply().await.unwrap();
    let (expected, calls) = (whole.state().await, whole.changes());
    assert_eq!(calls, 9);
    let mut crashes = 0;
    for kind in Crash::KINDS {
        for skip in 0.. {
            let bench = Bench::new().await;
            let crash = kind.at(skip);
            crash.strike(&bench.world.plane);
            for fault in besides(skip) {
                bench.world.plane.with(|world| world.inject(fault.clone()));
            }
            let run = bench.run().await;
            let Err(_crashed) = run.process.run(Box::pin(bench.apply_by(&run))).await else {
                break;
            };
            crashes += 1;
            // As long as the lease of who died.
            bench.world.pass(minutes(3)).await;
            bench.apply().await.unwrap();
            assert_eq!(bench.state().await, expected, "{crash}");
            assert_eq!(bench.changes(), calls, "{crash}");
        }
    }
    crashes
}

#[tokio::test(start_paused = true)]
async fn a_crash_at_any_call_is_healed_by_the_next_run_and_nothing_is_doubled() {
    let crashes = healed_after_each_crash(|_| Vec::new()).await;
    // A first run reads nine things and the pipelines twice, and makes nine; the record is asked some twenty times besides.
    assert!(crashes > 2 * (29 + 15), "{crashes}");
}

#[tokio::test(start_paused = true)]
async fn a_crash_and_a_throttled_call_beside_it_are_healed_too() {
    for distance in [1, 4] {
        let crashes =
            healed_after_each_crash(|skip| vec![Fault::new(Effect::Throttle).after(skip + distance).times(3)]).await;
        assert!(crashes > 2 * (29 + 15), "{crashes}");
    }
}

#[tokio::test(start_paused = true)]
async fn two_at_once_do_not_interleave_and_who_died_holds_nobody_up_for_long() {
    let bench = Bench::new().await;
    let (one, other) = (bench.run().await, bench.run().await);
    let families = [bench.input()];
    let plan = one.applier("ann").plan(&families).await.unwrap().digest();
    bench
        .world
        .plane
        .with(|world| world.inject(Fault::new(Effect::CrashBefore).on("CreateImagePipeline")));
    let applier = one.applier("ann");
    let crashed = one
        .process
        .run(Box::pin(applier.apply(&families, &plan, None, || bench.now(), |_| {})))
        .await;
    assert!(crashed.is_err());
    let bob = other.applier("bob");
    let plan = bob.plan(&families).await.unwrap().digest();
    let refused = bob
        .apply(&families, &plan, None, || bench.now(), |_| {})
        .await
        .unwrap_err();
    assert!(
        refused
            .to_string()
            .starts_with("ann is applying: try again when they are done, or after 2026-"),
        "{refused}"
    );
    bench.world.pass(minutes(3)).await;
    bob.apply(&families, &plan, None, || bench.now(), |_| {}).await.unwrap();
    assert_eq!(bench.changes(), 9);
}
