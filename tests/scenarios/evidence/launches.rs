//! Every way in which something names an image that it may launch.

use aws_sdk_autoscaling::types::{
    LaunchTemplate as Mixed, LaunchTemplateOverrides, LaunchTemplateSpecification, MixedInstancesPolicy,
};
use aws_sdk_ec2::Client;
use aws_sdk_ec2::types::{
    FleetLaunchTemplateConfigRequest, FleetLaunchTemplateSpecificationRequest, FleetType,
    LaunchTemplateSpecification as Started, RequestLaunchTemplateData, RequestSpotLaunchSpecification,
    SpotInstanceType, TargetCapacitySpecificationRequest,
};
use aws_sdk_ssm::types::ParameterType;
use stage::aws::{HUB, IRELAND, minutes, target};

use super::{gather, gather_again, recorded, ways};
use crate::hub::Hub;

/// An image that nobody has ever heard of.
const OTHER: &str = "ami-00000000000000001";

async fn template(ec2: &Client, name: &str, image: &str) -> String {
    let data = RequestLaunchTemplateData::builder().image_id(image).build();
    let made = ec2
        .create_launch_template()
        .launch_template_name(name)
        .launch_template_data(data);
    let made = made.send().await.unwrap();
    made.launch_template().unwrap().launch_template_id().unwrap().to_owned()
}

async fn version(ec2: &Client, template: &str, image: &str) {
    let data = RequestLaunchTemplateData::builder().image_id(image).build();
    let made = ec2.create_launch_template_version().launch_template_id(template);
    made.launch_template_data(data).send().await.unwrap();
}

async fn make_default(ec2: &Client, template: &str, version: u32) {
    let change = ec2.modify_launch_template().launch_template_id(template);
    change.default_version(version.to_string()).send().await.unwrap();
}

fn calls(hub: &Hub, action: &str) -> u64 {
    hub.shop.aws.plane.with(|world| world.ledger().of(action).all())
}

fn named(template: &str, version: &str) -> LaunchTemplateSpecification {
    LaunchTemplateSpecification::builder()
        .launch_template_id(template)
        .version(version)
        .build()
}

#[tokio::test(start_paused = true)]
async fn the_versions_of_a_template_are_told_apart_and_read_once() {
    let (hub, ami) = recorded().await;
    let ec2 = hub.shop.aws.hub();
    let web = template(&ec2, "web", &ami).await;
    gather(&hub).await.unwrap();
    assert_eq!(
        ways(&hub, &ami).await,
        ["launch template web version 1 (default and latest)"]
    );
    // Once more, as EC2 may list versions late; then never until it changes.
    gather_again(&hub).await.unwrap();
    let before = calls(&hub, "DescribeLaunchTemplateVersions");
    assert_eq!(before, 2);
    gather_again(&hub).await.unwrap();
    assert_eq!(calls(&hub, "DescribeLaunchTemplateVersions"), before);
    version(&ec2, &web, OTHER).await;
    version(&ec2, &web, OTHER).await;
    gather_again(&hub).await.unwrap();
    assert_eq!(calls(&hub, "DescribeLaunchTemplateVersions"), before + 1);
    assert_eq!(ways(&hub, &ami).await, ["launch template web version 1 (default)"]);
    make_default(&ec2, &web, 3).await;
    gather_again(&hub).await.unwrap();
    assert_eq!(ways(&hub, &ami).await, ["launch template web version 1"]);
    for _ in 0..3 {
        gather_again(&hub).await.unwrap();
    }
    assert_eq!(calls(&hub, "DescribeLaunchTemplateVersions"), before + 3);
}

#[tokio::test(start_paused = true)]
async fn an_old_version_of_a_template_that_nobody_names_is_told_apart_from_who_uses_the_image() {
    let (hub, ami) = recorded().await;
    let ec2 = hub.shop.aws.hub();
    let web = template(&ec2, "web", &ami).await;
    gather(&hub).await.unwrap();
    let impact = async || hub.says(&["impact", "web"]).await;
    let told = impact().await;
    assert!(told.contains("1 of them in use") && told.contains("USED BY"), "{told}");
    version(&ec2, &web, OTHER).await;
    make_default(&ec2, &web, 2).await;
    gather_again(&hub).await.unwrap();
    let told = impact().await;
    assert!(told.contains("0 of them in use"), "{told}");
    assert!(told.contains("ONLY NAMED BY"), "{told}");
    let is_last = |line: &str| line.ends_with(&format!("{HUB}  {IRELAND}  launch template web version 1"));
    assert!(told.lines().any(is_last), "{told}");
    let told = hub.says(&["explain", &ami]).await;
    let named = format!("    only named by launch template web version 1 in {HUB}/{IRELAND}");
    assert!(told.lines().any(|line| line == named), "{told}");
    assert!(told.contains("nobody is known to use it"), "{told}");
}

#[tokio::test(start_paused = true)]
async fn a_template_whose_latest_version_was_deleted_is_read_to_what_is_left() {
    let (hub, ami) = recorded().await;
    let ec2 = hub.shop.aws.hub();
    let web = template(&ec2, "web", OTHER).await;
    version(&ec2, &web, &ami).await;
    version(&ec2, &web, OTHER).await;
    let gone = ec2
        .delete_launch_template_versions()
        .launch_template_id(&web)
        .versions("3");
    gone.send().await.unwrap();
    gather(&hub).await.unwrap();
    assert_eq!(ways(&hub, &ami).await, ["launch template web version 2 (latest)"]);
}

#[tokio::test(start_paused = true)]
async fn an_old_version_is_named_by_the_group_that_pins_it_and_by_the_override_of_another() {
    let (hub, ami) = recorded().await;
    let ec2 = hub.shop.aws.hub();
    let web = template(&ec2, "web", &ami).await;
    // A group takes no template that it could not launch from.
    let other = hub.shop.aws.image(HUB, IRELAND, "other");
    version(&ec2, &web, &other).await;
    make_default(&ec2, &web, 2).await;
    let scaling = hub.shop.aws.scaling(HUB, IRELAND);
    let group = |name: &str| {
        let group = scaling.create_auto_scaling_group().auto_scaling_group_name(name);
        group
            .min_size(0)
            .max_size(1)
            .desired_capacity(0)
            .availability_zones("eu-west-1a")
    };
    group("pinned").launch_template(named(&web, "1")).send().await.unwrap();
    group("latest")
        .launch_template(named(&web, "$Latest"))
        .send()
        .await
        .unwrap();
    let over = |kind: &str, version: Option<&str>| {
        let over = LaunchTemplateOverrides::builder().instance_type(kind);
        over.set_launch_template_specification(version.map(|version| named(&web, version)))
            .build()
    };
    let mixed = Mixed::builder()
        .launch_template_specification(named(&web, "$Default"))
        .overrides(over("t3.small", None))
        .overrides(over("t3.medium", Some("1")));
    let mixed = MixedInstancesPolicy::builder().launch_template(mixed.build()).build();
    group("mixed").mixed_instances_policy(mixed).send().await.unwrap();
    gather(&hub).await.unwrap();
    assert_eq!(
        ways(&hub, &ami).await,
        [
            "group mixed → override 2 → launch template web version 1",
            "group pinned → launch template web version 1",
            "launch template web version 1",
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn an_instance_names_the_version_it_was_started_by() {
    let (hub, ami) = recorded().await;
    let ec2 = hub.shop.aws.hub();
    let web = template(&ec2, "web", &ami).await;
    let from = Started::builder().launch_template_id(&web).version("1").build();
    let run = ec2.run_instances().launch_template(from).min_count(1).max_count(1);
    let started = run.send().await.unwrap();
    let instance = started.instances()[0].instance_id().unwrap();
    hub.shop.aws.pass(minutes(2)).await;
    version(&ec2, &web, OTHER).await;
    make_default(&ec2, &web, 2).await;
    gather(&hub).await.unwrap();
    assert_eq!(
        ways(&hub, &ami).await,
        [
            format!("instance {instance} (running)"),
            format!("instance {instance} (running) → launch template web version 1"),
            String::from("launch template web version 1"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_parameter_is_followed_by_its_name_its_version_and_its_label() {
    let (hub, ami) = recorded().await;
    let ec2 = hub.shop.aws.hub();
    let ssm = hub.shop.aws.ssm(HUB, IRELAND);
    let put = |value: &str| {
        let put = ssm.put_parameter().name("/golden/web").value(value).overwrite(true);
        put.r#type(ParameterType::String).send()
    };
    put(&ami).await.unwrap();
    let label = ssm.label_parameter_version().name("/golden/web").parameter_version(1);
    label.labels("blue").send().await.unwrap();
    put(OTHER).await.unwrap();
    template(&ec2, "newest", "resolve:ssm:/golden/web").await;
    template(&ec2, "numbered", "resolve:ssm:/golden/web:1").await;
    template(&ec2, "labelled", "resolve:ssm:/golden/web:blue").await;
    // What nobody could launch from spoils no answer about the others.
    template(&ec2, "broken", "resolve:ssm:/golden/web:no such:thing").await;
    template(&ec2, "gone", "resolve:ssm:/golden/gone").await;
    gather(&hub).await.unwrap();
    let mut found = ways(&hub, &ami).await;
    found.sort();
    assert_eq!(
        found,
        [
            "launch template labelled version 1 (default and latest) → parameter /golden/web:blue",
            "launch template numbered version 1 (default and latest) → parameter /golden/web:1",
        ]
    );
    put(&ami).await.unwrap();
    gather_again(&hub).await.unwrap();
    let found = ways(&hub, &ami).await;
    assert!(
        found.contains(&String::from(
            "launch template newest version 1 (default and latest) → parameter /golden/web"
        )),
        "{found:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn fleets_and_spot_requests_are_users_until_they_are_ended() {
    let (hub, ami) = recorded().await;
    let ec2 = hub.shop.aws.hub();
    let web = template(&ec2, "web", &ami).await;
    let from = FleetLaunchTemplateSpecificationRequest::builder()
        .launch_template_id(&web)
        .version("1");
    let config = FleetLaunchTemplateConfigRequest::builder().launch_template_specification(from.build());
    let capacity = TargetCapacitySpecificationRequest::builder()
        .total_target_capacity(0)
        .build();
    let fleet = ec2
        .create_fleet()
        .r#type(FleetType::Maintain)
        .launch_template_configs(config.build());
    let fleet = fleet.target_capacity_specification(capacity).send().await.unwrap();
    let fleet = fleet.fleet_id().unwrap();
    let specification = RequestSpotLaunchSpecification::builder().image_id(&ami);
    let specification = specification.instance_type("t3.small".into()).build();
    let request = ec2.request_spot_instances().r#type(SpotInstanceType::Persistent);
    let request = request.launch_specification(specification).send().await.unwrap();
    let request = request.spot_instance_requests()[0].spot_instance_request_id().unwrap();
    hub.shop.aws.pass(minutes(2)).await;
    gather(&hub).await.unwrap();
    let found = ways(&hub, &ami).await;
    let says = |text: String| assert!(found.contains(&text), "{text} in {found:?}");
    says(format!(
        "fleet {fleet} → launch template web version 1 (default and latest)"
    ));
    says(format!("Spot request {request}"));
    let end = ec2.delete_fleets().fleet_ids(fleet).terminate_instances(true);
    end.send().await.unwrap();
    ec2.cancel_spot_instance_requests()
        .spot_instance_request_ids(request)
        .send()
        .await
        .unwrap();
    // One is few enough to be gone at once only after it was so for half a day.
    for _ in 0..20 {
        drop(gather_again(&hub).await);
    }
    let found = ways(&hub, &ami).await;
    assert!(
        !found
            .iter()
            .any(|way| way.starts_with("fleet") || way.starts_with("Spot")),
        "{found:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_pipeline_uses_what_its_recipe_builds_on_and_a_recipe_alone_does_not() {
    let (hub, ami) = recorded().await;
    hub.shop.family("shop", &ami).await;
    let recipe = hub
        .shop
        .ib
        .create_image_recipe()
        .name("unused")
        .semantic_version("1.0.0");
    recipe.parent_image(&ami).send().await.unwrap();
    gather(&hub).await.unwrap();
    let found = ways(&hub, &ami).await;
    assert_eq!(found, ["pipeline shop → recipe shop/1.0.0"]);
}

#[tokio::test(start_paused = true)]
async fn a_pipeline_that_names_our_image_by_its_release_uses_the_newest_of_them() {
    let (hub, ami) = recorded().await;
    hub.shop
        .family("shop", "arn:aws:imagebuilder:eu-west-1:111122223333:image/web/x.x.x")
        .await;
    gather(&hub).await.unwrap();
    assert_eq!(ways(&hub, &ami).await, ["pipeline shop → recipe shop/1.0.0"]);
}

#[tokio::test(start_paused = true)]
async fn what_a_service_of_aws_manages_and_hides_is_a_user_all_the_same() {
    let (hub, ami) = recorded().await;
    let ec2 = hub.shop.aws.hub();
    let web = template(&ec2, "web", &ami).await;
    let run = ec2
        .run_instances()
        .image_id(&ami)
        .min_count(1)
        .max_count(1)
        .send()
        .await
        .unwrap();
    let instance = run.instances()[0].instance_id().unwrap();
    hub.shop.aws.pass(minutes(2)).await;
    hub.shop.aws.plane.with(|world| {
        let there = target(HUB, IRELAND);
        world.account_mut(HUB).hides_managed_resources = true;
        world.let_service_manage(there, instance, "eks.amazonaws.com");
        world.let_service_manage(there, &web, "eks.amazonaws.com");
    });
    assert!(ec2.describe_instances().send().await.unwrap().reservations().is_empty());
    gather(&hub).await.unwrap();
    assert_eq!(
        ways(&hub, &ami).await,
        [
            format!("instance {instance} (running)"),
            String::from("launch template web version 1 (default and latest)"),
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_template_that_names_a_parameter_of_a_stranger_makes_nothing_unreadable() {
    let (hub, ami) = recorded().await;
    let ec2 = hub.shop.aws.hub();
    template(&ec2, "web", &ami).await;
    let strangers = "arn:aws:ssm:eu-west-1:999988887777:parameter/their/image";
    template(&ec2, "shared", &format!("resolve:ssm:{strangers}")).await;
    template(
        &ec2,
        "public",
        "resolve:ssm:arn:aws:ssm:eu-west-1::parameter/aws/service/x",
    )
    .await;
    gather(&hub).await.unwrap();
    assert_eq!(
        ways(&hub, &ami).await,
        ["launch template web version 1 (default and latest)"]
    );
}

#[tokio::test(start_paused = true)]
async fn a_group_whose_template_is_deleted_uses_nothing_and_makes_nothing_unreadable() {
    let (hub, ami) = recorded().await;
    let ec2 = hub.shop.aws.hub();
    let web = template(&ec2, "web", &ami).await;
    let scaling = hub.shop.aws.scaling(HUB, IRELAND);
    let group = scaling.create_auto_scaling_group().auto_scaling_group_name("shop");
    let group = group
        .launch_template(named(&web, "$Latest"))
        .min_size(0)
        .max_size(1)
        .desired_capacity(0);
    group.availability_zones("eu-west-1a").send().await.unwrap();
    ec2.delete_launch_template()
        .launch_template_id(&web)
        .send()
        .await
        .unwrap();
    gather(&hub).await.unwrap();
    assert!(ways(&hub, &ami).await.is_empty());
}
