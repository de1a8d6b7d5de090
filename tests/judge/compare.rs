//! Two documents of the same life, held against each other: absent, null and empty are one, and a time is the instant it names.

use image_plane::Time;
use serde_json::{Map, Value};

/// Fails with every difference, by its step and path.
pub(crate) fn assert_alike(theirs: &Value, ours: &Value) {
    let mut found = Vec::new();
    let steps = |document: &Value| document["steps"].as_array().cloned().unwrap_or_default();
    for (place, (their, our)) in steps(theirs).iter().zip(&steps(ours)).enumerate() {
        let path = format!("step {place}, {}", their["step"]);
        differences(&path, &plain(their.clone()), &plain(our.clone()), &mut found);
    }
    let counts = (steps(theirs).len(), steps(ours).len());
    if counts.0 != counts.1 {
        found.push(format!("they took {} steps, we took {}", counts.0, counts.1));
    }
    differences(
        "events",
        &plain(theirs["events"].clone()),
        &plain(ours["events"].clone()),
        &mut found,
    );
    assert!(found.is_empty(), "{} differences:\n{}", found.len(), found.join("\n"));
    assert!(counts.0 > 0, "nothing was compared");
}

/// A document without these members, wherever they are.
pub(crate) fn without(document: Value, names: &[&str]) -> Value {
    match document {
        Value::Object(members) => members
            .into_iter()
            .filter(|(name, _)| !names.contains(&name.as_str()))
            .map(|(name, value)| (name, without(value, names)))
            .collect::<Map<_, _>>()
            .into(),
        Value::Array(items) => items.into_iter().map(|item| without(item, names)).collect(),
        other => other,
    }
}

fn differences(path: &str, theirs: &Value, ours: &Value, found: &mut Vec<String>) {
    match (theirs, ours) {
        (Value::Object(their), Value::Object(our)) => {
            for name in their.keys().chain(our.keys().filter(|name| !their.contains_key(*name))) {
                let (their, our) = (&theirs[name.as_str()], &ours[name.as_str()]);
                differences(&format!("{path}.{name}"), their, our, found);
            }
        }
        (Value::Array(their), Value::Array(our)) if their.len() == our.len() => {
            for (place, (their, our)) in their.iter().zip(our).enumerate() {
                differences(&format!("{path}[{place}]"), their, our, found);
            }
        }
        _ if theirs != ours => found.push(format!("{path}: they saw {theirs}, we saw {ours}")),
        _ => {}
    }
}

/// Without what is not there, and with every time written alike.
fn plain(value: Value) -> Value {
    let there = |value: &Value| match value {
        Value::Null => false,
        Value::Array(items) => !items.is_empty(),
        Value::Object(members) => !members.is_empty(),
        _ => true,
    };
    match value {
        Value::Object(members) => members
            .into_iter()
            .map(|(name, value)| (name, plain(value)))
            .filter(|(_, value)| there(value))
            .collect::<Map<_, _>>()
            .into(),
        Value::Array(items) => items.into_iter().map(plain).collect(),
        Value::String(text) => Time::parse(&text).map_or(Value::String(text), |time| time.to_string().into()),
        other => other,
    }
}
