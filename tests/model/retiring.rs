//! Deprecation, disabling, deregistration, the Recycle Bin, and the protection against them.

use image_plane::{BinKind, BinRule, NewImage};

use stage::aws::{Aws, HUB, IRELAND, MEMBER, code, describe, hours, message, minutes, snapshots, state, target};

const DAY: u64 = 24;

async fn share(ec2: &aws_sdk_ec2::Client, id: &str, account: &str) {
    let add = ec2
        .modify_image_attribute()
        .image_id(id)
        .attribute("launchPermission")
        .operation_type("add".into());
    add.user_ids(account).send().await.unwrap();
}

async fn launch_permissions(ec2: &aws_sdk_ec2::Client, id: &str) -> usize {
    let attribute = ec2
        .describe_image_attribute()
        .image_id(id)
        .attribute("launchPermission".into());
    attribute.send().await.unwrap().launch_permissions().len()
}

#[tokio::test(start_paused = true)]
async fn a_disabled_image_loses_its_launch_permissions_for_good() {
    let aws = Aws::calm();
    let id = aws.image(HUB, IRELAND, "web");
    let hub = aws.hub();
    share(&hub, &id, "222233334444").await;
    assert_eq!(launch_permissions(&hub, &id).await, 1);
    hub.disable_image().image_id(&id).send().await.unwrap();
    hub.enable_image().image_id(&id).send().await.unwrap();
    assert_eq!(launch_permissions(&hub, &id).await, 0);
    assert_eq!(state(&hub, &id).await, "available");
}

#[tokio::test(start_paused = true)]
async fn a_disabled_image_is_listed_only_when_asked_for_and_cannot_be_shared_or_launched() {
    let aws = Aws::calm();
    let id = aws.image(HUB, IRELAND, "web");
    let hub = aws.hub();
    hub.disable_image().image_id(&id).send().await.unwrap();
    let listed = |disabled| hub.describe_images().owners("self").include_disabled(disabled).send();
    assert_eq!(listed(false).await.unwrap().images().len(), 0);
    assert_eq!(listed(true).await.unwrap().images().len(), 1);
    assert_eq!(state(&hub, &id).await, "disabled");
    let add = hub
        .modify_image_attribute()
        .image_id(&id)
        .attribute("launchPermission")
        .operation_type("add".into());
    assert_eq!(
        code(&add.user_ids("222233334444").send().await),
        "OperationNotPermitted"
    );
    let launch = hub.run_instances().image_id(&id).min_count(1).max_count(1).send().await;
    assert_eq!(code(&launch), "InvalidAMIID.Unavailable");
}

#[tokio::test(start_paused = true)]
async fn the_snapshots_of_a_disabled_image_are_in_use() {
    let aws = Aws::calm();
    let id = aws.image(HUB, IRELAND, "web");
    let hub = aws.hub();
    let snapshot = snapshots(&describe(&hub, &id).await)[0].clone();
    hub.disable_image().image_id(&id).send().await.unwrap();
    let refused = hub.delete_snapshot().snapshot_id(&snapshot).send().await;
    assert_eq!(code(&refused), "InvalidSnapshot.InUse");
    assert_eq!(
        message(refused),
        format!("The snapshot {snapshot} is currently in use by {id}")
    );
}

#[tokio::test(start_paused = true)]
async fn a_deprecated_image_leaves_other_peoples_lists_and_still_launches_by_id() {
    let aws = Aws::calm();
    let id = aws.image_with(HUB, IRELAND, NewImage::named("web"));
    let (hub, member) = (aws.hub(), aws.ec2(MEMBER, IRELAND));
    share(&hub, &id, "222233334444").await;
    let at = aws_sdk_ec2::primitives::DateTime::from_secs(aws.plane.now().millis() / 1000 + 3600);
    hub.enable_image_deprecation()
        .image_id(&id)
        .deprecate_at(at)
        .send()
        .await
        .unwrap();
    let listed = |ec2: &aws_sdk_ec2::Client, deprecated| {
        let request = ec2
            .describe_images()
            .owners("111122223333")
            .include_deprecated(deprecated);
        async move { request.send().await.unwrap().images().len() }
    };
    assert_eq!(listed(&member, false).await, 1);
    aws.pass(hours(2)).await;
    assert_eq!(listed(&member, false).await, 0);
    assert_eq!(listed(&member, true).await, 1);
    assert_eq!(listed(&hub, false).await, 1);
    describe(&member, &id).await;
    member
        .run_instances()
        .image_id(&id)
        .min_count(1)
        .max_count(1)
        .send()
        .await
        .unwrap();
    hub.disable_image_deprecation().image_id(&id).send().await.unwrap();
    assert_eq!(listed(&member, false).await, 1);
}

#[tokio::test(start_paused = true)]
async fn a_deprecation_date_is_not_in_the_past_nor_beyond_ten_years_and_rounds_to_the_minute() {
    let aws = Aws::calm();
    let id = aws.image(HUB, IRELAND, "web");
    let hub = aws.hub();
    let now = aws.plane.now().millis() / 1000;
    let deprecate = |secs| {
        let at = aws_sdk_ec2::primitives::DateTime::from_secs(secs);
        hub.enable_image_deprecation().image_id(&id).deprecate_at(at).send()
    };
    assert_eq!(code(&deprecate(now - 1).await), "InvalidParameterValue");
    assert_eq!(code(&deprecate(now + 11 * 365 * 86_400).await), "InvalidParameterValue");
    deprecate(now + 3600 + 31).await.unwrap();
    assert_eq!(
        describe(&hub, &id).await.deprecation_time(),
        Some("2026-01-05T09:01:00.000Z")
    );
}

#[tokio::test(start_paused = true)]
async fn a_public_image_is_deprecated_after_two_years_and_that_cannot_be_put_off() {
    let aws = Aws::calm();
    let id = aws.image(HUB, IRELAND, "web");
    let hub = aws.hub();
    let public = hub
        .modify_image_attribute()
        .image_id(&id)
        .attribute("launchPermission")
        .operation_type("add".into());
    public.user_groups("all").send().await.unwrap();
    assert_eq!(
        describe(&hub, &id).await.deprecation_time(),
        Some("2028-01-05T08:00:00.000Z")
    );
    let later = aws_sdk_ec2::primitives::DateTime::from_secs(aws.plane.now().millis() / 1000 + 3 * 365 * 86_400);
    let put_off = hub
        .enable_image_deprecation()
        .image_id(&id)
        .deprecate_at(later)
        .send()
        .await;
    assert_eq!(code(&put_off), "InvalidParameterValue");
    let cancelled = hub.disable_image_deprecation().image_id(&id).send().await;
    assert_eq!(code(&cancelled), "OperationNotPermitted");
}

#[tokio::test(start_paused = true)]
async fn a_protected_image_is_not_deregistered_and_a_cooldown_outlasts_the_protection_by_a_day() {
    let aws = Aws::calm();
    let id = aws.image(HUB, IRELAND, "web");
    let hub = aws.hub();
    hub.enable_image_deregistration_protection()
        .image_id(&id)
        .with_cooldown(true)
        .send()
        .await
        .unwrap();
    let deregister = || hub.deregister_image().image_id(&id).send();
    assert_eq!(code(&deregister().await), "OperationNotPermitted");
    hub.disable_image_deregistration_protection()
        .image_id(&id)
        .send()
        .await
        .unwrap();
    aws.pass(minutes(24 * 60 - 1)).await;
    assert_eq!(code(&deregister().await), "OperationNotPermitted");
    assert_ne!(describe(&hub, &id).await.deregistration_protection(), Some("disabled"));
    aws.pass(minutes(1)).await;
    assert_eq!(describe(&hub, &id).await.deregistration_protection(), Some("disabled"));
    deregister().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn protection_without_cooldown_ends_when_it_is_switched_off() {
    let aws = Aws::calm();
    let id = aws.image(HUB, IRELAND, "web");
    let hub = aws.hub();
    hub.enable_image_deregistration_protection()
        .image_id(&id)
        .send()
        .await
        .unwrap();
    assert_eq!(
        code(&hub.deregister_image().image_id(&id).send().await),
        "OperationNotPermitted"
    );
    hub.disable_image_deregistration_protection()
        .image_id(&id)
        .send()
        .await
        .unwrap();
    hub.deregister_image().image_id(&id).send().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn deregistering_leaves_snapshots_unless_they_are_asked_for() {
    let aws = Aws::calm();
    let hub = aws.hub();
    let (kept, taken) = (aws.image(HUB, IRELAND, "kept"), aws.image(HUB, IRELAND, "taken"));
    let snapshot_of = |id: String| {
        let hub = hub.clone();
        async move { snapshots(&describe(&hub, &id).await)[0].clone() }
    };
    let (left, gone) = (snapshot_of(kept.clone()).await, snapshot_of(taken.clone()).await);
    let silent = hub.deregister_image().image_id(&kept).send().await.unwrap();
    assert_eq!(silent.delete_snapshot_results().len(), 0);
    let told = hub
        .deregister_image()
        .image_id(&taken)
        .delete_associated_snapshots(true)
        .send()
        .await
        .unwrap();
    assert_eq!(
        told.delete_snapshot_results()[0].return_code().unwrap().as_str(),
        "success"
    );
    hub.describe_snapshots().snapshot_ids(&left).send().await.unwrap();
    assert_eq!(
        code(&hub.describe_snapshots().snapshot_ids(&gone).send().await),
        "InvalidSnapshot.NotFound"
    );
    hub.delete_snapshot().snapshot_id(&left).send().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_deregistration_succeeds_although_a_snapshot_stays_and_says_why_for_each() {
    let aws = Aws::calm();
    let hub = aws.hub();
    let id = aws.image_with(
        HUB,
        IRELAND,
        NewImage::named("web").volumes(std::iter::repeat_n((8, None), 4)),
    );
    let parts = snapshots(&describe(&hub, &id).await);
    let region = IRELAND.parse().unwrap();
    let shared = parts[1].parse().unwrap();
    aws.image_with(HUB, IRELAND, NewImage::named("other").snapshot_ids([Some(shared)]));
    let until = aws.plane.now() + hours(1);
    aws.plane.with(|world| {
        assert!(world.lock_snapshot(region, parts[2].parse().unwrap(), until));
        world.spoil_snapshot_deletion(region, parts[3].parse().unwrap(), "internal-error");
    });
    let answer = hub
        .deregister_image()
        .image_id(&id)
        .delete_associated_snapshots(true)
        .send()
        .await
        .unwrap();
    let codes: Vec<&str> = answer
        .delete_snapshot_results()
        .iter()
        .map(|result| result.return_code().unwrap().as_str())
        .collect();
    assert_eq!(codes, ["success", "skipped", "client-error", "internal-error"]);
    assert_eq!(
        code(&hub.delete_snapshot().snapshot_id(&parts[2]).send().await),
        "OperationNotPermitted"
    );
    aws.pass(hours(1)).await;
    hub.delete_snapshot().snapshot_id(&parts[2]).send().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn an_image_of_others_or_of_aws_backup_is_never_deregistered() {
    let aws = Aws::calm();
    let backup = aws.image_with(HUB, IRELAND, NewImage::named("backup").backup());
    let public = aws.image_with(MEMBER, IRELAND, NewImage::named("theirs").public());
    let private = aws.image(MEMBER, IRELAND, "secret");
    let refused = |id: String| {
        let hub = aws.hub();
        async move { code(&hub.deregister_image().image_id(id).send().await) }
    };
    assert_eq!(refused(backup).await, "OperationNotPermitted");
    assert_eq!(refused(public).await, "AuthFailure");
    assert_eq!(refused(private).await, "InvalidAMIID.NotFound");
}

#[tokio::test(start_paused = true)]
async fn a_deregistered_image_is_unavailable_then_unknown() {
    let aws = Aws::calm();
    let id = aws.image(HUB, IRELAND, "web");
    let hub = aws.hub();
    hub.deregister_image().image_id(&id).send().await.unwrap();
    assert_eq!(
        code(&hub.deregister_image().image_id(&id).send().await),
        "InvalidAMIID.Unavailable"
    );
    let empty = hub.describe_images().image_ids(&id).send().await.unwrap();
    assert_eq!(empty.images().len(), 0);
    aws.pass(hours(2)).await;
    assert_eq!(
        code(&hub.describe_images().image_ids(&id).send().await),
        "InvalidAMIID.NotFound"
    );
    assert_eq!(
        code(&hub.deregister_image().image_id(&id).send().await),
        "InvalidAMIID.NotFound"
    );
}

#[tokio::test(start_paused = true)]
async fn the_id_of_a_deregistered_image_stays_known_while_an_instance_of_it_lives() {
    let aws = Aws::calm();
    let id = aws.image(HUB, IRELAND, "web");
    let hub = aws.hub();
    let run = hub
        .run_instances()
        .image_id(&id)
        .min_count(1)
        .max_count(1)
        .send()
        .await
        .unwrap();
    let instance = run.instances()[0].instance_id().unwrap().to_owned();
    hub.deregister_image().image_id(&id).send().await.unwrap();
    aws.pass(hours(10)).await;
    assert_eq!(
        hub.describe_images()
            .image_ids(&id)
            .send()
            .await
            .unwrap()
            .images()
            .len(),
        0
    );
    hub.terminate_instances().instance_ids(instance).send().await.unwrap();
    aws.pass(hours(3)).await;
    assert_eq!(
        code(&hub.describe_images().image_ids(&id).send().await),
        "InvalidAMIID.NotFound"
    );
}

#[tokio::test(start_paused = true)]
async fn what_a_rule_catches_comes_back_from_the_bin_snapshots_first_with_its_permissions() {
    let aws = Aws::calm();
    let hub = aws.hub();
    let rule = |kind| BinRule::of(kind, hours(7 * DAY));
    aws.plane.with(|world| {
        world.set_bin_rules(
            target(HUB, IRELAND),
            vec![rule(BinKind::Image), rule(BinKind::Snapshot)],
        );
    });
    let id = aws.image(HUB, IRELAND, "web");
    share(&hub, &id, "222233334444").await;
    let snapshot = snapshots(&describe(&hub, &id).await)[0].clone();
    hub.deregister_image()
        .image_id(&id)
        .delete_associated_snapshots(true)
        .send()
        .await
        .unwrap();

    let binned = hub.list_images_in_recycle_bin().send().await.unwrap();
    let [image] = binned.images() else { panic!("{binned:?}") };
    assert_eq!((image.image_id(), image.name()), (Some(id.as_str()), Some("web")));
    assert_eq!(
        code(&aws.ec2(MEMBER, IRELAND).describe_images().image_ids(&id).send().await),
        "InvalidAMIID.NotFound"
    );
    let too_soon = hub.restore_image_from_recycle_bin().image_id(&id).send().await;
    assert_eq!(code(&too_soon), "InvalidSnapshot.NotFound");
    let listed = hub.list_snapshots_in_recycle_bin().send().await.unwrap();
    assert_eq!(listed.snapshots()[0].snapshot_id(), Some(snapshot.as_str()));
    hub.restore_snapshot_from_recycle_bin()
        .snapshot_id(&snapshot)
        .send()
        .await
        .unwrap();
    hub.restore_image_from_recycle_bin().image_id(&id).send().await.unwrap();
    assert_eq!(state(&hub, &id).await, "available");
    assert_eq!(launch_permissions(&hub, &id).await, 1);
    assert_eq!(
        code(&hub.delete_snapshot().snapshot_id(&snapshot).send().await),
        "InvalidSnapshot.InUse"
    );
    assert_eq!(hub.list_images_in_recycle_bin().send().await.unwrap().images().len(), 0);
}

#[tokio::test(start_paused = true)]
async fn the_bin_keeps_by_the_longest_rule_and_then_forgets() {
    let aws = Aws::calm();
    let hub = aws.hub();
    let rule = |days, tags| BinRule {
        tags,
        ..BinRule::of(BinKind::Image, hours(days * DAY))
    };
    let short = rule(1, vec![]);
    let long = rule(3, vec![("keep".to_owned(), "long".to_owned())]);
    aws.plane
        .with(|world| world.set_bin_rules(target(HUB, IRELAND), vec![short, long]));
    let plain = aws.image(HUB, IRELAND, "plain");
    let tagged = aws.image_with(HUB, IRELAND, NewImage::named("tagged").tag("keep", "long"));
    for id in [&plain, &tagged] {
        hub.deregister_image().image_id(id).send().await.unwrap();
    }
    aws.pass(hours(2 * DAY)).await;
    assert_eq!(
        code(&hub.restore_image_from_recycle_bin().image_id(&plain).send().await),
        "InvalidAMIID.NotFound"
    );
    let left = hub.list_images_in_recycle_bin().send().await.unwrap();
    assert_eq!(
        left.images()
            .iter()
            .map(|image| image.image_id().unwrap())
            .collect::<Vec<_>>(),
        [tagged.as_str()]
    );
    aws.pass(hours(2 * DAY)).await;
    assert_eq!(hub.list_images_in_recycle_bin().send().await.unwrap().images().len(), 0);
}

#[tokio::test(start_paused = true)]
async fn without_a_rule_nothing_comes_back() {
    let aws = Aws::calm();
    let hub = aws.hub();
    let id = aws.image(HUB, IRELAND, "web");
    hub.deregister_image().image_id(&id).send().await.unwrap();
    assert_eq!(
        code(&hub.restore_image_from_recycle_bin().image_id(&id).send().await),
        "InvalidAMIID.NotFound"
    );
}

#[tokio::test(start_paused = true)]
async fn the_name_of_a_deregistered_image_is_free_again_and_a_restore_then_collides() {
    let aws = Aws::calm();
    let hub = aws.hub();
    let rule = BinRule::of(BinKind::Image, hours(DAY));
    aws.plane
        .with(|world| world.set_bin_rules(target(HUB, IRELAND), vec![rule]));
    let id = aws.image(HUB, IRELAND, "web");
    hub.deregister_image().image_id(&id).send().await.unwrap();
    aws.image(HUB, IRELAND, "web");
    assert_eq!(
        code(&hub.restore_image_from_recycle_bin().image_id(&id).send().await),
        "InvalidAMIName.Duplicate"
    );
}

#[tokio::test(start_paused = true)]
async fn every_mutating_call_stops_at_a_dry_run_and_changes_nothing() {
    let aws = Aws::calm();
    let hub = aws.hub();
    let id = aws.image(HUB, IRELAND, "web");
    let snapshot = snapshots(&describe(&hub, &id).await)[0].clone();
    let tag = aws_sdk_ec2::types::Tag::builder().key("a").value("b").build();
    let later = aws_sdk_ec2::primitives::DateTime::from_secs(aws.plane.now().millis() / 1000 + 3600);
    let run = hub.run_instances().image_id(&id).min_count(1).max_count(1);
    let share = hub
        .modify_image_attribute()
        .image_id(&id)
        .attribute("launchPermission")
        .operation_type("add".into());
    let lend = hub
        .modify_snapshot_attribute()
        .snapshot_id(&snapshot)
        .operation_type("add".into());
    let copied = hub
        .copy_image()
        .name("copy")
        .source_image_id(&id)
        .source_region(IRELAND);
    let codes = [
        code(&hub.deregister_image().image_id(&id).dry_run(true).send().await),
        code(&hub.disable_image().image_id(&id).dry_run(true).send().await),
        code(&hub.enable_image().image_id(&id).dry_run(true).send().await),
        code(
            &hub.enable_image_deprecation()
                .image_id(&id)
                .deprecate_at(later)
                .dry_run(true)
                .send()
                .await,
        ),
        code(&hub.disable_image_deprecation().image_id(&id).dry_run(true).send().await),
        code(
            &hub.enable_image_deregistration_protection()
                .image_id(&id)
                .dry_run(true)
                .send()
                .await,
        ),
        code(
            &hub.disable_image_deregistration_protection()
                .image_id(&id)
                .dry_run(true)
                .send()
                .await,
        ),
        code(
            &hub.create_tags()
                .resources(&id)
                .tags(tag.clone())
                .dry_run(true)
                .send()
                .await,
        ),
        code(&hub.delete_tags().resources(&id).tags(tag).dry_run(true).send().await),
        code(
            &hub.reset_image_attribute()
                .image_id(&id)
                .attribute("launchPermission".into())
                .dry_run(true)
                .send()
                .await,
        ),
        code(
            &hub.copy_snapshot()
                .source_snapshot_id(&snapshot)
                .source_region(IRELAND)
                .dry_run(true)
                .send()
                .await,
        ),
        code(&run.dry_run(true).send().await),
        code(&share.user_ids("222233334444").dry_run(true).send().await),
        code(&lend.user_ids("222233334444").dry_run(true).send().await),
        code(&copied.dry_run(true).send().await),
    ];
    assert!(codes.iter().all(|code| code == "DryRunOperation"), "{codes:?}");
    aws.plane.with(|world| assert_eq!(world.ledger().changes().count(), 0));
    assert_eq!(state(&hub, &id).await, "available");
    assert_eq!(describe(&hub, &id).await.tags().len(), 0);
    assert_eq!(
        hub.describe_images()
            .owners("self")
            .send()
            .await
            .unwrap()
            .images()
            .len(),
        1
    );
}
