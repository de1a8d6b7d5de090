//! Wires the function.

use prune_images::{Room, apply_pruning};
use steward_lambda::serve;

#[tokio::main]
async fn main() -> Result<(), lambda_runtime::Error> {
    let queue = std::env::var("STEWARD_QUEUE").ok();
    serve(
        |aws, environment| Room::new(aws, environment, queue.as_deref()),
        |room, event, moment| async move { Box::pin(apply_pruning(&room, &event.payload, moment)).await },
    )
    .await
}
