use std::time::Duration;

use serde_json::{Value, json};

use super::{Bench, HUB, MANAGEMENT, MEMBER, PRODUCTION, ROOT, account};
use crate::world::settings::Settings;

fn throttling() -> Settings {
    Settings {
        throttling: true,
        ..Settings::calm()
    }
}

/// How many of 50 calls at once are answered.
fn burst(bench: &mut Bench, caller: &str, operation: &str, body: &Value) -> usize {
    (0..50).filter(|_| bench.ask(caller, operation, body).is_ok()).count()
}

#[test]
fn each_operation_has_its_bucket() {
    let mut bench = Bench::with(7, throttling());
    let parent = json!({ "ParentId": ROOT });
    for (operation, body, at_once, a_second) in [
        ("DescribeOrganization", json!({}), 2, 1),
        ("ListRoots", json!({}), 2, 1),
        ("ListAccounts", json!({}), 12, 8),
        ("ListAccountsForParent", parent.clone(), 8, 5),
        ("ListOrganizationalUnitsForParent", parent, 8, 5),
        ("ListParents", json!({ "ChildId": MEMBER }), 8, 5),
        ("DescribeAccount", json!({ "AccountId": MEMBER }), 30, 20),
        (
            "DescribeOrganizationalUnit",
            json!({ "OrganizationalUnitId": PRODUCTION }),
            2,
            2,
        ),
    ] {
        assert_eq!(burst(&mut bench, MANAGEMENT, operation, &body), at_once, "{operation}");
        bench.pass(Duration::from_secs(1));
        assert_eq!(burst(&mut bench, MANAGEMENT, operation, &body), a_second, "{operation}");
    }
}

#[test]
fn all_accounts_of_an_organization_draw_from_one_more_bucket_together() {
    let mut bench = Bench::with(7, throttling());
    bench.world.register_delegated_administrator(account(HUB)).unwrap();
    let body = json!({ "AccountId": MEMBER });
    assert_eq!(burst(&mut bench, HUB, "DescribeAccount", &body), 30);
    assert_eq!(
        burst(&mut bench, MANAGEMENT, "DescribeAccount", &body),
        6,
        "36 for all of them, of which the hub had 30"
    );
}

#[test]
fn who_calls_too_often_is_told_so_with_a_status_that_does_not_say_it() {
    let mut bench = Bench::with(7, throttling());
    burst(&mut bench, MANAGEMENT, "ListRoots", &json!({}));
    assert_eq!(
        bench.ask(MANAGEMENT, "ListRoots", &json!({})),
        Err((
            400,
            json!({
                "__type": "TooManyRequestsException",
                "Message": "You have sent too many requests in too short a period of time. Try again later.",
            })
        ))
    );
}

#[test]
fn a_world_that_bites_still_tells_the_truth_to_who_waits_and_follows_tokens() {
    for seed in 0..20 {
        let mut bench = Bench::biting(seed);
        let (mut found, mut parameters) = (Vec::new(), json!({ "ParentId": PRODUCTION }));
        loop {
            bench.pass(Duration::from_secs(1));
            let answer = bench.ok("ListAccountsForParent", &parameters);
            found.extend(
                answer["Accounts"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(|one| one["Id"].clone()),
            );
            match answer.get("NextToken") {
                Some(token) => parameters["NextToken"] = token.clone(),
                None => break,
            }
        }
        assert_eq!(found, [json!(MEMBER)]);
    }
}
