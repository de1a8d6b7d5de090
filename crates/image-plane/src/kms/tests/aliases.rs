//! Aliases: one name, another key in each account and Region.

use serde_json::json;

use super::{Bench, may};
use crate::sts::tests::region;
use crate::world::Target;

#[test]
fn an_alias_leads_to_another_key_in_each_account_and_region() {
    let mut bench = Bench::new();
    let east = Target {
        region: region("us-east-1"),
        ..bench.hub
    };
    let keys = [bench.hub, bench.member, east].map(|home| bench.world.create_key(home, Some("alias/golden"), []));
    let found =
        |bench: &mut Bench| bench.ok("DescribeKey", json!({ "KeyId": "alias/golden" }))["KeyMetadata"]["Arn"].clone();
    assert_eq!(found(&mut bench), *keys[0]);
    bench.act_as(bench.member);
    assert_eq!(found(&mut bench), *keys[1]);
    bench.act_as(bench.hub);
    bench.go_to("us-east-1");
    assert_eq!(found(&mut bench), *keys[2]);
}

#[test]
fn another_accounts_alias_is_followed_by_its_arn_where_its_key_may_be_used() {
    let mut bench = Bench::new();
    let key = bench
        .world
        .create_key(bench.hub, Some("alias/golden"), [bench.member.account]);
    bench.act_as(bench.member);
    let by_arn = json!({ "KeyId": "arn:aws:kms:eu-west-1:111122223333:alias/golden" });
    assert_eq!(bench.ok("DescribeKey", by_arn)["KeyMetadata"]["Arn"], *key);
    assert_eq!(
        bench.refused("DescribeKey", json!({ "KeyId": "alias/golden" })),
        "NotFoundException"
    );
}

#[test]
fn an_alias_is_made_once_and_under_no_name_of_awss_own() {
    let mut bench = Bench::new();
    let key = bench.key();
    let create = |name: &str| json!({ "AliasName": name, "TargetKeyId": &*key });
    assert_eq!(
        bench.ok("CreateAlias", create("alias/golden")),
        json!(null),
        "it answers with nothing"
    );
    let (code, message) = bench.call("CreateAlias", create("alias/golden")).unwrap_err();
    assert_eq!(code, "AlreadyExistsException");
    assert!(
        message.contains("arn:aws:kms:eu-west-1:111122223333:alias/golden"),
        "{message}"
    );
    for (name, code) in [
        ("alias/aws/mine", "InvalidAliasNameException"),
        ("alias/a:b", "InvalidAliasNameException"),
        ("golden", "ValidationException"),
        ("alias/", "ValidationException"),
        ("alias/my key", "ValidationException"),
    ] {
        assert_eq!(bench.refused("CreateAlias", create(name)), code, "{name}");
    }
    let on_alias = json!({ "AliasName": "alias/second", "TargetKeyId": "alias/golden" });
    assert_eq!(bench.refused("CreateAlias", on_alias), "NotFoundException");
}

#[test]
fn making_an_alias_needs_leave_on_the_alias_and_on_the_key() {
    let mut bench = Bench::new();
    let key = bench.key();
    let create = json!({ "AliasName": "alias/golden", "TargetKeyId": &*key });
    let on = |resource: &str| json!({ "Effect": "Allow", "Action": "kms:CreateAlias", "Resource": resource });
    let (alias, any_key) = ("arn:aws:kms:*:*:alias/*", "arn:aws:kms:*:*:key/*");
    bench.act_with(&[on(alias)]);
    assert_eq!(bench.refused("CreateAlias", create.clone()), "AccessDeniedException");
    bench.act_with(&[on(any_key)]);
    let (_, message) = bench.call("CreateAlias", create.clone()).unwrap_err();
    assert!(
        message.contains("on resource: arn:aws:kms:eu-west-1:111122223333:alias/golden"),
        "{message}"
    );
    bench.act_with(&[on(alias), on(any_key)]);
    bench.ok("CreateAlias", create);
}

#[test]
fn a_grant_and_a_policy_are_of_a_key_and_take_no_alias() {
    let mut bench = Bench::new();
    bench.world.create_key(bench.hub, Some("alias/golden"), []);
    let grantee = "arn:aws:iam::222233334444:root";
    let grant = |key: &str| json!({ "KeyId": key, "GranteePrincipal": grantee, "Operations": ["Decrypt"] });
    let by_arn = bench.call("CreateGrant", grant("arn:aws:kms:eu-west-1:111122223333:alias/golden"));
    assert_eq!(
        by_arn.unwrap_err(),
        (
            "InvalidArnException".to_owned(),
            "Key Aliases are not supported for this operation".to_owned()
        )
    );
    let by_name = bench.call("CreateGrant", grant("alias/golden")).unwrap_err();
    assert_eq!(
        by_name,
        ("NotFoundException".to_owned(), "Invalid keyId alias/golden".to_owned())
    );
    assert_eq!(
        bench.refused("GetKeyPolicy", json!({ "KeyId": "alias/golden" })),
        "NotFoundException"
    );
}

#[test]
fn a_condition_can_ask_for_the_aliases_of_a_key_and_for_the_one_that_was_used() {
    let mut bench = Bench::new();
    let key = bench.world.create_key(bench.hub, Some("alias/golden"), []);
    bench.world.name_key(&key, "alias/old");
    let mut allow = may("kms:*");
    allow["Condition"] = json!({ "StringEquals": { "kms:RequestAlias": "alias/golden" } });
    bench.act_with(&[allow]);
    assert!(bench.may_decrypt("alias/golden"));
    assert!(!bench.may_decrypt("alias/old"));
    assert!(!bench.may_decrypt(&key));
    let mut allow = may("kms:*");
    allow["Condition"] = json!({ "ForAnyValue:StringEquals": { "kms:ResourceAliases": "alias/golden" } });
    bench.act_with(&[allow]);
    assert!(bench.may_decrypt(&key));
    let other = bench.key();
    assert!(!bench.may_decrypt(&other));
}
