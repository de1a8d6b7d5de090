//! Old versions go when nothing refers to them, and when somebody asks for it.

use image_plane::{Effect, Fault};
use stage::aws::{hours, minutes};

use steward::applying::OldVersion;
use steward_aws::Deletion;

use super::Bench;

/// Applied four times: with another component, another volume, and another component once more.
async fn with_history() -> Bench {
    let mut bench = Bench::new().await;
    bench.apply().await.unwrap();
    for (old, new) in [("install", "upgrade"), ("upgrade", "reinstall")] {
        let file = bench.files.get_mut("components/nginx.yaml").unwrap();
        *file = file.replace(&format!("dnf {old}"), &format!("dnf {new}"));
        bench.apply().await.unwrap();
        bench.manifest = bench.manifest.replace("size_gb: 20", "size_gb: 30");
        bench.apply().await.unwrap();
    }
    bench
}

const ALL: [&str; 11] = [
    "component/web-nginx/1.0.0",
    "component/web-nginx/1.0.1",
    "component/web-nginx/1.0.2",
    "image-recipe/web-arm64/1.0.0",
    "image-recipe/web-arm64/1.0.1",
    "image-recipe/web-arm64/1.0.2",
    "image-recipe/web-arm64/1.0.3",
    "image-recipe/web-x86-64/1.0.0",
    "image-recipe/web-x86-64/1.0.1",
    "image-recipe/web-x86-64/1.0.2",
    "image-recipe/web-x86-64/1.0.3",
];
const NEWEST: [&str; 3] = [
    "component/web-nginx/1.0.2",
    "image-recipe/web-arm64/1.0.3",
    "image-recipe/web-x86-64/1.0.3",
];

#[tokio::test(start_paused = true)]
async fn old_versions_stay_until_somebody_asks_and_then_only_the_newest_and_the_named_are_left() {
    let mut bench = with_history().await;
    assert_eq!(bench.versions().await, ALL);
    bench.prune_versions = true;
    let plan = bench.fleet_plan().await;
    assert!(!plan.is_empty());
    let text = plan.text();
    assert!(
        text.starts_with("Old versions\n  - recipe web-arm64 1.0.0 (nothing that is seen refers to it)\n"),
        "{text}"
    );
    assert!(
        text.ends_with("0 to make, 0 to change, 8 to delete, 0 manifests to store."),
        "{text}"
    );
    assert_eq!(bench.versions().await, ALL);
    bench.apply().await.unwrap();
    assert_eq!(bench.versions().await, NEWEST);
    assert!(bench.fleet_plan().await.is_empty());
    // What is left still builds, and the next version is counted on.
    bench.manifest = bench.manifest.replace("size_gb: 30", "size_gb: 40");
    bench.apply().await.unwrap();
    assert!(
        bench
            .versions()
            .await
            .contains(&String::from("image-recipe/web-arm64/1.0.4"))
    );
}

#[tokio::test(start_paused = true)]
async fn what_another_pipeline_or_recipe_refers_to_stays() {
    let mut bench = with_history().await;
    let arn = |rest: &str| format!("arn:aws:imagebuilder:eu-west-1:111122223333:{rest}");
    let ib = bench.ib();
    ib.create_image_pipeline()
        .name("legacy")
        .image_recipe_arn(arn("image-recipe/web-arm64/1.0.0"))
        .infrastructure_configuration_arn(arn("infrastructure-configuration/web-arm64"))
        .send()
        .await
        .unwrap();
    // A recipe of somebody else's.
    let nginx = aws_sdk_imagebuilder::types::ComponentConfiguration::builder()
        .component_arn(arn("component/web-nginx/1.0.1"))
        .build()
        .unwrap();
    let other = ib.create_image_recipe().name("other").semantic_version("1.0.0");
    let other = other.parent_image("ssm:/base/x86_64").components(nginx);
    other.send().await.unwrap();
    bench.prune_versions = true;
    bench.apply().await.unwrap();
    let left = bench.versions().await;
    for stays in [
        "component/web-nginx/1.0.0",
        "component/web-nginx/1.0.1",
        "image-recipe/web-arm64/1.0.0",
    ] {
        assert!(left.contains(&String::from(stays)), "{left:?}");
    }
    assert_eq!(left.len(), NEWEST.len() + 4);
    assert!(bench.fleet_plan().await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn what_an_unfinished_build_runs_by_stays_until_it_has_ended() {
    let mut bench = Bench::new().await;
    bench.apply().await.unwrap();
    let pipeline = "arn:aws:imagebuilder:eu-west-1:111122223333:image-pipeline/web-x86-64";
    let start = bench.ib().start_image_pipeline_execution().image_pipeline_arn(pipeline);
    start.send().await.unwrap();
    bench.world.pass(minutes(5)).await;
    bench.manifest = bench.manifest.replace("size_gb: 20", "size_gb: 30");
    bench.apply().await.unwrap();
    bench.prune_versions = true;
    bench.apply().await.unwrap();
    let old = String::from("image-recipe/web-x86-64/1.0.0");
    let left = bench.versions().await;
    assert!(
        left.contains(&old) && !left.contains(&String::from("image-recipe/web-arm64/1.0.0")),
        "{left:?}"
    );
    bench.world.pass(hours(2)).await;
    bench.apply().await.unwrap();
    assert!(!bench.versions().await.contains(&old));
}

#[tokio::test(start_paused = true)]
async fn image_builder_is_believed_when_it_says_that_something_refers_to_a_version() {
    let bench = with_history().await;
    let component = "arn:aws:imagebuilder:eu-west-1:111122223333:component/web-nginx/1.0.0/1";
    let old = OldVersion::Component(component.parse().unwrap());
    let at = bench.run().await.at;
    assert_eq!(at.delete_version(&old).await, Ok(Deletion::ReferredTo));
    assert_eq!(bench.versions().await, ALL);
    let gone = OldVersion::Component(component.replace("1.0.0", "7.0.0").parse().unwrap());
    assert_eq!(at.delete_version(&gone).await, Ok(Deletion::Gone));
}

#[tokio::test(start_paused = true)]
async fn a_crash_at_any_deletion_is_healed_by_the_next_run() {
    for effect in [Effect::CrashBefore, Effect::CrashAfter] {
        for operation in ["DeleteImageRecipe", "DeleteComponent"] {
            for skip in 0..2 {
                let mut bench = with_history().await;
                bench.prune_versions = true;
                let crash = Fault::new(effect).on(operation).after(skip);
                bench.world.plane.with(|world| world.inject(crash));
                let run = bench.run().await;
                assert!(run.process.run(Box::pin(bench.apply_by(&run))).await.is_err());
                bench.world.pass(minutes(3)).await;
                bench.apply().await.unwrap();
                assert_eq!(bench.versions().await, NEWEST, "{effect:?} at {operation} {skip}");
            }
        }
    }
}
