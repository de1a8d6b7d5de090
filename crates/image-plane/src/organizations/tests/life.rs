use std::time::Duration;

use serde_json::{Value, json};

use super::{Bench, HUB, MANAGEMENT, MEMBER, OUTSIDER, PRODUCTION, ROOT, SANDBOX, account, member};
use crate::organizations::OrganizationError;
use crate::time::Time;

/// Which account's bus got which event, in which Region, under which detail type.
fn told(bench: &mut Bench) -> Vec<(String, String, String)> {
    let events = bench.events().into_iter();
    let told = events.map(|event| {
        assert_eq!(
            (event.region.name(), &event.body["source"]),
            ("us-east-1", &json!("aws.organizations"))
        );
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let (name, kind) = (&event.body["detail"]["eventName"], &event.body["detail-type"]);
        (event.account.to_string(), text(name), text(kind))
    });
    told.collect()
}

fn result(name: &str) -> (String, String, String) {
    (
        MANAGEMENT.into(),
        name.into(),
        "AWS Service Event via CloudTrail".into(),
    )
}

fn call(by: &str, name: &str) -> (String, String, String) {
    (by.into(), name.into(), "AWS API Call via CloudTrail".into())
}

/// Into the time in which joining and leaving is told of.
fn later(bench: &mut Bench) {
    bench.world.settle(Time::parse("2026-06-01T00:00:00Z").unwrap());
}

#[test]
fn a_created_account_comes_in_below_the_root_and_its_result_is_told_when_it_is_there() {
    let mut bench = Bench::new();
    bench.world.create_account(account(OUTSIDER), "Api").unwrap();
    assert_eq!(told(&mut bench), [call(MANAGEMENT, "CreateAccount")]);
    assert_eq!(bench.below(ROOT), [HUB, MANAGEMENT]);
    bench.pass(Duration::from_mins(1));
    assert_eq!(bench.below(ROOT), [HUB, OUTSIDER, MANAGEMENT]);
    let events = bench.events();
    let [event] = events.as_slice() else {
        panic!("{events:#?}")
    };
    assert_eq!(event.body["account"], MANAGEMENT);
    assert_eq!(event.body["detail-type"], "AWS Service Event via CloudTrail");
    let detail = &event.body["detail"];
    assert_eq!(detail["eventType"], "AwsServiceEvent");
    assert_eq!(detail.get("requestID"), None);
    let status = &detail["serviceEventDetails"]["createAccountStatus"];
    assert!(status["id"].as_str().unwrap().starts_with("car-"));
    let mut rest = status.clone();
    rest["id"] = json!("car-");
    assert_eq!(
        rest,
        json!({
            "id": "car-",
            "state": "SUCCEEDED",
            "accountName": "****",
            "accountId": OUTSIDER,
            "requestedTimestamp": "Jan 18, 2026 5:50:56 PM",
            "completedTimestamp": "Jan 18, 2026 5:51:56 PM",
        })
    );
    assert_eq!(bench.described(OUTSIDER)["JoinedMethod"], "CREATED");
}

#[test]
fn an_account_that_cannot_be_created_is_told_of_without_a_number() {
    let mut bench = Bench::new();
    bench.world.fail_to_create_account("EMAIL_ALREADY_EXISTS").unwrap();
    bench.pass(Duration::from_mins(1));
    let events = bench.events();
    let status = &events.last().unwrap().body["detail"]["serviceEventDetails"]["createAccountStatus"];
    assert_eq!(
        (&status["state"], &status["failureReason"]),
        (&json!("FAILED"), &json!("EMAIL_ALREADY_EXISTS"))
    );
    assert_eq!(status.get("accountId"), None);
    assert_eq!(bench.below(ROOT), [HUB, MANAGEMENT]);
}

#[test]
fn a_move_is_told_with_both_parents() {
    let mut bench = Bench::new();
    bench.world.move_account(member(), SANDBOX).unwrap();
    let events = bench.events();
    let [event] = events.as_slice() else {
        panic!("{events:#?}")
    };
    assert_eq!(event.body["detail-type"], "AWS API Call via CloudTrail");
    let detail = &event.body["detail"];
    assert_eq!(
        (&detail["eventName"], &detail["eventType"]),
        (&json!("MoveAccount"), &json!("AwsApiCall"))
    );
    assert_eq!(
        detail["requestParameters"],
        json!({ "accountId": MEMBER, "sourceParentId": PRODUCTION, "destinationParentId": SANDBOX })
    );
    assert_eq!(bench.below(SANDBOX), [MEMBER]);
    assert!(bench.below(PRODUCTION).is_empty());
}

#[test]
fn calls_are_told_only_where_a_trail_logs_them_and_results_always() {
    let mut bench = Bench::new();
    bench.world.log_organization_calls(false).unwrap();
    bench.world.move_account(member(), SANDBOX).unwrap();
    bench.world.close_account(member()).unwrap();
    bench.pass(Duration::from_mins(5));
    assert_eq!(told(&mut bench), [result("CloseAccountResult")]);
}

#[test]
fn a_closure_is_told_when_it_is_asked_for_and_when_it_is_done() {
    let mut bench = Bench::new();
    bench.world.close_account(member()).unwrap();
    assert_eq!(told(&mut bench), [call(MANAGEMENT, "CloseAccount")]);
    bench.pass(Duration::from_mins(5));
    let events = bench.events();
    assert_eq!(
        events[0].body["detail"]["serviceEventDetails"],
        json!({ "closeAccountStatus": {
            "accountId": MEMBER,
            "state": "SUCCEEDED",
            "requestedTimestamp": "Jan 18, 2026 5:50:56 PM",
            "completedTimestamp": "Jan 18, 2026 5:55:56 PM",
        } })
    );
}

#[test]
fn an_accepted_invitation_is_told_to_the_invited_account_only() {
    let mut bench = Bench::new();
    bench.world.invite_account(account(OUTSIDER)).unwrap();
    assert_eq!(bench.below(ROOT), [HUB, MANAGEMENT]);
    bench.world.accept_invitation(account(OUTSIDER), "Bought").unwrap();
    assert_eq!(
        told(&mut bench),
        [
            call(MANAGEMENT, "InviteAccountToOrganization"),
            call(OUTSIDER, "AcceptHandshake")
        ]
    );
    assert_eq!(bench.below(ROOT), [HUB, OUTSIDER, MANAGEMENT]);
    assert_eq!(bench.described(OUTSIDER)["JoinedMethod"], "INVITED");
}

#[test]
fn an_invitation_ends_after_15_days() {
    let mut bench = Bench::new();
    let outsider = account(OUTSIDER);
    bench.world.invite_account(outsider).unwrap();
    assert!(bench.world.invite_account(outsider).is_err());
    bench.pass(Duration::from_hours(15 * 24));
    let refused = bench.world.accept_invitation(outsider, "late");
    assert_eq!(refused, Err(OrganizationError::NotInvited(outsider)));
    assert!(bench.world.invite_account(outsider).is_ok());
}

#[test]
fn since_may_28_2026_the_management_account_hears_of_everybody_who_joins_and_leaves() {
    let mut bench = Bench::new();
    later(&mut bench);
    let outsider = account(OUTSIDER);
    bench.world.log_organization_calls(false).unwrap();
    bench.world.invite_account(outsider).unwrap();
    bench.world.accept_invitation(outsider, "Bought").unwrap();
    bench.world.remove_account(outsider).unwrap();
    bench.world.close_account(member()).unwrap();
    bench.pass(Duration::from_hours(91 * 24));
    let methods: Vec<Value> = bench
        .events()
        .iter()
        .map(|event| {
            assert_eq!(event.body["account"], MANAGEMENT);
            let detail = &event.body["detail"];
            let details = &detail["serviceEventDetails"];
            let method = details.get("joinedMethod").or(details.get("departureMethod"));
            json!([detail["eventName"], method])
        })
        .collect();
    assert_eq!(
        methods,
        [
            json!(["AccountJoinedOrganization", "INVITED"]),
            json!(["AccountDepartedOrganization", "REMOVED"]),
            json!(["CloseAccountResult", null]),
            json!(["AccountDepartedOrganization", "CLEANED"]),
        ]
    );
}

#[test]
fn an_account_created_then_joins_in_one_with_its_result() {
    let mut bench = Bench::new();
    later(&mut bench);
    bench.world.create_account(account(OUTSIDER), "Api").unwrap();
    bench.pass(Duration::from_mins(1));
    assert_eq!(
        told(&mut bench),
        [
            call(MANAGEMENT, "CreateAccount"),
            result("AccountJoinedOrganization"),
            result("CreateAccountResult")
        ]
    );
}

#[test]
fn a_removed_account_is_in_no_organization() {
    let mut bench = Bench::new();
    bench.world.remove_account(member()).unwrap();
    assert_eq!(told(&mut bench), [call(MANAGEMENT, "RemoveAccountFromOrganization")]);
    let (_, error) = bench.ask(MEMBER, "DescribeOrganization", &json!({})).unwrap_err();
    assert_eq!(error["__type"], "AWSOrganizationsNotInUseException");
}
