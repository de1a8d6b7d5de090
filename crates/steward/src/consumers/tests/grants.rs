//! Which keys Auto Scaling is granted, and until when.

use super::super::*;
use super::stage::*;

#[test]
fn each_key_behind_a_shared_image_is_granted_once() {
    let mut case = Case::owned(&[]).by(&[1, 2]);
    case.images.insert(ami(2), case.images[&ami(1)].clone());
    assert_eq!(case.plan().steps, [grant(1), grant(2)]);
    let case = case.granted(1);
    assert_eq!(case.plan().steps, [grant(2)]);
    assert_eq!(case.granted(2).plan(), ViewPlan::default());
}

#[test]
fn nothing_is_granted_for_what_is_not_shared_or_not_shown_there() {
    let mut case = Case::owned(&[]).by(&[1]);
    case.one().consumers = None;
    assert_eq!(case.plan().steps, []);
    let mut case = Case::owned(&[]).by(&[1]);
    case.one().shared = false;
    assert_eq!(case.plan().steps, []);
}

#[test]
fn a_grant_ends_with_the_last_image_that_its_key_is_behind_shared_or_not() {
    let case = Case::owned(&[]).by(&[1]).granted(1).granted(2);
    assert_eq!(case.plan().steps, [retire(2)]);
    // A disabled one may be enabled again.
    let mut disabled = case.clone();
    disabled.one().shared = false;
    assert_eq!(disabled.plan().steps, [retire(2)]);
    let mut gone = case.clone();
    gone.images.clear();
    assert_eq!(gone.plan().steps, [retire(1), retire(2)]);
    // A key that could not be looked at is behind it all the same, and is not granted.
    let mut unseen = case;
    unseen.owners().unseen = [key(2), key(3)].into();
    assert_eq!(unseen.plan().steps, []);
}

#[test]
fn while_an_image_was_not_read_no_grant_ends() {
    let mut case = Case::owned(&[]).by(&[1]).granted(2);
    case.images.insert(ami(2), image(&[]));
    let unread: [fn(&mut SharedImage); 2] = [
        |image| image.owners = None,
        |image| image.owners.as_mut().unwrap().tags.clear(),
    ];
    assert_eq!(case.plan().steps, [grant(1), retire(2)]);
    for spoil in unread {
        let mut case = case.clone();
        let other = case.images.get_mut(&ami(2)).unwrap();
        other.shared = false;
        spoil(other);
        assert_eq!(case.plan().steps, [grant(1)]);
    }
}

#[test]
fn a_key_of_another_account_is_left_to_people_and_said() {
    let mut case = Case::owned(&[]);
    let elsewhere = key_of("999988887777", 1);
    case.owners().keys = [elsewhere.clone()].into();
    let finding = ViewFinding::KeyElsewhere {
        key: elsewhere,
        target: target(),
    };
    assert!(finding.is_a_note());
    let expected = ViewPlan {
        steps: vec![],
        findings: vec![finding],
    };
    assert_eq!(case.plan(), expected);
}

#[test]
fn a_grant_that_somebody_revoked_is_made_again_and_one_that_the_record_lost_is_not_made_twice() {
    let case = Case::owned(&[]).by(&[1]);
    assert_eq!(case.clone().recorded(1).there(1, &[]).plan().steps, [grant(1)]);
    assert_eq!(case.there(1, &[7]).plan(), ViewPlan::default());
}

#[test]
fn where_the_grants_on_a_key_cannot_be_read_the_record_is_believed_and_it_is_said() {
    let case = Case::owned(&[]).by(&[1]).unread(1);
    let finding = ViewFinding::GrantsUnread {
        key: key(1),
        why: "denied".into(),
    };
    let plan = |steps| ViewPlan {
        steps,
        findings: vec![finding.clone()],
    };
    assert_eq!(case.plan(), plan(vec![grant(1)]));
    assert_eq!(case.recorded(1).plan(), plan(vec![]));
    assert!(finding.is_a_note());
}

#[test]
fn where_auto_scaling_has_no_role_nothing_is_granted_and_it_is_said_once_and_what_ends_ends() {
    let mut case = Case::owned(&[]).by(&[1, 2]).granted(3);
    case.no_auto_scaling = true;
    let account = target().account();
    let expected = ViewPlan {
        steps: vec![retire(3)],
        findings: vec![ViewFinding::NoAutoScaling { account }],
    };
    assert_eq!(case.plan(), expected);
}

#[test]
fn whoever_leaves_loses_every_grant_that_the_record_or_its_key_knows() {
    let leaving = |case: &Case| decide_leaving(&case.put, &case.grants);
    let case = Case::owned(&[]).by(&[1]).recorded(1);
    assert_eq!(leaving(&case).steps, [retire(1)]);
    assert_eq!(leaving(&case.clone().there(1, &[])).steps, [retire(1)]);
    assert_eq!(leaving(&case.clone().unread(1)).steps, [retire(1)]);
    assert_eq!(
        leaving(&case.clone().there(1, &[1, 2])).steps,
        [retire(1), retire_of(1, 2)]
    );
    // It was about to be made.
    let mut case = case;
    case.put.grants.get_mut(&key(1)).unwrap().grants.clear();
    assert_eq!(leaving(&case.clone().there(1, &[])), ViewPlan::default());
    assert_eq!(leaving(&case.clone().there(1, &[1])).steps, [retire(1)]);
    let unread = leaving(&case.unread(1));
    assert!(unread.steps.is_empty());
    assert!(matches!(unread.findings.as_slice(), [ViewFinding::GrantsUnread { .. }]));
}

#[test]
fn whether_auto_scaling_has_a_role_is_asked_once_a_day() {
    let at = |hours: i64| crate::Timestamp::from_millisecond(1_770_000_000_000 + hours * 3_600_000).unwrap();
    let mut put = PutThere::default();
    assert!(!put.lacks_auto_scaling(at(0)));
    put.no_auto_scaling = Some(at(0));
    assert!(put.lacks_auto_scaling(at(23)));
    assert!(!put.lacks_auto_scaling(at(24)));
}
