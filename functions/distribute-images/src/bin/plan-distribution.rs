//! Wires the function: environment, AWS, handler.

use std::sync::Arc;

use distribute_images::{Room, plan_distribution};
use steward_aws::Aws;
use steward_lambda::{Environment, Moment, run};

#[tokio::main]
async fn main() -> Result<(), lambda_runtime::Error> {
    let environment = Environment::read(|name| std::env::var(name).ok())?;
    let queue = std::env::var("STEWARD_QUEUE").ok();
    let aws = Aws::from_environment(environment.hub, environment.access.clone()).await;
    let room = Arc::new(Room::new(aws, &environment, queue.as_deref()));
    run(move |event| {
        let room = Arc::clone(&room);
        async move {
            let moment = Moment::of(&event.context)?;
            Box::pin(plan_distribution(
                &room,
                &event.payload,
                &event.context.request_id,
                moment,
            ))
            .await
        }
    })
    .await
}
