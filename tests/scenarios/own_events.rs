//! What our functions tell on the hub's bus is as the schemas in docs/events say.

use std::collections::BTreeSet;
use std::fs;

use serde_json::Value;
use steward::BuildState;

use crate::answers::schema::{Schema, folder};

/// The kinds there are, as the bus names them.
const KINDS: [&str; 5] = [
    "blocked",
    "channel moved",
    "manifest applied",
    "release recorded",
    "release usable",
];

fn file(kind: &str) -> String {
    kind.replace(' ', "-")
}

fn schema(kind: &str) -> Schema {
    assert!(KINDS.contains(&kind), "nobody says what this is: {kind}");
    let path = folder().join(format!("../events/{}.schema.json", file(kind)));
    Schema::of(serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap())
}

/// What is told where all is known, as it lies in events/.
fn sample(kind: &str) -> Value {
    let path = folder().join(format!("../../events/steward-{}.json", file(kind)));
    let whole: Value = serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap();
    assert_eq!(whole["detail-type"], kind);
    whole["detail"].clone()
}

/// Whether an event is as its schema says.
pub(crate) fn assert_described(kind: &str, detail: &Value) {
    assert_eq!(schema(kind).complaints(detail), [""; 0], "{kind}: {detail:#}");
}

#[test]
fn every_kind_is_told_as_its_schema_says_and_a_schema_takes_nothing_else() {
    let known = Schema::named("explain").whole["$defs"].clone();
    for kind in KINDS {
        let schema = schema(kind);
        assert_eq!(schema.flaws(), [""; 0], "{kind}");
        let number = format!("urn:image-steward:event:{}:1", file(kind));
        assert_eq!(schema.whole["$id"], number.as_str());
        for (called, described) in schema.whole["$defs"].as_object().into_iter().flatten() {
            let before = known.get(called).unwrap_or(described);
            assert_eq!(before, described, "{called} in {kind}");
        }
        let detail = sample(kind);
        assert_described(kind, &detail);
        for member in detail.as_object().unwrap().keys() {
            let mut odd = detail.clone();
            odd[member] = Value::Null;
            assert!(!self::schema(kind).complaints(&odd).is_empty(), "{kind}: {odd:#}");
        }
        let mut more = detail;
        more["more"] = Value::from(1);
        assert!(!self::schema(kind).complaints(&more).is_empty(), "{kind}: {more:#}");
    }
}

#[test]
fn a_release_is_recorded_in_each_state_that_ends_a_build_and_with_what_is_known_of_it() {
    let mut recorded = sample("release recorded");
    for state in BuildState::ALL {
        recorded["state"] = Value::from(state.as_str());
        let complaints = schema("release recorded").complaints(&recorded);
        assert_eq!(complaints.is_empty(), state.ended(), "{complaints:?}");
    }
    recorded["state"] = Value::from("FAILED");
    let members = recorded.as_object_mut().unwrap();
    members.retain(|member, _| member != "family" && member != "architecture");
    assert_described("release recorded", &recorded);
}

#[test]
fn every_schema_and_sample_is_of_a_kind_that_the_page_tells_of() {
    let page = fs::read_to_string(folder().join("../events.md")).unwrap();
    for kind in KINDS {
        let name = file(kind);
        assert!(page.contains(&format!("`{kind}`")), "{kind}");
        assert!(page.contains(&format!("](events/{name}.schema.json)")), "{kind}");
        assert!(page.contains(&format!("](../events/steward-{name}.json)")), "{kind}");
    }
    let known: BTreeSet<String> = KINDS.iter().map(|kind| format!("{}.schema.json", file(kind))).collect();
    let files = fs::read_dir(folder().join("../events")).unwrap();
    let there: BTreeSet<String> = files
        .map(|file| file.unwrap().file_name().into_string().unwrap())
        .collect();
    assert_eq!(there, known);
}
