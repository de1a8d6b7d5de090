//! A person brings back what pruning took down.

use aws_sdk_ec2::types::Tag;
use image_plane::{BinKind, BinRule, Effect, Fault};
use stage::aws::{HUB, IRELAND, MEMBER, hours, minutes, target};

use steward_cli::Spoken;

use super::climbing::{disabled, launchers, look_up_audience};
use super::{LADDER, Yard};
use crate::evidence::gather;

/// Asks for it, until a time that is far off.
async fn restore(yard: &Yard, what: &str) -> String {
    let Spoken { out, err, code, .. } = try_to_restore(yard, what).await;
    assert_eq!(code, 0, "{err}");
    out
}

async fn try_to_restore(yard: &Yard, what: &str) -> Spoken {
    let words = [
        "restore",
        what,
        "--until",
        "2026-12-31",
        "--because",
        "a rollback",
        "--yes",
    ];
    yard.hub.steward(&words).await
}

#[tokio::test(start_paused = true)]
async fn what_stands_on_a_rung_comes_back_with_the_next_sweep_and_stays_while_it_is_held() {
    for is_disabled in [false, true] {
        let yard = Yard::new(2, LADDER).await;
        yard.until_expendable().await;
        yard.apply().await;
        if is_disabled {
            yard.next_day().await;
            yard.apply().await;
        }
        // That it is deprecated is known once evidence was gathered again.
        yard.plan_later().await;
        let rung = if is_disabled { "disabled" } else { "deprecated" };
        assert_eq!(yard.rungs().await, [rung, "available"]);
        let told = restore(&yard, &yard.images[0]).await;
        assert!(
            told.contains("1 image stays until") && told.contains("The next sweep"),
            "{told}"
        );
        // Not in an hour.
        yard.hub.shop.aws.pass(minutes(5)).await;
        assert_eq!(yard.plan().await.unwrap().messages, 1);
        yard.apply().await;
        assert_eq!(yard.rungs().await, ["available", "available"]);
        yard.next_day().await;
        yard.apply().await;
        assert_eq!(yard.rungs().await, ["available", "available"]);
        let explained = yard.hub.says(&["explain", &yard.images[0]]).await;
        assert!(explained.contains("stays: held by"), "{explained}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_restored_comes_back_although_its_family_is_blocked_by_evidence_and_not_while_the_switch_is_thrown() {
    let yard = Yard::new(2, LADDER).await;
    yard.until_disabling().await;
    yard.apply().await;
    yard.plan_later().await;
    yard.apply().await;
    // Nobody gathers any more.
    yard.hub.shop.aws.pass(hours(3)).await;
    yard.hub.sweep().await;
    assert_eq!(yard.plan().await.unwrap().held_up.len(), 1);
    yard.hub.says(&["pause", "--because", "a test"]).await;
    let told = yard.hub.says(&["restore", &yard.images[0], "--yes"]).await;
    assert!(told.contains("nothing is brought up until `steward resume`"), "{told}");
    yard.hub.shop.aws.pass(minutes(5)).await;
    assert_eq!(yard.plan().await.unwrap().messages, 0);
    yard.hub.says(&["resume", "--because", "a test"]).await;
    yard.hub.shop.aws.pass(minutes(61)).await;
    let planned = yard.plan().await.unwrap();
    assert_eq!((planned.messages, planned.held_up.len()), (1, 1));
    yard.apply().await;
    assert_eq!(yard.rungs().await, ["available", "available"]);
    // For 30 days, as nobody said how long, in the name of whoever asked.
    let explained = yard.hub.says(&["explain", &yard.images[0]]).await;
    assert!(explained.contains("restored it"), "{explained}");
}

#[tokio::test(start_paused = true)]
async fn a_release_comes_back_with_all_of_its_images_and_others_stay_where_they_are() {
    let yard = Yard::new(3, LADDER).await;
    yard.until_disabling().await;
    yard.apply().await;
    assert_eq!(yard.rungs().await, ["disabled", "disabled", "available"]);
    let told = restore(&yard, "web/1.4.2/1").await;
    assert!(told.contains("1 image stays"), "{told}");
    yard.hub.shop.aws.pass(minutes(5)).await;
    yard.plan().await.unwrap();
    yard.apply().await;
    assert_eq!(yard.rungs().await, ["available", "disabled", "available"]);
}

#[tokio::test(start_paused = true)]
async fn what_is_on_its_way_back_already_is_said_to_be_is_kept_and_comes_with_the_next_sweep() {
    let yard = Yard::new(2, LADDER).await;
    yard.until_disabling().await;
    yard.apply().await;
    let ec2 = yard.hub.shop.aws.hub();
    let tag = Tag::builder().key("keep").value("true").build();
    let keep = ec2.create_tags().resources(&yard.images[0]).tags(tag);
    keep.send().await.unwrap();
    let planned = yard.plan_later().await;
    assert_eq!(planned.messages, 1);
    // Its worker has not come yet.
    let asked = yard.hub.steward(&["restore", &yard.images[0]]).await;
    assert!(
        asked.code == 2 && asked.err.contains("disabled, and is on its way back already"),
        "{asked:?}"
    );
    let told = restore(&yard, &yard.images[0]).await;
    assert!(told.contains("1 image stays until"), "{told}");
    yard.hub.shop.aws.pass(minutes(5)).await;
    assert_eq!(yard.plan().await.unwrap().families, 1);
    yard.apply().await;
    assert_eq!(yard.rungs().await, ["available", "available"]);
}

#[tokio::test(start_paused = true)]
async fn what_pruning_did_and_was_not_told_of_is_not_said_to_be_another_hands_and_comes_back() {
    let yard = Yard::new(2, LADDER).await;
    yard.until_disabling().await;
    let lost = Fault::new(Effect::ServerErrorAfterApply(500))
        .on("DisableImage")
        .always();
    yard.hub.shop.aws.plane.with(|world| world.inject(lost));
    yard.apply().await;
    yard.hub.shop.aws.plane.with(image_plane::World::clear_faults);
    assert_eq!(yard.open_steps(), [format!("disable {}", yard.images[0])]);
    yard.seen().await;
    assert_eq!(yard.rungs().await, ["disabled", "available"]);
    let asked = yard.hub.steward(&["restore", &yard.images[0]]).await;
    let said = format!("what came of `disable {}` nobody has heard yet", yard.images[0]);
    assert!(asked.code == 2 && asked.err.contains(&said), "{asked:?}");
    assert!(!asked.err.contains("another hand"), "{asked:?}");
    restore(&yard, &yard.images[0]).await;
    // A worker that comes finds out that it was pruning's.
    yard.visit().await;
    yard.plan_later().await;
    yard.apply().await;
    assert_eq!(yard.rungs().await, ["available", "available"]);
}

#[tokio::test(start_paused = true)]
async fn what_stands_on_no_rung_is_gone_or_was_taken_down_by_another_hand_is_said_so_and_not_held() {
    let yard = Yard::new(3, LADDER).await;
    yard.until_deregistering().await;
    yard.apply().await;
    assert_eq!(yard.rungs().await, ["gone", "gone", "available"]);
    yard.disabled(&yard.images[2]).await;
    yard.hub.shop.aws.pass(hours(1)).await;
    for (image, why) in [
        (0, "is gone for good: no Recycle Bin holds it"),
        (2, "was taken down by another hand"),
    ] {
        let words = [
            "restore",
            &yard.images[image],
            "--until",
            "2026-12-31",
            "--because",
            "a test",
            "--yes",
        ];
        let told = yard.hub.steward(&words).await;
        assert!(told.code == 2 && told.err.contains(why), "{told:?}");
    }
    let holds = yard.hub.items().into_keys().filter(|(_, sk)| sk.starts_with("H#"));
    assert_eq!(holds.count(), 0);
}

/// What EC2 deregisters and deletes in the hub is kept for a week.
fn keep_in_the_bin(yard: &Yard, kinds: &[BinKind]) {
    let rule = |kind: &BinKind| BinRule::of(*kind, hours(24 * 7));
    let rules = kinds.iter().map(rule).collect();
    let plane = &yard.hub.shop.aws.plane;
    plane.with(|world| world.set_bin_rules(target(HUB, IRELAND), rules));
}

/// A family whose oldest image is gone, and was shared with a member that is declared still and a stranger that is not.
async fn gone() -> Yard {
    let yard = disabled().await;
    keep_in_the_bin(&yard, &[BinKind::Image, BinKind::Snapshot]);
    // What others may use stays disabled for a week, and is asked about meanwhile.
    for _ in 0..9 {
        yard.next_day().await;
        look_up_audience(&yard).await;
        yard.apply().await;
    }
    assert_eq!(yard.rungs().await, ["gone", "available"]);
    yard
}

/// Lets the hours pass in which what came back is looked at and brought up.
async fn comes_up(yard: &Yard) {
    for _ in 0..2 {
        yard.plan_later().await;
        look_up_audience(yard).await;
        yard.apply().await;
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_gone_comes_back_while_a_recycle_bin_holds_it_snapshots_first_with_whoever_is_declared_still() {
    let yard = Box::pin(gone()).await;
    let told = restore(&yard, &yard.images[0]).await;
    assert!(
        told.contains("1 image stays until") && told.contains("came out of the Recycle Bin"),
        "{told}"
    );
    assert_eq!(
        yard.changes(&["RestoreSnapshotFromRecycleBin", "RestoreImageFromRecycleBin"]),
        ["RestoreSnapshotFromRecycleBin", "RestoreImageFromRecycleBin"]
    );
    assert_eq!(yard.rungs().await, ["disabled", "available"]);
    comes_up(&yard).await;
    assert_eq!(yard.rungs().await, ["available"; 2]);
    assert_eq!(launchers(&yard, &yard.images[0]).await, [MEMBER.to_string()]);
    let journal: Vec<String> = yard.hub.journal().into_iter().map(|(_, says)| says).collect();
    let back = journal.iter().find(|says| says.contains("back from the Recycle Bin"));
    assert!(back.is_some_and(|says| says.contains("a rollback")), "{journal:?}");
    assert!(
        journal.iter().any(|says| says.contains("not let launch it any more")),
        "{journal:?}"
    );
    let items = yard.hub.items().into_keys();
    assert_eq!(items.filter(|(pk, _)| pk.starts_with("OPEN#")).count(), 0);
}

#[tokio::test(start_paused = true)]
async fn what_was_brought_back_in_part_is_brought_back_whole_by_the_next_try() {
    for (denied, step) in [
        ("RestoreImageFromRecycleBin", "image"),
        ("RestoreSnapshotFromRecycleBin", "snapshot"),
    ] {
        let yard = Box::pin(gone()).await;
        let fault = Fault::new(Effect::Deny).on(denied).always();
        yard.hub.shop.aws.plane.with(|world| world.inject(fault));
        let told = try_to_restore(&yard, &yard.images[0]).await;
        assert!(
            told.code == 2 && told.err.contains("back from the Recycle Bin"),
            "{step}: {told:?}"
        );
        assert_eq!(yard.rungs().await, ["gone", "available"], "{step}");
        yard.hub.shop.aws.plane.with(image_plane::World::clear_faults);
        yard.hub.shop.aws.pass(minutes(20)).await;
        restore(&yard, &yard.images[0]).await;
        comes_up(&yard).await;
        assert_eq!(yard.rungs().await, ["available"; 2], "{step}");
    }
}

#[tokio::test(start_paused = true)]
async fn without_its_snapshots_an_image_stays_in_the_bin_and_ec2_s_words_are_said() {
    let yard = disabled().await;
    keep_in_the_bin(&yard, &[BinKind::Image]);
    for _ in 0..9 {
        yard.next_day().await;
        look_up_audience(&yard).await;
        yard.apply().await;
    }
    let told = try_to_restore(&yard, &yard.images[0]).await;
    assert!(
        told.code == 2 && told.err.contains("InvalidSnapshot.NotFound"),
        "{told:?}"
    );
    assert_eq!(yard.rungs().await, ["gone", "available"]);
}

#[tokio::test(start_paused = true)]
async fn what_came_out_of_the_bin_by_another_hand_or_a_run_that_died_stands_where_it_stood_and_is_restored() {
    let yard = Box::pin(gone()).await;
    let ec2 = yard.hub.shop.aws.hub();
    let binned = ec2.list_snapshots_in_recycle_bin().send().await.unwrap();
    for snapshot in binned.snapshots() {
        let back = ec2.restore_snapshot_from_recycle_bin();
        back.snapshot_id(snapshot.snapshot_id().unwrap()).send().await.unwrap();
    }
    let back = ec2.restore_image_from_recycle_bin().image_id(&yard.images[0]);
    back.send().await.unwrap();
    for pause in [61, 6, 6] {
        yard.hub.shop.aws.pass(minutes(pause)).await;
        yard.hub.sweep().await;
    }
    assert_eq!(yard.placed(&yard.images[0], "state").as_deref(), Some("disabled"));
    gather(&yard.hub).await.unwrap();
    restore(&yard, &yard.images[0]).await;
    comes_up(&yard).await;
    assert_eq!(yard.rungs().await, ["available"; 2]);
}

#[tokio::test(start_paused = true)]
async fn a_bin_that_nobody_may_read_is_said_and_nothing_of_it_is_held() {
    let yard = Box::pin(gone()).await;
    let denied = Fault::new(Effect::Deny).on("ListImagesInRecycleBin").always();
    yard.hub.shop.aws.plane.with(|world| world.inject(denied));
    let told = try_to_restore(&yard, &yard.images[0]).await;
    let said = "whether a Recycle Bin holds it is not known";
    assert!(told.code == 2 && told.err.contains(said), "{told:?}");
}
