//! Whether anybody is told before an image goes for good.

use image_plane::{Effect, Fault, Subscriptions};
use steward_cli::Spoken;

use crate::pruning::{LADDER, Yard};

async fn doctor(yard: &Yard, words: &[&str]) -> Spoken {
    yard.hub.steward(&[&["doctor"], words].concat()).await
}

#[tokio::test(start_paused = true)]
async fn a_topic_that_nobody_is_subscribed_to_is_named_until_somebody_has_said_yes() {
    let yard = Yard::new(1, LADDER).await;
    let plane = &yard.hub.shop.aws.plane;
    let subscribed = |confirmed, pending| {
        let subscriptions = Subscriptions {
            confirmed,
            pending,
            deleted: 1,
        };
        assert!(plane.with(|world| world.set_subscriptions(&yard.topic, subscriptions)));
    };
    let says = format!("! web: nobody is subscribed to {}", yard.topic);
    for pending in [0, 1] {
        subscribed(0, pending);
        let told = doctor(&yard, &["--topic", &yard.topic]).await;
        assert!(told.code == 2 && told.out.contains(&says), "{told:?}");
        assert!(told.out.contains("Who is told\n"), "{told:?}");
    }
    subscribed(1, 0);
    let told = doctor(&yard, &["--topic", &yard.topic]).await;
    assert!(
        !told.out.contains("subscribed") && !told.out.contains("--topic"),
        "{told:?}"
    );
    // Where nobody says which topic, nobody takes silence for health.
    let told = doctor(&yard, &[]).await;
    assert!(
        told.out.contains("name the stack's output ReleasesTopic by --topic"),
        "{told:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_topic_that_may_not_be_read_is_said_and_no_trouble() {
    let yard = Yard::new(1, LADDER).await;
    let denied = Fault::new(Effect::Deny).on("GetTopicAttributes").always();
    yard.hub.shop.aws.plane.with(|world| world.inject(denied));
    let told = doctor(&yard, &["--topic", &yard.topic]).await;
    assert!(
        told.out
            .contains("· web: whether anybody is told before an image goes for good could not be read"),
        "{told:?}"
    );
    assert!(told.out.contains("AuthorizationError"), "{told:?}");
}
