//! Image Builder under the real SDK: recipes, builds that walk and fail, distribution, lifecycle.

use aws_sdk_imagebuilder::types::{
    AmiDistributionConfiguration, ComponentConfiguration, Distribution, ImageStatus, LaunchPermissionConfiguration,
    ResourceState, ResourceStateUpdateIncludeResources, ResourceStatus,
};
use image_plane::{BuildStage, Channel, FailureCause, RegionFailure, RegionFailureStatus, Settings};

use stage::aws::{HUB, IRELAND, MEMBER, VIRGINIA, code, describe, hours, minutes, target};
use stage::shop::{TOPIC, UPDATE, amis, distribution, shop};

#[tokio::test(start_paused = true)]
async fn a_build_walks_through_its_states_and_ends_with_an_image_in_each_region() {
    use ImageStatus::{Available, Building, Creating, Distributing, Integrating, Pending, Testing};
    let shop = shop(Settings::calm(), vec![distribution(IRELAND), distribution(VIRGINIA)]).await;
    let arn = shop.build().await;
    assert_eq!(arn, "arn:aws:imagebuilder:eu-west-1:111122223333:image/web/1.4.2/1");
    let mut seen = vec![shop.status(&arn).await];
    for _ in 0..300 {
        shop.aws.pass(std::time::Duration::from_secs(10)).await;
        let status = shop.status(&arn).await;
        if seen.last() != Some(&status) {
            seen.push(status);
        }
    }
    assert_eq!(
        seen,
        [
            Pending,
            Creating,
            Building,
            Testing,
            Distributing,
            Integrating,
            Available
        ]
    );
    let outputs = amis(&shop.image(&arn).await);
    let mut regions: Vec<&str> = outputs.iter().map(|(region, _)| region.as_str()).collect();
    regions.sort_unstable();
    assert_eq!(regions, [IRELAND, VIRGINIA]);
    for (region, id) in &outputs {
        let ec2 = shop.aws.ec2(HUB, if region == IRELAND { IRELAND } else { VIRGINIA });
        let image = describe(&ec2, id).await;
        let tag = |key: &str| {
            image
                .tags()
                .iter()
                .find(|tag| tag.key() == Some(key))
                .and_then(|tag| tag.value())
                .map(str::to_owned)
        };
        assert_eq!(tag("image-steward:family").as_deref(), Some("web"), "{region}");
        assert_eq!(tag("CreatedBy").as_deref(), Some("EC2 Image Builder"), "{region}");
    }
}

#[tokio::test(start_paused = true)]
async fn tags_given_at_build_do_not_reach_the_snapshots() {
    let shop = shop(Settings::calm(), vec![distribution(IRELAND)]).await;
    let image = shop.image(&shop.built().await).await;
    let ec2 = shop.aws.hub();
    let ami = describe(&ec2, &amis(&image)[0].1).await;
    assert!(!ami.tags().is_empty());
    let snapshot = stage::aws::snapshots(&ami)[0].clone();
    let found = ec2.describe_snapshots().snapshot_ids(snapshot).send().await.unwrap();
    assert!(
        found.snapshots()[0]
            .tags()
            .iter()
            .all(|tag| tag.key() != Some("image-steward:family"))
    );
}

#[tokio::test(start_paused = true)]
async fn each_build_of_a_version_gets_the_next_number_and_wildcards_are_resolved_when_it_runs() {
    let shop = shop(Settings::calm(), vec![distribution(IRELAND)]).await;
    let first = shop.built().await;
    let second = shop.built().await;
    assert!(
        first.ends_with("/1.4.2/1") && second.ends_with("/1.4.2/2"),
        "{first} {second}"
    );
    let image = shop.image(&second).await;
    let recipe = image.image_recipe().unwrap();
    assert_eq!(recipe.arn(), Some(shop.recipe.as_str()));
    let newest = shop
        .ib
        .get_image()
        .image_build_version_arn("arn:aws:imagebuilder:eu-west-1:111122223333:image/web/x.x.x");
    assert_eq!(newest.send().await.unwrap().image.unwrap().arn.unwrap(), second);
}

#[tokio::test(start_paused = true)]
async fn the_same_client_token_starts_one_build_even_when_it_failed() {
    let shop = shop(Settings::calm(), vec![distribution(IRELAND)]).await;
    let capacity = FailureCause::Capacity {
        instance_type: "t3.medium".to_owned(),
    };
    shop.fail_next(BuildStage::Creating, capacity);
    let start = |pipeline: &str| {
        let request = shop
            .ib
            .start_image_pipeline_execution()
            .image_pipeline_arn(pipeline)
            .client_token("attempt-1");
        async move { request.send().await }
    };
    let first = start(&shop.pipeline).await.unwrap().image_build_version_arn.unwrap();
    shop.aws.pass(hours(1)).await;
    assert_eq!(shop.status(&first).await, ImageStatus::Failed);
    assert_eq!(
        start(&shop.pipeline).await.unwrap().image_build_version_arn.unwrap(),
        first
    );
    let other = start("arn:aws:imagebuilder:eu-west-1:111122223333:image-pipeline/other").await;
    assert_eq!(code(&other), "IdempotentParameterMismatchException");
}

#[tokio::test(start_paused = true)]
async fn a_failed_component_is_named_with_its_phase_and_step() {
    let shop = shop(Settings::calm(), vec![distribution(IRELAND)]).await;
    let text = |text: &str| text.to_owned();
    let cause = FailureCause::Component {
        component_arn: None,
        phase: text("build"),
        step: text("install"),
        action: text("ExecuteBash"),
        message: text("exit status 1"),
    };
    shop.fail_next(BuildStage::Building, cause);
    let arn = shop.build().await;
    shop.aws.pass(hours(2)).await;
    let image = shop.image(&arn).await;
    let state = image.state().unwrap();
    assert_eq!(state.status(), Some(&ImageStatus::Failed));
    assert!(state.reason().is_some());
    let failed = state.failure_context().unwrap().component_failure().unwrap();
    assert_eq!(
        (failed.phase_name(), failed.step_name()),
        (Some("build"), Some("install"))
    );
    assert_eq!(failed.error_message(), Some("exit status 1"));
    assert_eq!(amis(&image), []);
}

#[tokio::test(start_paused = true)]
async fn a_region_that_fails_fails_the_image_and_leaves_the_others_images_behind() {
    let shop = shop(Settings::calm(), vec![distribution(IRELAND), distribution(VIRGINIA)]).await;
    let failure = RegionFailure {
        region: VIRGINIA.parse().unwrap(),
        account: None,
        status: RegionFailureStatus::Failed,
        step: None,
        message: "quota reached".to_owned(),
    };
    shop.fail_next(BuildStage::Distributing, FailureCause::Regions(vec![failure]));
    let arn = shop.build().await;
    shop.aws.pass(hours(2)).await;
    let image = shop.image(&arn).await;
    let context = image.state().unwrap().failure_context().unwrap();
    let regions = context.distribution_failure().unwrap().region_failures();
    let [failed] = regions else { panic!("{regions:?}") };
    assert_eq!(
        (failed.region(), failed.error_message()),
        (Some(VIRGINIA), Some("quota reached"))
    );
    let orphans = shop.aws.hub().describe_images().owners("self").send().await.unwrap();
    assert_eq!(orphans.images().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn copies_and_launch_permissions_of_a_distribution_reach_other_accounts() {
    let permission = LaunchPermissionConfiguration::builder()
        .user_ids("333344445555")
        .build();
    let ami = AmiDistributionConfiguration::builder()
        .name("web-{{ imagebuilder:buildDate }}")
        .target_account_ids(MEMBER.to_string())
        .launch_permission(permission);
    let copies = Distribution::builder()
        .region(VIRGINIA)
        .ami_distribution_configuration(ami.build())
        .build()
        .unwrap();
    let shop = shop(Settings::calm(), vec![distribution(IRELAND), copies]).await;
    let refused = shop.build().await;
    shop.aws.pass(hours(2)).await;
    assert_eq!(shop.status(&refused).await, ImageStatus::Failed);
    shop.aws.plane.with(|world| world.allow_distribution(MEMBER));
    let arn = shop.built().await;
    let image = shop.image(&arn).await;
    let there = amis(&image)
        .into_iter()
        .find(|(region, _)| region == VIRGINIA)
        .unwrap()
        .1;
    let copy = describe(&shop.aws.ec2(MEMBER, VIRGINIA), &there).await;
    assert_eq!(copy.owner_id(), Some("222233334444"));
    let consumer = shop.aws.ec2(image_plane::AccountId::new(333_344_445_555), VIRGINIA);
    describe(&consumer, &there).await;
}

#[tokio::test(start_paused = true)]
async fn each_change_of_state_is_told_with_the_build_and_nothing_else() {
    let shop = shop(Settings::calm(), vec![distribution(IRELAND)]).await;
    let arn = shop.built().await;
    let deliveries = shop.aws.plane.with(image_plane::World::take_deliveries);
    let changes: Vec<_> = deliveries
        .iter()
        .filter(|event| event.body["source"] == "aws.imagebuilder")
        .collect();
    let last = &changes.last().unwrap().body;
    assert_eq!(last["detail-type"], "EC2 Image Builder Image State Change");
    assert_eq!(last["resources"], serde_json::json!([arn]));
    assert_eq!(
        last["detail"],
        serde_json::json!({ "previous-state": { "status": "INTEGRATING" }, "state": { "status": "AVAILABLE" } })
    );
    let message = deliveries
        .iter()
        .find(|event| {
            event.channel
                == Channel::Sns {
                    topic: TOPIC.to_owned(),
                }
        })
        .unwrap();
    let text = message.body.as_str().unwrap();
    // 2^90 + 4·2^60 + 2·2^30 + 1: beyond what a JSON number of 64 bits holds.
    assert!(
        text.contains(&format!("\"semver\":{}", (1_u128 << 90) + (4 << 60) + (2 << 30) + 1)),
        "{text}"
    );
    assert!(text.contains("\"dateCreated\":\"Jan 5, 2026 8:"), "{text}");
}

#[tokio::test(start_paused = true)]
async fn a_cancelled_build_stops_and_a_finished_one_cannot_be_cancelled() {
    let shop = shop(Settings::calm(), vec![distribution(IRELAND)]).await;
    let arn = shop.build().await;
    shop.aws.pass(minutes(5)).await;
    let cancel = |arn: &str| shop.ib.cancel_image_creation().image_build_version_arn(arn).send();
    cancel(&arn).await.unwrap();
    shop.aws.pass(hours(1)).await;
    assert_eq!(shop.status(&arn).await, ImageStatus::Cancelled);
    let done = shop.built().await;
    assert_ne!(code(&cancel(&done).await), "done");
}

#[tokio::test(start_paused = true)]
async fn deleting_an_image_leaves_its_amis_and_a_lifecycle_update_takes_them() {
    let shop = shop(Settings::calm(), vec![distribution(IRELAND)]).await;
    let (kept, taken) = (shop.built().await, shop.built().await);
    let (first, second) = (
        amis(&shop.image(&kept).await)[0].1.clone(),
        amis(&shop.image(&taken).await)[0].1.clone(),
    );
    shop.ib
        .delete_image()
        .image_build_version_arn(&kept)
        .send()
        .await
        .unwrap();
    let gone = shop.ib.get_image().image_build_version_arn(&kept).send().await;
    assert_eq!(code(&gone), "ResourceNotFoundException");
    describe(&shop.aws.hub(), &first).await;

    let with_amis = ResourceStateUpdateIncludeResources::builder()
        .amis(true)
        .snapshots(true)
        .build();
    let update = shop.ib.start_resource_state_update().resource_arn(&taken);
    update
        .state(ResourceState::builder().status(ResourceStatus::Deleted).build())
        .execution_role("arn:aws:iam::111122223333:role/lifecycle")
        .include_resources(with_amis)
        .send()
        .await
        .unwrap();
    shop.aws.pass(minutes(10)).await;
    let left = shop.aws.hub().describe_images().owners("self").send().await.unwrap();
    let ids: Vec<&str> = left.images().iter().map(|image| image.image_id().unwrap()).collect();
    assert_eq!(ids, [first.as_str()]);
    assert_ne!(first, second);
}

#[tokio::test(start_paused = true)]
async fn a_deprecated_image_is_no_longer_what_a_wildcard_means() {
    let shop = shop(Settings::calm(), vec![distribution(IRELAND)]).await;
    let (older, newer) = (shop.built().await, shop.built().await);
    let update = shop.ib.start_resource_state_update().resource_arn(&newer);
    update
        .state(ResourceState::builder().status(ResourceStatus::Deprecated).build())
        .send()
        .await
        .unwrap();
    shop.aws.pass(minutes(10)).await;
    let wildcard = "arn:aws:imagebuilder:eu-west-1:111122223333:image/web/1.x.x";
    let found = shop
        .ib
        .get_image()
        .image_build_version_arn(wildcard)
        .send()
        .await
        .unwrap()
        .image
        .unwrap();
    assert_eq!(found.arn(), Some(older.as_str()));
}

#[tokio::test(start_paused = true)]
async fn a_new_image_may_be_missing_from_the_lists_for_two_minutes() {
    let settings = Settings {
        list_lag: minutes(2),
        ..Settings::calm()
    };
    let shop = shop(settings, vec![distribution(IRELAND)]).await;
    let mut missed = 0;
    for _ in 0..8 {
        shop.build().await;
        let listed = || async {
            let versions = shop
                .ib
                .list_image_pipeline_images()
                .image_pipeline_arn(&shop.pipeline)
                .send()
                .await
                .unwrap();
            versions.image_summary_list().len()
        };
        let before = listed().await;
        shop.aws.pass(minutes(3)).await;
        missed += u32::from(listed().await > before);
    }
    assert!(missed >= 4, "{missed} of 8");
}

#[tokio::test(start_paused = true)]
async fn the_sdk_does_not_retry_image_builders_own_word_for_throttling() {
    let shop = shop(
        Settings {
            throttling: true,
            ..Settings::calm()
        },
        vec![distribution(IRELAND)],
    )
    .await;
    let mut refused = 0;
    for _ in 0..60 {
        let answer = shop
            .ib
            .get_image_pipeline()
            .image_pipeline_arn(&shop.pipeline)
            .send()
            .await;
        refused += u64::from(code(&answer) == "CallRateLimitExceededException");
    }
    let counts = shop.aws.plane.with(|world| world.ledger().of("GetImagePipeline"));
    assert!(refused > 0);
    assert_eq!((counts.throttled, counts.all()), (refused, 60));
}

#[tokio::test(start_paused = true)]
async fn a_parent_named_by_parameter_is_the_image_it_holds_when_the_build_runs() {
    let shop = shop(Settings::calm(), vec![distribution(IRELAND)]).await;
    let (old, new) = (
        shop.aws.image(HUB, IRELAND, "base-1"),
        shop.aws.image(HUB, IRELAND, "base-2"),
    );
    let put = |id: &str| {
        shop.aws
            .plane
            .with(|world| world.put_parameter(target(HUB, IRELAND), "/golden/base", id))
    };
    put(&old);
    let uses = ComponentConfiguration::builder().component_arn(UPDATE).build().unwrap();
    let recipe = shop
        .ib
        .create_image_recipe()
        .name("child")
        .semantic_version("1.0.0")
        .parent_image("ssm:/golden/base");
    let recipe = recipe.components(uses).send().await.unwrap().image_recipe_arn.unwrap();
    let pipeline = shop
        .ib
        .get_image_pipeline()
        .image_pipeline_arn(&shop.pipeline)
        .send()
        .await
        .unwrap()
        .image_pipeline
        .unwrap();
    let update = shop
        .ib
        .update_image_pipeline()
        .image_pipeline_arn(&shop.pipeline)
        .image_recipe_arn(recipe);
    update
        .infrastructure_configuration_arn(pipeline.infrastructure_configuration_arn.unwrap())
        .send()
        .await
        .unwrap();
    put(&new);
    let image = shop.image(&shop.built().await).await;
    let ami = describe(&shop.aws.hub(), &amis(&image)[0].1).await;
    assert_eq!(ami.source_image_id(), Some(new.as_str()));
}

#[tokio::test(start_paused = true)]
async fn an_image_a_lifecycle_execution_works_on_is_in_use_and_a_snapshot_that_stays_fails_it() {
    let shop = shop(Settings::calm(), vec![distribution(IRELAND)]).await;
    let arn = shop.built().await;
    let ami = amis(&shop.image(&arn).await)[0].1.clone();
    let snapshot = stage::aws::snapshots(&describe(&shop.aws.hub(), &ami).await)[0]
        .parse()
        .unwrap();
    let until = shop.aws.plane.now() + hours(24);
    shop.aws
        .plane
        .with(|world| assert!(world.lock_snapshot(IRELAND.parse().unwrap(), snapshot, until)));
    let with_amis = ResourceStateUpdateIncludeResources::builder()
        .amis(true)
        .snapshots(true)
        .build();
    let update = shop.ib.start_resource_state_update().resource_arn(&arn);
    let update = update.state(ResourceState::builder().status(ResourceStatus::Deleted).build());
    let update = update
        .execution_role("arn:aws:iam::111122223333:role/lifecycle")
        .include_resources(with_amis);
    let execution = update.send().await.unwrap().lifecycle_execution_id.unwrap();
    let delete = || shop.ib.delete_image().image_build_version_arn(&arn).send();
    assert_eq!(code(&delete().await), "ResourceInUseException");
    let disable = shop.ib.start_resource_state_update().resource_arn(&arn);
    let disable = disable
        .state(ResourceState::builder().status(ResourceStatus::Disabled).build())
        .send()
        .await;
    assert_eq!(code(&disable), "ResourceInUseException");
    shop.aws.pass(minutes(5)).await;
    let ended = shop
        .ib
        .get_lifecycle_execution()
        .lifecycle_execution_id(execution)
        .send()
        .await
        .unwrap();
    let state = ended.lifecycle_execution.unwrap().state.unwrap();
    assert_eq!(state.status().unwrap().as_str(), "FAILED");
    assert!(state.reason().unwrap().contains(&snapshot.to_string()));
    assert_eq!(code(&delete().await), "done");
}

#[tokio::test(start_paused = true)]
async fn nothing_is_distributed_into_another_partition() {
    let shop = shop(
        Settings::calm(),
        vec![distribution(IRELAND), distribution("cn-north-1")],
    )
    .await;
    let arn = shop.build().await;
    shop.aws.pass(hours(2)).await;
    assert_eq!(shop.status(&arn).await, ImageStatus::Failed);
}
