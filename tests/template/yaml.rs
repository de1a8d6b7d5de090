//! A template as data: YAML's short forms (`!Ref`, `!GetAtt`) become CloudFormation's long ones.

use saphyr::{LoadableYamlNode, Scalar, Yaml};
use serde_json::{Map, Value, json};

/// Reads one document. Text that looks like a number stays what YAML says it is.
pub(crate) fn read(text: &str) -> Value {
    let documents = Yaml::load_from_str(text).unwrap();
    assert_eq!(documents.len(), 1, "a template is one YAML document");
    value(&documents[0])
}

fn value(node: &Yaml<'_>) -> Value {
    match node {
        Yaml::Value(scalar) => of_scalar(scalar),
        Yaml::Sequence(items) => items.iter().map(value).collect(),
        Yaml::Mapping(entries) => entries
            .iter()
            .map(|(key, entry)| (text_of(&value(key)), value(entry)))
            .collect::<Map<_, _>>()
            .into(),
        Yaml::Tagged(tag, inner) => long_form(&tag.suffix, value(inner)),
        other => panic!("a template has no {other:?}"),
    }
}

fn of_scalar(scalar: &Scalar<'_>) -> Value {
    match scalar {
        Scalar::Null => Value::Null,
        Scalar::Boolean(truth) => json!(truth),
        Scalar::Integer(number) => json!(number),
        Scalar::FloatingPoint(number) => json!(number.into_inner()),
        Scalar::String(text) => json!(text),
    }
}

fn text_of(key: &Value) -> String {
    key.as_str().map_or_else(|| key.to_string(), str::to_owned)
}

fn long_form(tag: &str, inner: Value) -> Value {
    let inner = match (tag, &inner) {
        ("GetAtt", Value::String(path)) => {
            let (resource, attribute) = path.split_once('.').unwrap();
            json!([resource, attribute])
        }
        _ => inner,
    };
    let name = if matches!(tag, "Ref" | "Condition") {
        tag.to_owned()
    } else {
        format!("Fn::{tag}")
    };
    json!({ name: inner })
}

#[test]
fn short_forms_are_read_as_their_long_ones() {
    let read = read("a: !Ref X\nb: !GetAtt Q.Arn\nc: !Sub \"x-${Y}\"\nd: !If [Z, !Ref A, 5]\ne: [true, \"true\"]\n");
    let expected = json!({
        "a": { "Ref": "X" },
        "b": { "Fn::GetAtt": ["Q", "Arn"] },
        "c": { "Fn::Sub": "x-${Y}" },
        "d": { "Fn::If": ["Z", { "Ref": "A" }, 5] },
        "e": [true, "true"],
    });
    assert_eq!(read, expected);
}
