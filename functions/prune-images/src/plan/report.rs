//! Where what a run comes to can be read whole: a document for programs, and a page for people.

use steward::pruning::PruningReport;
use steward_aws::Problem;

use crate::Room;

/// A report that lies in the bucket: its key there, and its address for whoever asks.
pub(crate) struct Laid {
    pub(crate) key: String,
    pub(crate) address: String,
}

/// Lays both into the bucket; nothing where there is none. Of what cannot be read nothing is done.
pub(crate) async fn lay(room: &Room, report: &PruningReport<'_>) -> Result<Option<Laid>, Problem> {
    let Some(bucket) = &room.reports else {
        return Ok(None);
    };
    let page = report.page_key();
    bucket.put(&page, "text/markdown; charset=utf-8", report.page()).await?;
    let key = report.document_key();
    bucket.put(&key, "application/json", report.json()).await?;
    Ok(Some(Laid {
        address: bucket.address(&key),
        key,
    }))
}
