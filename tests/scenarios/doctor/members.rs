//! The same of members that own copies: what only the hub's functions can see there, and what they are lent.

use image_plane::{AccountId, Settings};
use serde_json::{Value, json};
use stage::aws::{HUB, MEMBER, VIRGINIA, hours, minutes, target};

use super::{apply, journaled, key, planned, told};
use crate::distribution::Depot;
use crate::distribution::owned::{admit, copy_of, depot};

const ONE: &str = r#"{ regions: { us-east-1: {} }, copy_to: ["222233334444"] }"#;
const BY_KEY: &str = r#"{ regions: { us-east-1: { kms_key: alias/golden } }, copy_to: ["222233334444"] }"#;
const SENTENCE: &str = "  ! web in 222233334444/us-east-1: ";

fn members_key(depot: &Depot) -> String {
    let plane = &depot.hub.shop.aws.plane;
    let key = plane.with(|world| world.create_key(target(MEMBER, VIRGINIA), Some("alias/golden"), []));
    key.to_string()
}

/// Lets these use a key, and nobody else.
fn only(depot: &Depot, key: &str, statements: &[Value]) {
    let policy = json!({ "Version": "2012-10-17", "Statement": statements });
    let plane = &depot.hub.shop.aws.plane;
    plane.with(|world| world.set_key_policy(key, &policy.to_string()).unwrap());
}

fn lets(account: AccountId, actions: &[&str]) -> Value {
    let root = format!("arn:aws:iam::{account}:root");
    json!({ "Effect": "Allow", "Principal": { "AWS": root }, "Action": actions, "Resource": "*" })
}

/// The statement that a sentence says to add.
fn statement_in(line: &str) -> Value {
    let from = line.find('{').unwrap_or_else(|| panic!("{line}"));
    let mut documents = serde_json::Deserializer::from_str(&line[from..]).into_iter();
    documents.next().unwrap().unwrap()
}

#[tokio::test(start_paused = true)]
async fn a_member_that_lets_nobody_in_is_said_before_it_is_looked_at_and_with_awss_words_after() {
    let depot = Depot::new(Settings::calm()).await;
    depot.hub.want(ONE).await;
    depot.observe().await;
    let (lines, code) = told(&depot).await;
    let said = "  · web: no function of the hub has looked into 222233334444 yet, which is to own copies: it does once the hub has its own there; deploy infra/member.yaml in it before, whose role image-steward-copy trusts the hub";
    assert_eq!((lines, code), (vec![String::from("Targets"), String::from(said)], 0));
    depot.rounds(10).await;
    let (lines, code) = told(&depot).await;
    assert_eq!((lines.len(), lines[0].as_str(), code), (2, "Targets", 2), "{lines:?}");
    assert!(
        lines[1].starts_with(&format!("{SENTENCE}222233334444 does not let the hub in (")),
        "{lines:?}"
    );
    assert!(
        lines[1].contains("AccessDenied")
            && lines[1].contains("deploy infra/member.yaml there, whose role image-steward-copy trusts the hub"),
        "{lines:?}"
    );
    admit(&depot, MEMBER);
    depot.hub.shop.aws.pass(hours(6)).await;
    depot.settle().await;
    assert_eq!(told(&depot).await, (vec![], 0));
}

#[tokio::test(start_paused = true)]
async fn a_key_of_a_members_that_its_role_may_not_look_at_is_told_with_the_statement_that_lets_it_in() {
    let depot = depot(Settings::calm()).await;
    key(&depot, &[]);
    let own = members_key(&depot);
    only(&depot, &own, &[lets(MEMBER, &["kms:PutKeyPolicy"])]);
    depot.hub.want(BY_KEY).await;
    depot.rounds(10).await;
    let (lines, code) = told(&depot).await;
    assert_eq!((lines.len(), lines[0].as_str(), code), (2, "Targets", 2), "{lines:?}");
    let said = format!("{SENTENCE}the key alias/golden of us-east-1 cannot be looked at (AccessDeniedException: ");
    assert!(lines[1].starts_with(&said), "{lines:?}");
    only(
        &depot,
        &own,
        &[lets(MEMBER, &["kms:PutKeyPolicy"]), statement_in(&lines[1])],
    );
    depot.hub.shop.aws.pass(hours(6)).await;
    depot.settle().await;
    copy_of(&depot, MEMBER, VIRGINIA).await;
    assert_eq!(told(&depot).await, (vec![], 0));
}

#[tokio::test(start_paused = true)]
async fn a_key_of_the_hubs_that_cannot_be_lent_is_told_with_the_statement_that_lets_it_be() {
    let uses = [
        "kms:Decrypt",
        "kms:DescribeKey",
        "kms:GenerateDataKey*",
        "kms:GetKeyPolicy",
        "kms:PutKeyPolicy",
        "kms:ReEncrypt*",
    ];
    let mut for_aws = lets(HUB, &["kms:CreateGrant"]);
    for_aws["Condition"] = json!({ "Bool": { "kms:GrantIsForAWSResource": "true" } });
    for (more, said) in [
        (
            &["kms:ListGrants"][..],
            " cannot be lent to 222233334444, which gets no copy until it is (",
        ),
        (&[], " is lent to cannot be read ("),
    ] {
        let depot = depot(Settings::calm()).await;
        let hubs = key(&depot, &[]);
        members_key(&depot);
        let mut statements = vec![lets(HUB, &[&uses[..], more].concat()), for_aws.clone()];
        only(&depot, &hubs, &statements);
        depot.hub.want(BY_KEY).await;
        depot.rounds(10).await;
        let (lines, code) = told(&depot).await;
        assert_eq!(code, 2, "{lines:?}");
        let keys = lines
            .iter()
            .position(|line| line == "Keys")
            .unwrap_or_else(|| panic!("{lines:?}"));
        let finding = &lines[keys + 1];
        assert!(
            finding.contains("web in 111122223333/us-east-1") && finding.contains(said),
            "{lines:?}"
        );
        assert!(finding.contains(&hubs), "{lines:?}");
        // What the member waits for.
        assert!(
            lines[1].starts_with("  · web in 222233334444/us-east-1: ")
                && lines[1].contains("may not copy the hub's ami-"),
            "{lines:?}"
        );
        let plan = depot.hub.steward(&["plan", "distribute", "web"]).await;
        assert!(plan.code == 2 && plan.out.contains(said), "{plan:?}");
        statements.push(statement_in(finding));
        only(&depot, &hubs, &statements);
        for _ in 0..3 {
            depot.hub.shop.aws.pass(hours(6)).await;
            depot.rounds(1).await;
        }
        depot.settle().await;
        copy_of(&depot, MEMBER, VIRGINIA).await;
        assert_eq!(told(&depot).await, (vec![], 0));
    }
}

#[tokio::test(start_paused = true)]
async fn an_account_that_is_to_own_copies_for_nothing_is_told() {
    let depot = Depot::new(Settings::calm()).await;
    depot
        .hub
        .want(r#"{ regions: { us-east-1: {} }, copy_to: ["111122223333"] }"#)
        .await;
    depot.observe().await;
    let said = "  · web: 111122223333 is the hub, which has each copy anyhow: take it out of `copy_to`";
    assert_eq!(
        told(&depot).await,
        (vec![String::from("Audience"), String::from(said)], 0)
    );
}

/// What is planned or done in the hub's targets: a person sees no further.
fn of_hub(mut steps: Vec<(String, String)>) -> Vec<(String, String)> {
    steps.retain(|(target, _)| target.starts_with("111122223333/"));
    steps
}

#[tokio::test(start_paused = true)]
async fn a_plan_says_what_is_lent_to_members_and_taken_back_as_the_workers_then_do_it() {
    let depot = depot(Settings::calm()).await;
    key(&depot, &[]);
    members_key(&depot);
    depot.hub.want(BY_KEY).await;
    depot.observe().await;
    let (mut lent, mut taken_back) = (0, 0);
    for round in 0..16 {
        let plan = planned(&depot).await;
        let before = of_hub(journaled(&depot).await);
        apply(&depot).await;
        let mut after = of_hub(journaled(&depot).await);
        for known in before {
            let at = after.iter().position(|step| *step == known).unwrap();
            after.remove(at);
        }
        assert_eq!(after, plan, "in round {round}");
        let of_keys = plan
            .iter()
            .filter(|(_, step)| step.contains("image-steward-copy of 222233334444"));
        let (back, given): (Vec<_>, Vec<_>) = of_keys.partition(|(_, step)| step.contains(" no longer use "));
        lent += given.len();
        taken_back += back.len();
        depot.hub.shop.aws.pass(minutes(5)).await;
        depot.hub.sweep().await;
        depot.observe().await;
    }
    copy_of(&depot, MEMBER, VIRGINIA).await;
    assert_eq!((lent, taken_back), (1, 1));
}
