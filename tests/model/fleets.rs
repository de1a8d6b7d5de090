//! Fleets of both kinds and Spot requests, as the users of images.

use aws_sdk_ec2::Client;
use aws_sdk_ec2::operation::create_fleet::builders::CreateFleetFluentBuilder;
use aws_sdk_ec2::types::{
    Filter, FleetLaunchTemplateConfigRequest, FleetLaunchTemplateOverridesRequest,
    FleetLaunchTemplateSpecificationRequest, FleetType, Instance, InstanceType, RequestSpotLaunchSpecification,
    Reservation, SpotFleetLaunchSpecification, SpotFleetRequestConfigData, SpotInstanceType,
    TargetCapacitySpecificationRequest,
};

use crate::launching::template;
use stage::aws::{Aws, HUB, IRELAND, code, minutes};

/// The instances that have a tag.
async fn tagged(ec2: &Client, key: &str, value: &str) -> Vec<Instance> {
    let filter = Filter::builder().name(format!("tag:{key}")).values(value).build();
    let found = ec2.describe_instances().filters(filter).send().await.unwrap();
    let instances = found.reservations().iter().flat_map(Reservation::instances);
    instances.cloned().collect()
}

/// A fleet's request for two from the newest version of a template.
fn fleet(
    ec2: &Client,
    template: &str,
    kind: FleetType,
    part: Option<FleetLaunchTemplateOverridesRequest>,
) -> CreateFleetFluentBuilder {
    let from = FleetLaunchTemplateSpecificationRequest::builder()
        .launch_template_id(template)
        .version("$Latest");
    let config = FleetLaunchTemplateConfigRequest::builder()
        .launch_template_specification(from.build())
        .set_overrides(part.map(|part| vec![part]));
    let capacity = TargetCapacitySpecificationRequest::builder().total_target_capacity(2);
    ec2.create_fleet()
        .r#type(kind)
        .launch_template_configs(config.build())
        .target_capacity_specification(capacity.build())
}

#[tokio::test(start_paused = true)]
async fn a_fleet_launches_its_capacity_and_marks_its_instances() {
    let aws = Aws::calm();
    let hub = aws.hub();
    let image = aws.image(HUB, IRELAND, "web");
    let template = template(&hub, "web", &image).await;
    let made = fleet(&hub, &template, FleetType::Maintain, None).send().await.unwrap();
    let id = made.fleet_id().unwrap();
    let instances = tagged(&hub, "aws:ec2:fleet-id", id).await;
    assert_eq!(instances.len(), 2);
    assert!(
        instances
            .iter()
            .all(|instance| instance.image_id() == Some(image.as_str()))
    );
    let found = hub.describe_fleets().send().await.unwrap();
    let shown = &found.fleets()[0];
    assert_eq!(shown.fleet_id(), Some(id));
    assert_eq!(shown.fleet_state().unwrap().as_str(), "active");
    assert_eq!(shown.fulfilled_capacity(), Some(2.0));
    let config = &shown.launch_template_configs()[0];
    let from = config.launch_template_specification().unwrap();
    assert_eq!(
        (from.launch_template_id(), from.version()),
        (Some(template.as_str()), Some("$Latest"))
    );
}

#[tokio::test(start_paused = true)]
async fn an_instant_fleet_is_described_only_by_its_id() {
    let aws = Aws::calm();
    let hub = aws.hub();
    let template = template(&hub, "web", &aws.image(HUB, IRELAND, "web")).await;
    let made = fleet(&hub, &template, FleetType::Instant, None).send().await.unwrap();
    assert_eq!(made.instances()[0].instance_ids().len(), 2);
    assert!(hub.describe_fleets().send().await.unwrap().fleets().is_empty());
    let named = hub.describe_fleets().fleet_ids(made.fleet_id().unwrap());
    assert_eq!(
        named.send().await.unwrap().fleets()[0].instances()[0]
            .instance_ids()
            .len(),
        2
    );
}

#[tokio::test(start_paused = true)]
async fn only_an_instant_fleet_overrides_the_image_of_its_template() {
    let aws = Aws::calm();
    let hub = aws.hub();
    let template = template(&hub, "web", &aws.image(HUB, IRELAND, "old")).await;
    let new = aws.image(HUB, IRELAND, "new");
    let part = || FleetLaunchTemplateOverridesRequest::builder().image_id(&new).build();
    let maintained = fleet(&hub, &template, FleetType::Maintain, Some(part())).send().await;
    assert_eq!(code(&maintained), "InvalidParameterCombination");
    let made = fleet(&hub, &template, FleetType::Instant, Some(part()))
        .send()
        .await
        .unwrap();
    let shown = made.instances()[0].launch_template_and_overrides().unwrap();
    assert_eq!(shown.overrides().unwrap().image_id(), Some(new.as_str()));
    let instances = tagged(&hub, "aws:ec2:fleet-id", made.fleet_id().unwrap()).await;
    assert_eq!(instances[0].image_id(), Some(new.as_str()));
}

#[tokio::test(start_paused = true)]
async fn an_instant_fleet_whose_image_is_gone_answers_with_the_error_and_no_instances() {
    let aws = Aws::calm();
    let hub = aws.hub();
    let template = template(&hub, "web", "ami-00000000000000000").await;
    let made = fleet(&hub, &template, FleetType::Instant, None).send().await.unwrap();
    assert!(made.instances().is_empty());
    assert_eq!(made.errors()[0].error_code(), Some("InvalidAMIID.NotFound"));
}

#[tokio::test(start_paused = true)]
async fn a_deleted_fleet_ends_its_instances_or_lets_them_run() {
    let aws = Aws::calm();
    let hub = aws.hub();
    let template = template(&hub, "web", &aws.image(HUB, IRELAND, "web")).await;
    for (terminate, at_once, later) in [
        (true, "deleted_terminating", "deleted"),
        (false, "deleted_running", "deleted_running"),
    ] {
        let made = fleet(&hub, &template, FleetType::Request, None).send().await.unwrap();
        let id = made.fleet_id().unwrap();
        aws.pass(minutes(1)).await;
        let delete = hub.delete_fleets().fleet_ids(id).terminate_instances(terminate);
        let deleted = delete.send().await.unwrap();
        let state = deleted.successful_fleet_deletions()[0].current_fleet_state().unwrap();
        assert_eq!(state.as_str(), at_once);
        aws.pass(minutes(5)).await;
        let found = hub.describe_fleets().fleet_ids(id).send().await.unwrap();
        assert_eq!(found.fleets()[0].fleet_state().unwrap().as_str(), later);
    }
}

#[tokio::test(start_paused = true)]
async fn a_spot_fleet_shows_the_image_it_launches_until_it_is_cancelled() {
    let aws = Aws::calm();
    let hub = aws.hub();
    let image = aws.image(HUB, IRELAND, "web");
    let launch = SpotFleetLaunchSpecification::builder()
        .image_id(&image)
        .instance_type(InstanceType::T3Small);
    let config = SpotFleetRequestConfigData::builder()
        .iam_fleet_role("arn:aws:iam::111122223333:role/fleet")
        .target_capacity(2)
        .launch_specifications(launch.build());
    let request = hub.request_spot_fleet().spot_fleet_request_config(config.build());
    let made = request.send().await.unwrap();
    let id = made.spot_fleet_request_id().unwrap();
    assert_eq!(tagged(&hub, "aws:ec2spot:fleet-request-id", id).await.len(), 2);
    let found = hub.describe_spot_fleet_requests().send().await.unwrap();
    let shown = &found.spot_fleet_request_configs()[0];
    assert_eq!(shown.spot_fleet_request_state().unwrap().as_str(), "active");
    let config = shown.spot_fleet_request_config().unwrap();
    assert_eq!(config.launch_specifications()[0].image_id(), Some(image.as_str()));
    aws.pass(minutes(1)).await;
    let cancel = hub.cancel_spot_fleet_requests().spot_fleet_request_ids(id);
    let cancelled = cancel.terminate_instances(true).send().await.unwrap();
    let state = cancelled.successful_fleet_requests()[0].current_spot_fleet_request_state();
    assert_eq!(state.unwrap().as_str(), "cancelled_terminating");
    aws.pass(minutes(5)).await;
    let found = hub
        .describe_spot_fleet_requests()
        .spot_fleet_request_ids(id)
        .send()
        .await
        .unwrap();
    let state = found.spot_fleet_request_configs()[0]
        .spot_fleet_request_state()
        .unwrap();
    assert_eq!(state.as_str(), "cancelled");
}

#[tokio::test(start_paused = true)]
async fn a_cancelled_spot_request_leaves_its_instance_running() {
    let aws = Aws::calm();
    let hub = aws.hub();
    let image = aws.image(HUB, IRELAND, "web");
    let launch = RequestSpotLaunchSpecification::builder().image_id(&image).build();
    let request = hub.request_spot_instances().launch_specification(launch);
    let made = request.r#type(SpotInstanceType::Persistent).send().await.unwrap();
    let made = &made.spot_instance_requests()[0];
    assert_eq!(made.state().unwrap().as_str(), "active");
    let id = made.spot_instance_request_id().unwrap();
    hub.cancel_spot_instance_requests()
        .spot_instance_request_ids(id)
        .send()
        .await
        .unwrap();
    aws.pass(minutes(1)).await;
    let filter = Filter::builder().name("state").values("cancelled").build();
    let found = hub
        .describe_spot_instance_requests()
        .filters(filter)
        .send()
        .await
        .unwrap();
    let shown = &found.spot_instance_requests()[0];
    assert_eq!(shown.launch_specification().unwrap().image_id(), Some(image.as_str()));
    let instance = shown.instance_id().unwrap();
    let found = hub.describe_instances().instance_ids(instance).send().await.unwrap();
    let state = found.reservations()[0].instances()[0].state().unwrap();
    assert_eq!(state.name().unwrap().as_str(), "running");
}
