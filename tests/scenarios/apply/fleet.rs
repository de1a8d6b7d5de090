//! The quota of pipelines, in a world that throttles as the model's Image Builder does.

use image_plane::Settings;
use stage::aws::Aws as World;
use steward_aws::FamilyInput;

use super::Bench;

#[tokio::test(start_paused = true)]
async fn seventy_five_families_are_planned_and_applied_without_one_throttled_call() {
    let throttling = Settings {
        throttling: true,
        ..Settings::calm()
    };
    let mut bench = Bench::in_world(World::new(1, throttling)).await;
    bench.manifest = bench
        .manifest
        .replace("[x86_64, arm64]", "[x86_64]")
        .replace(", t4g.medium", "");
    let families: Vec<FamilyInput> = (1..=75).map(|n| bench.input_of(&format!("f{n}"))).collect();
    let run = bench.run().await;
    let applier = run.applier("ann");
    let start = tokio::time::Instant::now();
    let plan = applier.plan(&families).await.unwrap();
    assert_eq!(plan.families.len(), 75);
    // Five reads a family, eight a second.
    assert_eq!(start.elapsed().as_secs(), 45);
    applier
        .apply(&families, &plan.digest(), None, || bench.now(), |_| {})
        .await
        .unwrap();
    assert!(applier.plan(&families).await.unwrap().is_empty());
    let throttled = bench.world.plane.with(|world| {
        world
            .ledger()
            .counts()
            .map(|(.., counts)| counts.throttled)
            .sum::<u64>()
    });
    assert_eq!(throttled, 0);
}
