//! What people read, and what programs do.

use super::super::*;
use super::stage::*;
use crate::AmiState;
use crate::organization::AccountState;
use crate::testing::assert_blessed;

#[expect(clippy::too_many_lines, reason = "one of each")]
#[test]
fn each_finding_is_a_sentence_that_says_what_would_put_it_right() {
    let web = || "web".parse().unwrap();
    let region = away().region();
    let (image, other, snapshot) = (ami(2), ami(3), snap(2));
    let alias = || key("alias/golden");
    let unusable = |problem| Finding::KeyUnusable {
        key: alias(),
        target: away(),
        problem,
    };
    let findings = [
        Finding::RegionOff(away()),
        unusable(KeyProblem::NotFound),
        unusable(KeyProblem::Disabled),
        unusable(KeyProblem::PendingDeletion),
        unusable(KeyProblem::Default),
        unusable(KeyProblem::Unreadable("denied".into())),
        Finding::NeedsKey(region),
        Finding::SourceNotOurs {
            ami: image,
            cause: NotOurs::OfAnother(account(1)),
            family: web(),
        },
        Finding::SourceUnfinished {
            ami: image,
            state: AmiState::Pending,
        },
        Finding::SourceUnlisted(image),
        Finding::Unlisted {
            ami: image,
            family: web(),
        },
        Finding::CopiesUnderWay {
            in_flight: 19,
            volumes: 2,
        },
        Finding::NoRoom("ResourceLimitExceeded: too many".into()),
        Finding::Overdue {
            ami: image,
            since: day(2),
            state: AmiState::Pending,
            why: None,
        },
        Finding::Overdue {
            ami: image,
            since: day(2),
            state: AmiState::Pending,
            why: Some("waiting for a volume".into()),
        },
        Finding::NotOurs {
            ami: image,
            cause: NotOurs::Untagged,
            family: web(),
        },
        Finding::NotOurs {
            ami: image,
            cause: NotOurs::OtherFamily("base".into()),
            family: web(),
        },
        Finding::NotOurs {
            ami: image,
            cause: NotOurs::OtherRelease("x".into()),
            family: web(),
        },
        Finding::Second {
            ami: image,
            kept: other,
        },
        Finding::CopyFailed {
            ami: image,
            why: Some("Given key ID is not accessible".into()),
            key: Some(alias()),
        },
        Finding::CopyFailed {
            ami: image,
            why: None,
            key: None,
        },
        Finding::TagRefused {
            account: account(1),
            why: "TagPolicyViolation: not that value".into(),
        },
        Finding::LeftFailed { ami: image, why: None },
        Finding::BuiltByOtherKey {
            ami: image,
            key: alias(),
        },
        Finding::CopiedByOtherKey {
            ami: image,
            key: alias(),
        },
        Finding::KeyShutsOut {
            key: alias(),
            who: [grantee(1)].into(),
            statement: String::from("{}"),
        },
        Finding::KeyShutsOut {
            key: alias(),
            who: (0..900).map(grantee).collect(),
            statement: "{}".repeat(9_000),
        },
        Finding::KeyUnclear {
            key: alias(),
            who: [unit()].into(),
            statement: String::from("{}"),
        },
        Finding::KeyPolicyUnread {
            key: alias(),
            why: "denied".into(),
            statement: String::from("{}"),
        },
        Finding::DefaultsUnread {
            region,
            why: "denied".into(),
        },
        Finding::PublicImages { ami: image, count: 5 },
        Finding::AccountClosed(account(1)),
        Finding::AudienceUnknown("denied".into()),
        Finding::GrantsUnread(image),
        Finding::PermissionsUnread(snapshot),
        Finding::SnapshotNotOurs {
            snapshot,
            ami: image,
            cause: NotOurs::Untagged,
            family: web(),
        },
        Finding::BuiltByDefaultKey(image),
        Finding::CopiedByDefaultKey { ami: image, region },
        Finding::KeyUnseen {
            ami: image,
            key: alias(),
            why: "denied".into(),
        },
        Finding::UndeclaredGrants {
            ami: image,
            who: (1..=5).map(grantee).collect(),
        },
        Finding::UndeclaredPermissions {
            snapshot,
            who: [Copier::Everybody].into(),
        },
        Finding::NotPublic {
            ami: image,
            obstacle: PublicObstacle::Encrypted,
        },
        Finding::NotPublic {
            ami: image,
            obstacle: PublicObstacle::Quota,
        },
        Finding::NotPublic {
            ami: image,
            obstacle: PublicObstacle::Watermarked,
        },
        Finding::SnapshotNotPublic {
            snapshot,
            obstacle: PublicObstacle::Blocked,
        },
        Finding::TooMany {
            ami: image,
            left_out: 3,
        },
    ];
    assert_blessed(findings, "src/distribution/tests/findings.txt");
}

#[test]
fn each_finding_of_a_members_copy_is_such_a_sentence_too() {
    let image = ami(2);
    let findings = [
        MemberFinding::RegionOff(member()),
        MemberFinding::Shut {
            account: account(1),
            why: "failed to look at images in 222200000001/us-east-1: no answer".into(),
        },
        MemberFinding::CopyFailed {
            ami: image,
            why: Some("Given key ID is not accessible".into()),
            key: Some(key(KEY)),
            statement: String::from("{…}"),
        },
        MemberFinding::CopyFailed {
            ami: image,
            why: None,
            key: None,
            statement: String::from("{…}"),
        },
        MemberFinding::NotLent {
            ami: image,
            account: account(1),
        },
        MemberFinding::KeyGrantsUnread {
            key: key(KEY),
            why: "denied".into(),
            statement: String::from("{…}"),
        },
        MemberFinding::KeyNotLent {
            key: key(KEY),
            to: account(1),
            why: "denied".into(),
            statement: String::from("{…}"),
        },
        MemberFinding::Shares {
            ami: image,
            owner: account(1),
            who: [grantee(2)].into(),
        },
        MemberFinding::Left {
            account: account(1),
            why: "no answer".into(),
        },
        MemberFinding::OutOfUse {
            account: account(1),
            state: Some(AccountState::Closed),
        },
        MemberFinding::OutOfUse {
            account: account(1),
            state: Some(AccountState::Suspended),
        },
        MemberFinding::OutOfUse {
            account: account(1),
            state: None,
        },
        MemberFinding::SnapshotNotOurs {
            snapshot: snap(2),
            ami: ami(2),
        },
        MemberFinding::NoRoom {
            ami: ami(2),
            waiting: 12,
        },
        MemberFinding::OutOfUseSomehow(account(1)),
        MemberFinding::IsHub(hub()),
    ];
    assert_blessed(findings, "src/distribution/tests/member_findings.txt");
}

#[test]
fn only_what_would_come_to_nothing_blocks_a_copy() {
    let cause = NotOurs::Untagged;
    let family = "web".parse().unwrap();
    assert!(Finding::RegionOff(away()).blocks_a_copy());
    assert!(Finding::NeedsKey(away().region()).blocks_a_copy());
    assert!(
        Finding::SourceNotOurs {
            ami: ami(1),
            cause,
            family
        }
        .blocks_a_copy()
    );
    assert!(!Finding::GrantsUnread(ami(1)).blocks_a_copy());
}

#[test]
fn each_step_says_what_it_does_in_a_line() {
    let says = |case: &Case| -> Vec<String> {
        let steps = case.plan().steps;
        steps.iter().map(|step| step.says().to_string()).collect()
    };
    let (image, snapshot) = (ami(2), snap(2));
    assert_eq!(
        says(&nowhere().with_key()),
        [format!(
            "copy {} of 111122223333/eu-west-1 as web/1.4.2/7-arm64-01234567, encrypted by {KEY}",
            ami(1)
        )]
    );
    let mut case = there()
        .shared_with(&[grantee(1), grantee(2), grantee(3), unit(), organization()])
        .copied_by(&[copier(1)]);
    case.image(2).grants = Some([Grantee::Everybody].into());
    case.snapshot().permitted = Some([Copier::Everybody].into());
    case.snapshot().tags.remove("team");
    case.image(2).tags.remove("team");
    case = case.holding(3, our_copy(3));
    case.image(3).state = AmiState::Failed;
    assert_eq!(
        says(&case),
        [
            format!("deregister {}, a copy that failed", ami(3)),
            format!("tag {image}, {snapshot} team=web"),
            format!("let everybody no longer copy {snapshot} of {image}"),
            format!("let 222200000001 copy {snapshot} of {image}"),
            format!("let everybody no longer launch {image}"),
            format!("let 222200000001, 222200000002, 222200000003 and 2 more launch {image}"),
        ]
    );
}

#[test]
fn each_step_by_which_something_is_lent_says_so_in_a_line() {
    let mut case = there().with_key();
    case.snapshot().encryption = Encryption::Key(key(KEY));
    case.owners = [account(1), account(2)].into();
    case.lending.lacking = [account(1)].into();
    case.lending.served = [account(2)].into();
    case.lending.grants = [key_grant(KEY, 2)].into();
    let says: Vec<String> = case.plan().lending.iter().map(ToString::to_string).collect();
    let (image, snapshot) = (ami(2), snap(2));
    assert_eq!(
        says,
        [
            format!("let 222200000001 copy {snapshot} of {image}"),
            format!("let 222200000001 launch {image}"),
            format!("let image-steward-copy of 222200000001 use {KEY}"),
            format!("let image-steward-copy of 222200000002 no longer use {KEY}"),
        ]
    );
}

#[test]
fn a_plan_is_told_to_programs_by_names_and_ids() {
    let mut case = there().shared_with(&[unit()]);
    case.seen.images.get_mut(&ami(2)).unwrap().grants = Some([Grantee::Everybody].into());
    let told = serde_json::to_value(case.plan()).unwrap();
    let image = ami(2).to_string();
    let unit = unit().to_string();
    assert_eq!(
        told,
        serde_json::json!({
            "standing": { "there": image },
            "steps": [
                { "grant": { "ami": image, "change": { "remove": ["everybody"] } } },
                { "grant": { "ami": image, "change": { "add": [unit] } } },
            ],
            "lending": [],
            "findings": [],
        })
    );
}
