//! EC2's own word on who names what is being retired: asked where no list shows a use, for what the lists cannot show.

use std::time::Duration;

use aws_sdk_ec2::primitives::DateTime;
use aws_sdk_ec2::types::{RequestLaunchTemplateData, Tag};
use aws_sdk_ssm::types::ParameterType;
use image_plane::{Effect, Fault, Service, Settings};
use record_lineage::{Gathered, gather_evidence};
use serde_json::json;
use stage::aws::{HUB, IRELAND, MEMBER, minutes, target};
use stage::shop::{AL2023, UPDATE, distribution};
use steward::evidence::{Said, Source};
use steward_lambda::Failure;

use super::{gather, gather_again, last_run, recorded, run_one, ways};
use crate::hub::Hub;

const ASK: &str = "DescribeImageReferences";
/// An image that nobody has ever heard of.
const OTHER: &str = "ami-00000000000000001";

/// A release whose image is deprecated, so that it can still be launched.
async fn deprecated() -> (Hub, String) {
    let (hub, ami) = recorded().await;
    deprecate(&hub, &ami, Duration::ZERO).await;
    (hub, ami)
}

/// Deprecates an image so much later than in a minute.
async fn deprecate(hub: &Hub, ami: &str, later: Duration) {
    let at = hub.moment().now.as_millisecond() + 60_000 + i64::try_from(later.as_millis()).unwrap();
    let change = hub.shop.aws.hub().enable_image_deprecation().image_id(ami);
    change.deprecate_at(DateTime::from_millis(at)).send().await.unwrap();
    hub.shop.aws.pass(minutes(2)).await;
}

fn asked(hub: &Hub) -> u64 {
    hub.shop.aws.plane.with(|world| world.ledger().of(ASK).all())
}

fn fail(hub: &Hub, fault: Fault) {
    let plane = &hub.shop.aws.plane;
    plane.with(|world| world.inject(fault.service(Service::Ec2).on(ASK)));
}

/// A version of a recipe that builds on this.
async fn recipe(hub: &Hub, name: &str, version: &str, parent: &str) -> String {
    let uses = aws_sdk_imagebuilder::types::ComponentConfiguration::builder().component_arn(UPDATE);
    let recipe = hub.shop.ib.create_image_recipe().name(name).semantic_version(version);
    let recipe = recipe.parent_image(parent).components(uses.build().unwrap());
    recipe.send().await.unwrap().image_recipe_arn.unwrap()
}

/// A pipeline that builds by the newest version of its recipe, and an older one of that which names the image.
async fn falls_back_on(hub: &Hub, ami: &str) {
    let old = recipe(hub, "shop", "1.0.0", ami).await;
    recipe(hub, "shop", "1.1.0", AL2023).await;
    let pipeline = hub.shop.ib.create_image_pipeline().name("shop");
    let pipeline = pipeline.image_recipe_arn(old.replace("1.0.0", "1.x.x"));
    let infrastructure = "arn:aws:imagebuilder:eu-west-1:111122223333:infrastructure-configuration/web";
    let pipeline = pipeline.infrastructure_configuration_arn(infrastructure);
    pipeline.send().await.unwrap();
}

/// Gathers while something happens after all lists were read, and before EC2 is asked.
async fn gather_meanwhile(hub: &Hub, happens: impl Future<Output = ()>) -> Result<Gathered, Failure> {
    fail(hub, Fault::new(Effect::FreezeBefore(Duration::from_secs(20))));
    let (room, process) = hub.room();
    let (event, moment) = (json!({ "wake": "sweep" }), hub.moment());
    let gathering = process.run(Box::pin(gather_evidence(&room, &event, "run", moment)));
    let happens = async {
        tokio::time::sleep(Duration::from_secs(1)).await;
        happens.await;
    };
    let (gathered, ()) = tokio::join!(gathering, happens);
    gathered.unwrap()
}

#[tokio::test(start_paused = true)]
async fn where_nothing_is_being_retired_nothing_is_asked() {
    let (hub, ami) = recorded().await;
    deprecate(&hub, &ami, minutes(30)).await;
    gather(&hub).await.unwrap();
    assert_eq!(asked(&hub), 0);
    assert_eq!(last_run(&hub, Source::References).await.said, Said::Complete(0));
    // By then it is deprecated.
    gather_again(&hub).await.unwrap();
    assert_eq!(asked(&hub), 1);
}

#[tokio::test(start_paused = true)]
async fn an_older_version_of_a_recipe_that_a_pipeline_would_fall_back_on_is_told_by_ec2_alone() {
    let (hub, ami) = deprecated().await;
    falls_back_on(&hub, &ami).await;
    gather(&hub).await.unwrap();
    assert_eq!(ways(&hub, &ami).await, ["recipe shop/1.0.0 (EC2 says so)"]);
    let told = hub.says(&["explain", &ami]).await;
    let line = "\n    used by recipe shop/1.0.0 (EC2 says so) in 111122223333/eu-west-1\n";
    assert!(told.contains(line), "{told}");
    let impact = hub.says(&["impact", "web"]).await;
    assert!(
        impact.contains("111122223333  eu-west-1  recipe shop/1.0.0 (EC2 says so)"),
        "{impact}"
    );
    let sources = hub.says(&["evidence", "111122223333/eu-west-1"]).await;
    let row = sources.lines().find(|line| line.starts_with("references ")).unwrap();
    assert!(row.contains("  15m  1 ") && row.ends_with("complete"), "{row}");
    // Once nobody could fall back on it, it is no use any more.
    let old = "arn:aws:imagebuilder:eu-west-1:111122223333:image-recipe/shop/1.0.0";
    hub.shop
        .ib
        .delete_image_recipe()
        .image_recipe_arn(old)
        .send()
        .await
        .unwrap();
    gather_again(&hub).await.unwrap();
    assert!(ways(&hub, &ami).await.is_empty());
}

#[tokio::test(start_paused = true)]
async fn what_comes_to_name_an_image_after_the_lists_were_read_is_told_by_ec2_and_the_next_time_by_its_list() {
    let (hub, ami) = deprecated().await;
    let (ec2, ssm) = (hub.shop.aws.hub(), hub.shop.aws.ssm(HUB, IRELAND));
    let put = |value: &str| {
        let put = ssm.put_parameter().name("/golden/web").value(value).overwrite(true);
        put.data_type("aws:ec2:image").r#type(ParameterType::String).send()
    };
    // Its list knows it, and that it names something else.
    let other = hub.shop.aws.image(HUB, IRELAND, "other");
    put(&other).await.unwrap();
    hub.shop.aws.pass(minutes(1)).await;
    let done = gather_meanwhile(
        &hub,
        Box::pin(async {
            let run = ec2.run_instances().image_id(&ami).min_count(1).max_count(1);
            run.send().await.unwrap();
            let data = RequestLaunchTemplateData::builder().image_id(&ami).build();
            let template = ec2.create_launch_template().launch_template_name("web");
            template.launch_template_data(data).send().await.unwrap();
            put(&ami).await.unwrap();
        }),
    )
    .await;
    done.unwrap();
    let running = ec2.describe_instances().send().await.unwrap();
    let instance = running.reservations()[0].instances()[0].instance_id().unwrap();
    let templates = ec2.describe_launch_templates().send().await.unwrap();
    let template = templates.launch_templates()[0].launch_template_id().unwrap();
    assert_eq!(
        ways(&hub, &ami).await,
        [
            format!("instance {instance} (EC2 says so)"),
            format!("launch template {template} (EC2 says so)"),
            String::from("parameter /golden/web (EC2 says so)"),
        ]
    );
    gather_again(&hub).await.unwrap();
    assert_eq!(
        ways(&hub, &ami).await,
        [
            format!("instance {instance} (running)"),
            String::from("launch template web version 1 (default and latest)"),
            String::from("parameter /golden/web"),
        ]
    );
    // What a list shows in use is asked about no more.
    assert_eq!(asked(&hub), 1);
}

#[tokio::test(start_paused = true)]
async fn a_terminated_instance_an_old_version_of_a_template_and_a_recipe_without_a_pipeline_are_no_use_however_ec2_names_them()
 {
    let (hub, ami) = deprecated().await;
    let ec2 = hub.shop.aws.hub();
    let instance = run_one(&hub, HUB, &ami).await;
    ec2.terminate_instances().instance_ids(instance).send().await.unwrap();
    let data = |image: &str| RequestLaunchTemplateData::builder().image_id(image).build();
    let template = ec2.create_launch_template().launch_template_name("web");
    template.launch_template_data(data(&ami)).send().await.unwrap();
    // Deeper than EC2 looks by itself.
    for _ in 0..11 {
        let version = ec2.create_launch_template_version().launch_template_name("web");
        version.launch_template_data(data(OTHER)).send().await.unwrap();
    }
    let default = ec2.modify_launch_template().launch_template_name("web");
    default.default_version("12").send().await.unwrap();
    recipe(&hub, "unused", "1.0.0", &ami).await;
    hub.shop.aws.pass(minutes(5)).await;
    gather(&hub).await.unwrap();
    // EC2 names the template and the recipe, and is not asked about what is terminated.
    assert_eq!(last_run(&hub, Source::References).await.said, Said::Complete(2));
    assert_eq!(ways(&hub, &ami).await, ["launch template web version 1"]);
}

#[tokio::test(start_paused = true)]
async fn of_an_image_that_is_used_or_not_ours_nothing_is_asked() {
    let (hub, ami) = deprecated().await;
    let instance = run_one(&hub, HUB, &ami).await;
    hub.shop
        .aws
        .hub()
        .stop_instances()
        .instance_ids(instance)
        .send()
        .await
        .unwrap();
    gather(&hub).await.unwrap();
    assert_eq!(asked(&hub), 0);
    let (hub, ami) = deprecated().await;
    let tag = Tag::builder().key("image-steward:family").build();
    let untag = hub.shop.aws.hub().delete_tags().resources(&ami).tags(tag);
    untag.send().await.unwrap();
    // Nor of one that nobody has recorded.
    let stray = image_plane::NewImage::named("stray")
        .tag("image-steward:family", "web")
        .disabled();
    hub.shop.aws.image_with(HUB, IRELAND, stray);
    gather(&hub).await.unwrap();
    assert_eq!(asked(&hub), 0);
}

#[tokio::test(start_paused = true)]
async fn a_disabled_image_is_asked_about_wherever_it_lies_by_a_role_as_members_make_it() {
    let hub = Hub::new(Settings::calm(), vec![distribution(IRELAND)]).await;
    hub.admit_to_look(MEMBER);
    let images = hub.retired(MEMBER, 2).await;
    let member = format!("{MEMBER}/{IRELAND}").parse().unwrap();
    let ec2 = hub.shop.aws.ec2(MEMBER, IRELAND);
    let data = RequestLaunchTemplateData::builder().image_id(&images[0]).build();
    let template = ec2.create_launch_template().launch_template_name("web");
    template.launch_template_data(data).send().await.unwrap();
    gather(&hub).await.unwrap();
    let gathered = hub.record().gathered().await.unwrap();
    assert_eq!(gathered[&member], Some(hub.moment().now));
    // The first is shown in use by its list: of the second alone.
    assert_eq!(asked(&hub), 1);
}

#[tokio::test(start_paused = true)]
async fn a_role_that_may_not_ask_or_is_told_to_slow_down_to_the_end_is_said_and_takes_nothing_away() {
    let (hub, ami) = deprecated().await;
    falls_back_on(&hub, &ami).await;
    gather(&hub).await.unwrap();
    let before = ways(&hub, &ami).await;
    assert_eq!(before.len(), 1);
    for (fault, code) in [
        (Fault::new(Effect::Deny), "UnauthorizedOperation"),
        // As often as the SDK tries by itself.
        (Fault::new(Effect::Throttle).times(7), "RequestLimitExceeded"),
    ] {
        fail(&hub, fault);
        let failure = format!("{:?}", gather_again(&hub).await.unwrap_err());
        let said =
            "1 could not be read or believed; the first: references of 111122223333/eu-west-1: failed to ask what";
        assert!(failure.contains(said) && failure.contains(code), "{failure}");
        assert!(matches!(last_run(&hub, Source::References).await.said, Said::Unread(_)));
        assert_eq!(ways(&hub, &ami).await, before);
        // The target is not whole, and is read again with the next sweep.
        hub.shop.aws.pass(minutes(5)).await;
        assert_eq!(gather(&hub).await.unwrap().targets, 1);
        assert!(last_run(&hub, Source::References).await.is_believed());
    }
}

#[tokio::test(start_paused = true)]
async fn one_of_several_calls_that_fails_leaves_nothing_believed() {
    let hub = Hub::new(Settings::calm(), vec![distribution(IRELAND)]).await;
    hub.retired(HUB, 25).await;
    fail(&hub, Fault::new(Effect::Deny).after(2));
    let failure = format!("{:?}", gather(&hub).await.unwrap_err());
    assert!(failure.contains("references of 111122223333/eu-west-1"), "{failure}");
    assert!(matches!(last_run(&hub, Source::References).await.said, Said::Unread(_)));
}

#[tokio::test(start_paused = true)]
async fn where_the_images_or_the_pipelines_could_not_be_read_what_ec2_says_of_them_is_not_whole_either() {
    for (service, action) in [
        (Service::Ec2, "DescribeImages"),
        (Service::ImageBuilder, "ListImagePipelines"),
    ] {
        let (hub, _) = deprecated().await;
        let deny = Fault::new(Effect::Deny).service(service).on(action);
        hub.shop.aws.plane.with(|world| world.inject(deny));
        gather(&hub).await.unwrap_err();
        assert!(matches!(last_run(&hub, Source::References).await.said, Said::Unread(_)));
    }
}

#[tokio::test(start_paused = true)]
async fn an_image_that_goes_meanwhile_spoils_no_others_answer_and_one_that_ec2_should_know_does() {
    let hub = Hub::new(Settings::calm(), vec![distribution(IRELAND)]).await;
    let mut images = hub.retired(HUB, 3).await;
    images.sort();
    let (plane, region) = (&hub.shop.aws.plane, target(HUB, IRELAND).region);
    plane.with(|world| world.hide_from_references(region, images[1].parse().unwrap()));
    let failure = format!("{:?}", gather(&hub).await.unwrap_err());
    let said = format!("it does not know {}, which is there", images[1]);
    assert!(failure.contains(&said), "{failure}");
    // All at once, then one after the other, to the one that is not known.
    assert_eq!(asked(&hub), 1 + 2);
    hub.shop.aws.pass(minutes(5)).await;
    let ec2 = hub.shop.aws.hub();
    let done = gather_meanwhile(
        &hub,
        Box::pin(async {
            ec2.deregister_image().image_id(&images[1]).send().await.unwrap();
            let data = RequestLaunchTemplateData::builder().image_id(&images[2]).build();
            let template = ec2.create_launch_template().launch_template_name("web");
            template.launch_template_data(data).send().await.unwrap();
        }),
    )
    .await;
    done.unwrap();
    assert_eq!(last_run(&hub, Source::References).await.said, Said::Complete(1));
    assert_eq!(ways(&hub, &images[2]).await.len(), 1);
    assert_eq!(asked(&hub), 3 + 1 + 3);
}
