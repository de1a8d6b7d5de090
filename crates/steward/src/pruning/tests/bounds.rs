//! Where the second look begins to say something, and where it just does not yet.

use super::super::*;
use super::checking::{rungs, said};
use super::edited::gone;
use super::random::reported_use;
use super::stage::{self, *};
use crate::distribution::NotOurs;
use crate::evidence::ReportedUser;
use crate::{AmiState, Timestamp};

/// A plan, with which the second look finds nothing wrong.
fn good(world: &World) -> PruningPlan {
    let plan = world.plan();
    assert_eq!(check_plan(&world.facts, &plan, world.now), []);
    plan
}

/// What it says of the plan of a release where that turns out to be another.
fn said_of(n: u32, change: impl FnOnce(&mut ReleaseFacts)) -> Vec<String> {
    said(rungs(), |world| change(world.of(n)))
}

fn disabled_at(at: Timestamp) -> PlacementStanding {
    let at = Some(at);
    PlacementStanding::Disabled(Since { at, by_us: true })
}

#[test]
fn what_is_just_old_enough_and_unused_for_just_so_long_goes() {
    assert_eq!(said_of(1, |release| release.built = BuildTime::At(day(70))), [""; 0]);
    let launched = |release: &mut ReleaseFacts| release.placements[0].launched = LastLaunch::At(day(85));
    assert_eq!(said_of(3, launched), [""; 0]);
}

#[test]
fn what_is_made_at_this_very_moment_has_a_date_and_a_rank() {
    let newest = family().has_each_day(1..=8).has(9, 100);
    assert!(good(&newest).newly.contains(&id(7)));
    let at_once = "releases: 1, for: 0d, ladder: { deprecate: 0d }, limits: { share: 100% }";
    let older = family_with(at_once).has(1, 100).has(2, 5);
    assert_eq!(good(&older).newly, [id(1)]);
    let copied = family_with(at_once).has_each_day(1..=2);
    let copied = copied.image(1, |image| image.created = BuildTime::At(day(100)));
    assert_eq!(good(&copied).newly, [id(1)]);
}

#[test]
fn what_nobody_can_use_or_is_not_ours_pushes_nothing_out() {
    let pushed = String::from("nothing that is to stay: ami-00000000000000060 is among the newest");
    let unsettled = PlacementStanding::Unsettled(AmiState::Pending);
    assert!(said_of(8, |release| release.placements[0].standing = unsettled).contains(&pushed));
    let another = Some(Unmanaged::NotOurs(NotOurs::Untagged));
    assert!(said_of(8, |release| release.placements[0].unmanaged = another).contains(&pushed));
}

#[test]
fn a_release_of_which_nothing_is_ours_is_neither_newly_expendable_nor_needed() {
    let others = |release: &mut ReleaseFacts| release.placements[0].unmanaged = Some(Unmanaged::ByAnotherHand);
    let mut world = rungs().with(1, others).with(4, others);
    world.of(1).place = Place::LeftByFailedBuild;
    let mut plan = good(&world);
    assert_eq!((plan.newly.len(), plan.cleared.len()), (2, 0));
    plan.newly.push(id(1));
    let found = check_plan(&world.facts, &plan, world.now);
    let found: Vec<String> = found.iter().map(ToString::to_string).collect();
    assert_eq!(found, [format!("every image once: {} is not newly expendable", id(1))]);
}

#[test]
fn a_share_that_is_just_met_is_not_exceeded_and_one_release_always_may() {
    let of_four = family_with(&RETAIN.replace("share: 100%", "share: 50%")).has_each_day(1..=4);
    assert_eq!(good(&of_four).newly, [id(1), id(2)]);
    let one = family_with(&RETAIN.replace("share: 100%", "share: 0%")).has_each_day(1..=3);
    assert_eq!(good(&one).newly, [id(1)]);
}

#[test]
fn the_wait_on_a_rung_is_what_lies_between_it_and_the_next() {
    let ladder = "releases: 1, for: 30d, ladder: { deprecate: 1d, disable: 2d, delete: 9d }, limits: { share: 100% }";
    let world = family_with(ladder).has_each_day(1..=2).on(1, Rung::Deprecated, 99, 98);
    good(&world);
    assert_eq!(world.steps(), ["disable 1"]);
}

#[test]
fn what_is_reckoned_to_be_expendable_is_so_no_earlier_than_it_is_old_enough() {
    let built = |at: Timestamp| {
        said_of(2, |release| {
            release.since = ExpendableSince::Reckoned;
            release.built = BuildTime::At(at);
        })
    };
    assert_eq!(built(second(56 * 86_400)), [""; 0]);
    let early = "nothing before its time: ami-00000000000000020 is disabled before its time";
    assert_eq!(built(second(56 * 86_400 + 1)), [early]);
}

#[test]
fn what_was_told_in_the_moment_in_which_its_way_down_began_was_told() {
    let told = |disabled: i64, told: Timestamp| {
        said_of(3, |release| {
            release.placements[0].standing = disabled_at(day(disabled));
            release.placements[0].announced = Some(told);
        })
    };
    // It came to its rung in its way down, or long before.
    assert_eq!(told(84, day(84)), [""; 0]);
    assert_eq!(told(60, day(70)), [""; 0]);
    let untold = "nothing before its time: ami-00000000000000030 goes, and nobody was told of it a day ago";
    assert_eq!(told(60, second(70 * 86_400 - 1)), [untold]);
}

#[test]
fn what_is_left_of_a_release_is_told_once_on_a_way_down() {
    let tell =
        |at: Option<i64>| move |release: &mut ReleaseFacts| release.output.as_mut().unwrap().announced = at.map(day);
    assert_eq!(said(gone(), |world| tell(Some(70))(world.of(3))), [""; 0]);
    let untold = gone().with(3, tell(None));
    let arn = stage::output(3).arn;
    assert_eq!(good(&untold).orphans_to_announce, std::slice::from_ref(&arn));
    let again = format!("nothing before its time: {arn} is announced, and does not go so soon");
    assert_eq!(said(untold, |world| tell(Some(99))(world.of(3))), [again]);
}

#[test]
fn the_word_of_a_target_counts_from_the_moment_on_in_which_nobody_does_without_it() {
    let waived = |until: Timestamp| {
        said(rungs(), |world| {
            world.facts.evidence[2].waiver = Some(Waiver {
                until,
                who: "ann".to_owned(),
                why: "it is being closed".into(),
            });
            let used = reported_use(MEMBER_ACCOUNT, at(HOME), ReportedUser::Instances);
            world.of(1).placements[0].uses.push(used);
        })
    };
    assert_eq!(waived(day(100)), [""; 0]);
    let used = [
        String::from("nothing in use: ami-00000000000000010 is used"),
        format!("every image once: {} is not newly expendable", id(1)),
    ];
    assert_eq!(waived(second(100 * 86_400 + 1)), used);
}

#[test]
fn a_date_that_is_still_to_come_is_none() {
    let ahead = || BuildTime::At(second(100 * 86_400 + 1));
    let says = |says: &str| format!("nothing young or of unknown age: ami-00000000000000030 {says}");
    let built = said_of(3, |release| release.built = ahead());
    assert!(built.contains(&says("is of no known age")), "{built:?}");
    let made = said_of(3, |release| release.placements[0].created = ahead());
    assert!(made.contains(&says("was made nobody knows when")), "{made:?}");
}
