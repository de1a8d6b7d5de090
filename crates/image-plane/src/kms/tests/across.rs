//! Keys of other accounts and other Regions.

use serde_json::json;

use super::{Bench, may, policy, statement};
use crate::world::accounts::Membership;

const HUB_ROOT: &str = "arn:aws:iam::111122223333:root";
const MEMBER_ROOT: &str = "arn:aws:iam::222233334444:root";

#[test]
fn another_account_needs_the_keys_policy_and_its_own() {
    let mut bench = Bench::new();
    let key = bench.key();
    let (able, bare) = (
        bench.role(bench.member, &[may("kms:Decrypt")]),
        bench.role(bench.member, &[]),
    );
    bench.act_in(&able);
    assert!(!bench.may_decrypt(&key), "IAM alone");
    for principal in [MEMBER_ROOT, able.as_str(), "*"] {
        let statements = [statement(HUB_ROOT, &["kms:*"]), statement(principal, &["kms:*"])];
        bench.world.set_key_policy(&key, &policy(&statements)).unwrap();
        bench.act_in(&able);
        assert!(bench.may_decrypt(&key), "{principal}");
        bench.act_in(&bare);
        assert!(!bench.may_decrypt(&key), "the key's policy alone: {principal}");
    }
    let statements = [statement(HUB_ROOT, &["kms:*"]), statement(&bare, &["kms:*"])];
    bench.world.set_key_policy(&key, &policy(&statements)).unwrap();
    bench.act_in(&bare);
    let (code, message) = bench.call("DescribeKey", json!({ "KeyId": &*key })).unwrap_err();
    assert_eq!(code, "AccessDeniedException");
    assert!(message.contains("no identity-based policy allows"), "{message}");
}

#[test]
fn whether_another_accounts_key_exists_is_told_to_nobody() {
    let mut bench = Bench::new();
    let key = bench.key();
    let missing = "arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
    let no_alias = "arn:aws:kms:eu-west-1:111122223333:alias/golden";
    bench.act_as(bench.member);
    for name in [&*key, missing, no_alias] {
        let (code, message) = bench.call("DescribeKey", json!({ "KeyId": name })).unwrap_err();
        assert_eq!(code, "AccessDeniedException");
        let why = "because the resource does not exist in this Region, no resource-based policies allow access, or a \
                   resource-based policy explicitly denies access";
        assert!(message.ends_with(&format!("on resource: {name} {why}")), "{message}");
    }
    bench.act_as(bench.hub);
    let own = bench.call("DescribeKey", json!({ "KeyId": missing })).unwrap_err();
    assert_eq!(
        own,
        (
            "NotFoundException".to_owned(),
            format!("Key '{missing}' does not exist")
        )
    );
}

#[test]
fn no_policy_lets_another_account_manage_a_key() {
    let mut bench = Bench::new();
    let key = bench.key();
    let all = policy(&[statement(HUB_ROOT, &["kms:*"]), statement(MEMBER_ROOT, &["kms:*"])]);
    bench.world.set_key_policy(&key, &all).unwrap();
    bench.act_as(bench.member);
    bench.ok("DescribeKey", json!({ "KeyId": &*key }));
    bench.ok("ListGrants", json!({ "KeyId": &*key }));
    for (operation, body) in [
        ("GetKeyPolicy", json!({ "KeyId": &*key })),
        ("PutKeyPolicy", json!({ "KeyId": &*key, "Policy": all })),
        ("DisableKey", json!({ "KeyId": &*key })),
        ("EnableKey", json!({ "KeyId": &*key })),
        ("ScheduleKeyDeletion", json!({ "KeyId": &*key })),
        (
            "CreateAlias",
            json!({ "AliasName": "alias/theirs", "TargetKeyId": &*key }),
        ),
    ] {
        assert_eq!(bench.refused(operation, body), "AccessDeniedException", "{operation}");
    }
}

#[test]
fn a_key_is_known_in_its_own_region_alone() {
    let mut bench = Bench::new();
    let key = bench.world.create_key(bench.hub, Some("alias/golden"), []);
    bench.go_to("us-east-1");
    let refused = bench.call("DescribeKey", json!({ "KeyId": &*key })).unwrap_err();
    assert_eq!(
        refused,
        ("NotFoundException".to_owned(), "Invalid arn eu-west-1".to_owned())
    );
    let id = key.rsplit('/').next().unwrap();
    let (_, message) = bench.call("DescribeKey", json!({ "KeyId": id })).unwrap_err();
    assert!(
        message.starts_with("Key 'arn:aws:kms:us-east-1:111122223333:key/"),
        "{message}"
    );
    let (_, message) = bench
        .call("DescribeKey", json!({ "KeyId": "alias/golden" }))
        .unwrap_err();
    assert_eq!(
        message,
        "Alias arn:aws:kms:us-east-1:111122223333:alias/golden is not found."
    );
}

#[test]
fn a_policy_can_open_a_key_to_an_organization() {
    let mut bench = Bench::new();
    let key = bench.key();
    let mut open = statement("*", &["kms:Decrypt"]);
    open["Condition"] = json!({ "StringEquals": { "aws:PrincipalOrgID": "o-exampleorgid" } });
    bench.world.set_key_policy(&key, &policy(&[open])).unwrap();
    bench.act_as(bench.member);
    assert!(!bench.may_decrypt(&key));
    bench.world.account_mut(bench.member.account).membership = Some(Membership {
        organization_arn: "arn:aws:organizations::111122223333:organization/o-exampleorgid".to_owned(),
        unit_arns: Vec::new(),
    });
    assert!(bench.may_decrypt(&key));
    let bare = bench.role(bench.member, &[]);
    bench.act_in(&bare);
    assert!(!bench.may_decrypt(&key), "its account must let it");
}
