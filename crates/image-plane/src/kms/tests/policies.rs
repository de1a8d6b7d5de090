//! The key's policy is where all access begins.

use serde_json::{Value, json};

use super::{Bench, may, policy, statement};
use crate::sts::tests::HUB;

const ROOT: &str = "arn:aws:iam::111122223333:root";

#[test]
fn iam_counts_only_where_the_keys_policy_names_the_account() {
    let mut bench = Bench::new();
    let key = bench.key();
    let role = bench.role(bench.hub, &[may("kms:*")]);
    let other = bench.role(bench.hub, &[]);
    bench.act_in(&role);
    assert!(bench.may_decrypt(&key), "the default policy names the account");
    bench
        .world
        .set_key_policy(&key, &policy(&[statement(&other, &["kms:*"])]))
        .unwrap();
    assert!(
        !bench.may_decrypt(&key),
        "all of IAM is nothing without the key's policy"
    );
    let (code, message) = bench.call("DescribeKey", json!({ "KeyId": &*key })).unwrap_err();
    assert_eq!(code, "AccessDeniedException");
    assert!(
        message.ends_with("because no resource-based policy allows the kms:DescribeKey action"),
        "{message}"
    );
    bench.act_as(bench.hub);
    assert!(!bench.may_decrypt(&key), "not even the root may");
}

#[test]
fn a_role_that_the_keys_policy_names_needs_no_iam_and_one_of_its_account_does() {
    let mut bench = Bench::new();
    let key = bench.key();
    let (named, bare) = (bench.role(bench.hub, &[]), bench.role(bench.hub, &[]));
    let statements = [statement(ROOT, &["kms:*"]), statement(&named, &["kms:Decrypt"])];
    bench.world.set_key_policy(&key, &policy(&statements)).unwrap();
    bench.act_in(&named);
    assert!(bench.may_decrypt(&key));
    assert_eq!(
        bench.refused("GetKeyPolicy", json!({ "KeyId": &*key })),
        "AccessDeniedException"
    );
    bench.act_in(&bare);
    let (_, message) = bench.call("DescribeKey", json!({ "KeyId": &*key })).unwrap_err();
    assert!(
        message.ends_with("because no identity-based policy allows the kms:DescribeKey action"),
        "{message}"
    );
}

#[test]
fn a_deny_on_either_side_ends_it() {
    let mut bench = Bench::new();
    let key = bench.key();
    let role = bench.role(bench.hub, &[may("kms:*")]);
    bench.act_in(&role);
    let mut deny = statement(&role, &["kms:Decrypt"]);
    deny["Effect"] = json!("Deny");
    bench
        .world
        .set_key_policy(&key, &policy(&[statement(ROOT, &["kms:*"]), deny]))
        .unwrap();
    assert!(!bench.may_decrypt(&key));
    bench
        .world
        .set_key_policy(&key, &policy(&[statement(&role, &["kms:*"])]))
        .unwrap();
    assert!(bench.may_decrypt(&key));
    let denied = r#"{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"kms:Decrypt","Resource":"*"}}"#;
    bench.world.set_role_policies(&role, &[denied]).unwrap();
    assert!(!bench.may_decrypt(&key));
}

#[test]
fn a_policy_is_read_back_as_it_was_written_and_names_only_principals_that_exist() {
    let mut bench = Bench::new();
    let key = bench.key();
    let read = |bench: &mut Bench| {
        let answer = bench.ok("GetKeyPolicy", json!({ "KeyId": &*key, "PolicyName": "default" }));
        answer["Policy"].as_str().unwrap().to_owned()
    };
    let before = read(&mut bench);
    assert!(before.contains("Enable IAM User Permissions"), "{before}");
    let written = policy(&[statement(ROOT, &["kms:*"])]);
    bench.ok("PutKeyPolicy", json!({ "KeyId": &*key, "Policy": written }));
    assert_eq!(read(&mut bench), written);
    let missing = format!("arn:aws:iam::{HUB}:role/missing");
    let put = |policy: String| json!({ "KeyId": &*key, "Policy": policy });
    let refused = bench.call("PutKeyPolicy", put(policy(&[statement(&missing, &["kms:*"])])));
    assert_eq!(
        refused.unwrap_err(),
        (
            "MalformedPolicyDocumentException".to_owned(),
            "Policy contains a statement with one or more invalid principals.".to_owned()
        )
    );
    for bad in ["{", "{}", r#"{"Statement":[]}"#] {
        assert_eq!(
            bench.refused("PutKeyPolicy", put(bad.to_owned())),
            "MalformedPolicyDocumentException"
        );
    }
    assert_eq!(
        bench.refused("PutKeyPolicy", put("x".repeat(32_769))),
        "LimitExceededException"
    );
    let named = json!({ "KeyId": &*key, "PolicyName": "mine" });
    assert_eq!(bench.refused("GetKeyPolicy", named), "NotFoundException");
    assert_eq!(read(&mut bench), written);
}

#[test]
fn a_policy_that_would_lock_its_writer_out_is_refused_unless_that_is_meant() {
    let mut bench = Bench::new();
    let key = bench.key();
    let role = bench.role(bench.hub, &[may("kms:*")]);
    let only_role = policy(&[statement(&role, &["kms:*"])]);
    let mut put = json!({ "KeyId": &*key, "Policy": only_role });
    let (code, message) = bench.call("PutKeyPolicy", put.clone()).unwrap_err();
    assert_eq!(code, "MalformedPolicyDocumentException");
    assert_eq!(
        message,
        "The new key policy will not allow you to update the key policy in the future."
    );
    assert_eq!(
        bench.refused("CreateKey", json!({ "Policy": only_role })),
        "MalformedPolicyDocumentException"
    );
    put["BypassPolicyLockoutSafetyCheck"] = json!(true);
    bench.ok("PutKeyPolicy", put);
    assert_eq!(
        bench.refused("DescribeKey", json!({ "KeyId": &*key })),
        "AccessDeniedException"
    );
    bench.act_in(&role);
    bench.ok("DescribeKey", json!({ "KeyId": &*key }));
}

#[test]
fn a_statement_without_action_or_resource_is_taken_and_means_nothing() {
    let mut bench = Bench::new();
    let key = bench.key();
    let role = bench.role(bench.hub, &[]);
    for left_out in ["Action", "Resource"] {
        let mut broken = statement(&role, &["kms:*"]);
        broken.as_object_mut().unwrap().remove(left_out);
        let text = policy(&[statement(ROOT, &["kms:*"]), broken]);
        bench.act_as(bench.hub);
        bench.ok("PutKeyPolicy", json!({ "KeyId": &*key, "Policy": text }));
        bench.act_in(&role);
        assert!(!bench.may_decrypt(&key), "{left_out}");
    }
}

#[test]
fn a_role_made_anew_is_not_the_one_that_the_policy_named() {
    let mut bench = Bench::new();
    let key = bench.key();
    let role = bench.role(bench.hub, &[]);
    bench
        .world
        .set_key_policy(&key, &policy(&[statement(&role, &["kms:*"])]))
        .unwrap();
    bench.act_in(&role);
    assert!(bench.may_decrypt(&key));
    bench.world.delete_role(&role).unwrap();
    let name = role.rsplit('/').next().unwrap();
    let again = bench
        .world
        .create_role(bench.hub.account, name, crate::sts::tests::TRUSTS_HUB, &[])
        .unwrap();
    assert_eq!(again, role);
    bench.act_in(&role);
    assert!(!bench.may_decrypt(&key));
}

#[test]
fn what_is_only_for_a_service_is_refused_to_its_user() {
    let mut bench = Bench::new();
    let key = bench.key();
    let conditions = [
        json!({ "StringEquals": { "kms:ViaService": "ec2.eu-west-1.amazonaws.com" } }),
        json!({ "StringEquals": { "kms:CallerAccount": "222233334444" } }),
    ];
    for condition in conditions {
        let mut limited = statement("*", &["kms:*"]);
        limited["Condition"] = condition;
        bench.world.set_key_policy(&key, &policy(&[limited])).unwrap();
        assert!(!bench.may_decrypt(&key));
    }
    let mut own = statement("*", &["kms:*"]);
    own["Condition"] = json!({ "StringEquals": { "kms:CallerAccount": HUB } });
    bench.world.set_key_policy(&key, &policy(&[own])).unwrap();
    assert!(bench.may_decrypt(&key));
    let unknown: Value = json!({ "StringEquals": { "kms:WrappingKeySpec": "RSA_2048" } });
    let mut odd = statement("*", &["kms:*"]);
    odd["Condition"] = unknown;
    let put = json!({ "KeyId": &*key, "Policy": policy(&[odd]) });
    assert_eq!(bench.refused("PutKeyPolicy", put), "NotModelled");
}

#[test]
fn a_default_key_shows_itself_and_can_be_neither_shared_nor_changed() {
    let mut bench = Bench::new();
    let shown = bench.ok("DescribeKey", json!({ "KeyId": "alias/aws/ebs" }))["KeyMetadata"].clone();
    assert_eq!(shown["KeyManager"], "AWS");
    let key = shown["Arn"].as_str().unwrap().to_owned();
    assert_eq!(*bench.world.default_key(bench.hub), *key);
    let text = bench.ok("GetKeyPolicy", json!({ "KeyId": key }))["Policy"].clone();
    assert!(text.as_str().unwrap().contains("kms:ViaService"), "{text}");
    let open = policy(&[statement(ROOT, &["kms:*"])]);
    let grantee = "arn:aws:iam::222233334444:root";
    for (operation, body) in [
        (
            "PutKeyPolicy",
            json!({ "KeyId": key, "Policy": open, "BypassPolicyLockoutSafetyCheck": true }),
        ),
        (
            "CreateGrant",
            json!({ "KeyId": key, "GranteePrincipal": grantee, "Operations": ["Decrypt"] }),
        ),
        ("CreateAlias", json!({ "AliasName": "alias/mine", "TargetKeyId": key })),
        ("DisableKey", json!({ "KeyId": key })),
        ("ScheduleKeyDeletion", json!({ "KeyId": key })),
    ] {
        assert_eq!(bench.refused(operation, body), "AccessDeniedException", "{operation}");
    }
    assert!(!bench.may_decrypt(&key), "it is used through EC2 alone");
    bench.act_as(bench.member);
    assert!(!bench.may_decrypt(&key));
}
