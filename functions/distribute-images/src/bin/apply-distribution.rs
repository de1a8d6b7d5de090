//! Wires the function: environment, AWS, handler.

use std::sync::Arc;

use distribute_images::{Room, apply_distribution};
use steward_aws::Aws;
use steward_lambda::{Environment, Moment, run};

#[tokio::main]
async fn main() -> Result<(), lambda_runtime::Error> {
    let environment = Environment::read(|name| std::env::var(name).ok())?;
    let aws = Aws::from_environment(environment.hub, environment.access.clone()).await;
    let room = Arc::new(Room::new(aws, &environment, None));
    run(move |event| {
        let room = Arc::clone(&room);
        async move {
            let moment = Moment::of(&event.context)?;
            Box::pin(apply_distribution(&room, &event.payload, moment)).await
        }
    })
    .await
}
