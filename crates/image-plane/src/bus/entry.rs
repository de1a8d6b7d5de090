//! One event a program wants to put: what makes it one, and how large it counts.

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::time::Time;

/// As a request has it.
#[derive(Deserialize, Debug)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
pub(super) struct Entry {
    /// Seconds since 1970.
    time: Option<f64>,
    pub(super) source: Option<String>,
    resources: Option<Vec<String>>,
    detail_type: Option<String>,
    detail: Option<String>,
    pub(super) event_bus_name: Option<String>,
}

/// An event that may go out.
#[derive(Debug)]
pub(super) struct Good {
    /// When it says it happened, where it says so.
    pub(super) time: Option<Time>,
    pub(super) source: String,
    pub(super) detail_type: String,
    pub(super) detail: Value,
    pub(super) resources: Vec<String>,
}

/// Why one entry fails among others: AWS's code and message.
pub(super) type Failure = (&'static str, String);

impl Entry {
    /// How many bytes of the request it counts, as the guide computes it.
    pub(super) fn size(&self) -> usize {
        let text = |text: &Option<String>| text.as_ref().map_or(0, String::len);
        let resources: usize = self.resources.iter().flatten().map(String::len).sum();
        let time = if self.time.is_some() { 14 } else { 0 };
        time + text(&self.source) + text(&self.detail_type) + text(&self.detail) + resources
    }

    /// The event, or the first thing wrong with it.
    pub(super) fn check(self) -> Result<Good, Failure> {
        let source = required("Source", self.source)?;
        let detail_type = required("DetailType", self.detail_type)?;
        let detail = required("Detail", self.detail)?;
        if detail_type.chars().count() > 128 {
            let reason = "DetailType must have length less than or equal to 128.";
            return Err((
                "InvalidArgument",
                format!("Parameter DetailType is not valid. Reason: {reason}"),
            ));
        }
        if source == "aws" || source.starts_with("aws.") {
            return Err((
                "NotAuthorizedForSourceException",
                String::from("Not authorized for the source."),
            ));
        }
        let detail: Map<String, Value> =
            serde_json::from_str(&detail).map_err(|_| ("MalformedDetail", String::from("Detail is malformed.")))?;
        Ok(Good {
            time: self.time.and_then(whole_seconds),
            source,
            detail_type,
            detail: Value::Object(detail),
            resources: self.resources.unwrap_or_default(),
        })
    }
}

fn required(name: &str, text: Option<String>) -> Result<String, Failure> {
    text.filter(|text| !text.is_empty()).ok_or_else(|| {
        (
            "InvalidArgument",
            format!("Parameter {name} is not valid. Reason: {name} is a required argument."),
        )
    })
}

/// An event shows no more of its time.
fn whole_seconds(seconds: f64) -> Option<Time> {
    let seconds: i64 = format!("{:.0}", seconds.floor()).parse().ok()?;
    Some(Time::from_millis(seconds.checked_mul(1000)?))
}
