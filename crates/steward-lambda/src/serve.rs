use std::sync::Arc;

use lambda_runtime::LambdaEvent;
use serde::Serialize;
use serde_json::Value;
use steward_aws::Aws;

use crate::{Environment, Failure, Moment, run};

/// Wires a function and runs it: its environment and AWS make its room, once; each invocation is handled in it.
pub async fn serve<R, A, F>(
    room: impl FnOnce(Aws, &Environment) -> R,
    handle: impl Fn(Arc<R>, LambdaEvent<Value>, Moment) -> F,
) -> Result<(), lambda_runtime::Error>
where
    A: Serialize,
    F: Future<Output = Result<A, Failure>>,
{
    let environment = Environment::read(|name| std::env::var(name).ok())?;
    let aws = Aws::from_environment(environment.hub, environment.access.clone()).await;
    let room = Arc::new(room(aws, &environment));
    run(|event| {
        let answer = Moment::of(&event.context).map(|moment| handle(Arc::clone(&room), event, moment));
        async { answer?.await }
    })
    .await
}
