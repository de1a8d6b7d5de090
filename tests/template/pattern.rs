//! EventBridge's event patterns, as far as the templates use them. What this does not know is an error, never a match.

use serde_json::{Value, json};

/// Whether a rule with this pattern takes the event.
pub(crate) fn matches(pattern: &Value, event: &Value) -> bool {
    let fields = pattern.as_object().unwrap();
    fields.iter().all(|(name, wanted)| {
        let found = event.get(name);
        match wanted {
            Value::Object(_) => found.is_some_and(|found| found.is_object() && matches(wanted, found)),
            Value::Array(any) => any.iter().any(|one| takes(one, found)),
            other => panic!("a pattern's {name} is a list or an object, not {other}"),
        }
    })
}

/// A field may itself be a list: then one of its values must match.
fn takes(wanted: &Value, found: Option<&Value>) -> bool {
    let Some(matcher) = wanted.as_object() else {
        return values(found).contains(&wanted);
    };
    let (name, operand) = matcher.iter().next().unwrap();
    assert_eq!(matcher.len(), 1, "a matcher is one thing: {wanted}");
    let texts = || values(found).into_iter().filter_map(Value::as_str);
    match name.as_str() {
        "prefix" => texts().any(|text| text.starts_with(operand.as_str().unwrap())),
        "suffix" => texts().any(|text| text.ends_with(operand.as_str().unwrap())),
        "anything-but" => {
            let refused: Vec<_> = match operand {
                Value::Array(several) => several.iter().collect(),
                one => vec![one],
            };
            assert!(refused.iter().all(|one| !one.is_object()), "not known: {wanted}");
            values(found).iter().any(|value| !refused.contains(value))
        }
        "exists" => operand.as_bool().unwrap() == found.is_some(),
        _ => panic!("not known: {wanted}"),
    }
}

fn values(found: Option<&Value>) -> Vec<&Value> {
    match found {
        None => Vec::new(),
        Some(Value::Array(several)) => several.iter().collect(),
        Some(one) => vec![one],
    }
}

#[test]
fn a_pattern_takes_what_event_bridge_would() {
    let event = json!({ "source": "aws.ec2", "resources": ["arn:a", "arn:b"], "detail": { "State": "failed" } });
    for (pattern, taken) in [
        (json!({ "source": ["aws.ec2", "aws.s3"] }), true),
        (json!({ "source": ["aws.s3"] }), false),
        (
            json!({ "source": [{ "prefix": "aws." }], "detail": { "State": ["failed"] } }),
            true,
        ),
        (
            json!({ "detail": { "State": [{ "anything-but": ["failed"] }] } }),
            false,
        ),
        (
            json!({ "detail": { "State": [{ "anything-but": "available" }] } }),
            true,
        ),
        (json!({ "resources": ["arn:b"] }), true),
        (json!({ "resources": [{ "suffix": "c" }] }), false),
        (json!({ "detail": { "Cause": [{ "exists": false }] } }), true),
        (json!({ "detail": { "Cause": ["x"] } }), false),
        (json!({ "source": { "State": ["failed"] } }), false),
    ] {
        assert_eq!(matches(&pattern, &event), taken, "{pattern}");
    }
}
