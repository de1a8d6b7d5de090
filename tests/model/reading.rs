//! Pages, stale reads, throttling: what stands between a caller and the truth.

use std::collections::BTreeMap;
use std::time::Duration;

use aws_sdk_ec2::types::Filter;
use image_plane::{NewImage, Settings};
use proptest::prelude::*;

use stage::aws::{Aws, HUB, IRELAND, code, describe, hours, minutes, snapshots};

fn lagging() -> Settings {
    Settings {
        read_lag: minutes(1),
        ..Settings::calm()
    }
}

#[tokio::test(start_paused = true)]
async fn a_new_image_may_not_be_found_yet() {
    let aws = Aws::new(1, lagging());
    let hub = aws.hub();
    let base = aws.image(HUB, IRELAND, "base");
    let mut missed = 0;
    for n in 0..20 {
        let copy = hub
            .copy_image()
            .name(format!("copy-{n}"))
            .source_image_id(&base)
            .source_region(IRELAND)
            .send()
            .await
            .unwrap();
        missed += u32::from(
            hub.describe_images()
                .image_ids(copy.image_id().unwrap())
                .send()
                .await
                .is_err(),
        );
        aws.pass(minutes(30)).await;
        hub.describe_images()
            .image_ids(copy.image_id().unwrap())
            .send()
            .await
            .unwrap();
    }
    assert!(missed > 10, "{missed} of 20");
}

#[tokio::test(start_paused = true)]
async fn a_deregistered_image_may_still_be_listed_and_two_reads_may_disagree() {
    let aws = Aws::new(1, lagging());
    let hub = aws.hub();
    let id = aws.image(HUB, IRELAND, "web");
    aws.pass(minutes(5)).await;
    hub.deregister_image().image_id(&id).send().await.unwrap();
    aws.pass(Duration::from_secs(30)).await;
    let mut seen = Vec::new();
    for _ in 0..20 {
        seen.push(
            hub.describe_images()
                .owners("self")
                .send()
                .await
                .unwrap()
                .images()
                .len(),
        );
    }
    assert!(seen.contains(&0) && seen.contains(&1), "{seen:?}");
    aws.pass(minutes(1)).await;
    assert_eq!(
        hub.describe_images()
            .owners("self")
            .send()
            .await
            .unwrap()
            .images()
            .len(),
        0
    );
}

#[tokio::test(start_paused = true)]
async fn a_snapshot_may_be_in_use_for_a_moment_after_its_image_is_gone() {
    let aws = Aws::new(1, lagging());
    let hub = aws.hub();
    let id = aws.image(HUB, IRELAND, "web");
    let snapshot = snapshots(&describe(&hub, &id).await)[0].clone();
    aws.pass(minutes(5)).await;
    hub.deregister_image().image_id(&id).send().await.unwrap();
    assert_eq!(
        code(&hub.delete_snapshot().snapshot_id(&snapshot).send().await),
        "InvalidSnapshot.InUse"
    );
    aws.pass(minutes(2)).await;
    hub.delete_snapshot().snapshot_id(&snapshot).send().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_change_of_tags_shows_late() {
    let aws = Aws::new(2, lagging());
    let hub = aws.hub();
    let id = aws.image(HUB, IRELAND, "web");
    aws.pass(minutes(5)).await;
    let tag = aws_sdk_ec2::types::Tag::builder().key("a").value("b").build();
    hub.create_tags().resources(&id).tags(tag).send().await.unwrap();
    assert_eq!(describe(&hub, &id).await.tags().len(), 0);
    aws.pass(minutes(2)).await;
    assert_eq!(describe(&hub, &id).await.tags().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_filtered_page_may_come_back_empty_and_still_not_be_the_last() {
    let aws = Aws::new(
        1,
        Settings {
            sparse_pages: true,
            ..Settings::calm()
        },
    );
    let hub = aws.hub();
    for n in 0..50 {
        aws.image_with(
            HUB,
            IRELAND,
            NewImage::named(&format!("web-{n:02}")).tag("odd", if n % 25 == 7 { "yes" } else { "no" }),
        );
    }
    let odd = Filter::builder().name("tag:odd").values("yes").build();
    let mut pages = hub
        .describe_images()
        .owners("self")
        .filters(odd)
        .max_results(5)
        .into_paginator()
        .send();
    let (mut counts, mut names) = (Vec::new(), Vec::new());
    while let Some(page) = pages.next().await {
        let page = page.unwrap();
        counts.push(page.images().len());
        names.extend(page.images().iter().map(|image| image.name().unwrap().to_owned()));
    }
    names.sort();
    assert_eq!(names, ["web-07", "web-32"]);
    assert_eq!(counts.len(), 10);
    assert!(counts.iter().filter(|count| **count == 0).count() >= 8, "{counts:?}");
}

#[tokio::test(start_paused = true)]
async fn a_page_token_is_good_for_its_own_request_and_for_an_hour() {
    let aws = Aws::calm();
    let hub = aws.hub();
    for n in 0..3 {
        aws.image(HUB, IRELAND, &format!("web-{n}"));
    }
    let page = hub
        .describe_images()
        .owners("self")
        .max_results(1)
        .send()
        .await
        .unwrap();
    let token = page.next_token().unwrap();
    let next = |owner: &str| {
        hub.describe_images()
            .owners(owner)
            .max_results(1)
            .next_token(token)
            .send()
    };
    next("self").await.unwrap();
    assert_eq!(code(&next("amazon").await), "InvalidPaginationToken");
    aws.pass(hours(1) + minutes(1)).await;
    assert_eq!(code(&next("self").await), "InvalidPaginationToken");
    let garbage = hub.describe_images().owners("self").next_token("zz").send().await;
    assert_eq!(code(&garbage), "InvalidPaginationToken");
}

#[tokio::test(start_paused = true)]
async fn the_sdk_backs_off_on_virtual_time_when_it_is_throttled() {
    let aws = Aws::new(
        5,
        Settings {
            throttling: true,
            ..Settings::calm()
        },
    );
    let hub = aws.hub();
    let id = aws.image(HUB, IRELAND, "web");
    let started = aws.plane.now();
    for _ in 0..150 {
        // A refusal after the SDK's own retries is asked again, as a caller with patience would.
        while hub.disable_image().image_id(&id).send().await.is_err() {
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    }
    let counts = aws.plane.with(|world| world.ledger().of("DisableImage"));
    let took = aws.plane.now().since(started);
    assert_eq!(counts.done, 150);
    assert!(counts.throttled > 0);
    // 50 at once, then 5 a second.
    assert!(took >= Duration::from_secs(19), "{took:?}");
}

#[tokio::test(start_paused = true)]
async fn asking_for_every_snapshot_at_once_has_a_smaller_bucket() {
    let aws = Aws::new(
        5,
        Settings {
            throttling: true,
            ..Settings::calm()
        },
    );
    let retries = aws_config::retry::RetryConfig::disabled();
    let config = aws_sdk_ec2::config::Builder::from(&aws.config(HUB, IRELAND))
        .retry_config(retries)
        .build();
    let hub = aws_sdk_ec2::Client::from_conf(config);
    let mut answers: BTreeMap<String, u32> = BTreeMap::new();
    for _ in 0..60 {
        *answers.entry(code(&hub.describe_snapshots().send().await)).or_default() += 1;
    }
    assert_eq!(
        answers,
        BTreeMap::from([("RequestLimitExceeded".to_owned(), 10), ("done".to_owned(), 50)])
    );
    for _ in 0..60 {
        hub.describe_snapshots().owner_ids("self").send().await.unwrap();
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn a_page_walk_sees_each_stable_image_once_whatever_comes_and_goes_meanwhile(
        seed in any::<u64>(), stable in 1_usize..40, churn in prop::collection::vec(any::<bool>(), 0..30), size in 1_i32..9,
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().start_paused(true).build().unwrap();
        let (seen, expected) = runtime.block_on(async {
            let aws = Aws::new(seed, Settings { sparse_pages: true, ..Settings::calm() });
            let hub = aws.hub();
            let mut expected: Vec<String> = (0..stable).map(|n| aws.image(HUB, IRELAND, &format!("stable-{n}"))).collect();
            let mut others: Vec<String> = (0..10).map(|n| aws.image(HUB, IRELAND, &format!("other-{n}"))).collect();
            let mut churn = churn.into_iter().enumerate();
            let mut pages = hub.describe_images().owners("self").max_results(size).into_paginator().send();
            let mut seen = Vec::new();
            while let Some(page) = pages.next().await {
                seen.extend(page.unwrap().images().iter().map(|image| image.image_id().unwrap().to_owned()));
                match churn.next() {
                    Some((n, true)) => others.push(aws.image(HUB, IRELAND, &format!("new-{n}"))),
                    Some((_, false)) => if let Some(id) = others.pop() {
                        hub.deregister_image().image_id(id).send().await.unwrap();
                    },
                    None => {}
                }
            }
            seen.retain(|id| expected.contains(id));
            seen.sort();
            expected.sort();
            (seen, expected)
        });
        prop_assert_eq!(seen, expected);
    }
}

#[tokio::test(start_paused = true)]
async fn a_deregistered_images_name_is_taken_until_that_has_spread() {
    let aws = Aws::new(1, lagging());
    let hub = aws.hub();
    let (old, base) = (aws.image(HUB, IRELAND, "web"), aws.image(HUB, IRELAND, "base"));
    aws.pass(minutes(5)).await;
    hub.deregister_image().image_id(&old).send().await.unwrap();
    let copy = || {
        hub.copy_image()
            .name("web")
            .source_image_id(&base)
            .source_region(IRELAND)
            .send()
    };
    assert_eq!(code(&copy().await), "InvalidAMIName.Duplicate");
    aws.pass(minutes(2)).await;
    assert_eq!(code(&copy().await), "done");
}

#[tokio::test(start_paused = true)]
async fn a_calm_world_fills_its_pages() {
    let aws = Aws::calm();
    let hub = aws.hub();
    for n in 0..20 {
        aws.image(HUB, IRELAND, &format!("web-{n:02}"));
    }
    let last = Filter::builder().name("name").values("web-1*").build();
    let page = hub
        .describe_images()
        .owners("self")
        .filters(last)
        .max_results(10)
        .send()
        .await
        .unwrap();
    assert_eq!(page.images().len(), 10);
}
