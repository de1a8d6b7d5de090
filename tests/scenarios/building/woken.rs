use image_plane::{Effect, Fault};
use serde_json::Value;
use steward_aws::{Lease, Leased};

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

/// Looks once a day by itself, and never because an hour passed.
const DAILY: &str = r#"
family: web
build:
  parent: { parameter: "/base/x86_64", owner: self }
  components:
    - { arn: "arn:aws:imagebuilder:eu-west-1:aws:component/update-linux/x.x.x" }
  infrastructure: { instance_types: [t3.medium], instance_profile: ImageBuilder }
triggers: { base: 24h, change: false, debounce: 0m }
"#;
/// A family that is built, and looked at by itself once a day.
async fn daily() -> Yard {
    let yard = Yard::applied_as(Bench::new().await, DAILY).await;
    yard.ask("the first").await;
    yard.pass(24).await;
    assert_eq!(yard.builds().await.len(), 1);
    yard
}

const COMPONENT: &str = include_str!("../../../events/imagebuilder-component-created.json");

#[tokio::test(start_paused = true)]
async fn what_is_said_to_be_new_is_looked_at_by_the_run_that_hears_it() {
    let yard = daily().await;
    yard.base_moves("base-2");
    assert_eq!(yard.pass(2).await.started, [""; 0]);
    let outcome = yard.woken_by(COMPONENT).await;
    assert_eq!(outcome.started.len(), 1, "{outcome:?}");
}

#[tokio::test(start_paused = true)]
async fn what_is_said_while_another_run_is_at_work_or_within_a_minute_of_a_look_is_looked_at_by_the_next_sweep() {
    let yard = daily().await;
    let record = yard.bench.run().await.record;
    let at_work = (steward::Worker::TriggerBuilds, environment(FirstValue::Running).hub);
    let now = yard.bench.now();
    let lease = Lease {
        who: String::from("trigger-builds"),
        run: String::from("another"),
        until: now.saturating_add(steward::Duration::minutes(4)),
    };
    assert!(matches!(
        record.lease_target(at_work, lease, now).await.unwrap(),
        Leased::Yes(_)
    ));
    yard.base_moves("base-2");
    assert!(yard.woken_by(COMPONENT).await.unfinished);
    assert_eq!(yard.pass(1).await.started.len(), 1);
    yard.pass(24).await;
    assert_eq!(yard.builds().await.len(), 2);
    // It is looked at, and right after that something moves.
    yard.bench.world.pass(minutes(5)).await;
    assert_eq!(yard.woken_by(COMPONENT).await.started, [""; 0]);
    yard.base_moves("base-3");
    yard.bench.world.pass(Duration::from_secs(30)).await;
    assert_eq!(yard.woken_by(COMPONENT).await.started, [""; 0]);
    assert_eq!(yard.pass(1).await.started.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_run_without_time_for_all_lines_starts_what_it_looked_at_and_the_next_go_on_with_the_others() {
    let yard = Yard::applied().await;
    for family in ["api", "shop"] {
        Box::pin(yard.bench.apply_as(family)).await.unwrap();
    }
    let mut started = Vec::new();
    for _ in 0..3 {
        yard.bench.world.pass(minutes(5)).await;
        // The first look takes as long as an answer that does not come.
        let silence = Fault::new(Effect::Silence { applied: false }).on("GetImagePipeline");
        yard.bench.world.plane.with(|world| world.inject(silence));
        let (room, _) = yard.room(5);
        let moment = Moment {
            deadline: Deadline::after(Duration::from_secs(201)),
            ..yard.moment()
        };
        let outcome = Box::pin(trigger_builds(&room, &json!({ "wake": "sweep" }), "late", moment)).await;
        let outcome = outcome.unwrap();
        started.push((outcome.lines, outcome.started.len(), outcome.unfinished));
    }
    assert_eq!(started, [(3, 1, true), (3, 1, true), (3, 1, false)]);
}
