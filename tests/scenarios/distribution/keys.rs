//! Who may use what a key encrypts: found out before anything is copied, and said with what would put it right.

use image_plane::{AccountId, Effect, Fault, NewImage, Settings, Unlaunchable};
use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use proptest::strategy::ValueTree as _;
use serde_json::{Value, json};
use stage::aws::{HUB, MEMBER, VIRGINIA, hours, minutes, target};
use stage::member::TRUST;
use steward::distribution::{COPY_ROLE, Granted, Grantee, KeyAudience, KeyPolicy, Places, judge_key};

use super::sharing::found;
use super::{Depot, describe_grants};
use crate::channels::TWO_CHANNELS;

const OTHER: AccountId = AccountId::new(333_344_445_555);
const BY_KEY: &str =
    r#"{ regions: { us-east-1: { kms_key: alias/golden } }, share_with: { accounts: ["222233334444"] } }"#;
const PLAIN: &str = r#"{ regions: { us-east-1: {} }, share_with: { accounts: ["222233334444"] } }"#;

/// The key of the other Region.
pub(crate) fn key(depot: &Depot, usable_by: &[AccountId]) -> String {
    let (virginia, who) = (target(HUB, VIRGINIA), usable_by.iter().copied());
    let plane = &depot.hub.shop.aws.plane;
    plane
        .with(|world| world.create_key(virginia, Some("alias/golden"), who))
        .to_string()
}

pub(crate) fn add(depot: &Depot, key: &str, statement: &str) {
    depot.hub.shop.aws.plane.with(|world| {
        let mut policy: Value = serde_json::from_str(world.key_policy(key).unwrap()).unwrap();
        let added: Value = serde_json::from_str(statement).unwrap();
        policy["Statement"].as_array_mut().unwrap().push(added);
        world.set_key_policy(key, &policy.to_string()).unwrap();
    });
}

/// A few sweeps, in which nothing need come to rest.
async fn rounds(depot: &Depot) {
    for _ in 0..6 {
        depot.hub.shop.aws.pass(minutes(5)).await;
        depot.hub.sweep().await;
        depot.round().await;
    }
}

async fn only_finding(depot: &Depot) -> String {
    let findings = depot.findings(VIRGINIA).await;
    let [finding] = findings.as_slice() else {
        panic!("{findings:?}")
    };
    finding.clone()
}

async fn reach(depot: &Depot) -> String {
    let told = depot.hub.says(&["distribution", "web", "--format", "json"]).await;
    let told: Value = serde_json::from_str(&told).unwrap();
    let is_there = |there: &&Value| there["target"] == format!("{HUB}/{VIRGINIA}");
    let there = told.as_array().unwrap().iter().find(is_there);
    there.unwrap()["reach"].as_str().unwrap().to_owned()
}

fn can_launch(depot: &Depot, ami: &str, account: AccountId) -> Result<(), Unlaunchable> {
    let (region, ami) = (VIRGINIA.parse().unwrap(), ami.parse().unwrap());
    depot
        .hub
        .shop
        .aws
        .plane
        .with(|world| world.can_launch(account, region, ami))
}

#[tokio::test(start_paused = true)]
async fn a_key_policy_that_lacks_a_consumer_is_said_with_the_statement_to_add_and_that_statement_lets_it_in() {
    let depot = Depot::new(Settings::calm()).await;
    let key = key(&depot, &[]);
    depot.hub.want(BY_KEY).await;
    // Before anything is copied.
    depot.dispatch().await.unwrap();
    while depot.work().await.is_some() {}
    let said = only_finding(&depot).await;
    let sentence = format!("the policy of the key {key} does not let 222233334444 use it: add ");
    let statement = said.strip_prefix(&sentence).unwrap_or_else(|| panic!("{said}"));
    rounds(&depot).await;
    let copy = depot.copies().await[VIRGINIA][0].clone();
    assert_eq!(
        (only_finding(&depot).await, reach(&depot).await.as_str()),
        (said.clone(), "coming")
    );
    assert!(matches!(can_launch(&depot, &copy, MEMBER), Err(Unlaunchable::Key(_))));
    add(&depot, &key, statement);
    depot.hub.shop.aws.pass(hours(6)).await;
    depot.settle().await;
    assert_eq!(can_launch(&depot, &copy, MEMBER), Ok(()));
    assert_eq!(
        (depot.findings(VIRGINIA).await, reach(&depot).await.as_str()),
        (vec![], "usable")
    );
}

#[tokio::test(start_paused = true)]
async fn what_nobody_can_tell_of_a_key_is_said_and_holds_up_nothing() {
    let elsewhere = AccountId::new(444_455_556_666);
    for what in ["denied", "a grant", "a condition", "another account's"] {
        let depot = Depot::new(Settings::calm()).await;
        let mut key = key(&depot, &[]);
        let plane = &depot.hub.shop.aws.plane;
        let (wanted, said) = match what {
            "denied" => {
                let denied = Fault::new(Effect::Deny).on("GetKeyPolicy").always();
                plane.with(|world| world.inject(denied));
                (BY_KEY.to_owned(), "cannot be read (")
            }
            "a grant" => {
                grant(&depot, &key, "arn:aws:iam::222233334444:root").await;
                (BY_KEY.to_owned(), "lets 222233334444 use it cannot be told")
            }
            "a condition" => {
                let to_roles = r#"{"Effect":"Allow","Principal":{"AWS":"*"},"Action":"kms:*","Resource":"*",
                    "Condition":{"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::222233334444:role/web-*"}}}"#;
                add(&depot, &key, to_roles);
                (BY_KEY.to_owned(), "lets 222233334444 use it cannot be told")
            }
            _ => {
                let their = target(elsewhere, VIRGINIA);
                key = plane
                    .with(|world| world.create_key(their, None, [HUB, MEMBER]))
                    .to_string();
                (
                    BY_KEY.replace("alias/golden", &format!("\"{key}\"")),
                    "only its own account, 444455556666, can read it",
                )
            }
        };
        depot.hub.want(&wanted).await;
        depot.settle().await;
        let finding = only_finding(&depot).await;
        assert!(finding.contains(said) && finding.contains(&key), "{what}: {finding}");
        assert!(finding.contains("arn:aws:iam::222233334444:root"), "{what}: {finding}");
        let copy = depot.copies().await[VIRGINIA][0].clone();
        assert_eq!(
            describe_grants(&depot, VIRGINIA, &copy).await,
            ["222233334444"],
            "{what}"
        );
        assert_eq!(reach(&depot).await, "usable", "{what}");
    }
}

/// Grants the key to this principal, and waits until KMS knows it everywhere.
async fn grant(depot: &Depot, key: &str, to: &str) {
    let config = depot.hub.shop.aws.config(HUB, VIRGINIA);
    let kms = aws_sdk_kms::Client::new(&config);
    let grant = kms.create_grant().key_id(key).grantee_principal(to);
    grant.operations("Decrypt".into()).send().await.unwrap();
    depot.hub.shop.aws.pass(minutes(10)).await;
}

#[tokio::test(start_paused = true)]
async fn what_services_and_our_own_roles_were_granted_lets_nobody_else_launch() {
    let auto_scaling = "role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling";
    for to in [auto_scaling, "role/image-steward-copy"] {
        let depot = Depot::new(Settings::calm()).await;
        let key = key(&depot, &[]);
        let principal = format!("arn:aws:iam::222233334444:{to}");
        depot.hub.shop.aws.plane.with(|world| {
            world.link_auto_scaling(target(MEMBER, VIRGINIA));
            world.create_role(MEMBER, COPY_ROLE, TRUST, &[]).unwrap();
        });
        grant(&depot, &key, &principal).await;
        depot.hub.want(BY_KEY).await;
        depot.settle().await;
        let finding = only_finding(&depot).await;
        let said = format!("the policy of the key {key} does not let 222233334444 use it: add ");
        assert!(finding.starts_with(&said), "{to}: {finding}");
    }
}

#[tokio::test(start_paused = true)]
async fn while_kms_does_not_answer_who_may_use_a_key_the_release_is_not_usable_and_no_channel_moves() {
    let depot = Depot::new(Settings::calm()).await;
    key(&depot, &[MEMBER]);
    let plane = &depot.hub.shop.aws.plane;
    plane.with(|world| world.inject(Fault::new(Effect::ServerError(500)).on("GetKeyPolicy").always()));
    depot.hub.want(&format!("{BY_KEY}{TWO_CHANNELS}")).await;
    rounds(&depot).await;
    assert_eq!(depot.points_to("candidate").await, None);
    plane.with(image_plane::World::clear_faults);
    depot.hub.shop.aws.pass(hours(6)).await;
    rounds(&depot).await;
    assert_eq!(reach(&depot).await, "usable");
    assert!(depot.points_to("candidate").await.is_some());
}

#[tokio::test(start_paused = true)]
async fn a_key_that_lets_the_organization_use_it_lets_the_accounts_and_units_of_it() {
    let to =
        |whom: &str| format!("{{ regions: {{ us-east-1: {{ kms_key: alias/golden }} }}, share_with: {{ {whom} }} }}");
    let unit = r#"units: ["arn:aws:organizations::999900001111:ou/o-exampleorgid/ou-ab12-11111111"]"#;
    let condition = |operator: &str, key: &str, value: &str| {
        json!({ "Effect": "Allow", "Principal": { "AWS": "*" }, "Action": "kms:*", "Resource": "*",
            "Condition": { operator: { key: value } } })
        .to_string()
    };
    let organization = condition("StringEquals", "aws:PrincipalOrgID", "o-exampleorgid");
    let path = condition(
        "ForAnyValue:StringLike",
        "aws:PrincipalOrgPaths",
        "o-exampleorgid/*/ou-ab12-11111111/*",
    );
    for statement in [&organization, &path] {
        for whom in [r#"accounts: ["222233334444"]"#, unit] {
            let depot = Depot::new(Settings::calm()).await;
            found(&depot);
            let key = key(&depot, &[]);
            add(&depot, &key, statement);
            depot.hub.want(&to(whom)).await;
            depot.settle().await;
            assert_eq!(depot.findings(VIRGINIA).await, [""; 0], "{whom}");
            let copy = depot.copies().await[VIRGINIA][0].clone();
            assert_eq!(can_launch(&depot, &copy, MEMBER), Ok(()));
        }
    }
    // Where it lets nobody, the statement to add is for the unit as a whole.
    let depot = Depot::new(Settings::calm()).await;
    found(&depot);
    key(&depot, &[]);
    depot.hub.want(&to(unit)).await;
    rounds(&depot).await;
    let said = only_finding(&depot).await;
    assert!(
        said.contains("does not let arn:aws:organizations::999900001111:ou/"),
        "{said}"
    );
    assert!(
        said.contains(r#""aws:PrincipalOrgPaths":"o-exampleorgid/*/ou-ab12-11111111/*""#),
        "{said}"
    );
}

#[tokio::test(start_paused = true)]
async fn a_thousand_accounts_that_a_key_shuts_out_are_one_finding_and_one_question() {
    let depot = Depot::new(Settings::calm()).await;
    key(&depot, &[]);
    let accounts: Vec<String> = (0..1_000).map(|n| format!("\"2222{n:08}\"")).collect();
    depot
        .hub
        .want(&BY_KEY.replace("\"222233334444\"", &accounts.join(", ")))
        .await;
    depot.hub.shop.built().await;
    depot.hub.sweep().await;
    depot.dispatch().await.unwrap();
    while depot.work().await.is_some() {}
    // Two releases, one key.
    assert_eq!((depot.calls("GetKeyPolicy"), depot.calls("ListGrants")), (1, 1));
    let findings = depot.findings(VIRGINIA).await;
    assert_eq!(findings.len(), 2);
    let said = "does not let 222200000000, 222200000001, 222200000002 and 997 more use it: add the statement that `steward doctor` prints";
    assert!(findings.iter().all(|finding| finding.ends_with(said)), "{findings:?}");
}

#[tokio::test(start_paused = true)]
async fn where_ebs_encrypts_by_awss_own_key_nothing_is_copied_that_is_to_be_shared_until_a_key_is_named() {
    let depot = Depot::new(Settings::calm()).await;
    key(&depot, &[MEMBER]);
    let virginia = VIRGINIA.parse().unwrap();
    let plane = depot.hub.shop.aws.plane.clone();
    plane.with(|world| world.account_mut(HUB).encrypts_by_default.insert(virginia));
    depot.hub.want(PLAIN).await;
    rounds(&depot).await;
    let said = "a copy in us-east-1 would be encrypted by AWS's own key, and could not be shared: set `kms_key` of us-east-1 in `distribute.regions`";
    assert_eq!(only_finding(&depot).await, said);
    assert_eq!(depot.calls("CopyImage"), 0);
    depot.hub.want(BY_KEY).await;
    depot.settle().await;
    assert_eq!(depot.findings(VIRGINIA).await, [""; 0]);
    let copy = depot.copies().await[VIRGINIA][0].clone();
    assert_eq!(can_launch(&depot, &copy, MEMBER), Ok(()));
    // The account's own default needs no naming.
    let depot = Depot::new(Settings::calm()).await;
    let golden = key(&depot, &[MEMBER]);
    depot.hub.shop.aws.plane.with(|world| {
        let account = world.account_mut(HUB);
        account.encrypts_by_default.insert(virginia);
        account.default_keys.insert(virginia, golden.as_str().into());
    });
    depot.hub.want(PLAIN).await;
    depot.settle().await;
    assert_eq!(depot.findings(VIRGINIA).await, [""; 0]);
    let copy = depot.copies().await[VIRGINIA][0].clone();
    assert_eq!(can_launch(&depot, &copy, MEMBER), Ok(()));
}

#[tokio::test(start_paused = true)]
async fn what_ebs_does_by_default_is_doubted_where_nobody_may_read_it_and_nothing_waits_for_that() {
    let depot = Depot::new(Settings::calm()).await;
    let denied = Fault::new(Effect::Deny).on("GetEbsEncryptionByDefault").always();
    depot.hub.shop.aws.plane.with(|world| world.inject(denied));
    depot.hub.want(PLAIN).await;
    depot.dispatch().await.unwrap();
    while depot.work().await.is_some() {}
    let said = only_finding(&depot).await;
    assert!(said.contains("allow ec2:GetEbsEncryptionByDefault"), "{said}");
    depot.settle().await;
    let copy = depot.copies().await[VIRGINIA][0].clone();
    assert_eq!(can_launch(&depot, &copy, MEMBER), Ok(()));
}

#[tokio::test(start_paused = true)]
async fn a_release_is_not_made_public_beyond_the_quota_nor_its_snapshots_where_that_is_blocked() {
    let depot = Depot::new(Settings::calm()).await;
    let virginia = VIRGINIA.parse().unwrap();
    for n in 0..5 {
        let image = NewImage::named(&format!("public-{n}")).public();
        depot.hub.shop.aws.image_with(HUB, VIRGINIA, image);
    }
    depot.hub.shop.aws.plane.with(|world| {
        world.account_mut(HUB).block_public_snapshots.insert(virginia);
    });
    depot
        .hub
        .want("{ regions: { us-east-1: {} }, share_with: { public: true, everybody_may_use: web, may_copy: true } }")
        .await;
    rounds(&depot).await;
    let copy = depot.copies().await[VIRGINIA][0].clone();
    assert!(describe_grants(&depot, VIRGINIA, &copy).await.is_empty());
    let findings = depot.findings(VIRGINIA).await;
    let expected = [
        "cannot be public: the account blocks public access in this Region; disable that block there, or name who may use it",
        "is to be public, and 5 images of the account are in this Region, as many as AWS allows where nobody raised the quota: deregister one, or raise the quota, if EC2 refuses it",
        "cannot be public: the account has as many public images in this Region as it may; deregister one, or raise the quota",
    ];
    for end in expected {
        assert!(
            findings.iter().any(|finding| finding.ends_with(end)),
            "{end}: {findings:?}"
        );
    }
    assert_eq!(findings.len(), 3, "{findings:?}");
    // EC2 alone knows the quota: it is asked again.
    let ec2 = depot.hub.shop.aws.ec2(HUB, VIRGINIA);
    let public = ec2
        .describe_images()
        .owners("self")
        .executable_users("all")
        .send()
        .await
        .unwrap();
    let first = public.images()[0].image_id().unwrap();
    ec2.deregister_image().image_id(first).send().await.unwrap();
    depot.hub.shop.aws.pass(hours(6)).await;
    rounds(&depot).await;
    assert_eq!(describe_grants(&depot, VIRGINIA, &copy).await, ["all"]);
}

/// A statement of whatever is written in key policies.
fn statements() -> impl Strategy<Value = Value> {
    let principals = vec![
        json!("*"),
        json!({ "AWS": "*" }),
        json!({ "AWS": "arn:aws:iam::222233334444:root" }),
        json!({ "AWS": ["333344445555", "arn:aws:iam::222233334444:root"] }),
        json!({ "AWS": "arn:aws:iam::111122223333:root" }),
        json!({ "Service": "ec2.amazonaws.com" }),
    ];
    let actions = vec![
        "kms:*",
        "kms:CreateGrant",
        "kms:Decrypt",
        "kms:D*",
        "kms:DescribeKey",
        "kms:GenerateDataKey*",
        "kms:ReEncrypt*",
        "kms:ReEncryptFrom",
        "kms:ReEncryptTo",
        "kms:PutKeyPolicy",
    ];
    let conditions = vec![
        Value::Null,
        json!({ "StringEquals": { "kms:CallerAccount": "222233334444" } }),
        json!({ "StringEquals": { "aws:PrincipalAccount": ["111122223333", "333344445555"] } }),
        json!({ "StringNotEquals": { "kms:CallerAccount": "333344445555" } }),
        json!({ "StringEquals": { "aws:PrincipalOrgID": "o-exampleorgid" } }),
        json!({ "StringNotEquals": { "aws:PrincipalOrgID": "o-exampleorgid" } }),
        json!({ "StringLike": { "aws:PrincipalOrgID": "o-exam*" } }),
        json!({ "ForAnyValue:StringLike": { "aws:PrincipalOrgPaths": "o-exampleorgid/*/ou-ab12-11111111/*" } }),
        json!({ "ForAnyValue:StringLike": { "aws:PrincipalOrgPaths": ["o-other00000/*", "o-exampleorgid/r-ab12/*"] } }),
        json!({ "StringEquals": { "kms:ViaService": "ec2.us-east-1.amazonaws.com" } }),
        json!({ "StringLike": { "kms:ViaService": "ec2.*.amazonaws.com" } }),
        json!({ "Bool": { "kms:GrantIsForAWSResource": "true" } }),
    ];
    let actions = subsequence(actions, 1..6);
    (
        prop::bool::weighted(0.8),
        select(principals),
        actions,
        select(conditions),
    )
        .prop_map(|(allows, principal, actions, condition)| {
            let effect = if allows { "Allow" } else { "Deny" };
            let mut statement = json!({ "Effect": effect, "Principal": principal, "Action": actions, "Resource": "*" });
            if !condition.is_null() {
                statement["Condition"] = condition;
            }
            statement
        })
}

/// The model evaluates policies by code of its own.
#[tokio::test(start_paused = true)]
async fn whom_a_policy_is_said_to_let_can_launch_and_whom_it_is_said_to_shut_out_cannot() {
    let depot = Depot::new(Settings::calm()).await;
    found(&depot);
    let key = key(&depot, &[]);
    let arn: image_plane::KeyArn = key.as_str().into();
    let image = NewImage::named("encrypted")
        .volumes([(8, Some(arn))])
        .shared_with([MEMBER, OTHER]);
    let ami = depot.hub.shop.aws.image_with(HUB, VIRGINIA, image);
    let at = |account: AccountId, path: &str| (account.to_string().parse().unwrap(), path.parse().unwrap());
    let places = Places::from([
        at(MEMBER, "o-exampleorgid/r-ab12/ou-ab12-11111111/"),
        at(OTHER, "o-exampleorgid/r-ab12/"),
    ]);
    let (owner, region) = (HUB.to_string().parse().unwrap(), VIRGINIA.parse().unwrap());
    let nobody = Granted::To([].into());
    let mut judged = std::collections::BTreeMap::<&str, usize>::new();
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    for _ in 0..3_000 {
        let policy = prop::collection::vec(statements(), 1..4).new_tree(&mut runner).unwrap();
        let policy = json!({ "Version": "2012-10-17", "Statement": policy.current() }).to_string();
        let plane = &depot.hub.shop.aws.plane;
        if plane.with(|world| world.set_key_policy(&key, &policy)).is_err() {
            continue;
        }
        let read = KeyPolicy::read(&policy).unwrap();
        for account in [MEMBER, OTHER] {
            let who = Grantee::Account(account.to_string().parse().unwrap());
            let of_it = judge_key(&read, (owner, region), &nobody, &[who].into(), &places);
            let KeyAudience::Read { shuts_out, unclear } = of_it else {
                panic!("{policy}")
            };
            let can = can_launch(&depot, &ami, account).is_ok();
            let says = match (shuts_out.is_empty(), unclear.is_empty()) {
                (true, true) => "lets",
                (false, _) => "shuts out",
                (true, false) => "unclear",
            };
            *judged.entry(says).or_default() += 1;
            assert!(
                says == "unclear" || (says == "lets") == can,
                "{account}: {says}, {can}: {policy}"
            );
        }
    }
    // It is no use if nothing is ever told.
    assert!(judged["lets"] > 100 && judged["shuts out"] > 1_000, "{judged:?}");
}
