//! Wires the function.

use record_lineage::{Room, gather_evidence};
use steward_lambda::serve;

#[tokio::main]
async fn main() -> Result<(), lambda_runtime::Error> {
    serve(Room::new, |room, event, moment| async move {
        Box::pin(gather_evidence(
            &room,
            &event.payload,
            &event.context.request_id,
            moment,
        ))
        .await
    })
    .await
}
