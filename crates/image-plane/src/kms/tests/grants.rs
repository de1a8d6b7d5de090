//! Grants: who has them, when they begin and end, and what a grant hands on.

use std::time::Duration;

use serde_json::{Value, json};

use super::{Bench, may, policy, statement};
use crate::sts::tests::{HUB, MEMBER, TRUSTS_HUB};

fn grant(key: &str, grantee: &str, operations: &[&str]) -> Value {
    json!({ "KeyId": key, "GranteePrincipal": grantee, "Operations": operations })
}

fn root(account: &str) -> String {
    format!("arn:aws:iam::{account}:root")
}

#[test]
fn a_grant_lets_its_grantee_do_its_operations_and_nothing_else() {
    let mut bench = Bench::new();
    let key = bench.key();
    let (role, other) = (bench.role(bench.hub, &[]), bench.role(bench.hub, &[]));
    bench.ok("CreateGrant", grant(&key, &role, &["Decrypt"]));
    bench.act_in(&role);
    assert!(bench.may_decrypt(&key));
    assert_eq!(
        bench.refused("DescribeKey", json!({ "KeyId": &*key })),
        "AccessDeniedException"
    );
    bench.act_in(&other);
    assert!(!bench.may_decrypt(&key));
}

#[test]
fn a_grant_is_known_only_after_a_while_and_before_that_by_its_token() {
    let mut bench = Bench::new();
    bench.world.settings_mut().grant_lag = Duration::from_mins(5);
    let key = bench.key();
    let role = bench.role(bench.hub, &[]);
    let made = bench.ok("CreateGrant", grant(&key, &role, &["Decrypt"]));
    let list = json!({ "KeyId": &*key });
    assert_eq!(
        bench.ok("ListGrants", list.clone())["Grants"],
        json!([]),
        "it is not listed yet either"
    );
    let revoke = json!({ "KeyId": &*key, "GrantId": made["GrantId"] });
    assert_eq!(bench.refused("RevokeGrant", revoke.clone()), "NotFoundException");
    bench.act_in(&role);
    assert!(!bench.may_decrypt(&key));
    assert!(bench.may_decrypt_with(&key, json!({ "GrantTokens": [made["GrantToken"]] })));
    let bad = json!({
        "KeyId": &*key, "GrantTokens": ["AQpA"], "DryRun": true, "DryRunModifiers": ["IGNORE_CIPHERTEXT"],
    });
    assert_eq!(bench.refused("Decrypt", bad), "InvalidGrantTokenException");
    bench.pass(Duration::from_mins(5));
    assert!(bench.may_decrypt(&key));

    bench.act_as(bench.hub);
    bench.ok("RevokeGrant", revoke);
    bench.act_in(&role);
    assert!(bench.may_decrypt(&key), "it is believed a little longer");
    bench.pass(Duration::from_mins(5));
    assert!(!bench.may_decrypt(&key));
    bench.act_as(bench.hub);
    assert_eq!(bench.ok("ListGrants", list)["Grants"], json!([]));
}

#[test]
fn a_deny_and_a_limited_session_are_stronger_than_a_grant() {
    let mut bench = Bench::new();
    let key = bench.key();
    let role = bench.role(bench.hub, &[]);
    bench.ok("CreateGrant", grant(&key, &role, &["Decrypt"]));
    let mut deny = statement(&role, &["kms:Decrypt"]);
    deny["Effect"] = json!("Deny");
    let default = bench.world.key_policy(&key).unwrap().to_owned();
    bench
        .world
        .set_key_policy(&key, &policy(&[statement(&root(HUB), &["kms:*"]), deny]))
        .unwrap();
    bench.act_in(&role);
    assert!(!bench.may_decrypt(&key));
    bench.world.set_key_policy(&key, &default).unwrap();
    assert!(bench.may_decrypt(&key));
    let denied = r#"{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"kms:*","Resource":"*"}}"#;
    bench.world.set_role_policies(&role, &[denied]).unwrap();
    assert!(!bench.may_decrypt(&key));
}

#[test]
fn a_grant_to_an_account_is_for_whom_the_account_lets() {
    let mut bench = Bench::new();
    let key = bench.key();
    bench.ok("CreateGrant", grant(&key, &root(MEMBER), &["Decrypt"]));
    bench.act_as(bench.member);
    assert!(bench.may_decrypt(&key));
    let (bare, able) = (
        bench.role(bench.member, &[]),
        bench.role(bench.member, &[may("kms:Decrypt")]),
    );
    bench.act_in(&bare);
    assert!(!bench.may_decrypt(&key));
    bench.act_in(&able);
    assert!(bench.may_decrypt(&key));
}

#[test]
fn a_grant_of_another_accounts_key_counts_without_iam_only_where_its_own_account_made_it() {
    let mut bench = Bench::new();
    let key = bench.key();
    let shared = policy(&[
        statement(&root(HUB), &["kms:*"]),
        statement(&root(MEMBER), &["kms:CreateGrant"]),
    ]);
    bench.world.set_key_policy(&key, &shared).unwrap();
    let role = bench.role(bench.member, &[]);
    bench.ok("CreateGrant", grant(&key, &role, &["Decrypt"]));
    bench.act_in(&role);
    assert!(
        !bench.may_decrypt(&key),
        "made by the key's owner, and nobody of the role's account agreed"
    );
    bench.act_as(bench.member);
    bench.ok("CreateGrant", grant(&key, &role, &["Decrypt"]));
    bench.act_in(&role);
    assert!(bench.may_decrypt(&key));
}

#[test]
fn a_constraint_holds_for_the_encryption_context_of_each_request() {
    let mut bench = Bench::new();
    let key = bench.key();
    let role = bench.role(bench.hub, &[]);
    let mut create = grant(&key, &role, &["Decrypt", "DescribeKey"]);
    create["Constraints"] = json!({ "EncryptionContextSubset": { "team": "web" } });
    bench.ok("CreateGrant", create.clone());
    let context = |pairs: Value| json!({ "EncryptionContext": pairs });
    bench.act_in(&role);
    assert!(!bench.may_decrypt(&key));
    assert!(bench.may_decrypt_with(&key, context(json!({ "team": "web", "more": "x" }))));
    assert!(!bench.may_decrypt_with(&key, context(json!({ "team": "db" }))));
    bench.ok("DescribeKey", json!({ "KeyId": &*key }));
    let exact = bench.role(bench.hub, &[]);
    create["GranteePrincipal"] = json!(exact);
    create["Constraints"] = json!({ "EncryptionContextEquals": { "team": "web" } });
    bench.act_as(bench.hub);
    bench.ok("CreateGrant", create.clone());
    bench.act_in(&exact);
    assert!(bench.may_decrypt_with(&key, context(json!({ "team": "web" }))));
    assert!(!bench.may_decrypt_with(&key, context(json!({ "team": "web", "more": "x" }))));
    bench.act_as(bench.hub);
    let many: serde_json::Map<_, _> = (0..9).map(|n| (n.to_string(), json!("x"))).collect();
    for pairs in [json!({}), Value::Object(many), json!({ "a": "x".repeat(385) })] {
        create["Constraints"] = json!({ "EncryptionContextSubset": pairs });
        assert_eq!(bench.refused("CreateGrant", create.clone()), "ValidationException");
    }
}

#[test]
fn whoever_may_grant_only_by_a_grant_hands_on_no_more_than_that() {
    let mut bench = Bench::new();
    let key = bench.key();
    let (role, child) = (bench.role(bench.hub, &[]), bench.role(bench.hub, &[]));
    let mut parent = grant(&key, &role, &["Decrypt", "CreateGrant"]);
    parent["Constraints"] = json!({ "EncryptionContextSubset": { "team": "web" } });
    bench.ok("CreateGrant", parent);
    bench.act_in(&role);
    let with = |operations: &[&str], constraints: Value| {
        let mut create = grant(&key, &child, operations);
        create["Constraints"] = constraints;
        create
    };
    let subset = json!({ "EncryptionContextSubset": { "team": "web", "more": "x" } });
    let equals = json!({ "EncryptionContextEquals": { "team": "web" } });
    bench.ok("CreateGrant", with(&["Decrypt"], subset.clone()));
    bench.ok("CreateGrant", with(&["Decrypt", "CreateGrant"], equals.clone()));
    for (operations, constraints) in [
        (&["Encrypt"][..], equals),
        (&["Decrypt"], json!({})),
        (&["Decrypt"], json!({ "EncryptionContextSubset": { "more": "x" } })),
    ] {
        let refused = bench.refused("CreateGrant", with(operations, constraints));
        assert_eq!(refused, "AccessDeniedException", "{operations:?}");
    }
}

#[test]
fn the_same_grant_under_the_same_name_is_made_once() {
    let mut bench = Bench::new();
    let key = bench.key();
    let mut create = grant(&key, &root(MEMBER), &["Decrypt"]);
    let ids = |bench: &mut Bench, body: &Value| {
        let answer = bench.ok("CreateGrant", body.clone());
        (answer["GrantId"].clone(), answer["GrantToken"].clone())
    };
    let (first, second) = (ids(&mut bench, &create), ids(&mut bench, &create));
    assert_ne!(first.0, second.0, "without a name every call makes one");
    create["Name"] = json!("image-steward");
    let (first, second) = (ids(&mut bench, &create), ids(&mut bench, &create));
    assert_eq!(first.0, second.0);
    assert_ne!(first.1, second.1, "each call has a token of its own");
    create["Operations"] = json!(["Decrypt", "Encrypt"]);
    assert_ne!(ids(&mut bench, &create).0, first.0);
}

#[test]
fn a_service_alone_may_grant_where_the_policy_says_so() {
    let mut bench = Bench::new();
    let key = bench.world.create_key(bench.hub, None, [bench.member.account]);
    bench.act_as(bench.member);
    bench.ok("DescribeKey", json!({ "KeyId": &*key }));
    let create = grant(&key, &root(MEMBER), &["Decrypt"]);
    assert_eq!(bench.refused("CreateGrant", create), "AccessDeniedException");
    assert_eq!(
        bench.refused("ListGrants", json!({ "KeyId": &*key })),
        "AccessDeniedException"
    );
}

#[test]
fn a_policy_can_limit_what_is_granted_and_to_whom() {
    let mut bench = Bench::new();
    let key = bench.key();
    let role = bench.role(bench.hub, &[]);
    let mut limited = may("kms:CreateGrant");
    limited["Condition"] = json!({
        "ForAllValues:StringEquals": { "kms:GrantOperations": ["Decrypt", "DescribeKey"] },
        "StringEquals": { "kms:GranteePrincipal": role },
    });
    bench.act_with(&[limited]);
    bench.ok("CreateGrant", grant(&key, &role, &["Decrypt"]));
    for (grantee, operation) in [(role.clone(), "Encrypt"), (root(MEMBER), "Decrypt")] {
        let refused = bench.refused("CreateGrant", grant(&key, &grantee, &[operation]));
        assert_eq!(refused, "AccessDeniedException");
    }
}

#[test]
fn a_grant_names_a_principal_that_exists_and_operations_that_a_symmetric_key_has() {
    let mut bench = Bench::new();
    let key = bench.key();
    for principal in ["arn:aws:iam::111122223333:role/missing", "ec2.amazonaws.com", "*"] {
        let refused = bench.refused("CreateGrant", grant(&key, principal, &["Decrypt"]));
        assert_eq!(refused, "InvalidArnException", "{principal}");
    }
    for operations in [&[][..], &["Sign"], &["ReEncrypt"], &["PutKeyPolicy"]] {
        let refused = bench.refused("CreateGrant", grant(&key, &root(HUB), operations));
        assert_eq!(refused, "ValidationException", "{operations:?}");
    }
    let nobody = json!({ "KeyId": &*key, "Operations": ["Decrypt"] });
    assert_eq!(bench.refused("CreateGrant", nobody), "ValidationException");
    let mut dry = grant(&key, &root(HUB), &["Decrypt"]);
    dry["DryRun"] = json!(true);
    assert_eq!(bench.refused("CreateGrant", dry), "DryRunOperationException");
    assert_eq!(bench.ok("ListGrants", json!({ "KeyId": &*key }))["Grants"], json!([]));
}

#[test]
fn a_grant_is_retired_by_whom_it_names_and_by_the_accounts_behind_it() {
    let mut bench = Bench::new();
    let key = bench.key();
    let [retiring, grantee, stranger, denied] = [(); 4].map(|()| bench.role(bench.hub, &[]));
    let no = r#"{"Version":"2012-10-17","Statement":{"Effect":"Deny","Action":"kms:RetireGrant","Resource":"*"}}"#;
    bench.world.set_role_policies(&denied, &[no]).unwrap();
    let make = |bench: &mut Bench, operations: &[&str], retiring: &str| {
        bench.act_as(bench.hub);
        let mut create = grant(&key, &grantee, operations);
        create["RetiringPrincipal"] = json!(retiring);
        let made = bench.ok("CreateGrant", create);
        json!({ "KeyId": &*key, "GrantId": made["GrantId"] })
    };
    let it = make(&mut bench, &["Decrypt"], &retiring);
    for role in [&stranger, &grantee] {
        bench.act_in(role);
        assert_eq!(bench.refused("RetireGrant", it.clone()), "AccessDeniedException");
    }
    bench.act_in(&retiring);
    bench.ok("RetireGrant", it.clone());
    assert_eq!(bench.refused("RetireGrant", it), "NotFoundException");

    let it = make(&mut bench, &["Decrypt", "RetireGrant"], &denied);
    bench.act_in(&denied);
    assert_eq!(bench.refused("RetireGrant", it.clone()), "AccessDeniedException");
    bench.act_in(&grantee);
    bench.ok("RetireGrant", it);

    let it = make(&mut bench, &["Decrypt"], &retiring);
    bench.act_as(bench.member);
    assert_eq!(bench.refused("RetireGrant", it.clone()), "AccessDeniedException");
    let able = bench.role(bench.hub, &[may("kms:RetireGrant")]);
    bench.act_in(&able);
    bench.ok("RetireGrant", it);
    for body in [
        json!({}),
        json!({ "KeyId": &*key }),
        json!({ "GrantToken": "a", "GrantId": "b" }),
    ] {
        assert_eq!(bench.refused("RetireGrant", body), "ValidationException");
    }
}

#[test]
fn a_grant_that_is_not_known_yet_is_retired_by_its_token() {
    let mut bench = Bench::new();
    bench.world.settings_mut().grant_lag = Duration::from_mins(5);
    let key = bench.key();
    let role = bench.role(bench.hub, &[]);
    let made = bench.ok("CreateGrant", grant(&key, &role, &["Decrypt"]));
    let by_id = json!({ "KeyId": &*key, "GrantId": made["GrantId"] });
    assert_eq!(bench.refused("RetireGrant", by_id), "NotFoundException");
    let by_token = json!({ "GrantToken": made["GrantToken"] });
    let mut dry = by_token.clone();
    dry["DryRun"] = json!(true);
    assert_eq!(bench.refused("RetireGrant", dry), "DryRunOperationException");
    bench.ok("RetireGrant", by_token);
    bench.pass(Duration::from_mins(5));
    bench.act_in(&role);
    assert!(!bench.may_decrypt(&key));
}

#[test]
fn a_grant_is_for_the_role_that_was_and_not_for_one_of_its_name() {
    let mut bench = Bench::new();
    let key = bench.key();
    let role = bench
        .world
        .create_role(bench.hub.account, "web", TRUSTS_HUB, &[])
        .unwrap();
    bench.ok("CreateGrant", grant(&key, &role, &["Decrypt"]));
    bench.world.delete_role(&role).unwrap();
    bench
        .world
        .create_role(bench.hub.account, "web", TRUSTS_HUB, &[])
        .unwrap();
    bench.act_in(&role);
    assert!(!bench.may_decrypt(&key));
}
