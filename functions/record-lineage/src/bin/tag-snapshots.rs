//! Wires the function.

use record_lineage::{Room, tag_snapshots};
use steward_lambda::serve;

#[tokio::main]
async fn main() -> Result<(), lambda_runtime::Error> {
    serve(Room::new, |room, event, moment| async move {
        Box::pin(tag_snapshots(&room, &event.payload, moment)).await
    })
    .await
}
