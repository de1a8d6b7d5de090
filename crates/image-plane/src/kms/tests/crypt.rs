//! Data keys, their decryption, and dry runs of both.

use serde_json::{Value, json};

use super::{Bench, may};

/// A data key under a key, with a context.
fn sealed(bench: &mut Bench, key: &str, context: Value) -> Value {
    let body = json!({ "KeyId": key, "KeySpec": "AES_256", "EncryptionContext": context });
    let answer = bench.ok("GenerateDataKeyWithoutPlaintext", body);
    assert_eq!((answer["KeyId"].as_str(), answer.get("Plaintext")), (Some(key), None));
    answer["CiphertextBlob"].clone()
}

#[test]
fn a_data_key_opens_again_with_its_key_and_its_context_alone() {
    let mut bench = Bench::new();
    let key = bench.key();
    let blob = sealed(&mut bench, &key, json!({ "a": "1" }));
    let opened = bench.ok(
        "Decrypt",
        json!({ "CiphertextBlob": blob, "EncryptionContext": { "a": "1" } }),
    );
    assert_eq!(opened["KeyId"], *key);
    assert_eq!(opened["Plaintext"].as_str().unwrap().len(), 44, "32 bytes in base64");
    let wrong = json!({ "CiphertextBlob": blob, "EncryptionContext": { "a": "2" } });
    assert_eq!(bench.refused("Decrypt", wrong), "InvalidCiphertextException");
    let other = bench.key();
    let other = json!({ "CiphertextBlob": blob, "KeyId": &*other, "EncryptionContext": { "a": "1" } });
    assert_eq!(bench.refused("Decrypt", other), "IncorrectKeyException");
    assert_eq!(bench.refused("Decrypt", json!({})), "ValidationException");
    assert_ne!(sealed(&mut bench, &key, json!({ "a": "1" })), blob);
}

#[test]
fn a_dry_run_ends_in_an_error_that_says_whether_it_would_have_succeeded() {
    let mut bench = Bench::new();
    let key = bench.key();
    let blob = sealed(&mut bench, &key, json!({}));
    let generate = json!({ "KeyId": &*key, "NumberOfBytes": 64, "DryRun": true });
    let open = json!({ "CiphertextBlob": blob, "DryRun": true });
    let success = (
        "DryRunOperationException".to_owned(),
        "The request would have succeeded, but the DryRun option is set.".to_owned(),
    );
    let asked = [("GenerateDataKeyWithoutPlaintext", generate), ("Decrypt", open)];
    for (operation, body) in asked.clone() {
        assert_eq!(bench.call(operation, body).unwrap_err(), success, "{operation}");
    }
    let twice = json!({ "KeyId": &*key, "NumberOfBytes": 64, "KeySpec": "AES_256", "DryRun": true });
    assert_eq!(
        bench.refused("GenerateDataKeyWithoutPlaintext", twice),
        "ValidationException"
    );
    bench.act_with(&[]);
    for (operation, body) in asked {
        assert_eq!(bench.refused(operation, body), "AccessDeniedException", "{operation}");
    }
}

#[test]
fn leave_to_decrypt_can_be_asked_for_without_a_ciphertext_of_a_key_that_is_named() {
    let mut bench = Bench::new();
    let key = bench.key();
    bench.act_with(&[may("kms:Decrypt")]);
    assert!(bench.may_decrypt(&key));
    let unnamed = json!({ "DryRun": true, "DryRunModifiers": ["IGNORE_CIPHERTEXT"] });
    assert_eq!(bench.refused("Decrypt", unnamed), "ValidationException");
    let meant = json!({ "KeyId": &*key, "DryRunModifiers": ["IGNORE_CIPHERTEXT"] });
    assert_eq!(
        bench.refused("Decrypt", meant),
        "ValidationException",
        "only a dry run ignores it"
    );
    let odd = json!({ "KeyId": &*key, "DryRun": true, "DryRunModifiers": ["IGNORE_ALL"] });
    assert_eq!(bench.refused("Decrypt", odd), "ValidationException");
}

#[test]
fn a_ciphertext_whose_key_may_not_be_used_does_not_say_which_it_is() {
    let mut bench = Bench::new();
    let key = bench.key();
    let blob = sealed(&mut bench, &key, json!({}));
    bench.act_as(bench.member);
    let (code, message) = bench.call("Decrypt", json!({ "CiphertextBlob": blob })).unwrap_err();
    assert_eq!(code, "AccessDeniedException");
    assert!(
        message.starts_with("The ciphertext refers to a customer master key"),
        "{message}"
    );
    assert!(!message.contains(&*key), "{message}");
}
