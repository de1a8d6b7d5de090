//! Which versions of launch templates go, and which stay.

use std::collections::{BTreeMap, BTreeSet};

use super::super::*;
use super::stage::*;

/// A template of so many versions of ours after the owner's first; the last is the default and names the image.
fn of_many(made: u64) -> Case {
    let mut case = by_template(true).holding(versions(1, [theirs(2)]));
    let there = case.there();
    there.versions.extend((2..=made).map(|number| (number, ours(2))));
    there.versions.insert(made + 1, ours(1));
    there.default = made + 1;
    there.latest = made + 1;
    case
}

fn trimmed(case: &Case) -> Vec<u64> {
    let PublicationPlan { steps, findings } = case.plan();
    assert_eq!(findings, []);
    let versions = steps.into_iter().flat_map(|step| match step {
        PublicationStep::Trim {
            template: trimmed,
            versions,
            release: _,
        } => {
            assert_eq!(trimmed, template());
            versions
        }
        other => panic!("{other}"),
    });
    versions.collect()
}

#[test]
fn of_the_versions_that_publishing_made_the_newest_ten_stay() {
    assert!(trimmed(&of_many(10)).is_empty());
    assert_eq!(trimmed(&of_many(11)), [2]);
    assert_eq!(trimmed(&of_many(14)), [2, 3, 4, 5]);
}

#[test]
fn what_others_made_stays_and_counts_for_nothing() {
    let mut case = of_many(14);
    for number in [3, 15] {
        case.there().versions.insert(number, theirs(2));
    }
    case.there().versions.insert(16, ours(1));
    case.there().default = 16;
    case.there().latest = 16;
    // 16 and 14 to 6 are the newest ten.
    assert_eq!(trimmed(&case), [2, 4, 5]);
}

#[test]
fn the_default_and_the_latest_stay_however_old_they_are() {
    let mut case = of_many(14);
    case.there().versions.insert(4, ours(1));
    case.there().default = 4;
    assert_eq!(trimmed(&case), [2, 3, 5]);
    // Read a moment apart they may disagree with the list.
    case.there().latest = 2;
    assert_eq!(trimmed(&case), [3, 5]);
}

#[test]
fn a_version_that_something_names_by_its_number_stays() {
    let mut case = of_many(14);
    case.there().named = Some([3, 5, 12].into());
    assert_eq!(trimmed(&case), [2, 4]);
}

#[test]
fn where_nobody_knows_who_names_them_all_stay_and_that_is_said() {
    let mut case = of_many(14);
    case.there().named = None;
    let finding = PublicationFinding::VersionsStay {
        template: template(),
        count: 4,
    };
    let plan = case.plan();
    assert_eq!((plan.steps, plan.findings), (vec![], vec![finding]));
    let mut case = of_many(10);
    case.there().named = None;
    assert!(trimmed(&case).is_empty());
}

#[test]
fn a_call_deletes_two_hundred_at_most() {
    let steps = of_many(411).plan().steps;
    let calls: Vec<&BTreeSet<u64>> = steps
        .iter()
        .map(|step| match step {
            PublicationStep::Trim { versions, .. } => versions,
            other => panic!("{other}"),
        })
        .collect();
    let sizes: Vec<usize> = calls.iter().map(|versions| versions.len()).collect();
    assert_eq!(sizes, [200, 200, 1]);
    assert_eq!(calls[0].first(), Some(&2));
    assert_eq!(calls[2].first(), Some(&402));
}

#[test]
fn versions_go_only_when_nothing_else_is_due() {
    let mut case = of_many(14);
    case.there().versions.insert(16, ours(1));
    case.there().versions.insert(15, ours(2));
    case.there().latest = 16;
    assert!(matches!(case.plan().steps[..], [PublicationStep::SetDefault { .. }]));
    case.there().versions.insert(16, ours(2));
    assert!(matches!(case.plan().steps[..], [PublicationStep::MakeVersion { .. }]));
    for image in [not_seen(1), PointerImage::NoneHere] {
        assert_eq!(of_many(14).at(image).plan().steps, []);
    }
    let mut case = of_many(14);
    case.pointers = BTreeMap::new();
    assert_eq!(case.plan().steps, []);
}

#[test]
fn versions_go_from_a_template_whose_default_is_its_owners_too() {
    let mut case = of_many(14);
    case.manifest = by_template(false).manifest;
    case.there().default = 1;
    assert_eq!(trimmed(&case), [2, 3, 4, 5]);
}
