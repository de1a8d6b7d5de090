use serde::Serialize;
use sha2::{Digest as _, Sha256};

use super::hexadecimal::hexadecimal;

/// What tells a value from any other, by its JSON.
pub(crate) fn digest<T: Serialize>(value: &T) -> String {
    let text = serde_json::to_string(value).unwrap_or_default();
    hexadecimal(&Sha256::digest(text.as_bytes()))
}
