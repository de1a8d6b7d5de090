//! Keys as they are made, switched off, and deleted.

use std::time::Duration;

use serde_json::{Value, json};

use super::{Bench, may};
use crate::kms::KeyState;
use crate::sts::tests::HUB;

/// What using a key comes to.
fn use_it(bench: &mut Bench, key: &str) -> (String, String) {
    let body = json!({ "KeyId": key, "KeySpec": "AES_256", "DryRun": true });
    bench.call("GenerateDataKeyWithoutPlaintext", body).unwrap_err()
}

#[test]
fn a_made_key_describes_itself_and_belongs_to_its_account() {
    let mut bench = Bench::new();
    let tags = json!([{ "TagKey": "team", "TagValue": "web" }]);
    let made = bench.ok("CreateKey", json!({ "Description": "golden", "Tags": tags }))["KeyMetadata"].clone();
    let id = made["KeyId"].as_str().unwrap();
    assert_eq!(made["Arn"], format!("arn:aws:kms:eu-west-1:{HUB}:key/{id}"));
    let said = |name: &str| made[name].as_str().unwrap().to_owned();
    assert_eq!(
        [
            "AWSAccountId",
            "Description",
            "KeyManager",
            "KeySpec",
            "KeyState",
            "KeyUsage",
            "Origin"
        ]
        .map(said),
        [
            HUB,
            "golden",
            "CUSTOMER",
            "SYMMETRIC_DEFAULT",
            "Enabled",
            "ENCRYPT_DECRYPT",
            "AWS_KMS"
        ]
    );
    assert_eq!((&made["Enabled"], &made["MultiRegion"]), (&json!(true), &json!(false)));
    assert_eq!(bench.ok("DescribeKey", json!({ "KeyId": id }))["KeyMetadata"], made);
    assert_eq!(
        bench.ok("DescribeKey", json!({ "KeyId": made["Arn"] }))["KeyMetadata"],
        made
    );
    let mut tagged = may("kms:*");
    tagged["Condition"] = json!({ "StringEquals": { "aws:ResourceTag/team": "web" } });
    bench.act_with(&[tagged]);
    assert!(bench.may_decrypt(id));
    let other = bench.key();
    assert!(!bench.may_decrypt(&other));
}

#[test]
fn making_and_tagging_a_key_are_iams_to_allow() {
    let mut bench = Bench::new();
    let tags = json!({ "Tags": [{ "TagKey": "team", "TagValue": "web" }] });
    bench.act_with(&[]);
    assert_eq!(bench.refused("CreateKey", json!({})), "AccessDeniedException");
    bench.act_with(&[may("kms:CreateKey")]);
    let made: Value = bench.ok("CreateKey", json!({}));
    assert_eq!(bench.refused("CreateKey", tags.clone()), "AccessDeniedException");
    let made = made["KeyMetadata"]["KeyId"].clone();
    assert_eq!(
        bench.refused("DescribeKey", json!({ "KeyId": made })),
        "AccessDeniedException",
        "who made it has no more than others"
    );
    bench.act_with(&[may("kms:CreateKey"), may("kms:TagResource")]);
    bench.ok("CreateKey", tags);
}

#[test]
fn keys_of_other_kinds_are_named_and_refused() {
    let mut bench = Bench::new();
    for body in [
        json!({ "KeySpec": "RSA_2048" }),
        json!({ "CustomerMasterKeySpec": "HMAC_256" }),
        json!({ "KeyUsage": "SIGN_VERIFY" }),
        json!({ "Origin": "EXTERNAL" }),
        json!({ "MultiRegion": true }),
        json!({ "XksKeyId": "x" }),
    ] {
        assert_eq!(bench.refused("CreateKey", body.clone()), "NotModelled", "{body}");
    }
    let both = json!({ "KeySpec": "SYMMETRIC_DEFAULT", "CustomerMasterKeySpec": "SYMMETRIC_DEFAULT" });
    assert_eq!(bench.refused("CreateKey", both), "ValidationException");
    let twice = json!({ "Tags": [{ "TagKey": "a", "TagValue": "1" }, { "TagKey": "a", "TagValue": "2" }] });
    assert_eq!(bench.refused("CreateKey", twice), "TagException");
}

#[test]
fn a_disabled_key_is_described_and_not_used_until_it_is_enabled() {
    let mut bench = Bench::new();
    let key = bench.key();
    bench.ok("DisableKey", json!({ "KeyId": &*key }));
    let refused = ("DisabledException".to_owned(), format!("{key} is disabled."));
    assert_eq!(use_it(&mut bench, &key), refused);
    let grantee = format!("arn:aws:iam::{HUB}:root");
    let grant = json!({ "KeyId": &*key, "GranteePrincipal": grantee, "Operations": ["Decrypt"] });
    assert_eq!(bench.call("CreateGrant", grant).unwrap_err(), refused);
    let shown = bench.ok("DescribeKey", json!({ "KeyId": &*key }))["KeyMetadata"].clone();
    assert_eq!(
        (&shown["KeyState"], &shown["Enabled"]),
        (&json!("Disabled"), &json!(false))
    );
    bench.ok("ListGrants", json!({ "KeyId": &*key }));
    bench.ok("EnableKey", json!({ "KeyId": &*key }));
    assert_eq!(use_it(&mut bench, &key).0, "DryRunOperationException");
}

#[test]
fn who_may_not_use_a_key_is_not_told_that_it_is_disabled() {
    let mut bench = Bench::new();
    let key = bench.key();
    bench.world.set_key_state(&key, KeyState::Disabled);
    bench.act_as(bench.member);
    assert_eq!(use_it(&mut bench, &key).0, "AccessDeniedException");
}

#[test]
fn a_key_pending_deletion_cannot_be_used_or_changed_and_is_gone_at_its_time() {
    let mut bench = Bench::new();
    let key = bench.world.create_key(bench.hub, Some("alias/golden"), []);
    for days in [6, 31] {
        let body = json!({ "KeyId": &*key, "PendingWindowInDays": days });
        assert_eq!(bench.refused("ScheduleKeyDeletion", body), "ValidationException");
    }
    let said = bench.ok(
        "ScheduleKeyDeletion",
        json!({ "KeyId": &*key, "PendingWindowInDays": 7 }),
    );
    assert_eq!(
        (&said["KeyId"], &said["KeyState"], &said["PendingWindowInDays"]),
        (&json!(&*key), &json!("PendingDeletion"), &json!(7))
    );
    let shown = bench.ok("DescribeKey", json!({ "KeyId": "alias/golden" }))["KeyMetadata"].clone();
    assert_eq!(
        (&shown["KeyState"], &shown["DeletionDate"]),
        (&json!("PendingDeletion"), &said["DeletionDate"])
    );
    let pending = (
        "KMSInvalidStateException".to_owned(),
        format!("{key} is pending deletion."),
    );
    assert_eq!(use_it(&mut bench, &key), pending);
    for operation in ["EnableKey", "DisableKey", "ScheduleKeyDeletion"] {
        assert_eq!(
            bench.call(operation, json!({ "KeyId": &*key })).unwrap_err(),
            pending,
            "{operation}"
        );
    }
    bench.pass(Duration::from_hours(7 * 24 - 1));
    bench.ok("GetKeyPolicy", json!({ "KeyId": &*key }));
    bench.pass(Duration::from_hours(1));
    assert_eq!(
        bench.refused("DescribeKey", json!({ "KeyId": &*key })),
        "NotFoundException"
    );
    assert_eq!(
        bench.refused("DescribeKey", json!({ "KeyId": "alias/golden" })),
        "NotFoundException"
    );
}

#[test]
fn a_key_that_was_kept_after_all_outlives_the_day() {
    let mut bench = Bench::new();
    let key = bench.key();
    bench.world.set_key_state(&key, KeyState::PendingDeletion);
    bench.pass(Duration::from_hours(24));
    bench.world.set_key_state(&key, KeyState::Enabled);
    bench.pass(Duration::from_hours(24 * 60));
    assert_eq!(use_it(&mut bench, &key).0, "DryRunOperationException");
}

#[test]
fn what_is_no_id_of_a_key_is_told_so() {
    let mut bench = Bench::new();
    for (text, said) in [
        ("golden", "Invalid keyId golden"),
        ("arn:aws:s3:::bucket", "Invalid arn arn:aws:s3:::bucket"),
        (
            "1234abcd-12ab-34cd-56ef-1234567890ab",
            "Key 'arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab' does not exist",
        ),
    ] {
        let refused = bench.call("DescribeKey", json!({ "KeyId": text })).unwrap_err();
        assert_eq!(refused, ("NotFoundException".to_owned(), said.to_owned()));
    }
    assert_eq!(bench.refused("DescribeKey", json!({})), "ValidationException");
}
