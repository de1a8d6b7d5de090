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
