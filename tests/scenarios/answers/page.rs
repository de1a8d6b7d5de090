//! The schemas themselves, and the page that shows them.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use serde_json::{Value, json};

use super::schema::{Schema, folder, names};

#[test]
fn every_schema_takes_only_what_it_describes_and_has_a_number() {
    for name in names() {
        let schema = Schema::named(&name);
        assert_eq!(schema.flaws(), [""; 0], "{name}");
        let number = schema.whole["$id"].as_str().unwrap();
        let number = number
            .strip_prefix(&format!("urn:image-steward:answer:{name}:"))
            .unwrap();
        assert!(number.parse::<u32>().unwrap() >= 1, "{name}");
        assert_eq!(schema.whole["$schema"], "https://json-schema.org/draft/2020-12/schema");
    }
}

#[test]
fn what_two_schemas_call_alike_is_alike() {
    let mut known: BTreeMap<String, Value> = BTreeMap::new();
    for name in names() {
        let schema = Schema::named(&name);
        for (called, schema) in schema.whole["$defs"].as_object().into_iter().flatten() {
            let before = known.entry(called.clone()).or_insert_with(|| schema.clone());
            assert_eq!(before, schema, "{called} in {name}");
        }
    }
}

#[test]
fn the_page_names_every_schema_once_with_an_answer_that_it_takes() {
    let page = fs::read_to_string(folder().join("../answers.md")).unwrap();
    let mut named = BTreeSet::new();
    for section in page.split("\n## ").skip(1) {
        let Some((_, rest)) = section.split_once("](answers/") else {
            continue;
        };
        let (name, rest) = rest.split_once(".schema.json)").unwrap();
        assert!(named.insert(name.to_owned()), "{name} is there twice");
        let (_, rest) = rest.split_once("```json\n").unwrap();
        let (example, _) = rest.split_once("```").unwrap();
        let example: Value = serde_json::from_str(example).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(Schema::named(name).complaints(&example), [""; 0], "{name}");
    }
    assert_eq!(named, names());
}

#[test]
fn each_word_of_a_schema_refuses_what_it_does_not_mean() {
    let whole = json!({
        "type": "object", "required": ["id"], "additionalProperties": false,
        "properties": {
            "id": { "$ref": "#/$defs/id" },
            "of": { "type": "object", "propertyNames": { "pattern": "^[a-z]+$" }, "additionalProperties": { "type": "boolean" } },
            "few": { "type": "array", "minItems": 1, "items": { "enum": ["one", "two"] } },
            "either": { "anyOf": [{ "type": "integer", "minimum": 1 }, { "type": "null" }] },
        },
        "$defs": { "id": { "type": "string", "pattern": "^[0-9]+$" } },
    });
    let complaints = |answer: Value| Schema::of(whole.clone()).complaints(&answer).len();
    let right = json!({ "id": "12", "of": { "a": true }, "few": ["one"], "either": null });
    assert_eq!(complaints(right), 0);
    for wrong in [
        json!([]),
        json!({}),
        json!({ "id": 12 }),
        json!({ "id": "twelve" }),
        json!({ "id": "12", "more": 1 }),
        json!({ "id": "12", "of": { "A": true } }),
        json!({ "id": "12", "of": { "a": 1 } }),
        json!({ "id": "12", "few": [] }),
        json!({ "id": "12", "few": ["three"] }),
        json!({ "id": "12", "either": 0 }),
        json!({ "id": "12", "either": 1.5 }),
        json!({ "id": "12", "either": "null" }),
    ] {
        assert!(complaints(wrong.clone()) > 0, "{wrong}");
    }
    let flawed = json!({ "type": "object", "properties": { "a": { "format": "uri" } }, "required": ["b"] });
    let flaws = Schema::of(flawed).flaws();
    assert_eq!(
        flaws,
        [
            " takes any member",
            ": nobody says what a is",
            ": b is required and not described",
            "/properties/a: format is not checked",
            "/properties/a takes anything",
        ]
    );
}
