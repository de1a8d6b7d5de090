//! JSON as policies need it: a key that comes twice is an error, because the second would silently win.

use std::fmt;

use serde::de::{self, Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};

use super::error::PolicyError;

/// A JSON value whose objects keep their order and have each key once.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Json {
    Null,
    Bool(bool),
    /// Policies have no numbers: AWS quotes even its account ids, for their leading zeros.
    Number,
    Text(String),
    List(Vec<Json>),
    Object(Vec<(String, Json)>),
}

impl Json {
    pub(super) fn parse(text: &str) -> Result<Self, PolicyError> {
        serde_json::from_str(text).map_err(|error| PolicyError::malformed("", format!("not JSON: {error}")))
    }
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnyValue)
    }
}

struct AnyValue;

impl<'de> Visitor<'de> for AnyValue {
    type Value = Json;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E: de::Error>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<Json, E> {
        Ok(Json::Bool(value))
    }

    fn visit_i64<E: de::Error>(self, _: i64) -> Result<Json, E> {
        Ok(Json::Number)
    }

    fn visit_u64<E: de::Error>(self, _: u64) -> Result<Json, E> {
        Ok(Json::Number)
    }

    fn visit_f64<E: de::Error>(self, _: f64) -> Result<Json, E> {
        Ok(Json::Number)
    }

    fn visit_str<E: de::Error>(self, value: &str) -> Result<Json, E> {
        Ok(Json::Text(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut members: A) -> Result<Json, A::Error> {
        let mut list = Vec::new();
        while let Some(member) = members.next_element()? {
            list.push(member);
        }
        Ok(Json::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Json, A::Error> {
        let mut object: Vec<(String, Json)> = Vec::new();
        while let Some((key, value)) = entries.next_entry::<String, Json>()? {
            if object.iter().any(|(known, _)| *known == key) {
                return Err(de::Error::custom(format!("the key {key} comes twice")));
            }
            object.push((key, value));
        }
        Ok(Json::Object(object))
    }
}

/// An object read element by element, so that what nobody asked for can be refused.
#[derive(Debug)]
pub(super) struct Object {
    pub(super) path: String,
    fields: Vec<(String, Json)>,
}

impl Object {
    pub(super) fn new(path: &str, json: Json) -> Result<Self, PolicyError> {
        match json {
            Json::Object(fields) => Ok(Self {
                path: path.to_owned(),
                fields,
            }),
            _ => Err(PolicyError::malformed(path, "must be an object")),
        }
    }

    /// The path of an element in it.
    pub(super) fn path_of(&self, name: &str) -> String {
        if self.path.is_empty() {
            name.to_owned()
        } else {
            format!("{}.{name}", self.path)
        }
    }

    pub(super) fn take(&mut self, name: &str) -> Option<Json> {
        let place = self.fields.iter().position(|(key, _)| key == name)?;
        Some(self.fields.remove(place).1)
    }

    /// An element that is text where it is there at all.
    pub(super) fn text(&mut self, name: &str) -> Result<Option<String>, PolicyError> {
        match self.take(name) {
            None => Ok(None),
            Some(Json::Text(text)) => Ok(Some(text)),
            Some(_) => Err(PolicyError::malformed(&self.path_of(name), "must be text")),
        }
    }

    /// An element that is one text, or a list of them.
    pub(super) fn texts(&mut self, name: &str) -> Result<Option<Vec<String>>, PolicyError> {
        let path = self.path_of(name);
        self.take(name).map(|json| texts(&path, json)).transpose()
    }

    /// The elements nobody took, with their paths.
    pub(super) fn rest(self) -> impl Iterator<Item = (String, String, Json)> {
        let Self { path, fields } = self;
        fields.into_iter().map(move |(name, json)| {
            let path = if path.is_empty() {
                name.clone()
            } else {
                format!("{path}.{name}")
            };
            (path, name, json)
        })
    }

    /// Refuses an element nobody took.
    pub(super) fn finish(self) -> Result<(), PolicyError> {
        match self.rest().next() {
            None => Ok(()),
            Some((path, name, _)) => Err(PolicyError::not_modelled(
                &path,
                format_args!("the element {name} here"),
            )),
        }
    }
}

/// One text, or a list of at least one.
pub(super) fn texts(path: &str, json: Json) -> Result<Vec<String>, PolicyError> {
    let members = match json {
        Json::List(members) => members,
        one => vec![one],
    };
    if members.is_empty() {
        return Err(PolicyError::malformed(path, "must not be empty"));
    }
    members
        .into_iter()
        .map(|member| match member {
            Json::Text(text) => Ok(text),
            Json::Bool(value) => Ok(value.to_string()),
            _ => Err(PolicyError::malformed(path, "must be text, or a list of texts")),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_that_comes_twice_is_refused() {
        for text in [r#"{"a":1,"a":2}"#, r#"{"x":[{"b":{"c":1,"c":1}}]}"#] {
            let error = Json::parse(text).unwrap_err();
            assert!(error.problem.contains("comes twice"), "{error}");
        }
    }

    #[test]
    fn nesting_without_bound_is_an_error_and_no_crash() {
        assert!(Json::parse(&"[".repeat(100_000)).is_err());
    }
}
