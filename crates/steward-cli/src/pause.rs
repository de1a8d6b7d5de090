//! The switch, thrown by a person.

use serde_json::json;
use steward_aws::Switch;

use crate::arguments::Format;
use crate::failure::Failure;
use crate::hub::Hub;
use crate::json;
use crate::terminal::one_line;
use crate::word::reason;

/// Throws the switch, and says so.
pub(crate) async fn throw(hub: &Hub, paused: bool, because: &str) -> Result<String, Failure> {
    let why = reason(because)?;
    let (caller, record) = hub.open().await?;
    let switch = Switch {
        paused,
        who: caller.arn,
        why,
        since: hub.now()?,
    };
    let before = record.switch().await?;
    record.throw(&switch).await?;
    let already = before.is_some_and(|before| before.paused == paused);
    Ok(match (paused, already) {
        (true, false) => {
            String::from("Paused. At most the call in flight still changes anything. `steward resume` ends it.")
        }
        (true, true) => String::from("It was paused already; who and why are yours now."),
        (false, false) => String::from("Resumed. The functions act again with their next wake."),
        (false, true) => String::from("It was not paused; who and why are yours now."),
    })
}

/// Says how the switch stands.
pub(crate) async fn show(hub: &Hub, format: Format) -> Result<String, Failure> {
    let (_, record) = hub.open().await?;
    let switch = record.switch().await?;
    if format == Format::Json {
        let thrown = switch.map(
            |Switch {
                 paused,
                 who,
                 why,
                 since,
             }| { json!({ "paused": paused, "who": who, "why": why, "since": since }) },
        );
        return Ok(json::text(json!({ "thrown": thrown })));
    }
    Ok(match switch {
        None => String::from("Nobody has thrown the switch yet: what the stack's parameter StartPaused says holds."),
        Some(Switch {
            paused,
            who,
            why,
            since,
        }) => {
            let state = if paused { "Paused" } else { "Running" };
            one_line(&format!("{state} since {since}, by {who}: {why}"))
        }
    })
}
