//! Auto Scaling groups, as the users of images.

use std::time::Duration;

use aws_sdk_autoscaling::Client;
use aws_sdk_autoscaling::types::{
    AutoScalingGroup, DesiredConfiguration, Filter, Instance, InstanceRefreshStatus, InstancesDistribution,
    LaunchTemplate, LaunchTemplateOverrides, LaunchTemplateSpecification, LifecycleState, MixedInstancesPolicy,
    RefreshPreferences, Tag, WarmPoolState,
};
use aws_sdk_ec2::types::Reservation;
use image_plane::{Effect, Fault, Service, Settings};

use crate::launching;
use stage::aws::{Aws, HUB, IRELAND, code, message, minutes};

/// A launch configuration `lc` of an image, and a group `web` of it that should have so many instances.
async fn group_of(aws: &Aws, image: &str, desired: i32) -> Client {
    let scaling = aws.scaling(HUB, IRELAND);
    scaling
        .create_launch_configuration()
        .launch_configuration_name("lc")
        .image_id(image)
        .instance_type("t3.micro")
        .send()
        .await
        .unwrap();
    scaling
        .create_auto_scaling_group()
        .auto_scaling_group_name("web")
        .launch_configuration_name("lc")
        .min_size(0)
        .max_size(4)
        .desired_capacity(desired)
        .availability_zones("eu-west-1a")
        .tags(Tag::builder().key("team").value("a").propagate_at_launch(true).build())
        .send()
        .await
        .unwrap();
    scaling
}

async fn web(scaling: &Client) -> AutoScalingGroup {
    let found = scaling
        .describe_auto_scaling_groups()
        .auto_scaling_group_names("web")
        .send()
        .await
        .unwrap();
    found.auto_scaling_groups()[0].clone()
}

fn template(name: &str) -> LaunchTemplateSpecification {
    LaunchTemplateSpecification::builder()
        .launch_template_name(name)
        .version("$Latest")
        .build()
}

#[tokio::test(start_paused = true)]
async fn a_group_is_described_with_its_instances_and_what_they_came_from() {
    let aws = Aws::calm();
    let image = aws.image(HUB, IRELAND, "web");
    let scaling = group_of(&aws, &image, 2).await;
    aws.pass(minutes(1)).await;
    let group = web(&scaling).await;
    assert_eq!(
        (group.min_size(), group.max_size(), group.desired_capacity()),
        (Some(0), Some(4), Some(2))
    );
    assert_eq!(group.launch_configuration_name(), Some("lc"));
    assert_eq!(group.availability_zones(), ["eu-west-1a"]);
    assert!(
        group
            .auto_scaling_group_arn()
            .unwrap()
            .ends_with(":autoScalingGroupName/web")
    );
    assert!(group.created_time().is_some() && group.status().is_none());
    assert_eq!(group.tags()[0].key(), Some("team"));
    assert_eq!(group.instances().len(), 2);
    for instance in group.instances() {
        assert_eq!(instance.lifecycle_state(), Some(&LifecycleState::InService));
        assert_eq!(instance.launch_configuration_name(), Some("lc"));
        assert_eq!(instance.protected_from_scale_in(), Some(false));
    }
    let by_group = aws_sdk_ec2::types::Filter::builder()
        .name("tag:aws:autoscaling:groupName")
        .values("web")
        .build();
    let found = aws.hub().describe_instances().filters(by_group).send().await.unwrap();
    let instances = found.reservations().iter().flat_map(Reservation::instances);
    let images: Vec<_> = instances.map(|instance| instance.image_id().unwrap()).collect();
    assert_eq!(images, [image.as_str(); 2]);
}

#[tokio::test(start_paused = true)]
async fn a_group_of_a_template_or_of_a_policy_is_described_as_it_was_given() {
    let aws = Aws::calm();
    let scaling = aws.scaling(HUB, IRELAND);
    let (image, own) = (aws.image(HUB, IRELAND, "web"), aws.image(HUB, IRELAND, "own"));
    launching::template(&aws.hub(), "base", &image).await;
    launching::template(&aws.hub(), "other", &image).await;
    let over = LaunchTemplateOverrides::builder()
        .instance_type("t3.micro")
        .weighted_capacity("2")
        .launch_template_specification(template("other"))
        .image_id(own)
        .build();
    let policy = MixedInstancesPolicy::builder()
        .launch_template(
            LaunchTemplate::builder()
                .launch_template_specification(template("base"))
                .overrides(over.clone())
                .build(),
        )
        .instances_distribution(InstancesDistribution::builder().on_demand_base_capacity(1).build())
        .build();
    let create = |name: &str| {
        scaling
            .create_auto_scaling_group()
            .auto_scaling_group_name(name)
            .min_size(0)
            .max_size(0)
            .vpc_zone_identifier("subnet-1")
    };
    create("mixed").mixed_instances_policy(policy).send().await.unwrap();
    create("plain").launch_template(template("base")).send().await.unwrap();
    let found = scaling.describe_auto_scaling_groups().send().await.unwrap();
    let [mixed, plain] = found.auto_scaling_groups() else {
        panic!("{found:?}")
    };
    assert_eq!(plain.launch_template(), Some(&template("base")));
    let policy = mixed.mixed_instances_policy().unwrap();
    let launch = policy.launch_template().unwrap();
    assert_eq!(launch.launch_template_specification(), Some(&template("base")));
    assert_eq!(launch.overrides(), [over]);
    let distribution = policy.instances_distribution().unwrap();
    assert_eq!(distribution.on_demand_base_capacity(), Some(1));
    assert_eq!(distribution.on_demand_percentage_above_base_capacity(), Some(100));
}

#[tokio::test(start_paused = true)]
async fn groups_come_in_pages_that_a_paginator_follows_also_where_they_are_filtered() {
    let aws = Aws::new(3, Settings::default());
    let scaling = aws.scaling(HUB, IRELAND);
    let image = aws.image(HUB, IRELAND, "web");
    launching::template(&aws.hub(), "web", &image).await;
    aws.pass(minutes(1)).await;
    for place in 0..7 {
        scaling
            .create_auto_scaling_group()
            .auto_scaling_group_name(format!("group-{place}"))
            .launch_template(template("web"))
            .min_size(0)
            .max_size(0)
            .vpc_zone_identifier("subnet-1")
            .tags(Tag::builder().key("odd").value((place % 2).to_string()).build())
            .send()
            .await
            .unwrap();
    }
    aws.pass(minutes(1)).await;
    let odd = Filter::builder().name("tag:odd").values("1").build();
    let mut pages = scaling
        .describe_auto_scaling_groups()
        .filters(odd)
        .max_records(2)
        .into_paginator()
        .send();
    let mut names = Vec::new();
    while let Some(page) = pages.next().await {
        let page = page.unwrap();
        assert!(page.auto_scaling_groups().len() <= 2);
        let groups = page.auto_scaling_groups().iter();
        names.extend(groups.map(|group| group.auto_scaling_group_name().unwrap().to_owned()));
    }
    assert_eq!(names, ["group-1", "group-3", "group-5"]);
}

#[tokio::test(start_paused = true)]
async fn what_is_refused_has_the_codes_the_sdk_knows() {
    let aws = Aws::calm();
    let image = aws.image(HUB, IRELAND, "web");
    let scaling = group_of(&aws, &image, 1).await;
    aws.pass(minutes(1)).await;
    let delete = scaling
        .delete_auto_scaling_group()
        .auto_scaling_group_name("web")
        .send()
        .await;
    assert!(delete.unwrap_err().into_service_error().is_resource_in_use_fault());
    let delete = scaling
        .delete_launch_configuration()
        .launch_configuration_name("lc")
        .send()
        .await;
    assert!(delete.unwrap_err().into_service_error().is_resource_in_use_fault());
    let create = scaling
        .create_launch_configuration()
        .launch_configuration_name("lc")
        .image_id(&image)
        .instance_type("t3.micro")
        .send()
        .await;
    assert!(create.unwrap_err().into_service_error().is_already_exists_fault());
    let page = scaling.describe_auto_scaling_groups().next_token("x").send().await;
    assert!(page.unwrap_err().into_service_error().is_invalid_next_token());
    let missing = scaling
        .set_desired_capacity()
        .auto_scaling_group_name("api")
        .desired_capacity(1)
        .send()
        .await;
    assert_eq!(code(&missing), "ValidationError");
    assert_eq!(
        message(missing),
        "AutoScalingGroup name not found - AutoScalingGroup 'api' not found"
    );
}

#[tokio::test(start_paused = true)]
async fn the_sdk_waits_out_throttling() {
    let aws = Aws::calm();
    let scaling = aws.scaling(HUB, IRELAND);
    let throttle = Fault::new(Effect::Throttle).service(Service::AutoScaling).times(2);
    aws.plane.with(|world| world.inject(throttle));
    scaling.describe_auto_scaling_groups().send().await.unwrap();
    aws.plane
        .with(|world| assert_eq!(world.ledger().of("DescribeAutoScalingGroups").all(), 3));
}

#[tokio::test(start_paused = true)]
async fn a_group_whose_image_is_disabled_launches_nothing_and_says_so_in_its_activities() {
    let aws = Aws::calm();
    let image = aws.image(HUB, IRELAND, "web");
    let scaling = group_of(&aws, &image, 0).await;
    aws.hub().disable_image().image_id(&image).send().await.unwrap();
    scaling
        .set_desired_capacity()
        .auto_scaling_group_name("web")
        .desired_capacity(1)
        .send()
        .await
        .unwrap();
    aws.pass(minutes(1)).await;
    assert!(web(&scaling).await.instances().is_empty());
    let told = scaling
        .describe_scaling_activities()
        .auto_scaling_group_name("web")
        .send()
        .await
        .unwrap();
    let activity = &told.activities()[0];
    assert_eq!(activity.status_code().unwrap().as_str(), "Failed");
    assert!(activity.status_message().unwrap().contains(&image));
}

#[tokio::test(start_paused = true)]
async fn a_warm_pool_keeps_instances_of_an_image_that_no_description_of_the_group_lists() {
    let aws = Aws::calm();
    let image = aws.image(HUB, IRELAND, "web");
    let scaling = group_of(&aws, &image, 0).await;
    scaling
        .put_warm_pool()
        .auto_scaling_group_name("web")
        .max_group_prepared_capacity(1)
        .pool_state(WarmPoolState::Stopped)
        .send()
        .await
        .unwrap();
    aws.pass(minutes(2)).await;
    let group = web(&scaling).await;
    assert!(group.instances().is_empty());
    assert_eq!(group.warm_pool_size(), Some(1));
    let configuration = group.warm_pool_configuration().unwrap();
    assert_eq!(configuration.max_group_prepared_capacity(), Some(1));
    let pool = scaling
        .describe_warm_pool()
        .auto_scaling_group_name("web")
        .send()
        .await
        .unwrap();
    let states: Vec<_> = pool.instances().iter().map(Instance::lifecycle_state).collect();
    assert_eq!(states, [Some(&LifecycleState::WarmedStopped)]);
    scaling
        .delete_warm_pool()
        .auto_scaling_group_name("web")
        .force_delete(true)
        .send()
        .await
        .unwrap();
    aws.pass(minutes(2)).await;
    assert_eq!(web(&scaling).await.warm_pool_configuration(), None);
}

#[tokio::test(start_paused = true)]
async fn a_refresh_gives_the_group_its_desired_configuration_in_the_end() {
    let aws = Aws::calm();
    let image = aws.image(HUB, IRELAND, "web");
    let scaling = group_of(&aws, &image, 0).await;
    launching::template(&aws.hub(), "new", &image).await;
    let desired = DesiredConfiguration::builder().launch_template(template("new")).build();
    let started = scaling
        .start_instance_refresh()
        .auto_scaling_group_name("web")
        .desired_configuration(desired.clone())
        .preferences(RefreshPreferences::builder().skip_matching(true).build())
        .send()
        .await
        .unwrap();
    let id = started.instance_refresh_id().unwrap();
    let mut seen = Vec::new();
    for _ in 0..40 {
        let told = scaling
            .describe_instance_refreshes()
            .auto_scaling_group_name("web")
            .instance_refresh_ids(id)
            .send()
            .await
            .unwrap();
        let refresh = &told.instance_refreshes()[0];
        assert_eq!(refresh.desired_configuration(), Some(&desired));
        let status = refresh.status().unwrap().clone();
        if seen.last() != Some(&status) {
            seen.push(status);
        }
        let group = web(&scaling).await;
        let done = seen.last() == Some(&InstanceRefreshStatus::Successful);
        assert_eq!(group.launch_template().is_some(), done);
        aws.pass(Duration::from_secs(10)).await;
    }
    assert_eq!(
        seen,
        [
            InstanceRefreshStatus::Pending,
            InstanceRefreshStatus::InProgress,
            InstanceRefreshStatus::Successful
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_group_deleted_by_force_is_there_until_its_instances_have_ended() {
    let aws = Aws::calm();
    let image = aws.image(HUB, IRELAND, "web");
    let scaling = group_of(&aws, &image, 1).await;
    aws.pass(minutes(1)).await;
    scaling
        .delete_auto_scaling_group()
        .auto_scaling_group_name("web")
        .force_delete(true)
        .send()
        .await
        .unwrap();
    assert_eq!(web(&scaling).await.status(), Some("Delete in progress"));
    aws.pass(minutes(2)).await;
    let found = scaling.describe_auto_scaling_groups().send().await.unwrap();
    assert!(found.auto_scaling_groups().is_empty());
}
