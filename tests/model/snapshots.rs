//! Snapshots on their own.

use aws_sdk_ec2::types::TransferType;
use stage::aws::{Aws, HUB, IRELAND, MEMBER, VIRGINIA, code, describe, hours, minutes, snapshots, target};

#[tokio::test(start_paused = true)]
async fn a_snapshot_of_a_volume_is_pending_until_it_is_complete() {
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
    let volume = run.instances()[0].block_device_mappings()[0]
        .ebs()
        .unwrap()
        .volume_id()
        .unwrap()
        .to_owned();
    let made = hub
        .create_snapshot()
        .volume_id(&volume)
        .description("by hand")
        .send()
        .await
        .unwrap();
    assert_eq!(
        (made.state().unwrap().as_str(), made.volume_size()),
        ("pending", Some(8))
    );
    aws.pass(minutes(2)).await;
    let found = hub
        .describe_snapshots()
        .snapshot_ids(made.snapshot_id().unwrap())
        .send()
        .await
        .unwrap();
    assert_eq!(
        (
            found.snapshots()[0].state().unwrap().as_str(),
            found.snapshots()[0].progress()
        ),
        ("completed", Some("100%"))
    );
    assert_eq!(found.snapshots()[0].volume_id(), Some(volume.as_str()));
    assert_eq!(found.snapshots()[0].transfer_type(), None);
    let theirs = aws
        .ec2(MEMBER, IRELAND)
        .create_snapshot()
        .volume_id(&volume)
        .send()
        .await;
    assert_eq!(code(&theirs), "InvalidVolume.NotFound");
}

#[tokio::test(start_paused = true)]
async fn a_copied_snapshot_can_be_encrypted_and_fails_late_for_a_bad_key() {
    let aws = Aws::calm();
    let id = aws.image(HUB, IRELAND, "web");
    let source = snapshots(&describe(&aws.hub(), &id).await)[0].clone();
    let there = aws.ec2(HUB, VIRGINIA);
    let key = aws
        .plane
        .with(|world| world.create_key(target(HUB, VIRGINIA), Some("alias/golden"), []));
    let copy = |key: &str| {
        let request = there
            .copy_snapshot()
            .source_snapshot_id(&source)
            .source_region(IRELAND)
            .encrypted(true);
        request.kms_key_id(key).send()
    };
    let good = copy("alias/golden").await.unwrap().snapshot_id.unwrap();
    let bad = copy("alias/none").await.unwrap().snapshot_id.unwrap();
    aws.pass(hours(1)).await;
    let found = there
        .describe_snapshots()
        .snapshot_ids(&good)
        .snapshot_ids(&bad)
        .send()
        .await
        .unwrap();
    let [good, bad] = found.snapshots() else {
        panic!("{found:?}")
    };
    assert_eq!(
        (good.state().unwrap().as_str(), good.kms_key_id()),
        ("completed", Some(&*key))
    );
    // Copies say that they are, and name a volume that there is not.
    assert_eq!(good.transfer_type(), Some(&TransferType::Standard));
    assert_eq!(good.volume_id(), Some("vol-ffffffff"));
    assert_eq!(
        (bad.state().unwrap().as_str(), bad.state_message()),
        ("error", Some("Given key ID is not accessible"))
    );
}

#[tokio::test(start_paused = true)]
async fn a_snapshot_nobody_uses_is_deleted_once() {
    let aws = Aws::calm();
    let hub = aws.hub();
    let id = aws.image(HUB, IRELAND, "web");
    let snapshot = snapshots(&describe(&hub, &id).await)[0].clone();
    let delete = |ec2: &aws_sdk_ec2::Client| ec2.delete_snapshot().snapshot_id(&snapshot).send();
    assert_eq!(code(&delete(&hub).await), "InvalidSnapshot.InUse");
    hub.deregister_image().image_id(&id).send().await.unwrap();
    assert_eq!(
        code(&delete(&aws.ec2(MEMBER, IRELAND)).await),
        "InvalidSnapshot.NotFound"
    );
    delete(&hub).await.unwrap();
    assert_eq!(code(&delete(&hub).await), "InvalidSnapshot.NotFound");
}

#[tokio::test(start_paused = true)]
async fn malformed_ids_are_told_apart_from_unknown_ones() {
    let aws = Aws::calm();
    let hub = aws.hub();
    assert_eq!(
        code(&hub.describe_images().image_ids("ami-XYZ").send().await),
        "InvalidAMIID.Malformed"
    );
    assert_eq!(
        code(&hub.describe_images().image_ids("ami-0123456789abcdef0").send().await),
        "InvalidAMIID.NotFound"
    );
    assert_eq!(
        code(&hub.describe_snapshots().snapshot_ids("snap-1").send().await),
        "InvalidSnapshotID.Malformed"
    );
    assert_eq!(
        code(&hub.delete_snapshot().snapshot_id("snap-0123456789abcdef0").send().await),
        "InvalidSnapshot.NotFound"
    );
}
