//! What holds for every policy.

use std::collections::BTreeMap;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::document::Document;
use super::evaluate::{KeyUse, Request, Subject, Verdict, verdict};
use super::principal::Trusting;
use crate::sts::Resource;

const WORDS: [&str; 30] = [
    "Version",
    "2012-10-17",
    "Statement",
    "Effect",
    "Allow",
    "Deny",
    "Action",
    "NotAction",
    "Resource",
    "NotResource",
    "Principal",
    "AWS",
    "Service",
    "Condition",
    "StringEquals",
    "ForAnyValue:StringLikeIfExists",
    "Null",
    "Bool",
    "ArnLike",
    "aws:TagKeys",
    "aws:ResourceTag/a",
    "sts:ExternalId",
    "sts:AssumeRole",
    "ec2:*",
    "*",
    "true",
    "arn:aws:iam::111122223333:role/a",
    "111122223333",
    "${",
    "",
];

/// Any JSON, mostly made of the words of policies.
fn any_json() -> impl Strategy<Value = Value> {
    let word = prop_oneof![9 => prop::sample::select(&WORDS[..]).prop_map(str::to_owned), 1 => ".{0,8}"];
    let leaf = prop_oneof![
        6 => word.clone().prop_map(Value::from),
        1 => any::<i64>().prop_map(Value::from),
        1 => any::<bool>().prop_map(Value::from),
        1 => Just(Value::Null),
    ];
    leaf.prop_recursive(5, 60, 6, move |inner| {
        prop_oneof![
            1 => prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            3 => prop::collection::vec((word.clone(), inner), 0..6)
                .prop_map(|pairs| Value::Object(pairs.into_iter().collect())),
        ]
    })
}

/// A statement out of a small world, so that statements and requests often meet.
pub(crate) fn statement() -> impl Strategy<Value = Value> {
    let action = prop::sample::subsequence(vec!["ec2:DeregisterImage", "ec2:De*", "ec2:CreateTags", "*"], 1..3);
    let resource = prop::sample::select(&["*", "arn:aws:ec2:*::image/ami-1", "arn:aws:ec2:us-east-1:*:*/*"][..]);
    let condition = prop::sample::select(
        &[
            "{}",
            r#"{"StringEquals":{"aws:ResourceTag/a":"1"}}"#,
            r#"{"StringNotEquals":{"aws:ResourceTag/a":"1"}}"#,
            r#"{"ForAllValues:StringEquals":{"aws:TagKeys":["a"]}}"#,
            r#"{"StringEqualsIfExists":{"ec2:Owner":"111122223333"}}"#,
        ][..],
    );
    (any::<bool>(), any::<bool>(), action, any::<bool>(), resource, condition).prop_map(
        |(allow, not_action, action, not_resource, resource, condition)| {
            let mut statement = json!({ "Effect": if allow { "Allow" } else { "Deny" } });
            statement[if not_action { "NotAction" } else { "Action" }] = json!(action);
            statement[if not_resource { "NotResource" } else { "Resource" }] = json!(resource);
            statement["Condition"] = serde_json::from_str(condition).unwrap();
            statement
        },
    )
}

pub(crate) fn policy(statements: &[Value]) -> String {
    json!({ "Version": "2012-10-17", "Statement": statements }).to_string()
}

/// An action, what it is on, and the tags it requests.
pub(crate) type Ask = (&'static str, Option<Resource>, BTreeMap<String, Option<String>>);

/// Every combination of action, resource, tag and owner that the statements can tell apart.
pub(crate) fn asks() -> Vec<Ask> {
    let mut asks = Vec::new();
    for action in ["ec2:deregisterimage", "ec2:createtags", "imagebuilder:getimage"] {
        for tag in [None, Some("1"), Some("2")] {
            for arn in [
                None,
                Some("arn:aws:ec2:us-east-1::image/ami-1"),
                Some("arn:aws:ec2:eu-west-1::image/ami-2"),
            ] {
                for key in ["a", "b"] {
                    let resource = arn.map(|arn| Resource {
                        arn: arn.to_owned(),
                        tags: tag
                            .map(|value| (String::from("a"), value.to_owned()))
                            .into_iter()
                            .collect(),
                        owner: tag.map(|_| String::from("111122223333")),
                    });
                    asks.push((action, resource, BTreeMap::from([(key.to_owned(), None)])));
                }
            }
        }
    }
    asks
}

fn allowed(policy: &str) -> Vec<bool> {
    let document = Document::permissions(policy).unwrap();
    let principal = Subject {
        account: "111122223333".parse().unwrap(),
        arn: String::from("arn:aws:iam::111122223333:role/a"),
        role_id: None,
        membership: None,
        root: None,
    };
    let says = |(action, resource, tags): &Ask| {
        let request = Request {
            action,
            region: "us-east-1".parse().unwrap(),
            principal: &principal,
            resource: resource.as_ref(),
            tags,
            external_id: None,
            passed_to: None,
            key_use: &KeyUse::default(),
            called_via: None,
            create_action: None,
        };
        verdict([&document], &request) == Verdict::Allowed
    };
    asks().iter().map(says).collect()
}

proptest! {
    #[test]
    fn no_json_makes_the_reader_panic(json in any_json(), text in ".{0,60}") {
        let trusting = Trusting { partition: "aws", role_id: &|_| Some(String::from("AROA1")) };
        for text in [&json.to_string(), &policy(std::slice::from_ref(&json)), &text] {
            let _ = Document::permissions(text);
            let _ = Document::trust(text, trusting);
            let _ = Document::of_key(text, trusting);
        }
    }

    #[test]
    fn another_deny_never_allows_more(
        statements in prop::collection::vec(statement(), 1..5),
        deny in statement(),
        place in 0_usize..5,
    ) {
        let before = allowed(&policy(&statements));
        let mut deny = deny;
        deny["Effect"] = json!("Deny");
        let mut more = statements.clone();
        more.insert(place.min(statements.len()), deny);
        for (before, after) in before.into_iter().zip(allowed(&policy(&more))) {
            prop_assert!(before || !after);
        }
    }

    #[test]
    fn the_order_of_statements_means_nothing(statements in prop::collection::vec(statement(), 1..5)) {
        let reversed: Vec<Value> = statements.iter().rev().cloned().collect();
        prop_assert_eq!(allowed(&policy(&statements)), allowed(&policy(&reversed)));
    }

    #[test]
    fn nothing_is_allowed_that_no_statement_allows(statements in prop::collection::vec(statement(), 1..5)) {
        let together = allowed(&policy(&statements));
        let alone: Vec<Vec<bool>> = statements.iter().map(|one| allowed(&policy(std::slice::from_ref(one)))).collect();
        for (place, allowed) in together.into_iter().enumerate() {
            prop_assert!(!allowed || alone.iter().any(|one| one[place]));
        }
    }
}
