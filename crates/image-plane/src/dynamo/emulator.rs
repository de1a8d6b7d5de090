//! The border to the embedded emulator: requests read into its types, its answers and errors written down byte for byte
//! the same each time. It keeps its items in hash maps, so whatever it prints is put in order here.

use dynoxide::DynoxideError;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::operation::Operation;
use super::refusal::Refusal;

/// Reads a request's body.
pub(super) fn read<T: DeserializeOwned>(operation: Operation, body: &str) -> Result<T, Refusal> {
    serde_json::from_str(body).map_err(|error| {
        if error.is_data() {
            unreadable(operation, &error.to_string())
        } else {
            Refusal::serialization(None)
        }
    })
}

/// What the emulator answered, in order.
pub(super) fn answer<T: Serialize>(operation: Operation, result: dynoxide::Result<T>) -> Result<Value, Refusal> {
    let response = result.map_err(|error| refused(operation, error))?;
    let mut response = serde_json::to_value(response).map_err(|_| Refusal::broken(500))?;
    response.sort_all_objects();
    if let Some(Value::Array(consumed)) = response.get_mut("ConsumedCapacity") {
        consumed.sort_by_cached_key(|table| table.get("TableName").map(Value::to_string));
    }
    Ok(response)
}

/// An error of the emulator's, as DynamoDB writes it.
pub(super) fn refused(operation: Operation, error: DynoxideError) -> Refusal {
    let error = match error {
        DynoxideError::EnvelopedValidation(message) => return enveloped(operation, &message),
        error => error,
    };
    let mut body: Value = serde_json::from_str(&error.to_json()).unwrap_or_default();
    body.sort_all_objects();
    Refusal {
        status: error.status_code(),
        body,
        throttled: false,
    }
}

/// Some mistakes come in an envelope from the operations on one item, and bare from all others.
fn enveloped(operation: Operation, message: &str) -> Refusal {
    match operation {
        Operation::PutItem | Operation::UpdateItem | Operation::DeleteItem => {
            Refusal::validation(format!("1 validation error detected: {message}"))
        }
        _ => Refusal::validation(message),
    }
}

/// The emulator's types say in front of a message which kind of error it is; without that, what is missing or null is
/// invalid, and what is of another type cannot be read.
fn unreadable(operation: Operation, message: &str) -> Refusal {
    let bare = message.rsplit_once(" at line ").map_or(message, |(bare, _)| bare);
    if let Some(message) = message.strip_prefix("SERIALIZATION_AS_READ:") {
        Refusal::serialization(Some(message))
    } else if let Some(message) = message.strip_prefix("VALIDATION_AS_READ:") {
        Refusal::validation(message)
    } else if let Some(message) = bare.strip_prefix("SERIALIZATION:") {
        Refusal::serialization(Some(message).filter(|message| !message.is_empty()))
    } else if let Some(message) = bare.strip_prefix("VALIDATION_REQUEST:") {
        enveloped(operation, message)
    } else if let Some(message) = bare.strip_prefix("VALIDATION:") {
        Refusal::validation(message)
    } else if bare.contains("empty AttributeValue") {
        Refusal::validation("Supplied AttributeValue is empty, must contain exactly one of the supported datatypes")
    } else if [
        "missing field",
        "unknown variant",
        "invalid type: null",
        "Supplied AttributeValue",
    ]
    .iter()
    .any(|cause| bare.contains(cause))
    {
        Refusal::validation(bare)
    } else {
        Refusal::serialization(Some(bare))
    }
}
