use serde_json::{Value, json};

use super::{Bench, HUB, MANAGEMENT, MEMBER, ORGANIZATION, OUTSIDER, PRODUCTION, ROOT, account};
use crate::organizations::OrganizationError;
use crate::sts::tests::{Key, TRUSTS_HUB, assume, root};
use crate::world::accounts::Membership;
use crate::world::faults::{Effect, Fault};

/// As infra/management.yaml has it, for the hub of these tests.
const HUB_MAY_READ: &str = r#"{ "Version": "2012-10-17", "Statement": [{
    "Sid": "TheHubReadsAccountsAndUnits", "Effect": "Allow",
    "Principal": { "AWS": "arn:aws:iam::111122223333:root" },
    "Action": [
        "organizations:DescribeAccount", "organizations:DescribeOrganization", "organizations:DescribeOrganizationalUnit",
        "organizations:ListAccounts", "organizations:ListAccountsForParent", "organizations:ListChildren",
        "organizations:ListOrganizationalUnitsForParent", "organizations:ListParents", "organizations:ListRoots"
    ],
    "Resource": "*",
    "Condition": { "ArnLike": { "aws:PrincipalArn": "arn:aws:iam::111122223333:role/image-steward/*" } }
}] }"#;

const READS: &str = r#"{ "Version": "2012-10-17", "Statement": {
    "Effect": "Allow", "Action": ["organizations:Describe*", "organizations:List*"], "Resource": "*" } }"#;

/// Every operation, with a request that finds something.
fn questions() -> [(&'static str, Value); 8] {
    [
        ("DescribeOrganization", json!({})),
        ("ListRoots", json!({})),
        ("ListAccounts", json!({})),
        ("ListAccountsForParent", json!({ "ParentId": PRODUCTION })),
        ("ListOrganizationalUnitsForParent", json!({ "ParentId": ROOT })),
        ("ListParents", json!({ "ChildId": MEMBER })),
        ("DescribeAccount", json!({ "AccountId": MEMBER })),
        (
            "DescribeOrganizationalUnit",
            json!({ "OrganizationalUnitId": PRODUCTION }),
        ),
    ]
}

/// A session of a role of the hub's.
fn session(bench: &mut Bench, name: &str, policies: &[&str]) -> Key {
    let role = bench
        .world
        .create_role(account(HUB), name, TRUSTS_HUB, policies)
        .unwrap();
    assume(&mut bench.world, &root(HUB), &role).unwrap()
}

/// Which operations are answered.
fn answered(bench: &mut Bench, key: &Key) -> Vec<&'static str> {
    let mut answered = Vec::new();
    for (operation, body) in questions() {
        match bench.call(key, "us-east-1", operation, &body) {
            Ok(_) => answered.push(operation),
            Err((status, error)) => {
                assert_eq!(
                    (status, &error["__type"]),
                    (400, &json!("AccessDeniedException")),
                    "{operation}"
                );
            }
        }
    }
    answered
}

#[test]
fn a_member_is_told_of_its_organization_and_nothing_else() {
    let mut bench = Bench::new();
    assert_eq!(answered(&mut bench, &root(HUB)), ["DescribeOrganization"]);
    assert_eq!(answered(&mut bench, &root(MANAGEMENT)).len(), 8);
    assert_eq!(
        bench.ask(HUB, "ListRoots", &json!({})).unwrap_err(),
        (
            400,
            json!({
                "__type": "AccessDeniedException",
                "Message": "You don't have permissions to access this resource.",
            })
        )
    );
}

#[test]
fn an_account_in_no_organization_is_told_so_whatever_it_asks() {
    let mut bench = Bench::new();
    for (operation, body) in questions() {
        let (status, error) = bench.ask(OUTSIDER, operation, &body).unwrap_err();
        assert_eq!(
            (status, &error["__type"]),
            (400, &json!("AWSOrganizationsNotInUseException"))
        );
    }
    let mut without = Bench {
        world: crate::sts::tests::world(),
    };
    let (_, error) = without.ask(HUB, "DescribeOrganization", &json!({})).unwrap_err();
    assert_eq!(error["Message"], "Your account is not a member of an organization.");
}

#[test]
fn the_organizations_policy_lets_whom_it_names_and_only_with_leave_of_its_own_account() {
    let mut bench = Bench::new();
    bench.world.delegate_organization(HUB_MAY_READ).unwrap();
    let steward = session(&mut bench, "/image-steward/distribute", &[READS]);
    assert_eq!(answered(&mut bench, &steward).len(), 8);
    let without_leave = session(&mut bench, "/image-steward/prune", &[]);
    assert!(answered(&mut bench, &without_leave).is_empty());
    let other_path = session(&mut bench, "somebody", &[READS]);
    assert_eq!(answered(&mut bench, &other_path), ["DescribeOrganization"]);
    assert_eq!(answered(&mut bench, &root(HUB)), ["DescribeOrganization"]);
    assert_eq!(answered(&mut bench, &root(MEMBER)), ["DescribeOrganization"]);
}

#[test]
fn what_the_organizations_policy_denies_stays_denied() {
    let mut bench = Bench::new();
    let policy = r#"{ "Version": "2012-10-17", "Statement": [
        { "Effect": "Allow", "Principal": { "AWS": "111122223333" }, "Action": "organizations:List*", "Resource": "*" },
        { "Effect": "Deny", "Principal": "*", "Action": "organizations:ListAccountsForParent",
          "Resource": "arn:aws:organizations::999900001111:ou/o-exampleorgid/ou-ab12-22222222" }
    ] }"#;
    bench.world.delegate_organization(policy).unwrap();
    let mut lists = |parent: &str| {
        bench
            .ask(HUB, "ListAccountsForParent", &json!({ "ParentId": parent }))
            .is_ok()
    };
    assert!(lists(ROOT));
    assert!(!lists(PRODUCTION));
}

#[test]
fn an_administrator_of_some_service_may_read_until_it_leaves() {
    let mut bench = Bench::new();
    bench.world.register_delegated_administrator(account(HUB)).unwrap();
    assert_eq!(answered(&mut bench, &root(HUB)).len(), 8);
    bench.world.remove_account(account(HUB)).unwrap();
    bench.world.invite_account(account(HUB)).unwrap();
    bench.world.accept_invitation(account(HUB), "Hub").unwrap();
    assert_eq!(answered(&mut bench, &root(HUB)), ["DescribeOrganization"]);
}

#[test]
fn the_management_accounts_own_roles_need_leave_on_what_they_ask_about() {
    let mut bench = Bench::new();
    let unit = r#"{ "Version": "2012-10-17", "Statement": { "Effect": "Allow",
        "Action": ["organizations:ListAccountsForParent", "organizations:ListAccounts"],
        "Resource": "arn:aws:organizations::999900001111:ou/o-exampleorgid/ou-ab12-22222222" } }"#;
    let role = bench
        .world
        .create_role(account(MANAGEMENT), "reader", TRUSTS_HUB, &[unit])
        .unwrap();
    let may_assume =
        r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"sts:AssumeRole","Resource":"*"}}"#;
    let hub = session(&mut bench, "asker", &[may_assume]);
    let key = assume(&mut bench.world, &hub, &role).unwrap();
    assert_eq!(answered(&mut bench, &key), ["ListAccountsForParent"]);
    let (_, error) = bench.call(&key, "us-east-1", "ListAccounts", &json!({})).unwrap_err();
    let message = error["Message"].as_str().unwrap();
    assert!(
        message.contains("is not authorized to perform: organizations:ListAccounts on resource: *"),
        "{message}"
    );
}

#[test]
fn a_policy_that_aws_would_refuse_is_refused_where_it_is_wrong() {
    let mut bench = Bench::new();
    let statement = |rest: &str| {
        format!(
            r#"{{"Version":"2012-10-17","Statement":{{"Effect":"Allow","Principal":{{"AWS":"111122223333"}},{rest}}}}}"#
        )
    };
    for (rest, path) in [
        (
            r#""Action":"organizations:MoveAccount","Resource":"*""#,
            "Statement.Action",
        ),
        (r#""Action":"ec2:DescribeImages","Resource":"*""#, "Statement.Action"),
        (r#""Action":"*","Resource":"*""#, "Statement.Action"),
        (
            r#""NotAction":"organizations:MoveAccount","Resource":"*""#,
            "Statement.NotAction",
        ),
        (
            r#""Action":"organizations:ListRoots","NotResource":"*""#,
            "Statement.NotResource",
        ),
        (r#""Action":"organizations:ListRoots""#, "Statement.Resource"),
    ] {
        match bench.world.delegate_organization(&statement(rest)) {
            Err(OrganizationError::Policy(error)) => assert_eq!(error.path, path),
            other => panic!("{rest}: {other:?}"),
        }
    }
    let nobody =
        r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"organizations:ListRoots","Resource":"*"}}"#;
    assert!(bench.world.delegate_organization(nobody).is_err());
}

#[test]
fn the_api_is_in_one_region_of_its_partition() {
    let mut bench = Bench::new();
    let (status, error) = bench
        .call(&root(MANAGEMENT), "eu-west-1", "ListRoots", &json!({}))
        .unwrap_err();
    assert_eq!((status, &error["__type"]), (403, &json!("InvalidSignatureException")));
    let elsewhere = bench
        .call(&root(MANAGEMENT), "cn-northwest-1", "ListRoots", &json!({}))
        .unwrap_err();
    assert_eq!(elsewhere.1["__type"], "AWSOrganizationsNotInUseException");
}

#[test]
fn an_organization_of_another_partition_is_read_there_and_named_as_of_there() {
    let mut world = crate::sts::tests::world();
    world
        .create_organization_in("aws-cn", account(MANAGEMENT), ORGANIZATION, ROOT)
        .unwrap();
    let mut bench = Bench { world };
    let told = bench
        .call(&root(MANAGEMENT), "cn-northwest-1", "ListRoots", &json!({}))
        .unwrap();
    assert_eq!(
        told["Roots"][0]["Arn"],
        "arn:aws-cn:organizations::999900001111:root/o-exampleorgid/r-ab12"
    );
}

#[test]
fn an_organization_that_was_only_declared_is_no_answer() {
    let mut bench = Bench::new();
    bench.world.account_mut(account(OUTSIDER)).membership = Some(Membership {
        organization_arn: String::from("arn:aws:organizations::444455556666:organization/o-otherorgid1"),
        unit_arns: Vec::new(),
    });
    let (status, error) = bench.ask(OUTSIDER, "DescribeOrganization", &json!({})).unwrap_err();
    assert_eq!((status, &error["__type"]), (501, &json!("NotModelled")));
}

#[test]
fn an_account_that_was_declared_a_member_is_one() {
    let mut bench = Bench::new();
    bench.world.account_mut(account(OUTSIDER)).membership = Some(Membership {
        organization_arn: String::from("arn:aws:organizations::999900001111:organization/o-exampleorgid"),
        unit_arns: vec![String::from(
            "arn:aws:organizations::999900001111:ou/o-exampleorgid/ou-ab12-33333333",
        )],
    });
    assert_eq!(bench.below("ou-ab12-33333333"), [OUTSIDER]);
    assert_eq!(bench.described(OUTSIDER)["Name"], "account-333344445555");
}

#[test]
fn faults_speak_the_services_own_words() {
    let mut bench = Bench::new();
    for (effect, status, code) in [
        (Effect::Deny, 400, "AccessDeniedException"),
        (Effect::Throttle, 400, "TooManyRequestsException"),
        (Effect::ServerError(500), 500, "ServiceException"),
        (Effect::ServerError(503), 503, "ServiceUnavailable"),
    ] {
        bench.world.inject(Fault::new(effect));
        let refused = bench.refused("ListRoots", &json!({}));
        assert_eq!((refused.0, refused.1.as_str()), (status, code));
    }
}
