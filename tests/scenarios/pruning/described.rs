//! What programs are told of pruning, and of builds that wait, is as its schema in docs/messages says.

use std::fs;

use serde_json::Value;

use crate::answers::schema::{Schema, folder};

/// The messages' schemas, by the word that tells which message it is.
const SCHEMAS: [(&str, &str); 3] = [
    ("build waits", "build-waits"),
    ("pruning run", "pruning"),
    ("images to be deregistered", "deregistration"),
];

fn schema(name: &str) -> Schema {
    let file = folder().join(format!("../messages/{name}.schema.json"));
    Schema::of(serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap())
}

/// Whether a message is as its schema says.
pub(crate) fn assert_described(message: &Value) {
    let known = SCHEMAS.into_iter().find(|(word, _)| message["message"] == *word);
    let (_, name) = known.unwrap_or_else(|| panic!("nobody says what this is: {message:#}"));
    assert_eq!(schema(name).complaints(message), [""; 0], "{message:#}");
}

#[test]
fn every_sample_is_as_its_schema_says_and_a_schema_takes_nothing_else() {
    for (_, name) in SCHEMAS {
        let schema = schema(name);
        assert_eq!(schema.flaws(), [""; 0], "{name}");
        let known = &Schema::named("plan-prune").whole["$defs"];
        for (called, described) in schema.whole["$defs"].as_object().unwrap() {
            let before = known.get(called).unwrap_or(described);
            assert_eq!(before, described, "{called} in {name}");
        }
    }
    for sample in [
        include_str!("../../../docs/messages/pruning.json"),
        include_str!("../../../docs/messages/deregistration.json"),
        include_str!("../../../docs/messages/build-waits.json"),
        include_str!("../../../crates/steward/src/pruning/tests/report/message.message.json"),
        include_str!("../../../crates/steward/src/pruning/tests/report/containers.message.json"),
        include_str!("../../../crates/steward/src/pruning/tests/report/left-behind.message.json"),
        include_str!("../../../crates/steward/src/pruning/tests/report/leftovers.message.json"),
        include_str!("../../../crates/steward/src/pruning/tests/report/unlisted.message.json"),
        include_str!("../../../crates/steward/src/pruning/tests/report/bins.message.json"),
        include_str!("../../../crates/steward/src/pruning/tests/report/since.message.json"),
    ] {
        let sample: Value = serde_json::from_str(sample).unwrap();
        assert_described(&sample);
        let mut more = sample.clone();
        more["more"] = Value::Null;
        let name = SCHEMAS
            .into_iter()
            .find(|(word, _)| sample["message"] == *word)
            .unwrap()
            .1;
        assert!(!schema(name).complaints(&more).is_empty(), "{more:#}");
    }
}
