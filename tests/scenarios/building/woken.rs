use serde_json::Value;

use super::*;

impl Yard {
    async fn woken_by(&self, event: &str) -> Triggered {
        let event: Value = serde_json::from_str(event).unwrap();
        let (room, _) = self.room(5);
        let run = Box::pin(trigger_builds(&room, &event, "woken", self.moment()));
        run.await.unwrap()
    }
}

#[tokio::test(start_paused = true)]
async fn image_builders_word_of_a_disabled_pipeline_wakes_the_function_and_that_of_an_image_is_refused() {
    let yard = Yard::applied().await;
    let disabled = include_str!("../../../events/imagebuilder-pipeline-disabled.json");
    let outcome = yard.woken_by(disabled).await;
    assert_eq!((outcome.refused, outcome.lines), (None, 1));
    let outcome = yard
        .woken_by(include_str!("../../../events/ec2-ami-available.json"))
        .await;
    assert!(outcome.refused.unwrap().starts_with("builds are triggered by"));
}
