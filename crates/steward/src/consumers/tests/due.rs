//! When it is looked at again.

use std::collections::BTreeMap;

use super::super::*;
use super::stage::*;
use crate::distribution::{Reach, Stood};
use crate::testing::{self, release};
use crate::{AccountId, Timestamp};

fn at(minutes: i64) -> Timestamp {
    Timestamp::from_millisecond(1_770_000_000_000 + minutes * 60_000).unwrap()
}

fn viewed(settled: bool, under_way: bool, tries: u32) -> Viewed {
    Viewed {
        what: String::from("a"),
        settled,
        under_way,
        findings: Vec::new(),
        looked: at(0),
        tries,
    }
}

/// After how many minutes it is due first.
fn due_after(viewed: &Viewed) -> i64 {
    let due = |minutes: &i64| when_view_due(Some(&viewed.last_look()), "a").has_come(at(*minutes));
    (0..10_000).find(due).unwrap()
}

#[test]
fn what_nobody_looked_at_and_what_is_another_thing_by_now_is_due_at_once_and_what_rests_daily() {
    let rests = viewed(true, false, 0);
    let is_due =
        |viewed: Option<&Viewed>, what| when_view_due(viewed.map(Viewed::last_look).as_ref(), what).has_come(at(0));
    assert!(is_due(None, "a"));
    assert!(!is_due(Some(&rests), "a"));
    assert!(is_due(Some(&rests), "b"));
    // As the hour begins in which the day is over: it is twenty minutes to.
    assert_eq!(due_after(&rests), 23 * 60 + 20);
    assert_eq!(due_after(&viewed(false, true, 0)), 4);
    let waits: Vec<i64> = (1..5).map(|tries| due_after(&viewed(false, false, tries))).collect();
    assert_eq!(waits, [4, 10, 30, 60]);
}

#[test]
fn other_images_and_other_tags_are_another_thing_to_see_and_a_keep_tag_is_not() {
    let images = |n: u64| BTreeMap::from([(ami(n), release(7))]);
    let usual = view_of(&manifest("{ team: web }"), &images(1));
    assert_eq!(view_of(&manifest("{ team: web, keep: \"true\" }"), &images(1)), usual);
    assert_ne!(view_of(&manifest("{ team: api }"), &images(1)), usual);
    assert_ne!(view_of(&manifest("{ app: web }"), &images(1)), usual);
    assert_ne!(view_of(&manifest("{ team: web }"), &images(2)), usual);
    assert_ne!(view_of(&manifest("{ team: web }"), &BTreeMap::new()), usual);
}

#[test]
fn only_what_is_usable_by_this_manifest_and_for_this_audience_is_to_be_seen() {
    let stood = |reach| Stood {
        reach,
        ..testing::stood()
    };
    assert!(is_shared(&stood(Reach::Usable), 3, "a"));
    assert!(!is_shared(&stood(Reach::Coming), 3, "a"));
    assert!(!is_shared(&stood(Reach::Disabled), 3, "a"));
    assert!(!is_shared(&stood(Reach::Retired), 3, "a"));
    assert!(!is_shared(&stood(Reach::Usable), 4, "a"));
    assert!(!is_shared(&stood(Reach::Usable), 3, "b"));
}

#[test]
fn consumers_are_in_each_distributed_region_and_the_owner_is_none() {
    let readers: [AccountId; 2] = ["111122223333", "222233334444"].map(|account| account.parse().unwrap());
    let home = "111122223333/eu-west-1".parse().unwrap();
    let targets = consumer_targets(&manifest("{}"), home, &readers.into());
    let targets: Vec<String> = targets.iter().map(ToString::to_string).collect();
    assert_eq!(targets, ["222233334444/eu-west-1", "222233334444/us-east-1"]);
}
