//! CopyImage: what comes along, what does not, and what goes wrong late.

use aws_sdk_ec2::client::Waiters as _;
use image_plane::{BinKind, BinRule, KeyState, NewImage, Settings};

use stage::aws::{
    Aws, HUB, IRELAND, MEMBER, VIRGINIA, code, describe, hours, message, minutes, snapshots, state, target,
};

fn copy(ec2: &aws_sdk_ec2::Client, id: &str) -> aws_sdk_ec2::operation::copy_image::builders::CopyImageFluentBuilder {
    ec2.copy_image()
        .name(format!("copy of {id}"))
        .source_image_id(id)
        .source_region(IRELAND)
}

async fn copied(request: aws_sdk_ec2::operation::copy_image::builders::CopyImageFluentBuilder) -> String {
    request.send().await.unwrap().image_id.unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_copy_is_pending_for_as_long_as_its_gigabytes_take() {
    let aws = Aws::calm();
    let id = aws.image_with(HUB, IRELAND, NewImage::named("big").volumes([(100, None)]));
    let there = aws.ec2(HUB, VIRGINIA);
    let copy = copied(copy(&there, &id)).await;
    assert_eq!(state(&there, &copy).await, "pending");
    aws.pass(minutes(49)).await;
    assert_eq!(state(&there, &copy).await, "pending");
    let progress = there.describe_snapshots().owner_ids("self").send().await.unwrap();
    assert_eq!(progress.snapshots()[0].progress(), Some("98%"));
    aws.pass(minutes(2)).await;
    assert_eq!(state(&there, &copy).await, "available");
}

#[tokio::test(start_paused = true)]
async fn a_copy_drops_tags_and_launch_permissions() {
    let aws = Aws::calm();
    let id = aws.image_with(HUB, IRELAND, NewImage::named("web").tag("team", "web").public());
    let there = aws.ec2(HUB, VIRGINIA);
    let copy = copied(copy(&there, &id)).await;
    aws.pass(hours(1)).await;
    let image = describe(&there, &copy).await;
    assert_eq!((image.tags().len(), image.public()), (0, Some(false)));
}

#[tokio::test(start_paused = true)]
async fn a_copy_takes_the_callers_own_tags_along_when_asked() {
    let aws = Aws::calm();
    let id = aws.image_with(HUB, IRELAND, NewImage::named("web").tag("team", "web"));
    let there = aws.ec2(HUB, VIRGINIA);
    let copy = copied(copy(&there, &id).copy_image_tags(true)).await;
    assert_eq!(describe(&there, &copy).await.tags()[0].key(), Some("team"));
}

#[tokio::test(start_paused = true)]
async fn the_same_token_gives_the_same_image_even_after_it_failed() {
    let aws = Aws::calm();
    let id = aws.image(HUB, IRELAND, "web");
    let there = aws.ec2(HUB, VIRGINIA);
    let request = || {
        copy(&there, &id)
            .encrypted(true)
            .kms_key_id("alias/none")
            .client_token("step-1-attempt-1")
    };
    let first = copied(request()).await;
    aws.pass(hours(1)).await;
    assert_eq!(state(&there, &first).await, "failed");
    assert_eq!(copied(request()).await, first);
    let other = copy(&there, &id).client_token("step-1-attempt-1").send().await;
    assert_eq!(code(&other), "IdempotentParameterMismatch");
    assert_eq!(
        code(&request().client_token("step-1-attempt-2").send().await),
        "InvalidAMIName.Duplicate"
    );
    there.deregister_image().image_id(&first).send().await.unwrap();
    // And even after it is gone.
    aws.pass(hours(24)).await;
    assert_eq!(copied(request()).await, first);
    assert_ne!(copied(request().client_token("step-1-attempt-2")).await, first);
}

#[tokio::test(start_paused = true)]
async fn a_key_that_cannot_be_used_fails_the_copy_only_later() {
    let aws = Aws::calm();
    let id = aws.image(HUB, IRELAND, "web");
    let there = aws.ec2(HUB, VIRGINIA);
    let key = aws
        .plane
        .with(|world| world.create_key(target(HUB, VIRGINIA), Some("alias/golden"), []));
    aws.plane.with(|world| world.set_key_state(&key, KeyState::Disabled));
    let copy = copied(copy(&there, &id).encrypted(true).kms_key_id("alias/golden")).await;
    assert_eq!(state(&there, &copy).await, "pending");
    aws.pass(hours(1)).await;
    let image = describe(&there, &copy).await;
    assert_eq!(image.state().unwrap().as_str(), "failed");
    assert_eq!(
        image.state_reason().unwrap().message(),
        Some("Given key ID is not accessible")
    );
    let failed = there
        .describe_snapshots()
        .snapshot_ids(&snapshots(&image)[0])
        .send()
        .await
        .unwrap();
    assert_eq!(failed.snapshots()[0].state().unwrap().as_str(), "error");
}

#[tokio::test(start_paused = true)]
async fn a_key_of_the_source_region_is_no_key_in_the_destination() {
    let aws = Aws::calm();
    let id = aws.image(HUB, IRELAND, "web");
    let there = aws.ec2(HUB, VIRGINIA);
    let key = aws.plane.with(|world| world.create_key(target(HUB, IRELAND), None, []));
    let copy = copied(copy(&there, &id).encrypted(true).kms_key_id(&*key)).await;
    aws.pass(hours(1)).await;
    assert_eq!(state(&there, &copy).await, "failed");
}

#[tokio::test(start_paused = true)]
async fn an_encrypted_image_stays_encrypted_with_the_default_key_of_the_destination() {
    let aws = Aws::calm();
    let key = aws
        .plane
        .with(|world| world.create_key(target(HUB, IRELAND), Some("alias/golden"), []));
    let id = aws.image_with(HUB, IRELAND, NewImage::named("web").volumes([(8, Some(key.clone()))]));
    let there = aws.ec2(HUB, VIRGINIA);
    let copy = copied(copy(&there, &id)).await;
    aws.pass(hours(1)).await;
    let image = describe(&there, &copy).await;
    assert_eq!(image.state().unwrap().as_str(), "available");
    let snapshot = there
        .describe_snapshots()
        .snapshot_ids(&snapshots(&image)[0])
        .send()
        .await
        .unwrap();
    let snapshot = &snapshot.snapshots()[0];
    assert_eq!(snapshot.encrypted(), Some(true));
    assert!(
        snapshot
            .kms_key_id()
            .is_some_and(|id| id.contains(VIRGINIA) && id != &*key)
    );
}

#[tokio::test(start_paused = true)]
async fn another_account_copies_only_what_is_shared_with_its_snapshots_and_its_key() {
    let aws = Aws::calm();
    let key = aws.plane.with(|world| world.create_key(target(HUB, IRELAND), None, []));
    let id = aws.image_with(HUB, IRELAND, NewImage::named("web").volumes([(8, Some(key.clone()))]));
    let (hub, member) = (aws.hub(), aws.ec2(MEMBER, IRELAND));
    let snapshot = snapshots(&describe(&hub, &id).await)[0].clone();
    assert_eq!(code(&copy(&member, &id).send().await), "InvalidAMIID.NotFound");

    let share = hub.modify_image_attribute().image_id(&id).attribute("launchPermission");
    share
        .operation_type("add".into())
        .user_ids(MEMBER.to_string())
        .send()
        .await
        .unwrap();
    assert!(message(copy(&member, &id).send().await).contains("permission to access the storage"));

    let share = hub
        .modify_snapshot_attribute()
        .snapshot_id(&snapshot)
        .operation_type("add".into());
    share.user_ids(MEMBER.to_string()).send().await.unwrap();
    let without_key = copied(copy(&member, &id)).await;
    aws.pass(hours(1)).await;
    assert_eq!(state(&member, &without_key).await, "failed");
    member.deregister_image().image_id(&without_key).send().await.unwrap();

    let grant = aws.plane.with(|world| world.let_use_key(&key, MEMBER));
    assert!(grant);
    let copy = copied(copy(&member, &id)).await;
    aws.pass(hours(1)).await;
    let image = describe(&member, &copy).await;
    assert_eq!(
        (image.state().unwrap().as_str(), image.owner_id()),
        ("available", Some("222233334444"))
    );
}

#[tokio::test(start_paused = true)]
async fn more_than_twenty_volumes_in_flight_are_back_pressure() {
    let aws = Aws::calm();
    let there = aws.ec2(HUB, VIRGINIA);
    let ids: Vec<String> = (0..7)
        .map(|n| {
            aws.image_with(
                HUB,
                IRELAND,
                NewImage::named(&format!("web-{n}")).volumes(std::iter::repeat_n((8, None), 3)),
            )
        })
        .collect();
    for id in &ids[..6] {
        copied(copy(&there, id)).await;
    }
    assert_eq!(code(&copy(&there, &ids[6]).send().await), "ResourceLimitExceeded");
    aws.pass(minutes(5)).await;
    copied(copy(&there, &ids[6])).await;
}

#[tokio::test(start_paused = true)]
async fn a_pending_or_disabled_image_cannot_be_copied() {
    let aws = Aws::calm();
    let id = aws.image(HUB, IRELAND, "web");
    let (hub, there) = (aws.hub(), aws.ec2(HUB, VIRGINIA));
    let pending = copied(copy(&there, &id)).await;
    let again = hub
        .copy_image()
        .name("again")
        .source_image_id(&pending)
        .source_region(VIRGINIA)
        .send()
        .await;
    assert_eq!(code(&again), "InvalidAMIID.Unavailable");
    hub.disable_image().image_id(&id).send().await.unwrap();
    let disabled = there
        .copy_image()
        .name("more")
        .source_image_id(&id)
        .source_region(IRELAND)
        .send()
        .await;
    assert_eq!(code(&disabled), "InvalidAMIID.Unavailable");
}

#[tokio::test(start_paused = true)]
async fn images_are_not_copied_between_partitions() {
    let aws = Aws::calm();
    let id = aws.image(HUB, IRELAND, "web");
    let refused = copy(&aws.ec2(HUB, "cn-north-1"), &id).send().await;
    assert_eq!(code(&refused), "InvalidRequest");
}

#[tokio::test(start_paused = true)]
async fn the_sdks_own_waiter_sees_a_copy_through_on_virtual_time() {
    let aws = Aws::new(
        3,
        Settings {
            throttling: true,
            ..Settings::calm()
        },
    );
    let id = aws.image(HUB, IRELAND, "web");
    let there = aws.ec2(HUB, VIRGINIA);
    let copy = copied(copy(&there, &id)).await;
    there
        .wait_until_image_available()
        .image_ids(&copy)
        .wait(minutes(20))
        .await
        .unwrap();
    assert_eq!(state(&there, &copy).await, "available");
}

#[tokio::test(start_paused = true)]
async fn a_copy_has_fifty_tags_at_most_whoever_they_come_from() {
    let aws = Aws::calm();
    let tagged = (0..30).fold(NewImage::named("web"), |image, n| image.tag(&format!("k{n}"), "x"));
    let id = aws.image_with(HUB, IRELAND, tagged);
    let there = aws.ec2(HUB, VIRGINIA);
    let more = (0..30).map(|n| {
        aws_sdk_ec2::types::Tag::builder()
            .key(format!("m{n}"))
            .value("x")
            .build()
    });
    let more = aws_sdk_ec2::types::TagSpecification::builder()
        .resource_type("image".into())
        .set_tags(Some(more.collect()));
    let refused = copy(&there, &id)
        .copy_image_tags(true)
        .tag_specifications(more.build())
        .send()
        .await;
    assert_eq!(code(&refused), "TagLimitExceeded");
}

#[tokio::test(start_paused = true)]
async fn a_copy_that_is_deleted_while_pending_and_restored_still_comes_to_its_end() {
    let aws = Aws::calm();
    let id = aws.image(HUB, IRELAND, "web");
    let there = aws.ec2(HUB, VIRGINIA);
    let rule = |kind| BinRule::of(kind, hours(24));
    aws.plane.with(|world| {
        world.set_bin_rules(
            target(HUB, VIRGINIA),
            vec![rule(BinKind::Image), rule(BinKind::Snapshot)],
        );
    });
    let copy = copied(copy(&there, &id)).await;
    let snapshot = snapshots(&describe(&there, &copy).await)[0].clone();
    there
        .deregister_image()
        .image_id(&copy)
        .delete_associated_snapshots(true)
        .send()
        .await
        .unwrap();
    aws.pass(hours(1)).await;
    there
        .restore_snapshot_from_recycle_bin()
        .snapshot_id(&snapshot)
        .send()
        .await
        .unwrap();
    there
        .restore_image_from_recycle_bin()
        .image_id(&copy)
        .send()
        .await
        .unwrap();
    aws.pass(hours(1)).await;
    assert_eq!(state(&there, &copy).await, "available");
    let found = there.describe_snapshots().snapshot_ids(&snapshot).send().await.unwrap();
    assert_eq!(found.snapshots()[0].state().unwrap().as_str(), "completed");
}
