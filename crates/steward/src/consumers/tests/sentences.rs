//! What people read, and what programs do.

use super::super::*;
use super::stage::*;
use crate::testing::{assert_blessed, release};

#[test]
fn each_finding_is_a_sentence_that_says_what_would_put_it_right() {
    let account = target().account();
    let findings = [
        ViewFinding::Unverified {
            account,
            why: "no answer: not authorized to perform sts:AssumeRole".into(),
        },
        ViewFinding::NotShown { ami: ami(1), account },
        ViewFinding::OwnersUnread { ami: ami(1) },
        ViewFinding::TheirTags {
            ami: ami(1),
            keys: ["Name", "team"].map(String::from).into(),
        },
        ViewFinding::NoAutoScaling { account },
        ViewFinding::KeyElsewhere {
            key: key_of("999988887777", 1),
            target: target(),
        },
        ViewFinding::KeyRefuses {
            key: key(1),
            account,
            why: "AccessDeniedException: not authorized".into(),
        },
        ViewFinding::GrantsUnread {
            key: key(1),
            why: "AccessDeniedException: not authorized".into(),
        },
        ViewFinding::GrantStays {
            key: key(1),
            grant: "grant-1".into(),
            why: "AccessDeniedException: not authorized".into(),
        },
    ];
    assert_blessed(findings, "src/consumers/tests/findings.txt");
}

#[test]
fn what_is_the_consumers_to_decide_is_a_note_and_what_may_come_right_is_tried_again() {
    let account = target().account();
    let why = || "denied".into();
    let (key, grant) = (key(1), String::from("grant-1"));
    assert!(ViewFinding::Unverified { account, why: why() }.is_a_note());
    assert!(ViewFinding::NoAutoScaling { account }.is_a_note());
    let tried = [
        ViewFinding::NotShown { ami: ami(1), account },
        ViewFinding::OwnersUnread { ami: ami(1) },
        ViewFinding::KeyRefuses {
            key: key.clone(),
            account,
            why: why(),
        },
        ViewFinding::GrantStays { key, grant, why: why() },
    ];
    assert!(!tried.iter().any(ViewFinding::is_a_note));
}

#[test]
fn steps_read_as_sentences_and_differ_by_all_they_do() {
    let steps = [
        grant(1),
        retire(1),
        tag(&[("Name", "web/1"), ("team", "web")]),
        untag(&["team"]),
    ];
    let says: Vec<String> = steps.iter().map(|step| step.says().to_string()).collect();
    let arn = key(1).to_string();
    assert_eq!(
        says,
        [
            format!("let Auto Scaling use {arn}"),
            format!("let Auto Scaling use {arn} no more, by the grant grant-1"),
            String::from("show Name=web/1, team=web on ami-00000000000000001"),
            String::from("show team on ami-00000000000000001 no more"),
        ]
    );
    let mut keys: Vec<String> = steps.iter().map(ViewStep::key).collect();
    keys.extend(
        [grant(2), tag(&[("team", "api")]), untag(&["Name"])]
            .iter()
            .map(ViewStep::key),
    );
    keys.sort();
    keys.dedup();
    assert_eq!(keys.len(), 7);
    assert!(
        steps
            .iter()
            .all(|step| matches!(step.release(), id if id == release(7) || id == release(3)))
    );
}

#[test]
fn auto_scaling_is_named_in_the_consumers_account_and_partition_and_each_family_has_grants_of_its_own() {
    assert_eq!(
        auto_scaling_in("222233334444/cn-north-1".parse().unwrap()),
        "arn:aws-cn:iam::222233334444:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling"
    );
    assert_eq!(grant_name(&"web".parse().unwrap()), "image-steward/auto-scaling/web");
}
