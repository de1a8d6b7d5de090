//! Wires the function.

use record_lineage::{Room, handle};
use steward_lambda::serve;

#[tokio::main]
async fn main() -> Result<(), lambda_runtime::Error> {
    serve(Room::new, |room, event, moment| async move {
        Box::pin(handle(&room, &event.payload, moment)).await
    })
    .await
}
