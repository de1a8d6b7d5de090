//! A person brings back what pruning took down.

use stage::aws::{hours, minutes};

use super::{LADDER, Yard};

/// Asks for it, until a time that is far off.
async fn restore(yard: &Yard, what: &str) -> String {
    let words = [
        "restore",
        what,
        "--until",
        "2026-12-31",
        "--because",
        "a rollback",
        "--yes",
    ];
    yard.hub.says(&words).await
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
async fn what_stands_on_no_rung_is_gone_or_was_taken_down_by_another_hand_is_said_so_and_not_held() {
    let yard = Yard::new(3, LADDER).await;
    yard.until_deregistering().await;
    yard.apply().await;
    assert_eq!(yard.rungs().await, ["gone", "gone", "available"]);
    yard.disabled(&yard.images[2]).await;
    yard.hub.shop.aws.pass(hours(1)).await;
    for (image, why) in [
        (0, "nothing of it is known to stand on a rung"),
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
    let holds = yard.hub.items().into_keys().filter(|(_, sk)| sk.starts_with("HOLD"));
    assert_eq!(holds.count(), 0);
}
