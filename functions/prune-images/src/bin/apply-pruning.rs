//! Wires the function.

use prune_images::{Room, apply_pruning};
use steward_aws::Share;
use steward_lambda::serve;

#[tokio::main]
async fn main() -> Result<(), lambda_runtime::Error> {
    let queue = std::env::var("STEWARD_QUEUE").ok();
    let share: Share = std::env::var("STEWARD_PRUNING_SHARE")
        .map_err(|_| "STEWARD_PRUNING_SHARE is not set: nobody says how fast images are retired")?
        .parse()?;
    serve(
        |aws, environment| Room::new(aws.retiring_at(share), environment, queue.as_deref()),
        |room, event, moment| async move { Box::pin(apply_pruning(&room, &event.payload, moment)).await },
    )
    .await
}
