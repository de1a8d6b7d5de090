//! Wakes that no function followed.
use steward::table;

use crate::arguments::Format;
use crate::failure::Failure;
use crate::hub::Hub;
use crate::json;

/// The wakes that were refused lately, the last first.
pub(crate) async fn refused(hub: &Hub, format: Format) -> Result<String, Failure> {
    let (_, record) = hub.open().await?;
    let refused = record.refused().await?;
    if format == Format::Json {
        return Ok(json::text(refused));
    }
    if refused.is_empty() {
        return Ok(String::from("No wake was refused in the last 30 days."));
    }
    let mut rows = vec![["LAST", "TIMES", "WHY"].map(str::to_owned)];
    rows.extend(refused.into_iter().map(|refused| {
        [
            refused.last.to_string(),
            refused.times.to_string(),
            refused.why.to_string(),
        ]
    }));
    Ok(table(&rows))
}
