use serde_json::{Value, json};

use super::Bench;

fn label(version: Option<u64>, labels: &[&str]) -> Value {
    json!({ "Name": "/web", "ParameterVersion": version, "Labels": labels })
}

#[test]
fn a_hundred_versions_are_kept_and_the_oldest_goes_first() {
    let mut bench = Bench::new();
    for n in 1..=101 {
        assert_eq!(bench.put("/web", &n.to_string()), n);
    }
    assert_eq!(
        (bench.value("/web:1"), bench.value("/web:2").as_deref()),
        (None, Some("2"))
    );
    let history = bench.ok("GetParameterHistory", json!({ "Name": "/web" }));
    assert_eq!(history["Parameters"].as_array().unwrap().len(), 50);
    let rest = json!({ "Name": "/web", "NextToken": history["NextToken"] });
    let rest = bench.ok("GetParameterHistory", rest);
    assert_eq!(
        (rest["Parameters"][49]["Version"].clone(), rest.get("NextToken")),
        (json!(101), None)
    );
}

#[test]
fn a_labelled_oldest_version_lets_no_next_one_be_written_until_the_label_moves() {
    let mut bench = Bench::new();
    bench.put("/web", "1");
    bench.ok("LabelParameterVersion", label(None, &["stable"]));
    for n in 2..=100 {
        bench.put("/web", &n.to_string());
    }
    let next = json!({ "Name": "/web", "Value": "101", "Overwrite": true });
    let (code, message) = bench.call("PutParameter", next.clone()).unwrap_err();
    assert_eq!(code, "ParameterMaxVersionLimitExceeded");
    assert!(
        message.contains("Version 1, the oldest version, can't be deleted"),
        "{message}"
    );
    assert_eq!(bench.value("/web").as_deref(), Some("100"));
    bench.ok("LabelParameterVersion", label(Some(2), &["stable"]));
    assert_eq!(bench.ok("PutParameter", next)["Version"], 101);
    assert_eq!(bench.value("/web:stable").as_deref(), Some("2"));
}

#[test]
fn history_shows_each_version_with_its_value_and_labels() {
    let mut bench = Bench::new();
    bench.put("/web", "one");
    bench.put("/web", "two");
    bench.ok("LabelParameterVersion", label(Some(1), &["stable", "old"]));
    let history = bench.ok("GetParameterHistory", json!({ "Name": "/web" }));
    let rows = history["Parameters"].as_array().unwrap().iter();
    let rows: Vec<_> = rows
        .map(|row| {
            (
                row["Version"].as_u64().unwrap(),
                row["Value"].as_str().unwrap(),
                row["Labels"].clone(),
            )
        })
        .collect();
    assert_eq!(rows, [(1, "one", json!(["old", "stable"])), (2, "two", json!([]))]);
    assert_eq!(
        bench.refused("GetParameterHistory", json!({ "Name": "/other" })),
        "ParameterNotFound"
    );
}

#[test]
fn a_label_is_at_one_version_and_moves_to_another() {
    let mut bench = Bench::new();
    bench.put("/web", "one");
    bench.put("/web", "two");
    bench.told();
    let answer = bench.ok("LabelParameterVersion", label(None, &["stable"]));
    assert_eq!(answer, json!({ "InvalidLabels": [], "ParameterVersion": 2 }));
    bench.ok("LabelParameterVersion", label(Some(1), &["stable"]));
    assert_eq!(bench.value("/web:stable").as_deref(), Some("one"));
    let told = json!({ "operation": "LabelParameterVersion", "name": "/web", "type": "String" });
    assert_eq!(bench.told(), [told.clone(), told]);
    let gone = bench.ok("UnlabelParameterVersion", label(Some(1), &["stable", "other"]));
    assert_eq!(gone, json!({ "RemovedLabels": ["stable"], "InvalidLabels": ["other"] }));
    assert_eq!(
        bench.refused("GetParameter", json!({ "Name": "/web:stable" })),
        "ParameterVersionNotFound"
    );
    assert_eq!(bench.told(), [] as [Value; 0]);
}

#[test]
fn labels_that_cannot_be_are_named_and_the_others_attached() {
    let mut bench = Bench::new();
    bench.put("/web", "one");
    bench.told();
    let bad = ["1st", "aws-x", "SSM", "a b", "a/b"];
    let answer = bench.ok(
        "LabelParameterVersion",
        label(None, &[&bad[..], &["good_1.0-a"]].concat()),
    );
    assert_eq!(answer["InvalidLabels"], json!(bad));
    assert_eq!(bench.value("/web:good_1.0-a").as_deref(), Some("one"));
    assert_eq!(bench.told().len(), 1);
    bench.ok("LabelParameterVersion", label(None, &["9"]));
    assert_eq!(bench.told(), [] as [Value; 0]);
}

#[test]
fn a_version_has_ten_labels_at_the_most() {
    let mut bench = Bench::new();
    bench.put("/web", "one");
    let labels: Vec<String> = (0..10).map(|n| format!("l{n}")).collect();
    let labels: Vec<&str> = labels.iter().map(String::as_str).collect();
    bench.ok("LabelParameterVersion", label(None, &labels));
    bench.ok("LabelParameterVersion", label(None, &labels));
    assert_eq!(
        bench.refused("LabelParameterVersion", label(None, &["more"])),
        "ParameterVersionLabelLimitExceeded"
    );
    assert_eq!(
        bench.refused("LabelParameterVersion", label(None, &[])),
        "ValidationException"
    );
    assert_eq!(
        bench.refused("LabelParameterVersion", label(None, &[&"x".repeat(101)])),
        "ValidationException"
    );
    assert_eq!(
        bench.refused("LabelParameterVersion", label(Some(2), &["x"])),
        "ParameterVersionNotFound"
    );
    assert_eq!(
        bench.refused("UnlabelParameterVersion", label(Some(2), &["x"])),
        "ParameterVersionNotFound"
    );
    assert_eq!(
        bench.refused("UnlabelParameterVersion", label(None, &["x"])),
        "SerializationException"
    );
    let other = json!({ "Name": "/other", "Labels": ["x"] });
    assert_eq!(bench.refused("LabelParameterVersion", other), "ParameterNotFound");
}

#[test]
fn a_path_can_be_read_as_of_a_label() {
    let mut bench = Bench::new();
    bench.put("/web", "one");
    bench.put("/web", "two");
    bench.put("/db", "one");
    bench.ok("LabelParameterVersion", label(Some(1), &["stable"]));
    let body = json!({ "Path": "/", "ParameterFilters": [{ "Key": "Label", "Values": ["stable"] }] });
    let answer = bench.ok("GetParametersByPath", body);
    let found = answer["Parameters"].as_array().unwrap();
    assert_eq!((found.len(), &found[0]["Value"]), (1, &json!("one")));
}
