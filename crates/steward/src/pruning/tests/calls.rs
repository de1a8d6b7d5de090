//! The calls that steps are made by.

use std::collections::{BTreeMap, BTreeSet};

use super::super::*;
use super::stage::*;
use crate::distribution::Grantee;
use crate::{AmiState, Timestamp};

const TAKEN: i64 = 60;

fn account(n: usize) -> Grantee {
    Grantee::Account(format!("{n:012}").parse().unwrap())
}

fn accounts(numbers: std::ops::RangeInclusive<usize>) -> BTreeSet<Grantee> {
    numbers.map(account).collect()
}

fn shown(state: AmiState, deprecated: Option<Timestamp>) -> ImageNow {
    ImageNow {
        owner: HUB.parse().unwrap(),
        family: Some("web".into()),
        state,
        created: Some(day(0)),
        deprecated,
        launched: None,
        tags: BTreeMap::new(),
        protected: None,
        snapshots: BTreeSet::new(),
    }
}

fn way_up(image: &ImageNow, saved: &BTreeSet<Grantee>, declared: &BTreeSet<Grantee>) -> (Vec<String>, usize) {
    let taken = TakenDown {
        deprecated: Some(day(TAKEN)),
        disabled: Some(day(80)),
    };
    let WayUp { calls, left_out } = WayUp::of(ami(1, 0), image, taken, saved, (declared, &accounts(9..=9)));
    (calls.iter().map(ToString::to_string).collect(), left_out.len())
}

#[test]
fn an_image_is_enabled_then_shared_as_before_and_only_then_recommended_again() {
    let image = shown(AmiState::Disabled, Some(day(TAKEN)));
    let said = way_up(&image, &accounts(1..=3), &accounts(2..=5));
    let of = ami(1, 0);
    assert_eq!(
        said.0,
        [
            format!("enable {of}"),
            format!("let 000000000002, 000000000003 launch {of} again"),
            format!("cancel the deprecation of {of}"),
        ]
    );
    assert_eq!(said.1, 1);
}

#[test]
fn who_is_not_declared_any_more_is_let_no_more_and_who_was_not_saved_not_by_this() {
    let image = shown(AmiState::Disabled, None);
    let (calls, left_out) = way_up(&image, &accounts(1..=3), &BTreeSet::new());
    assert_eq!((calls, left_out), (vec![format!("enable {}", ami(1, 0))], 3));
    let (calls, left_out) = way_up(&image, &BTreeSet::new(), &accounts(1..=3));
    assert_eq!((calls.len(), left_out), (1, 0));
}

#[test]
fn what_is_up_already_is_not_enabled_and_what_another_hand_deprecated_stays_deprecated() {
    let image = shown(AmiState::Available, Some(day(70)));
    assert_eq!(way_up(&image, &BTreeSet::new(), &BTreeSet::new()).0, [""; 0]);
    // EC2 rounds it to a minute.
    let half = shown(AmiState::Available, Some(second(TAKEN * 86_400 + 90)));
    assert_eq!(
        way_up(&half, &BTreeSet::new(), &BTreeSet::new()).0,
        [format!("cancel the deprecation of {}", ami(1, 0))]
    );
}

#[test]
fn more_permissions_than_ec2_takes_in_a_call_are_several_with_names_of_their_own() {
    let many = accounts(1..=1_001);
    let image = shown(AmiState::Available, None);
    let WayUp { calls, .. } = WayUp::of(
        ami(1, 0),
        &image,
        TakenDown::default(),
        &many,
        (&many, &BTreeSet::new()),
    );
    let keys: BTreeSet<String> = calls.iter().map(PruningCall::key).collect();
    assert_eq!((calls.len(), keys.len()), (3, 3));
    let granted = calls.iter().map(|call| match call {
        PruningCall::Grant(_, who) => who.len(),
        other => panic!("{other}"),
    });
    assert_eq!(granted.sum::<usize>(), 1_001);
}

#[test]
fn each_kind_of_call_has_a_name_of_its_own() {
    let of = ami(1, 0);
    let snapshot: crate::SnapshotId = "snap-00000000000000010".parse().unwrap();
    let arn: crate::ImageBuildArn = "arn:aws:imagebuilder:eu-west-1:111122223333:image/web/1.0.1/1"
        .parse()
        .unwrap();
    let calls = [
        PruningCall::Deprecate(of),
        PruningCall::CancelDeprecation(of),
        PruningCall::Disable(of),
        PruningCall::Enable(of),
        PruningCall::Grant(of, accounts(1..=1)),
        PruningCall::Deregister {
            ami: of,
            snapshots: vec![snapshot],
        },
        PruningCall::DeleteSnapshot { snapshot, of },
        PruningCall::DeprecateOutput(arn.clone()),
        PruningCall::DeleteOutput(arn),
    ];
    let keys: BTreeSet<String> = calls.iter().map(PruningCall::key).collect();
    assert_eq!(keys.len(), calls.len());
    let says: Vec<String> = calls.iter().map(|call| call.says().to_string()).collect();
    assert_eq!(says[5], format!("deregister {of} with 1 snapshot"));
    assert_eq!(says[6], format!("delete {snapshot}, which {of} left behind"));
}

#[test]
fn whoever_is_let_already_is_not_let_again() {
    let image = shown(AmiState::Available, None);
    let all = accounts(1..=3);
    let WayUp { calls, left_out } = WayUp::of(ami(1, 0), &image, TakenDown::default(), &all, (&all, &accounts(1..=2)));
    assert_eq!(calls, [PruningCall::Grant(ami(1, 0), accounts(3..=3))]);
    assert!(left_out.is_empty());
}

#[test]
fn everybody_is_let_again_by_a_call_of_its_own_after_all_others() {
    let image = shown(AmiState::Available, None);
    let mut all = accounts(1..=2);
    all.insert(Grantee::Everybody);
    let nobody = BTreeSet::new();
    let WayUp { calls, .. } = WayUp::of(ami(1, 0), &image, TakenDown::default(), &all, (&all, &nobody));
    let everybody = PruningCall::Grant(ami(1, 0), BTreeSet::from([Grantee::Everybody]));
    assert_eq!(calls, [PruningCall::Grant(ami(1, 0), accounts(1..=2)), everybody]);
    assert_eq!(
        calls.iter().map(PruningCall::is_for_everybody).collect::<Vec<_>>(),
        [false, true]
    );
}

#[test]
fn a_call_is_known_by_its_name_but_for_what_that_does_not_tell() {
    let of = ami(1, 0);
    let arn = output(1).arn;
    let told = [
        PruningCall::Deprecate(of),
        PruningCall::CancelDeprecation(of),
        PruningCall::Disable(of),
        PruningCall::Enable(of),
        PruningCall::Deregister {
            ami: of,
            snapshots: Vec::new(),
        },
        PruningCall::DeprecateOutput(arn.clone()),
        PruningCall::DeleteOutput(arn),
    ];
    for call in told {
        assert_eq!(PruningCall::named(&call.key()), Some(call));
    }
    let snapshot = "snap-00000000000000010".parse().unwrap();
    let not = [
        PruningCall::Grant(of, accounts(1..=2)),
        PruningCall::DeleteSnapshot { snapshot, of },
    ];
    for call in not {
        assert_eq!(PruningCall::named(&call.key()), None);
    }
}

#[test]
fn another_attempt_another_way_down_and_another_target_have_tokens_of_their_own() {
    let call = PruningCall::DeprecateOutput(output(1).arn);
    let tokens = BTreeSet::from([
        call.token(at(HOME), 1, day(1)),
        call.token(at(HOME), 2, day(1)),
        call.token(at(HOME), 1, day(2)),
        call.token(at(AWAY), 1, day(1)),
    ]);
    assert_eq!(tokens.len(), 4);
    assert!(tokens.iter().all(|token| token.len() == 32));
}

#[test]
fn a_snapshot_that_stays_is_tried_again_soon_then_seldom_and_at_least_once_a_day() {
    let minutes = |tries| {
        WhyLeft::again(tries, day(100))
            .checked_since(day(100))
            .unwrap()
            .as_secs()
            / 60
    };
    assert_eq!([0, 1, 2, 8, 9, 1_000].map(minutes), [5, 10, 20, 1_280, 1_440, 1_440]);
}

#[test]
fn a_step_down_is_one_call_on_its_image_and_one_on_image_builders_is_on_none() {
    let plan = super::checking::rungs().plan();
    let calls = plan.steps.iter().map(|step| step.effect.call());
    let third = PruningCall::Deregister {
        ami: ami(3, 0),
        snapshots: vec!["snap-00000000000000030".parse().unwrap()],
    };
    let arn = output(3).arn;
    let expected = [
        None,
        Some(PruningCall::Deprecate(ami(1, 0))),
        Some(PruningCall::Disable(ami(2, 0))),
        Some(PruningCall::DeprecateOutput(arn.clone())),
        Some(third),
        Some(PruningCall::DeleteOutput(arn)),
    ];
    assert!(calls.take(6).eq(expected));
    let images = plan.steps.iter().map(|step| step.effect.image());
    let of = |n: u32| {
        Some(crate::Output {
            target: at(HOME),
            ami: ami(n, 0),
        })
    };
    assert!(images.take(6).eq([of(4), of(1), of(2), None, of(3), None]));
}

#[test]
fn a_release_is_called_by_its_name() {
    let names = family().has_each_day(1..=2).facts.names();
    let said: Vec<String> = names.values().map(ToString::to_string).collect();
    assert_eq!(said.len(), 2);
    assert_eq!(names[&id(2)].to_string(), "web/1.0.2/1");
}
