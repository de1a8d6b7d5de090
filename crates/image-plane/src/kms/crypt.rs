//! GenerateDataKeyWithoutPlaintext and Decrypt. A ciphertext is no secret here: it says its key, its context and its text.

use aws_smithy_types::base64;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::access::{Ask, authorize};
use super::create_grant::hex;
use super::errors::{check_usable, dry_run, invalid, no_key, validation};
use super::grant::Context;
use super::name::{Found, Takes, find, find_or_make};
use super::request;
use crate::wire::error::ApiError;
use crate::world::{Caller, World};

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Generate {
    key_id: String,
    encryption_context: Option<Context>,
    key_spec: Option<String>,
    number_of_bytes: Option<usize>,
    grant_tokens: Option<Vec<String>>,
    dry_run: Option<bool>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase", deny_unknown_fields)]
struct Decrypt {
    ciphertext_blob: Option<String>,
    encryption_context: Option<Context>,
    grant_tokens: Option<Vec<String>>,
    key_id: Option<String>,
    encryption_algorithm: Option<String>,
    dry_run: Option<bool>,
    dry_run_modifiers: Option<Vec<String>>,
}

/// What a ciphertext is made of.
#[derive(Serialize, Deserialize)]
struct Sealed {
    key: String,
    context: Context,
    /// In base64.
    text: String,
}

pub(super) fn generate(world: &mut World, caller: &Caller, body: &[u8]) -> Result<Value, ApiError> {
    const ACTION: &str = "kms:GenerateDataKeyWithoutPlaintext";
    let Generate {
        key_id,
        encryption_context,
        key_spec,
        number_of_bytes,
        grant_tokens,
        dry_run: dry,
    } = request::read(body)?;
    let length = length(key_spec.as_deref(), number_of_bytes)?;
    let context = encryption_context.unwrap_or_default();
    let found = find_or_make(world, caller, ACTION, &key_id)?;
    use_key(world, caller, ACTION, &found, &context, grant_tokens)?;
    if dry == Some(true) {
        return Err(dry_run());
    }
    let text: String = hex(&mut world.random, length.div_ceil(8))
        .chars()
        .take(length * 2)
        .collect();
    let bytes: Vec<u8> = (0..length)
        .filter_map(|at| u8::from_str_radix(text.get(at * 2..at * 2 + 2)?, 16).ok())
        .collect();
    let sealed = Sealed {
        key: found.arn.to_string(),
        context,
        text: base64::encode(bytes),
    };
    let blob = base64::encode(json!(sealed).to_string());
    Ok(json!({ "CiphertextBlob": blob, "KeyId": &*found.arn }))
}

fn length(spec: Option<&str>, bytes: Option<usize>) -> Result<usize, ApiError> {
    match (spec, bytes) {
        (Some("AES_256"), None) => Ok(32),
        (Some("AES_128"), None) => Ok(16),
        (Some(other), None) => {
            let rule = "Member must satisfy enum value set: [AES_256, AES_128]";
            Err(invalid("keySpec", other, rule))
        }
        (None, Some(bytes)) if (1..=1024).contains(&bytes) => Ok(bytes),
        (None, Some(bytes)) => {
            let rule = "Member must have value between 1 and 1024";
            Err(invalid("numberOfBytes", &bytes.to_string(), rule))
        }
        (Some(_), Some(_)) | (None, None) => Err(validation("Please specify either number of bytes or key spec.")),
    }
}

pub(super) fn decrypt(world: &mut World, caller: &Caller, body: &[u8]) -> Result<Value, ApiError> {
    const ACTION: &str = "kms:Decrypt";
    let Decrypt {
        ciphertext_blob,
        encryption_context,
        grant_tokens,
        key_id,
        encryption_algorithm,
        dry_run: dry,
        dry_run_modifiers,
    } = request::read(body)?;
    if let Some(other) = encryption_algorithm.filter(|name| name != "SYMMETRIC_DEFAULT") {
        return Err(ApiError::not_modelled(format_args!("the algorithm {other}")));
    }
    let context = encryption_context.unwrap_or_default();
    let dry = dry == Some(true);
    if let Some(other) = dry_run_modifiers.iter().flatten().find(|it| *it != "IGNORE_CIPHERTEXT") {
        let rule = "Member must satisfy enum value set: [IGNORE_CIPHERTEXT]";
        return Err(invalid("dryRunModifiers", other, rule));
    }
    // Without a ciphertext only leave can be asked for, of a key that is named.
    if dry && dry_run_modifiers.is_some_and(|modifiers| !modifiers.is_empty()) {
        let key_id = key_id.ok_or_else(|| validation("KeyId is required where the ciphertext is ignored."))?;
        let found = find(world, caller, ACTION, &key_id, Takes::KeysAndAliases)?;
        use_key(world, caller, ACTION, &found, &context, grant_tokens)?;
        return Err(dry_run());
    }
    let blob = ciphertext_blob.ok_or_else(|| {
        validation(
            "1 validation error detected: Value at 'ciphertextBlob' failed to satisfy constraint: \
             Member must not be null",
        )
    })?;
    let sealed = open(&blob).ok_or_else(bad_ciphertext)?;
    let found = match &key_id {
        Some(key_id) => find(world, caller, ACTION, key_id, Takes::KeysAndAliases)?,
        None => find(world, caller, ACTION, &sealed.key, Takes::Keys).map_err(|_| no_such_key())?,
    };
    let used = use_key(world, caller, ACTION, &found, &context, grant_tokens);
    match used {
        Err(error) if error.code == "AccessDeniedException" && key_id.is_none() => return Err(no_such_key()),
        used => used?,
    }
    if *sealed.key != *found.arn {
        return Err(ApiError::client(
            "IncorrectKeyException",
            "The key ID in the request does not identify a CMK that can perform this operation.",
        ));
    }
    if sealed.context != context {
        return Err(bad_ciphertext());
    }
    if dry {
        return Err(dry_run());
    }
    Ok(json!({ "KeyId": &*found.arn, "Plaintext": sealed.text, "EncryptionAlgorithm": "SYMMETRIC_DEFAULT" }))
}

/// Refuses a cryptographic operation that the caller may not do, or the key cannot.
fn use_key(
    world: &World,
    caller: &Caller,
    action: &'static str,
    found: &Found,
    context: &Context,
    grant_tokens: Option<Vec<String>>,
) -> Result<(), ApiError> {
    let ask = Ask::directly(action)
        .with_tokens(request::tokens(world, grant_tokens)?)
        .with_context(context.clone())
        .by_alias(found.alias.clone());
    let key = world.keys.get(&found.arn).ok_or_else(|| no_key(&found.arn))?;
    authorize(world, caller, &found.arn, key, &ask)?;
    check_usable(&found.arn, key)
}

fn open(blob: &str) -> Option<Sealed> {
    serde_json::from_slice(&base64::decode(blob).ok()?).ok()
}

fn bad_ciphertext() -> ApiError {
    ApiError::client("InvalidCiphertextException", "The ciphertext is not valid")
}

/// What KMS says where the request names no key and the ciphertext's may not be used.
fn no_such_key() -> ApiError {
    ApiError::client(
        "AccessDeniedException",
        "The ciphertext refers to a customer master key that does not exist, does not exist in this region, \
         or you are not allowed to access.",
    )
}
