//! The same seed and the same calls: the same history, byte for byte, the SDK's own part included.

use std::time::Duration;

use image_plane::{Effect, EventFaults, Fault, NewImage, Settings};

use stage::aws::{Aws, HUB, IRELAND, MEMBER, VIRGINIA, hours};

/// A busy quarter of an hour: throttled copies, tags, stale reads, faults, events. Returns what a history leaves behind.
async fn history(seed: u64) -> (u64, Vec<String>, String) {
    let aws = Aws::new(
        seed,
        Settings {
            read_lag: Duration::from_secs(20),
            ..Settings::default()
        },
    );
    aws.plane.with(|world| {
        world.set_event_faults(EventFaults {
            lose_per_mille: 100,
            double_per_mille: 200,
            delay_up_to: Duration::from_secs(90),
        });
        world.inject(Fault::new(Effect::Throttle).on("CreateTags").after(1).times(4));
        world.inject(
            Fault::new(Effect::ServerError(503))
                .on("DescribeImages")
                .after(2)
                .times(2),
        );
        world.inject(Fault::new(Effect::ResetAfterApply).on("CopyImage").after(1));
    });
    let ids: Vec<String> = (0..6)
        .map(|n| aws.image_with(HUB, IRELAND, NewImage::named(&format!("web-{n}")).tag("n", "x")))
        .collect();
    let (hub, there, member) = (aws.hub(), aws.ec2(HUB, VIRGINIA), aws.ec2(MEMBER, IRELAND));
    for (n, id) in ids.iter().enumerate() {
        // What the SDK sends by itself (its client token, its retries) is part of the history.
        let _ = there
            .copy_image()
            .name(format!("copy-{n}"))
            .source_image_id(id)
            .source_region(IRELAND)
            .send()
            .await;
        let tag = aws_sdk_ec2::types::Tag::builder()
            .key("turn")
            .value(n.to_string())
            .build();
        let _ = hub.create_tags().resources(id).tags(tag).send().await;
        let _ = member.describe_images().owners("111122223333").send().await;
    }
    let work = |account: aws_sdk_ec2::Client| async move {
        for _ in 0..30 {
            let _ = account.describe_images().owners("self").max_results(2).send().await;
        }
        // More at once than the bucket holds.
        for id in ids.iter().cycle().take(70) {
            let _ = account.disable_image().image_id(id).send().await;
        }
    };
    work(hub).await;
    aws.pass(hours(1)).await;
    aws.plane.with(|world| {
        let deliveries = world
            .take_deliveries()
            .iter()
            .map(|event| format!("{} {}", event.at, event.body))
            .collect();
        (
            world.ledger().fingerprint(),
            deliveries,
            format!("{:?}", world.ledger()),
        )
    })
}

fn run(seed: u64) -> (u64, Vec<String>, String) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .start_paused(true)
        .build()
        .unwrap();
    runtime.block_on(history(seed))
}

#[test]
fn a_hundred_throttled_seeds_leave_the_same_ledger_when_run_again() {
    let first: Vec<_> = (0..100).map(run).collect();
    let again: Vec<_> = (0..100).map(run).collect();
    for (seed, (first, again)) in first.iter().zip(&again).enumerate() {
        assert_eq!(first.0, again.0, "seed {seed}: another history");
        assert_eq!(first.1, again.1, "seed {seed}: other deliveries");
        assert_eq!(first.2, again.2, "seed {seed}: another ledger");
        assert!(
            first.2.contains("RequestLimitExceeded"),
            "seed {seed} was never throttled"
        );
    }
}

#[test]
fn another_seed_is_another_history() {
    assert_ne!(run(1).0, run(2).0);
}
