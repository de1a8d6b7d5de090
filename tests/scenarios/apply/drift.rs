//! What another hand did: shown, set right, or in the way.

use stage::aws::IRELAND;
use steward_aws::ApplyError;

use super::{Bench, said};

#[tokio::test(start_paused = true)]
async fn what_another_hand_changed_is_shown_with_both_sides_and_set_right() {
    let bench = Bench::new().await;
    bench.apply().await.unwrap();
    let ib = bench.ib();
    let arn = |kind: &str| format!("arn:aws:imagebuilder:eu-west-1:111122223333:{kind}/web-x86-64");
    let permission = aws_sdk_imagebuilder::types::LaunchPermissionConfiguration::builder()
        .user_ids("999988887777")
        .build();
    let ami = aws_sdk_imagebuilder::types::AmiDistributionConfiguration::builder()
        .launch_permission(permission)
        .build();
    let region = aws_sdk_imagebuilder::types::Distribution::builder()
        .region(IRELAND)
        .ami_distribution_configuration(ami);
    ib.update_distribution_configuration()
        .distribution_configuration_arn(arn("distribution-configuration"))
        .distributions(region.build().unwrap())
        .send()
        .await
        .unwrap();
    let logs = aws_sdk_imagebuilder::types::PipelineLoggingConfiguration::builder()
        .image_log_group_name("/aws/imagebuilder/elsewhere")
        .build();
    ib.update_image_pipeline()
        .image_pipeline_arn(arn("image-pipeline"))
        .image_recipe_arn(format!("{}/1.0.0", arn("image-recipe")))
        .infrastructure_configuration_arn(arn("infrastructure-configuration"))
        .status(aws_sdk_imagebuilder::types::PipelineStatus::Disabled)
        .logging_configuration(logs)
        .send()
        .await
        .unwrap();
    let plan = bench.plan().await;
    assert_eq!(
        said(&plan),
        [
            "update distribution configuration web-x86-64",
            "update pipeline web-x86-64"
        ]
    );
    let changed = |at: usize, path: &str| {
        let change = plan.steps[at]
            .changes
            .iter()
            .find(|change| change.path == path)
            .unwrap();
        (change.before.clone(), change.after.clone())
    };
    assert_eq!(
        changed(0, "regions[0].others[0]"),
        (Some(String::from("launchPermission")), None)
    );
    assert_eq!(
        changed(0, "regions[0].ami_tags.image-steward:family"),
        (None, Some(String::from("web")))
    );
    assert_eq!(
        changed(1, "others[0]"),
        (Some(String::from("loggingConfiguration")), None)
    );
    assert_eq!(
        changed(1, "enabled"),
        (Some(String::from("false")), Some(String::from("true")))
    );
    bench.apply().await.unwrap();
    assert!(bench.fleet_plan().await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn what_has_our_name_and_not_our_tag_blocks_the_whole_family() {
    let bench = Bench::new().await;
    bench
        .ib()
        .create_infrastructure_configuration()
        .name("web-arm64")
        .instance_profile_name("Other")
        .send()
        .await
        .unwrap();
    let plan = bench.plan().await;
    assert_eq!(
        plan.blocked,
        [
            "the infrastructure configuration web-arm64 is not tagged as ours: delete or rename it, or tag it \
          image-steward:family=web if it is to be changed"
        ]
    );
    let error = bench.apply().await.unwrap_err().to_string();
    assert!(
        error.starts_with("nothing was done: the infrastructure configuration web-arm64"),
        "{error}"
    );
    assert_eq!(bench.changes(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_plan_whose_world_changed_is_not_carried_out() {
    let mut bench = Bench::new().await;
    bench.apply().await.unwrap();
    bench.manifest = bench.manifest.replace("size_gb: 20", "size_gb: 30");
    let (run, families) = (bench.run().await, [bench.input()]);
    let applier = run.applier("ann");
    let plan = applier.plan(&families).await.unwrap().digest();
    let arn = "arn:aws:imagebuilder:eu-west-1:111122223333:infrastructure-configuration/web-arm64";
    let update = bench
        .ib()
        .update_infrastructure_configuration()
        .infrastructure_configuration_arn(arn);
    update.instance_profile_name("Other").send().await.unwrap();
    let (before, now) = (bench.changes(), applier.plan(&families).await.unwrap().digest());
    let refused = applier.apply(&families, &plan, None, || bench.now(), |_| {}).await;
    assert_eq!(refused, Err(ApplyError::Changed { now }));
    assert_eq!(bench.changes(), before);
    bench.apply().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_pipeline_that_is_not_ours_is_named_and_left_alone() {
    let bench = Bench::new().await;
    bench.apply().await.unwrap();
    let arn = |kind: &str| format!("arn:aws:imagebuilder:eu-west-1:111122223333:{kind}/web-arm64");
    let legacy = bench
        .ib()
        .create_image_pipeline()
        .name("legacy")
        .image_recipe_arn(format!("{}/1.0.0", arn("image-recipe")));
    legacy
        .infrastructure_configuration_arn(arn("infrastructure-configuration"))
        .send()
        .await
        .unwrap();
    let plan = bench.fleet_plan().await;
    assert!(plan.is_empty());
    assert_eq!(plan.unmanaged, ["legacy"]);
    assert!(
        plan.text().starts_with("Not ours, and left alone: legacy.\n"),
        "{}",
        plan.text()
    );
}

#[tokio::test(start_paused = true)]
async fn a_schedule_that_another_hand_gave_a_pipeline_of_ours_is_taken_away() {
    let bench = Bench::new().await;
    bench.apply().await.unwrap();
    let arn = |kind: &str| format!("arn:aws:imagebuilder:eu-west-1:111122223333:{kind}/web-arm64");
    let weekly = aws_sdk_imagebuilder::types::Schedule::builder()
        .schedule_expression("cron(0 4 ? * MON *)")
        .build();
    let update = bench
        .ib()
        .update_image_pipeline()
        .image_pipeline_arn(arn("image-pipeline"));
    let update = update
        .image_recipe_arn(format!("{}/1.0.0", arn("image-recipe")))
        .schedule(weekly);
    update
        .infrastructure_configuration_arn(arn("infrastructure-configuration"))
        .send()
        .await
        .unwrap();
    let plan = bench.fleet_plan().await;
    assert!(
        plan.text()
            .contains("~ pipeline web-arm64 (drift: the manifest that holds says otherwise)"),
        "{}",
        plan.text()
    );
    assert!(
        plan.text().contains(r#"schedule: "cron(0 4 ? * MON *)" → nothing"#),
        "{}",
        plan.text()
    );
    bench.apply().await.unwrap();
    assert!(bench.fleet_plan().await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn what_is_changed_back_and_forth_is_changed_each_time() {
    let mut bench = Bench::new().await;
    let (one, other) = (
        bench.manifest.clone(),
        bench.manifest.replace("s3://logs/web", "s3://logs/other"),
    );
    for (at, manifest) in [&one, &other, &one, &other, &one].into_iter().enumerate() {
        bench.manifest.clone_from(manifest);
        bench.apply().await.unwrap();
        assert!(bench.fleet_plan().await.is_empty(), "after run {at}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_another_hand_deleted_is_made_again() {
    let bench = Bench::new().await;
    bench.apply().await.unwrap();
    let arn = |rest: &str| format!("arn:aws:imagebuilder:eu-west-1:111122223333:{rest}");
    let ib = bench.ib();
    ib.delete_image_pipeline()
        .image_pipeline_arn(arn("image-pipeline/web-arm64"))
        .send()
        .await
        .unwrap();
    let recipe = arn("image-recipe/web-arm64/1.0.0");
    ib.delete_image_recipe().image_recipe_arn(recipe).send().await.unwrap();
    assert_eq!(
        said(&bench.plan().await),
        ["create recipe web-arm64 1.0.0", "create pipeline web-arm64"]
    );
    bench.apply().await.unwrap();
    assert!(bench.fleet_plan().await.is_empty());
}
