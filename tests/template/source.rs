//! The templates and what lies beside them in the repository.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

use crate::yaml;

/// Everything that is deployed to AWS.
pub(crate) const TEMPLATES: [&str; 4] = [HUB, "infra/member.yaml", "infra/management.yaml", "infra/vendors.yaml"];
pub(crate) const HUB: &str = "template.yaml";

pub(crate) fn root() -> PathBuf {
    PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").unwrap()).join("..")
}

pub(crate) fn text(path: impl AsRef<Path>) -> String {
    let path = root().join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// One template.
pub(crate) struct Template {
    pub(crate) name: &'static str,
    pub(crate) body: Value,
}

/// A resource of a template.
#[derive(Clone, Copy)]
pub(crate) struct Resource<'a> {
    pub(crate) id: &'a str,
    pub(crate) body: &'a Value,
}

impl Template {
    pub(crate) fn read(name: &'static str) -> Self {
        let body = yaml::read(&text(name));
        Self { name, body }
    }

    pub(crate) fn hub() -> Self {
        Self::read(HUB)
    }

    pub(crate) fn all() -> Vec<Self> {
        TEMPLATES.into_iter().map(Self::read).collect()
    }

    pub(crate) fn resources(&self) -> impl Iterator<Item = Resource<'_>> {
        let resources = sorted(&self.body["Resources"]).into_iter();
        resources.map(|(id, body)| Resource { id, body })
    }

    pub(crate) fn of_type<'a>(&'a self, kind: &'a str) -> impl Iterator<Item = Resource<'a>> {
        self.resources().filter(move |resource| resource.kind() == kind)
    }

    pub(crate) fn resource(&self, id: &str) -> Option<Resource<'_>> {
        self.resources().find(|resource| resource.id == id)
    }

    pub(crate) fn functions(&self) -> impl Iterator<Item = Resource<'_>> {
        self.of_type("AWS::Serverless::Function")
    }

    /// What `Globals` gives to every function.
    pub(crate) fn globals(&self) -> &Value {
        &self.body["Globals"]["Function"]
    }
}

impl<'a> Resource<'a> {
    pub(crate) fn kind(self) -> &'a str {
        self.body["Type"].as_str().unwrap()
    }

    pub(crate) fn properties(self) -> &'a Value {
        &self.body["Properties"]
    }

    /// A function's events of a kind, by their names.
    pub(crate) fn events(self, kind: &'static str) -> impl Iterator<Item = (&'a str, &'a Value)> {
        let events = self.properties()["Events"].as_object().into_iter().flatten();
        events
            .filter(move |(_, event)| event["Type"] == kind)
            .map(|(name, event)| (name.as_str(), &event["Properties"]))
    }
}

/// The resource that a `Ref` or `Fn::GetAtt` names.
pub(crate) fn target_of(value: &Value) -> Option<&str> {
    value
        .get("Ref")
        .and_then(Value::as_str)
        .or_else(|| value.get("Fn::GetAtt")?.get(0)?.as_str())
        // What is there on a condition, and else nothing.
        .or_else(|| target_of(value.get("Fn::If")?.get(1)?))
}

/// One thing or a list of things, as a list.
pub(crate) fn listed(value: &Value) -> Vec<&Value> {
    match value {
        Value::Null => Vec::new(),
        Value::Array(items) => items.iter().collect(),
        one => vec![one],
    }
}

/// The entries of an object by their names: in which order serde_json keeps them depends on who else uses it.
pub(crate) fn sorted(object: &Value) -> BTreeMap<&str, &Value> {
    let entries = object.as_object().unwrap();
    entries.iter().map(|(name, entry)| (name.as_str(), entry)).collect()
}

/// Every object within a value, itself included, with the way to it.
pub(crate) fn walk<'a>(value: &'a Value, way: &str, visit: &mut dyn FnMut(&str, &'a Map<String, Value>)) {
    match value {
        Value::Object(entries) => {
            visit(way, entries);
            for (key, entry) in sorted(value) {
                walk(entry, &format!("{way}/{key}"), visit);
            }
        }
        Value::Array(items) => {
            for (at, item) in items.iter().enumerate() {
                walk(item, &format!("{way}/{at}"), visit);
            }
        }
        _ => {}
    }
}

/// Fails with everything that is wrong, one line each.
pub(crate) fn nothing_wrong(complaints: &[String]) {
    assert!(complaints.is_empty(), "\n  {}", complaints.join("\n  "));
}
