//! Wires the function.

use distribute_images::{Room, plan_distribution};
use steward_lambda::serve;

#[tokio::main]
async fn main() -> Result<(), lambda_runtime::Error> {
    // In observe mode the template sets neither.
    let queue = std::env::var("STEWARD_QUEUE").ok();
    let releases = std::env::var("STEWARD_RELEASES_TOPIC").ok();
    let under = std::env::var("STEWARD_PUBLISH_UNDER").ok();
    let under = under.map(|path| path.parse()).transpose()?;
    serve(
        |aws, environment| {
            Room::new(aws, environment, queue.as_deref())
                .telling_of_releases(releases.as_deref())
                .publishing_under(under)
        },
        |room, event, moment| async move {
            Box::pin(plan_distribution(
                &room,
                &event.payload,
                &event.context.request_id,
                moment,
            ))
            .await
        },
    )
    .await
}
