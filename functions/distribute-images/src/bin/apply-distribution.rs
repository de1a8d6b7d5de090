//! Wires the function.

use distribute_images::{Room, apply_distribution};
use steward_lambda::serve;

#[tokio::main]
async fn main() -> Result<(), lambda_runtime::Error> {
    let role = std::env::var("STEWARD_OWN_ROLE").ok();
    serve(
        |aws, environment| Room::new(aws, environment, None).with_role(role),
        |room, event, moment| async move { Box::pin(apply_distribution(&room, &event.payload, moment)).await },
    )
    .await
}
