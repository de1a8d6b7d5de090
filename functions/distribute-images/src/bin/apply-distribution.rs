//! Wires the function.

use distribute_images::{Room, apply_distribution};
use steward_lambda::serve;

#[tokio::main]
async fn main() -> Result<(), lambda_runtime::Error> {
    serve(
        |aws, environment| Room::new(aws, environment, None),
        |room, event, moment| async move { Box::pin(apply_distribution(&room, &event.payload, moment)).await },
    )
    .await
}
