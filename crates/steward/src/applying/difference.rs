use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

/// One member that is not as it was: both sides, as people read them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Change {
    /// Which: `components[1].arn`.
    pub path: String,
    /// What it was; none: it was not there.
    pub before: Option<String>,
    /// What it becomes; none: it goes.
    pub after: Option<String>,
}

/// Every member in which two contents differ, in the order of their names.
pub(super) fn changes<T: Serialize>(before: Option<&T>, after: &T) -> Vec<Change> {
    let mut old = before.map(members).unwrap_or_default();
    let mut changes = Vec::new();
    for (path, after) in members(after) {
        let before = old.remove(&path);
        if before.as_ref() != Some(&after) {
            let after = Some(after);
            changes.push(Change { path, before, after });
        }
    }
    changes.extend(old.into_iter().map(|(path, before)| Change {
        path,
        before: Some(before),
        after: None,
    }));
    changes.sort_by(|one, other| one.path.cmp(&other.path));
    changes
}

fn members<T: Serialize>(content: &T) -> BTreeMap<String, String> {
    let mut members = BTreeMap::new();
    // These types hold nothing that JSON cannot.
    if let Ok(value) = serde_json::to_value(content) {
        flatten(String::new(), &value, &mut members);
    }
    members
}

fn flatten(path: String, value: &Value, members: &mut BTreeMap<String, String>) {
    match value {
        Value::Null => {}
        Value::Object(entries) => {
            for (key, value) in entries {
                let dot = if path.is_empty() { "" } else { "." };
                flatten(format!("{path}{dot}{key}"), value, members);
            }
        }
        Value::Array(items) => {
            for (at, value) in items.iter().enumerate() {
                flatten(format!("{path}[{at}]"), value, members);
            }
        }
        Value::String(text) => {
            members.insert(path, text.clone());
        }
        Value::Bool(_) | Value::Number(_) => {
            members.insert(path, value.to_string());
        }
    }
}
