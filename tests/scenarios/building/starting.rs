use aws_sdk_imagebuilder::operation::update_image_pipeline::builders::UpdateImagePipelineFluentBuilder;
use aws_sdk_imagebuilder::types::{ComponentConfiguration, PipelineStatus};
use image_plane::{BuildFailure, BuildStage, Effect, FailureCause, Fault};
use steward_aws::Switch;

use super::*;

impl Yard {
    /// Changes the pipeline by another hand.
    async fn change_pipeline(
        &self,
        change: impl FnOnce(UpdateImagePipelineFluentBuilder) -> UpdateImagePipelineFluentBuilder,
    ) {
        let ib = self.bench.ib();
        let held = ib
            .get_image_pipeline()
            .image_pipeline_arn(PIPELINE)
            .send()
            .await
            .unwrap();
        let held = held.image_pipeline.unwrap();
        let same = ib
            .update_image_pipeline()
            .image_pipeline_arn(PIPELINE)
            .set_image_recipe_arn(held.image_recipe_arn)
            .set_infrastructure_configuration_arn(held.infrastructure_configuration_arn)
            .set_distribution_configuration_arn(held.distribution_configuration_arn);
        change(same).send().await.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_applied_is_built_once_and_says_why_and_its_fingerprint_is_the_one_that_was_foreseen() {
    let yard = Yard::built().await;
    let [(build, reason)] = yard.builds().await.try_into().unwrap();
    assert_eq!(reason, "nothing is built yet");
    let journal = yard.journal().await;
    let started = format!("{build} was started: nothing is built yet");
    assert_eq!(
        journal.iter().filter(|said| **said == started).count(),
        1,
        "{journal:#?}"
    );
    let record = yard.bench.run().await.record;
    let release = build.parse::<steward::CanonicalName>().unwrap().id();
    let card = record.card(release).await.unwrap().unwrap();
    let manifests = record.all_holding().await.unwrap();
    let manifest = manifests[0].manifest.clone().unwrap();
    let lines = record.lines_of((&manifest, 1)).await.unwrap();
    let attempt = lines.values().next().unwrap().0.state.attempt.clone().unwrap();
    assert_eq!(card.fingerprint.as_ref(), Some(&attempt.fingerprint));
    yard.pass(48).await;
    assert_eq!(yard.builds().await.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_base_that_moves_is_built_on_once() {
    let yard = Yard::built().await;
    let base = yard.base_moves("base-2");
    yard.pass(48).await;
    let [_, (_, reason)] = yard.builds().await.try_into().unwrap();
    assert!(
        reason.starts_with("its base moved: ami-") && reason.contains(&base),
        "{reason}"
    );
    let explained = yard.steward(&["explain", "web/1.0.0/2"]).await;
    let because = explained.out.lines().find_map(|line| line.strip_prefix("  because: "));
    let because = because.unwrap();
    assert!(
        because.starts_with("(its base moved: ami-") && because.ends_with(") → web/1.0.0/2, asked for by policy"),
        "{because}"
    );
}

#[tokio::test(start_paused = true)]
async fn what_a_person_asks_for_is_built_though_nothing_changed() {
    let yard = Yard::built().await;
    yard.ask("a new kernel").await;
    yard.pass(24).await;
    let [_, (_, reason)] = yard.builds().await.try_into().unwrap();
    assert_eq!(reason, "ann asks for it: a new kernel");
}

#[tokio::test(start_paused = true)]
async fn an_image_of_a_stranger_behind_the_bases_parameter_is_not_built_on() {
    let yard = Yard::built().await;
    let stranger = yard.bench.world.image(stage::aws::STRANGER, IRELAND, "base-2");
    yard.bench
        .world
        .plane
        .with(|plane| plane.put_parameter(target(HUB, IRELAND), "/base/x86_64", &stranger));
    yard.ask("anything").await;
    let outcome = yard.pass(3).await;
    assert_eq!(yard.builds().await.len(), 1);
    let blocked = outcome.blocked.concat();
    assert!(
        blocked.contains("its parent") && blocked.contains("is not there")
            || blocked.contains("the manifest says self"),
        "{outcome:#?}"
    );
}

#[tokio::test(start_paused = true)]
async fn while_all_is_paused_nothing_is_started_and_then_it_is() {
    let yard = Yard::applied().await;
    let record = yard.bench.run().await.record;
    let paused = |paused| Switch {
        paused,
        who: String::from("ada"),
        why: String::from("a bad base"),
        since: yard.bench.now(),
    };
    record.throw(&paused(true)).await.unwrap();
    let outcome = yard.wake().await.unwrap();
    assert!(outcome.paused.unwrap().starts_with("ada paused it"));
    assert_eq!(yard.builds().await, []);
    record.throw(&paused(false)).await.unwrap();
    assert_eq!(yard.wake().await.unwrap().started.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_quiet_sweep_asks_aws_of_nothing_but_the_record_and_writes_only_its_lease() {
    let yard = Yard::built().await;
    yard.pass(13).await;
    let calls = || {
        yard.bench.world.plane.with(|world| {
            let counts = world.ledger().counts();
            counts
                .map(|(service, action, _, counts)| (format!("{service:?} {action}"), counts))
                .collect::<Vec<_>>()
        })
    };
    yard.bench.world.pass(minutes(5)).await;
    yard.wake().await.unwrap();
    let before = calls();
    yard.bench.world.pass(minutes(5)).await;
    let outcome = yard.wake().await.unwrap();
    assert_eq!(
        outcome,
        Triggered {
            lines: 1,
            ..Triggered::default()
        }
    );
    assert_eq!(calls(), before);
}

#[tokio::test(start_paused = true)]
async fn a_pipeline_that_was_disabled_is_not_started_and_says_so() {
    let yard = Yard::built().await;
    yard.change_pipeline(|pipeline| pipeline.status(PipelineStatus::Disabled))
        .await;
    yard.ask("a new kernel").await;
    let outcome = yard.pass(1).await;
    assert_eq!(yard.builds().await.len(), 1);
    let [blocked] = outcome.blocked.try_into().unwrap();
    assert!(blocked.contains("its pipeline is disabled"), "{blocked}");
}

#[tokio::test(start_paused = true)]
async fn what_another_hand_has_the_pipeline_build_by_is_not_built_until_the_manifest_is_applied_again() {
    let yard = Yard::built().await;
    let ib = yard.bench.ib();
    let made = ib
        .create_image_recipe()
        .name("by-hand")
        .semantic_version("9.0.0")
        .parent_image("arn:aws:imagebuilder:eu-west-1:aws:image/amazon-linux-2023-x86/x.x.x")
        .components(
            ComponentConfiguration::builder()
                .component_arn("arn:aws:imagebuilder:eu-west-1:aws:component/update-linux/x.x.x")
                .build()
                .unwrap(),
        )
        .client_token("somebody")
        .send()
        .await
        .unwrap();
    let recipe = made.image_recipe_arn.unwrap();
    yard.change_pipeline(|pipeline| pipeline.image_recipe_arn(&recipe))
        .await;
    let outcome = yard.pass(24).await;
    assert_eq!(yard.builds().await.len(), 1, "{outcome:?}");
    yard.ask("a new kernel").await;
    let outcome = yard.pass(4).await;
    assert_eq!(yard.builds().await.len(), 1);
    let blocked = outcome.blocked.concat();
    let says = format!("its pipeline builds by {recipe}, which `steward apply` did not make: run it again");
    assert!(blocked.contains(&says), "{outcome:?}");
    Box::pin(yard.bench.apply()).await.unwrap();
    yard.pass(24).await;
    assert_eq!(yard.builds().await.len(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_start_that_is_throttled_is_made_again_and_is_one_build() {
    let yard = Yard::applied().await;
    let throttle = Fault::new(Effect::Throttle).on("StartImagePipelineExecution").times(12);
    yard.bench.world.plane.with(|world| world.inject(throttle));
    assert!(yard.wake().await.is_err());
    yard.pass(24).await;
    assert_eq!(yard.builds().await.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_start_that_is_denied_is_made_again_once_it_is_allowed() {
    let yard = Yard::applied().await;
    let deny = Fault::new(Effect::Deny).on("StartImagePipelineExecution");
    yard.bench.world.plane.with(|world| world.inject(deny));
    assert!(yard.wake().await.is_err());
    assert_eq!(yard.builds().await, []);
    yard.pass(24).await;
    let [(_, reason)] = yard.builds().await.try_into().unwrap();
    assert_eq!(reason, "nothing is built yet");
}

#[tokio::test(start_paused = true)]
async fn a_start_that_is_denied_again_and_again_is_said_once_and_a_request_for_it_is_over_after_a_day() {
    let yard = Yard::built().await;
    let deny = Fault::new(Effect::Deny).on("StartImagePipelineExecution").times(1_000);
    yard.bench.world.plane.with(|world| world.inject(deny));
    yard.ask("a new kernel").await;
    for _ in 0..26 * 12 {
        yard.bench.world.pass(minutes(5)).await;
        let _is_denied = yard.wake().await;
    }
    let journal = yard.journal().await;
    let told = |what: &str| journal.iter().filter(|said| said.contains(what)).count();
    assert_eq!(told("could not be started"), 1, "{journal:#?}");
    assert_eq!(told("for a day nothing could be built for it"), 1, "{journal:#?}");
}

/// The build's image is made, and then what is done with it fails by the way.
#[tokio::test(start_paused = true)]
async fn a_build_that_failed_and_left_an_image_behind_is_no_release_and_is_tried_again() {
    let yard = Yard::built().await;
    let failure = BuildFailure {
        stage: BuildStage::Integrating,
        cause: FailureCause::Other(String::from("Throttling: Rate exceeded")),
    };
    let plane = &yard.bench.world.plane;
    plane.with(|world| world.fail_builds(PIPELINE, 1, &failure));
    yard.base_moves("base-2");
    yard.pass(60).await;
    let builds = yard.builds().await;
    assert_eq!(builds.len(), 3, "{builds:#?}");
    assert_eq!(builds[1].1, builds[2].1);
}

/// Events are lost, and somebody deletes what runs: nobody tells of its end.
#[tokio::test(start_paused = true)]
async fn a_build_that_somebody_deleted_holds_up_its_line_for_a_day_and_no_longer() {
    let yard = Yard::built().await;
    yard.base_moves("base-2");
    yard.bench.world.pass(minutes(60)).await;
    let [build] = yard.wake().await.unwrap().started.try_into().unwrap();
    let (build, _) = build.split_once(": ").unwrap();
    yard.bench.world.pass(minutes(300)).await;
    yard.bench
        .ib()
        .delete_image()
        .image_build_version_arn(build)
        .send()
        .await
        .unwrap();
    for _ in 0..60 {
        yard.bench.world.pass(minutes(30)).await;
        yard.wake().await.unwrap();
    }
    assert_eq!(
        yard.builds().await.len(),
        2,
        "the first, and one in the place of what was deleted"
    );
}

#[tokio::test(start_paused = true)]
async fn a_component_that_failed_is_not_built_again() {
    let yard = Yard::applied().await;
    let cause = FailureCause::Component {
        component_arn: None,
        phase: String::from("build"),
        step: String::from("install"),
        action: String::from("ExecuteBash"),
        message: String::from("no such package"),
    };
    let failure = BuildFailure {
        stage: BuildStage::Building,
        cause,
    };
    yard.bench
        .world
        .plane
        .with(|world| world.fail_builds(PIPELINE, 1, &failure));
    yard.pass(36).await;
    assert_eq!(yard.builds().await.len(), 1);
    let journal = yard.journal().await;
    assert!(
        journal
            .iter()
            .any(|said| said.contains("is not built: the same was built, and failed")),
        "{journal:#?}"
    );
}
