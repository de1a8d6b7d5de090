//! Whatever the owner's image and the consumer's view of it are like.

use proptest::prelude::*;

use super::super::*;
use super::stage::*;

const KEYS: [&str; 6] = ["Name", "team", "app", "keep", "mine", "image-steward:release"];
const VALUES: [&str; 3] = ["a", "b", ""];

fn tags() -> impl Strategy<Value = Tags> {
    let tag = (0..KEYS.len(), 0..VALUES.len());
    let tags = proptest::collection::vec(tag, 0..6);
    tags.prop_map(|tags| {
        of(&tags
            .iter()
            .map(|(key, value)| (KEYS[*key], VALUES[*value]))
            .collect::<Vec<_>>())
    })
}

fn cases() -> impl Strategy<Value = Case> {
    let keys = proptest::collection::btree_set(1..4u8, 0..3);
    let put = proptest::sample::subsequence(KEYS.to_vec(), 0..4);
    let (read, shared) = (any::<bool>(), any::<bool>());
    let declared = prop_oneof![
        Just("{}"),
        Just("{ team: web }"),
        Just("{ team: web, app: x, keep: \"true\" }")
    ];
    (tags(), tags(), put, keys.clone(), keys, (read, shared), declared).prop_map(
        |(owners, consumers, put, behind, granted, (read, shared), declared)| {
            let mut case = Case::owned(&[]).put(&put).by(&behind.into_iter().collect::<Vec<_>>());
            case.manifest = manifest(declared);
            for n in granted {
                case = case.granted(n);
            }
            case.owners().tags.extend(owners);
            case.one().consumers = Some(consumers);
            case.one().shared = shared;
            if !read {
                case.one().owners = None;
            }
            case
        },
    )
}

/// The case once the steps were taken, as the record notes them.
fn after(case: &Case, plan: &ViewPlan) -> Case {
    let mut after = case.clone();
    for step in &plan.steps {
        match step {
            ViewStep::Grant { key, .. } => drop(after.put.grants.insert(key.clone(), held(9))),
            ViewStep::Retire { key, .. } => drop(after.put.grants.remove(key)),
            ViewStep::Tag { set, .. } => {
                after.put.tags.entry(ami(1)).or_default().extend(set.keys().cloned());
                after.one().consumers.as_mut().unwrap().extend(set.clone());
            }
            ViewStep::Untag { keys, .. } => {
                let consumers = after.one().consumers.as_mut().unwrap();
                consumers.retain(|key, _| !keys.contains(key));
                after
                    .put
                    .tags
                    .get_mut(&ami(1))
                    .unwrap()
                    .retain(|key| !keys.contains(key));
            }
        }
    }
    after
}

proptest! {
    #[test]
    fn what_was_done_leaves_nothing_to_do(case in cases()) {
        let plan = case.plan();
        let after = after(&case, &plan).plan();
        prop_assert_eq!(after.steps, []);
        prop_assert_eq!(after.findings, plan.findings);
    }

    #[test]
    fn a_tag_of_the_consumers_own_is_as_it_was_whatever_is_done(case in cases()) {
        let view = |case: &Case| case.images[&ami(1)].consumers.clone().unwrap();
        let (old, new) = (view(&case), view(&after(&case, &case.plan())));
        for (key, value) in &old {
            if !case.put.tags[&ami(1)].contains(key) {
                prop_assert_eq!(new.get(key), Some(value));
            }
        }
        // And nothing of ours is ever put there.
        let mut added = new.keys().filter(|key| !old.contains_key(*key));
        prop_assert!(added.all(|key| ["Name", "team", "app"].contains(&key.as_str())));
    }
}
