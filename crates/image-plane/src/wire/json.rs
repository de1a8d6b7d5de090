//! Reading and writing JSON bodies: what is malformed, missing or unknown is refused by name, never guessed and never
//! ignored.

use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_json::error::Category;

use super::error::ApiError;

/// Hardly a request of a modelled service comes near; a larger one is refused before it is parsed.
const LARGEST: usize = 1 << 20;

/// Reads a request body. An empty one is an empty object, as the SDKs send for operations without members.
pub(crate) fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, ApiError> {
    read_up_to(LARGEST, body)
}

/// The same for a service whose requests may be larger, or must be smaller.
pub(crate) fn read_up_to<T: DeserializeOwned>(largest: usize, body: &[u8]) -> Result<T, ApiError> {
    if body.len() > largest {
        return Err(ApiError::with_status(
            413,
            "RequestEntityTooLargeException",
            "The request body is too large",
        ));
    }
    let body = if body.is_empty() { b"{}" } else { body };
    // serde reads an array into a struct member by member; AWS does not.
    if body.iter().find(|byte| !byte.is_ascii_whitespace()) != Some(&b'{') {
        return Err(malformed("Unexpected token at the start of the request body"));
    }
    serde_json::from_slice(body).map_err(|error| refuse(&error))
}

/// Reads what is left of a body whose common members were taken out of it.
pub(crate) fn rest<T: DeserializeOwned>(members: serde_json::Map<String, Value>) -> Result<T, ApiError> {
    serde_json::from_value(Value::Object(members)).map_err(|error| refuse(&error))
}

/// Leaves out what is null, at any depth: AWS does not send what it does not have.
pub(crate) fn without_nulls(value: Value) -> Value {
    match value {
        Value::Object(members) => members
            .into_iter()
            .filter(|(_, value)| !value.is_null())
            .map(|(name, value)| (name, without_nulls(value)))
            .collect(),
        Value::Array(items) => items.into_iter().map(without_nulls).collect(),
        value => value,
    }
}

fn refuse(error: &serde_json::Error) -> ApiError {
    let text = error.to_string();
    if error.classify() != Category::Data {
        return malformed(&text);
    }
    let named = |prefix: &str| {
        text.strip_prefix(prefix)
            .and_then(|rest| rest.strip_prefix('`')?.split('`').next())
    };
    if let Some(member) = named("unknown field ") {
        return ApiError::not_modelled(format_args!("the request member {member}"));
    }
    match named("missing field ") {
        Some(member) => ApiError::client(
            "InvalidRequestException",
            format!("The required parameter '{member}' is missing."),
        ),
        None => malformed(&text),
    }
}

fn malformed(text: &str) -> ApiError {
    ApiError::client("SerializationException", text)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde::Deserialize;

    use super::*;

    #[derive(Deserialize, Debug)]
    #[serde(rename_all = "camelCase", deny_unknown_fields)]
    struct Sample {
        some_name: String,
        count: Option<u32>,
        inner: Option<Inner>,
    }

    #[derive(Deserialize, Debug)]
    #[serde(rename_all = "camelCase", deny_unknown_fields)]
    struct Inner {
        names: Vec<String>,
    }

    fn code(body: &str) -> (u16, String, String) {
        let error = read::<Sample>(body.as_bytes()).unwrap_err();
        (error.status, error.code.into_owned(), error.message)
    }

    #[test]
    fn a_member_the_model_does_not_know_is_named_at_any_depth() {
        for body in [
            r#"{"someName":"a","kernel":1}"#,
            r#"{"someName":"a","inner":{"names":[],"kernel":{}}}"#,
        ] {
            assert_eq!(
                code(body),
                (
                    501,
                    "NotModelled".into(),
                    "image-plane does not model the request member kernel".into()
                )
            );
        }
    }

    #[test]
    fn a_missing_member_is_named() {
        assert_eq!(
            code("{}"),
            (
                400,
                "InvalidRequestException".into(),
                "The required parameter 'someName' is missing.".into()
            )
        );
        assert_eq!(code(""), code("{}"));
    }

    #[test]
    fn what_is_not_json_or_of_another_type_is_refused_as_unreadable() {
        for body in [
            "{",
            "[]",
            "null",
            "\"a\"",
            "7",
            r#"{"someName":7}"#,
            r#"{"someName":"a","count":-1}"#,
            r#"{"someName":"a","count":1.5}"#,
            r#"{"someName":"a","someName":"b"}"#,
            "{\"someName\":\"\u{0}\"}",
        ] {
            let (status, code, _) = code(body);
            assert_eq!((status, code.as_str()), (400, "SerializationException"), "{body}");
        }
    }

    #[test]
    fn null_is_absence_and_absence_is_not_written() {
        let sample: Sample = read(br#"{"someName":"a","count":null}"#).unwrap();
        assert_eq!((sample.some_name.as_str(), sample.count), ("a", None));
        assert!(sample.inner.is_none_or(|inner| inner.names.is_empty()));
        let written = without_nulls(serde_json::json!({ "a": null, "b": [{ "c": null, "d": 1 }] }));
        assert_eq!(written, serde_json::json!({ "b": [{ "d": 1 }] }));
    }

    #[test]
    fn nesting_without_bound_and_bodies_without_bound_are_refused() {
        let deep = format!("{{\"inner\":{}", "[".repeat(100_000));
        assert_eq!(code(&deep).0, 400);
        assert_eq!(code(&" ".repeat(LARGEST + 1)).0, 413);
    }

    proptest! {
        #[test]
        fn no_body_makes_the_reader_panic(body in prop::collection::vec(any::<u8>(), 0..300)) {
            let _ = read::<Sample>(&body);
        }

        #[test]
        fn no_text_of_json_signs_makes_the_reader_panic(body in r#"[{}\[\]",:a-z0-9\\.\-]{0,120}"#) {
            let _ = read::<Sample>(body.as_bytes());
        }
    }
}
