//! Wires the function.

use steward_lambda::serve;
use trigger_builds::{Room, trigger_builds};

#[tokio::main]
async fn main() -> Result<(), lambda_runtime::Error> {
    let at_once: usize = std::env::var("STEWARD_BUILDS_AT_ONCE")
        .map_err(|_| "STEWARD_BUILDS_AT_ONCE is not set: nobody says how many builds may run at once")?
        .parse()?;
    let releases = std::env::var("STEWARD_RELEASES_TOPIC").ok();
    serve(
        |aws, environment| Room::new(aws, environment, at_once).telling_of_waits(releases.as_deref()),
        |room, event, moment| async move {
            Box::pin(trigger_builds(&room, &event.payload, &event.context.request_id, moment)).await
        },
    )
    .await
}
