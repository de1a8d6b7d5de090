use std::time::Duration;

use bytes::Bytes;
use http::{Method, Request};
use serde_json::{Value, json};

use crate::ec2::recycle_bin::{BinKind, BinRule};
use crate::sts::tests::{HUB, Key, MEMBER, TRUSTS_HUB, account, assume, region, request, root, world};
use crate::world::{Target, World};

const READS: &str = r#"{"Version":"2012-10-17","Statement":
    {"Effect":"Allow","Action":["rbin:ListRules","rbin:GetRule"],"Resource":"*"}}"#;
const READS_ONE: &str = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":["rbin:ListRules","rbin:GetRule"],
    "Resource":"arn:aws:rbin:eu-west-1:222233334444:rule/00000000001"}}"#;

fn target(of: &str) -> Target {
    Target {
        account: account(of),
        region: region("eu-west-1"),
    }
}

fn days(days: u64) -> Duration {
    Duration::from_secs(days * 24 * 60 * 60)
}

fn list(key: &Key, body: &Value) -> Request<Bytes> {
    let mut list = request(key, "eu-west-1", "rbin", &body.to_string());
    *list.uri_mut() = "https://rbin.eu-west-1.amazonaws.com/list-rules".parse().unwrap();
    list
}

fn get(key: &Key, id: &str) -> Request<Bytes> {
    let mut get = request(key, "eu-west-1", "rbin", "");
    *get.method_mut() = Method::GET;
    *get.uri_mut() = format!("https://rbin.eu-west-1.amazonaws.com/rules/{id}")
        .parse()
        .unwrap();
    get
}

/// The answer, or the code and the reason of the refusal.
fn call(world: &mut World, request: Request<Bytes>) -> Result<Value, (String, String)> {
    let response = world.call(world.now(), request);
    let body: Value = serde_json::from_slice(response.body()).unwrap();
    if response.status() == 200 {
        return Ok(body);
    }
    let code = response.headers()["x-amzn-errortype"].to_str().unwrap().to_owned();
    Err((code, body["Reason"].as_str().unwrap_or_default().to_owned()))
}

fn refused(code: &str, reason: &str) -> Result<Value, (String, String)> {
    Err((code.to_owned(), reason.to_owned()))
}

#[test]
fn a_rule_says_what_it_is_for_only_when_it_is_asked_by_itself() {
    let mut world = world();
    let rule = BinRule {
        tags: vec![("team".to_owned(), "web".to_owned())],
        pending: true,
        ..BinRule::of(BinKind::Image, days(7))
    };
    world.set_bin_rules(target(HUB), vec![rule]);
    let summary = json!({
        "Identifier": "00000000001",
        "RetentionPeriod": { "RetentionPeriodValue": 7, "RetentionPeriodUnit": "DAYS" },
        "RuleArn": "arn:aws:rbin:eu-west-1:111122223333:rule/00000000001",
    });
    let listed = call(&mut world, list(&root(HUB), &json!({ "ResourceType": "EC2_IMAGE" })));
    assert_eq!(listed, Ok(json!({ "Rules": [summary] })));
    let mut whole = summary;
    whole["ResourceType"] = "EC2_IMAGE".into();
    whole["Status"] = "pending".into();
    whole["ResourceTags"] = json!([{ "ResourceTagKey": "team", "ResourceTagValue": "web" }]);
    whole["ExcludeResourceTags"] = json!([]);
    assert_eq!(call(&mut world, get(&root(HUB), "00000000001")), Ok(whole));
}

#[test]
fn rules_are_of_one_account_one_region_and_one_kind() {
    let mut world = world();
    world.set_bin_rules(target(HUB), vec![BinRule::of(BinKind::Snapshot, days(7))]);
    let count = |world: &mut World, key: &str, kind: &str| {
        let listed = call(world, list(&root(key), &json!({ "ResourceType": kind }))).unwrap();
        listed["Rules"].as_array().unwrap().len()
    };
    assert_eq!(count(&mut world, HUB, "EBS_SNAPSHOT"), 1);
    assert_eq!(count(&mut world, HUB, "EC2_IMAGE"), 0);
    assert_eq!(count(&mut world, HUB, "EBS_VOLUME"), 0);
    assert_eq!(count(&mut world, MEMBER, "EBS_SNAPSHOT"), 0);
    let elsewhere = call(&mut world, get(&root(MEMBER), "00000000001"));
    assert_eq!(elsewhere, refused("ResourceNotFoundException", "RULE_NOT_FOUND"));
}

#[test]
fn a_list_ends_where_its_pages_end_and_a_token_is_good_for_its_own_list() {
    let mut world = world();
    world.set_bin_rules(target(HUB), vec![BinRule::of(BinKind::Image, days(7)); 25]);
    let (mut token, mut seen) = (Value::Null, Vec::new());
    loop {
        let page = json!({ "ResourceType": "EC2_IMAGE", "NextToken": token });
        let page = call(&mut world, list(&root(HUB), &page)).unwrap();
        let rules = page["Rules"].as_array().unwrap();
        assert!(rules.len() <= 10);
        seen.extend(rules.iter().map(|rule| rule["Identifier"].clone()));
        token = page["NextToken"].clone();
        if token.is_null() {
            break;
        }
        let other = json!({ "ResourceType": "EBS_SNAPSHOT", "NextToken": token });
        let other = call(&mut world, list(&root(HUB), &other));
        assert_eq!(other, refused("ValidationException", "INVALID_PAGE_TOKEN"));
    }
    seen.dedup();
    assert_eq!(seen.len(), 25);
}

#[test]
fn what_is_no_kind_no_number_and_no_id_is_refused() {
    let mut world = world();
    let invalid = || refused("ValidationException", "INVALID_PARAMETER_VALUE");
    for body in [
        json!({ "ResourceType": "AMI" }),
        json!({ "ResourceType": "EC2_IMAGE", "MaxResults": 0 }),
        json!({ "ResourceType": "EC2_IMAGE", "MaxResults": 1001 }),
    ] {
        assert_eq!(call(&mut world, list(&root(HUB), &body)), invalid(), "{body}");
    }
    assert_eq!(call(&mut world, get(&root(HUB), "short")), invalid());
}

#[test]
fn whoever_lists_needs_to_be_allowed_it_on_everything_and_whoever_reads_a_rule_on_that_rule() {
    let mut world = world();
    world.set_bin_rules(target(MEMBER), vec![BinRule::of(BinKind::Image, days(7)); 2]);
    for (name, policy) in [("reads", READS), ("reads-one", READS_ONE)] {
        world.create_role(account(MEMBER), name, TRUSTS_HUB, &[policy]).unwrap();
    }
    let arn = |name: &str| format!("arn:aws:iam::{MEMBER}:role/{name}");
    let all = assume(&mut world, &root(HUB), &arn("reads")).unwrap();
    let one = assume(&mut world, &root(HUB), &arn("reads-one")).unwrap();
    let images = json!({ "ResourceType": "EC2_IMAGE" });
    assert!(call(&mut world, list(&all, &images)).is_ok());
    assert!(call(&mut world, get(&all, "00000000002")).is_ok());
    assert!(call(&mut world, get(&one, "00000000001")).is_ok());
    let denied = || refused("AccessDeniedException", "");
    assert_eq!(call(&mut world, get(&one, "00000000002")), denied());
    assert_eq!(call(&mut world, list(&one, &images)), denied());
}
