//! Instances, as the users of images.

use aws_sdk_ec2::types::{BlockDeviceMapping, EbsBlockDevice};
use image_plane::NewImage;

use stage::aws::{Aws, HUB, IRELAND, MEMBER, code, describe, hours, minutes, target};

#[tokio::test(start_paused = true)]
async fn the_owner_sees_a_launch_a_day_later() {
    let aws = Aws::calm();
    let hub = aws.hub();
    let id = aws.image(HUB, IRELAND, "web");
    hub.run_instances()
        .image_id(&id)
        .min_count(1)
        .max_count(1)
        .send()
        .await
        .unwrap();
    aws.pass(hours(23)).await;
    assert_eq!(describe(&hub, &id).await.last_launched_time(), None);
    aws.pass(hours(2)).await;
    assert_eq!(
        describe(&hub, &id).await.last_launched_time(),
        Some("2026-01-05T08:00:00.000Z")
    );
    let attribute = hub
        .describe_image_attribute()
        .image_id(&id)
        .attribute("lastLaunchedTime".into())
        .send()
        .await
        .unwrap();
    assert_eq!(
        attribute.last_launched_time().unwrap().value(),
        Some("2026-01-05T08:00:00.000Z")
    );
}

#[tokio::test(start_paused = true)]
async fn nobody_but_the_owner_sees_when_an_image_was_last_launched() {
    let aws = Aws::calm();
    let id = aws.image_with(HUB, IRELAND, NewImage::named("web").public());
    let member = aws.ec2(MEMBER, IRELAND);
    member
        .run_instances()
        .image_id(&id)
        .min_count(1)
        .max_count(1)
        .send()
        .await
        .unwrap();
    aws.pass(hours(25)).await;
    assert_eq!(describe(&member, &id).await.last_launched_time(), None);
    assert!(describe(&aws.hub(), &id).await.last_launched_time().is_some());
}

#[tokio::test(start_paused = true)]
async fn an_instance_outlives_its_image() {
    let aws = Aws::calm();
    let hub = aws.hub();
    let id = aws.image(HUB, IRELAND, "web");
    let run = hub
        .run_instances()
        .image_id(&id)
        .min_count(2)
        .max_count(2)
        .send()
        .await
        .unwrap();
    assert_eq!(run.instances().len(), 2);
    hub.deregister_image().image_id(&id).send().await.unwrap();
    aws.pass(minutes(5)).await;
    let filter = aws_sdk_ec2::types::Filter::builder()
        .name("image-id")
        .values(&id)
        .build();
    let found = hub.describe_instances().filters(filter).send().await.unwrap();
    let states: Vec<&str> = found
        .reservations()
        .iter()
        .flat_map(aws_sdk_ec2::types::Reservation::instances)
        .map(|instance| instance.state().unwrap().name().unwrap().as_str())
        .collect();
    assert_eq!(states, ["running", "running"]);
    let launch = hub.run_instances().image_id(&id).min_count(1).max_count(1).send().await;
    assert_eq!(code(&launch), "InvalidAMIID.Unavailable");
}

#[tokio::test(start_paused = true)]
async fn an_instance_stops_starts_and_ends() {
    let aws = Aws::calm();
    let hub = aws.hub();
    let id = aws.image(HUB, IRELAND, "web");
    let run = hub
        .run_instances()
        .image_id(&id)
        .min_count(1)
        .max_count(1)
        .send()
        .await
        .unwrap();
    let instance = run.instances()[0].instance_id().unwrap().to_owned();
    let state = || async {
        let found = hub.describe_instances().instance_ids(&instance).send().await.unwrap();
        found.reservations()[0].instances()[0]
            .state()
            .unwrap()
            .name()
            .unwrap()
            .as_str()
            .to_owned()
    };
    assert_eq!(state().await, "pending");
    aws.pass(minutes(1)).await;
    hub.stop_instances().instance_ids(&instance).send().await.unwrap();
    assert_eq!(state().await, "stopping");
    aws.pass(minutes(1)).await;
    assert_eq!(state().await, "stopped");
    hub.start_instances().instance_ids(&instance).send().await.unwrap();
    aws.pass(minutes(1)).await;
    assert_eq!(state().await, "running");
    hub.terminate_instances().instance_ids(&instance).send().await.unwrap();
    aws.pass(minutes(1)).await;
    assert_eq!(state().await, "terminated");
    let start = hub.start_instances().instance_ids(&instance).send().await;
    assert_eq!(code(&start), "IncorrectInstanceState");
    aws.pass(hours(2)).await;
    assert_eq!(
        code(&hub.describe_instances().instance_ids(&instance).send().await),
        "InvalidInstanceID.NotFound"
    );
}

#[tokio::test(start_paused = true)]
async fn a_launch_resolves_a_parameter_by_its_newest_or_a_named_version() {
    let aws = Aws::calm();
    let hub = aws.hub();
    let (old, new) = (aws.image(HUB, IRELAND, "old"), aws.image(HUB, IRELAND, "new"));
    aws.plane.with(|world| {
        world.put_parameter(target(HUB, IRELAND), "/golden/web", &old);
        world.put_parameter(target(HUB, IRELAND), "/golden/web", &new);
    });
    let launch = |image: &str| hub.run_instances().image_id(image).min_count(1).max_count(1).send();
    assert_eq!(
        launch("resolve:ssm:/golden/web").await.unwrap().instances()[0].image_id(),
        Some(new.as_str())
    );
    assert_eq!(
        launch("resolve:ssm:/golden/web:1").await.unwrap().instances()[0].image_id(),
        Some(old.as_str())
    );
    assert_eq!(code(&launch("resolve:ssm:/golden/none").await), "InvalidParameterValue");
}

#[tokio::test(start_paused = true)]
async fn the_same_client_token_launches_once() {
    let aws = Aws::calm();
    let hub = aws.hub();
    let id = aws.image(HUB, IRELAND, "web");
    let launch = |count| {
        hub.run_instances()
            .image_id(&id)
            .min_count(count)
            .max_count(count)
            .client_token("t")
            .send()
    };
    let first = launch(1).await.unwrap();
    let second = launch(1).await.unwrap();
    assert_eq!(first.instances()[0].instance_id(), second.instances()[0].instance_id());
    assert_eq!(code(&launch(2).await), "IdempotentParameterMismatch");
}

fn device(name: &str, ebs: aws_sdk_ec2::types::builders::EbsBlockDeviceBuilder) -> BlockDeviceMapping {
    BlockDeviceMapping::builder().device_name(name).ebs(ebs.build()).build()
}

#[tokio::test(start_paused = true)]
async fn a_bigger_root_volume_keeps_the_encryption_of_its_snapshot() {
    let aws = Aws::calm();
    let key = aws.plane.with(|world| world.create_key(target(HUB, IRELAND), None, []));
    let hub = aws.hub();
    let id = aws.image_with(HUB, IRELAND, NewImage::named("web").volumes([(8, Some(key))]));
    let run = |ebs| {
        let request = hub.run_instances().image_id(&id).min_count(1).max_count(1);
        request.block_device_mappings(device("/dev/xvda", ebs)).send()
    };
    let started = run(EbsBlockDevice::builder().volume_size(20)).await.unwrap();
    let instance = started.instances()[0].instance_id().unwrap().to_owned();
    aws.pass(minutes(1)).await;
    let made = hub
        .create_image()
        .instance_id(&instance)
        .name("made")
        .send()
        .await
        .unwrap()
        .image_id
        .unwrap();
    let image = describe(&hub, &made).await;
    let root = image.block_device_mappings()[0].ebs().unwrap();
    assert_eq!((root.encrypted(), root.volume_size()), (Some(true), Some(20)));
    let plain = run(EbsBlockDevice::builder().encrypted(false)).await;
    assert_eq!(code(&plain), "InvalidParameterCombination");
    let small = run(EbsBlockDevice::builder().volume_size(7)).await;
    assert_eq!(code(&small), "InvalidBlockDeviceMapping");
}

#[tokio::test(start_paused = true)]
async fn a_mapping_can_leave_a_device_out_and_names_each_once() {
    let aws = Aws::calm();
    let hub = aws.hub();
    let id = aws.image_with(HUB, IRELAND, NewImage::named("web").volumes([(8, None), (4, None)]));
    let request = || hub.run_instances().image_id(&id).min_count(1).max_count(1);
    let without = BlockDeviceMapping::builder()
        .device_name("/dev/sdb")
        .no_device("")
        .build();
    let run = request().block_device_mappings(without).send().await.unwrap();
    assert_eq!(run.instances()[0].block_device_mappings().len(), 1);
    let twice = || device("/dev/sdf", EbsBlockDevice::builder().volume_size(4));
    let refused = request()
        .block_device_mappings(twice())
        .block_device_mappings(twice())
        .send()
        .await;
    assert_eq!(code(&refused), "InvalidBlockDeviceMapping");
    let huge = request().block_device_mappings(device("/dev/sdf", EbsBlockDevice::builder().volume_size(70_000)));
    assert_eq!(code(&huge.send().await), "InvalidParameterValue");
}

#[tokio::test(start_paused = true)]
async fn an_account_makes_no_image_of_a_shared_one_whose_snapshots_it_was_not_given() {
    let aws = Aws::calm();
    let (hub, member) = (aws.hub(), aws.ec2(MEMBER, IRELAND));
    let id = aws.image(HUB, IRELAND, "web");
    let share = hub
        .modify_image_attribute()
        .image_id(&id)
        .attribute("launchPermission")
        .operation_type("add".into());
    share.user_ids(MEMBER.to_string()).send().await.unwrap();
    let run = member
        .run_instances()
        .image_id(&id)
        .min_count(1)
        .max_count(1)
        .send()
        .await
        .unwrap();
    let instance = run.instances()[0].instance_id().unwrap().to_owned();
    aws.pass(minutes(1)).await;
    let make = |name: &str| member.create_image().instance_id(&instance).name(name).send();
    assert_eq!(code(&make("made").await), "InvalidRequest");
    let snapshot = stage::aws::snapshots(&describe(&hub, &id).await)[0].clone();
    let lend = hub
        .modify_snapshot_attribute()
        .snapshot_id(snapshot)
        .operation_type("add".into());
    lend.user_ids(MEMBER.to_string()).send().await.unwrap();
    assert_eq!(code(&make("made").await), "done");
}

#[tokio::test(start_paused = true)]
async fn the_volumes_of_a_terminated_instance_are_gone() {
    let aws = Aws::calm();
    let hub = aws.hub();
    let id = aws.image(HUB, IRELAND, "web");
    let run = hub
        .run_instances()
        .image_id(&id)
        .min_count(1)
        .max_count(1)
        .send()
        .await
        .unwrap();
    let instance = &run.instances()[0];
    let volume = instance.block_device_mappings()[0].ebs().unwrap().volume_id().unwrap();
    hub.terminate_instances()
        .instance_ids(instance.instance_id().unwrap())
        .send()
        .await
        .unwrap();
    aws.pass(minutes(5)).await;
    assert_eq!(
        code(&hub.create_snapshot().volume_id(volume).send().await),
        "InvalidVolume.NotFound"
    );
}

#[tokio::test(start_paused = true)]
async fn a_bigger_root_volume_still_outlives_its_instance_where_its_image_says_so() {
    let aws = Aws::calm();
    let hub = aws.hub();
    let id = aws.image(HUB, IRELAND, "web");
    let run = |image: &str, ebs| {
        let request = hub.run_instances().image_id(image).min_count(1).max_count(1);
        request.block_device_mappings(device("/dev/xvda", ebs)).send()
    };
    let lasting = EbsBlockDevice::builder()
        .delete_on_termination(false)
        .iops(4000)
        .throughput(200);
    let started = run(&id, lasting).await.unwrap();
    let instance = started.instances()[0].instance_id().unwrap().to_owned();
    aws.pass(minutes(1)).await;
    let made = hub
        .create_image()
        .instance_id(&instance)
        .name("made")
        .send()
        .await
        .unwrap()
        .image_id
        .unwrap();
    aws.pass(hours(1)).await;
    let bigger = run(&made, EbsBlockDevice::builder().volume_size(20)).await.unwrap();
    let bigger = bigger.instances()[0].instance_id().unwrap().to_owned();
    aws.pass(minutes(1)).await;
    let again = hub
        .create_image()
        .instance_id(&bigger)
        .name("again")
        .send()
        .await
        .unwrap()
        .image_id
        .unwrap();
    let image = describe(&hub, &again).await;
    let root = image.block_device_mappings()[0].ebs().unwrap();
    assert_eq!(
        (root.delete_on_termination(), root.iops(), root.throughput()),
        (Some(false), Some(4000), Some(200))
    );
}
