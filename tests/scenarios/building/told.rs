//! What says that there may be something new: it is looked for at once, and what is said is never taken as true.

use super::*;

fn sample(name: &str) -> Value {
    let path = format!("{}/../events/{name}.json", env!("CARGO_MANIFEST_DIR"));
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_vendors_word_of_a_base_has_it_looked_for_at_once() {
    for word in ["sns-vendor-base", "imagebuilder-component-created"] {
        let yard = Yard::built().await;
        // All was looked at a moment ago: by itself it is looked at in an hour.
        yard.pass(13).await;
        yard.base_moves("base-2");
        yard.bench.world.pass(minutes(2)).await;
        assert_eq!(yard.wake().await.unwrap().started, [""; 0]);
        let (room, _) = yard.room(5);
        let started = yard.wake_by(&room, &sample(word)).await.unwrap().started;
        assert_eq!(started.len(), 1, "{word}");
        assert_eq!(yard.builds().await.len(), 2);
    }
}

#[tokio::test(start_paused = true)]
async fn forged_word_of_a_base_builds_nothing_and_a_flood_of_it_reads_once_a_minute() {
    let yard = Yard::built().await;
    yard.pass(13).await;
    let (room, _) = yard.room(5);
    let reads = || {
        yard.bench
            .world
            .plane
            .with(|world| world.ledger().of("GetImagePipeline").done)
    };
    let before = reads();
    for _ in 0..40 {
        let outcome = yard.wake_by(&room, &sample("sns-vendor-base")).await.unwrap();
        assert_eq!(outcome.started, [""; 0]);
    }
    assert_eq!(reads() - before, 1);
    let mut other = sample("sns-vendor-base");
    other["Records"][0]["Sns"]["TopicArn"] = json!("arn:aws:sns:us-east-1:999988887777:amazon-linux-2023-ami-updates");
    assert!(yard.wake_by(&room, &other).await.unwrap().refused.is_some());
    let mut other = sample("imagebuilder-component-created");
    other["account"] = json!("999988887777");
    other["detail"]["recipientAccountId"] = json!("999988887777");
    assert!(yard.wake_by(&room, &other).await.unwrap().refused.is_some());
}
