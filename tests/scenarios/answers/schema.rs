//! As much of JSON Schema as the answers' schemas say. A word that is not known here is a mistake and never passed over: a
//! schema must not seem to say more than is checked.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use regex_lite::Regex;
use serde_json::{Map, Value};

/// Where the schemas lie.
pub(crate) fn folder() -> PathBuf {
    PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").unwrap()).join("../docs/answers")
}

/// The names of all schemas.
pub(super) fn names() -> BTreeSet<String> {
    let files = fs::read_dir(folder()).unwrap();
    let names = files.map(|file| file.unwrap().file_name().into_string().unwrap());
    names
        .map(|name| name.strip_suffix(".schema.json").unwrap().to_owned())
        .collect()
}

/// A schema, and which parts of it an answer has met.
pub(crate) struct Schema {
    pub(crate) whole: Value,
    met: BTreeSet<String>,
}

impl Schema {
    pub(crate) fn named(name: &str) -> Self {
        let file = folder().join(format!("{name}.schema.json"));
        Self::of(serde_json::from_str(&fs::read_to_string(file).unwrap()).unwrap())
    }

    pub(crate) fn of(whole: Value) -> Self {
        Self {
            whole,
            met: BTreeSet::new(),
        }
    }

    /// What is wrong with an answer.
    pub(crate) fn complaints(&mut self, answer: &Value) -> Vec<String> {
        let (complaints, met) = Check { whole: &self.whole }.check("", answer, "");
        self.met.extend(met);
        complaints
    }

    /// What is wrong with the schema itself: a word nobody checks, an object that would take anything, a member nobody
    /// describes.
    pub(crate) fn flaws(&self) -> Vec<String> {
        let mut flaws = Vec::new();
        each(&self.whole, "", &mut |at, schema| {
            let known = |word: &str| WORDS.contains(&word) || (at.is_empty() && TOP.contains(&word));
            for word in schema.keys().filter(|word| !known(word)) {
                flaws.push(format!("{at}: {word} is not checked"));
            }
            if let Some(Value::String(name)) = schema.get("$ref") {
                let there = name.strip_prefix('#').and_then(|name| self.whole.pointer(name));
                if there.is_none() {
                    flaws.push(format!("{at}: there is no {name}"));
                }
            } else if !["type", "anyOf", "enum"].iter().any(|word| schema.contains_key(*word)) {
                flaws.push(format!("{at} takes anything"));
            }
            if let Some(Value::String(pattern)) = schema.get("pattern") {
                let whole = pattern.starts_with('^') && pattern.ends_with('$');
                if Regex::new(pattern).is_err() || !whole {
                    flaws.push(format!("{at}: {pattern} is no pattern for the whole of a text"));
                }
            }
            if types(schema).contains(&"object") && !schema.contains_key("additionalProperties") {
                flaws.push(format!("{at} takes any member"));
            }
            let members = schema.get("properties").and_then(Value::as_object);
            let described =
                |member: &&String| members.is_some_and(|members| members[*member]["description"].is_string());
            for member in members.iter().flat_map(|members| members.keys()) {
                if !described(&member) {
                    flaws.push(format!("{at}: nobody says what {member} is"));
                }
            }
            for required in texts(schema, "required") {
                if !members.is_some_and(|members| members.contains_key(required)) {
                    flaws.push(format!("{at}: {required} is required and not described"));
                }
            }
        });
        flaws
    }

    /// Its members, items and choices, and whether an answer has had each.
    pub(super) fn each_met(&self) -> Vec<(String, bool)> {
        let mut found = Vec::new();
        each(&self.whole, "", &mut |at, _| {
            found.push((at.to_owned(), self.met.contains(at)));
        });
        found
    }
}

const TOP: [&str; 4] = ["$schema", "$id", "title", "$defs"];
const WORDS: [&str; 13] = [
    "description",
    "$ref",
    "type",
    "properties",
    "required",
    "additionalProperties",
    "propertyNames",
    "items",
    "minItems",
    "enum",
    "pattern",
    "anyOf",
    "minimum",
];

/// Each schema within a schema, with its place.
fn each(schema: &Value, at: &str, found: &mut impl FnMut(&str, &Map<String, Value>)) {
    let Some(object) = schema.as_object() else { return };
    found(at, object);
    for word in ["properties", "$defs"] {
        for (name, member) in object.get(word).and_then(Value::as_object).into_iter().flatten() {
            each(member, &format!("{at}/{word}/{name}"), found);
        }
    }
    for word in ["additionalProperties", "propertyNames", "items"] {
        if let Some(inner) = object.get(word) {
            each(inner, &format!("{at}/{word}"), found);
        }
    }
    let choices = object.get("anyOf").and_then(Value::as_array).into_iter().flatten();
    for (n, choice) in choices.enumerate() {
        each(choice, &format!("{at}/anyOf/{n}"), found);
    }
}

fn types(schema: &Map<String, Value>) -> Vec<&str> {
    match schema.get("type") {
        Some(Value::String(one)) => vec![one],
        Some(Value::Array(several)) => several.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    }
}

fn texts<'a>(schema: &'a Map<String, Value>, word: &str) -> impl Iterator<Item = &'a str> {
    let texts = schema.get(word).and_then(Value::as_array).into_iter().flatten();
    texts.map(|text| text.as_str().unwrap())
}

struct Check<'a> {
    whole: &'a Value,
}

/// What is wrong, and which schemas were met by something.
type Checked = (Vec<String>, BTreeSet<String>);

impl Check<'_> {
    /// Checks a value at a place of the answer by the schema of a place of the whole.
    fn check(&self, at: &str, value: &Value, place: &str) -> Checked {
        let schema = self.whole.pointer(at).and_then(Value::as_object);
        let schema = schema.unwrap_or_else(|| panic!("there is no schema {at}"));
        let mut checked: Checked = (Vec::new(), BTreeSet::from([at.to_owned()]));
        let mut complain = |what: String| checked.0.push(format!("{place}: {what}"));
        let types = types(schema);
        if !types.is_empty() && !types.iter().any(|name| is(value, name)) {
            complain(format!("{value} is no {}", types.join(" or ")));
        }
        if let Some(Value::Array(values)) = schema.get("enum")
            && !values.contains(value)
        {
            complain(format!("{value} is none of {values:?}"));
        }
        if let (Some(Value::String(pattern)), Value::String(text)) = (schema.get("pattern"), value)
            && !Regex::new(pattern).unwrap().is_match(text)
        {
            complain(format!("{text:?} is not as in {pattern}"));
        }
        if let (Some(least), Value::Number(number)) = (schema.get("minimum"), value)
            && number.as_f64() < least.as_f64()
        {
            complain(format!("{number} is less than {least}"));
        }
        if let (Some(Value::Number(least)), Value::Array(items)) = (schema.get("minItems"), value)
            && items.len() < usize::try_from(least.as_u64().unwrap()).unwrap()
        {
            complain(format!("there are less than {least}"));
        }
        if let Value::Object(members) = value {
            for missing in texts(schema, "required").filter(|name| !members.contains_key(*name)) {
                complain(format!("{missing} is missing"));
            }
        }
        self.check_within(at, schema, value, place, &mut checked);
        checked
    }

    fn check_within(&self, at: &str, schema: &Map<String, Value>, value: &Value, place: &str, checked: &mut Checked) {
        let mut add = |(complaints, met): Checked| {
            checked.0.extend(complaints);
            checked.1.extend(met);
        };
        if let Some(Value::String(name)) = schema.get("$ref") {
            add(self.check(name.strip_prefix('#').unwrap(), value, place));
        }
        if let Some(Value::Array(choices)) = schema.get("anyOf") {
            let each = (0..choices.len()).map(|n| self.check(&format!("{at}/anyOf/{n}"), value, place));
            let each: Vec<Checked> = each.collect();
            match each.iter().find(|(complaints, _)| complaints.is_empty()) {
                Some(fits) => add(fits.clone()),
                None => add((
                    each.into_iter().flat_map(|(complaints, _)| complaints).collect(),
                    BTreeSet::new(),
                )),
            }
        }
        match value {
            Value::Array(items) if schema.contains_key("items") => {
                for (n, item) in items.iter().enumerate() {
                    add(self.check(&format!("{at}/items"), item, &format!("{place}/{n}")));
                }
            }
            Value::Object(members) if types(schema).contains(&"object") => {
                for (name, member) in members {
                    let place = format!("{place}/{name}");
                    if schema.contains_key("propertyNames") {
                        let name = Value::from(name.as_str());
                        add(self.check(&format!("{at}/propertyNames"), &name, &place));
                    }
                    let known = schema.get("properties").is_some_and(|known| known.get(name).is_some());
                    if known {
                        add(self.check(&format!("{at}/properties/{name}"), member, &place));
                    } else if schema["additionalProperties"].is_object() {
                        add(self.check(&format!("{at}/additionalProperties"), member, &place));
                    } else {
                        add((vec![format!("{place} is not in the schema")], BTreeSet::new()));
                    }
                }
            }
            _ => {}
        }
    }
}

fn is(value: &Value, name: &str) -> bool {
    match name {
        "null" => value.is_null(),
        "boolean" => value.is_boolean(),
        "integer" => value.is_u64() || value.is_i64(),
        "string" => value.is_string(),
        "array" => value.is_array(),
        "object" => value.is_object(),
        other => panic!("{other} is no type that is checked"),
    }
}
