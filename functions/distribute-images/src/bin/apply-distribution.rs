//! Wires the function.

use distribute_images::{Room, apply_distribution};
use steward_lambda::serve;

#[tokio::main]
async fn main() -> Result<(), lambda_runtime::Error> {
    let role = std::env::var("STEWARD_OWN_ROLE").ok();
    let under = std::env::var("STEWARD_PUBLISH_UNDER").ok();
    let under = under.map(|path| path.parse()).transpose()?;
    serve(
        |aws, environment| {
            Room::new(aws, environment, None)
                .with_role(role)
                .publishing_under(under)
        },
        |room, event, moment| async move { Box::pin(apply_distribution(&room, &event.payload, moment)).await },
    )
    .await
}
