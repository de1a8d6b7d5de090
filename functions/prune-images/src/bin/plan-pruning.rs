//! Wires the function.

use prune_images::{Room, plan_pruning};
use steward_lambda::serve;

#[tokio::main]
async fn main() -> Result<(), lambda_runtime::Error> {
    // In observe mode the template sets no queue.
    let queue = std::env::var("STEWARD_QUEUE").ok();
    let releases = std::env::var("STEWARD_RELEASES_TOPIC").ok();
    let reports = std::env::var("STEWARD_REPORTS")
        .map_err(|_| "STEWARD_REPORTS is not set: nobody could read what is planned")?;
    serve(
        |aws, environment| {
            Room::new(aws, environment, queue.as_deref())
                .telling_of_images(releases.as_deref())
                .reporting_to(&reports)
        },
        |room, event, moment| async move {
            Box::pin(plan_pruning(&room, &event.payload, &event.context.request_id, moment)).await
        },
    )
    .await
}
