//! What stays, rule by rule.

use super::super::*;
use super::stage::*;
use crate::distribution::NotOurs;
use crate::evidence::{Hop, Reference, VersionStanding};
use crate::{AmiState, Architecture};

/// Releases 1 to 4, old enough, of which the newest two stay.
fn four() -> World {
    family().has_each_day(1..=4)
}

fn is_kept(world: &World, n: u32, rule: &str, why: &str) {
    assert_eq!((world.fate(n), world.why(n)), (format!("kept: {rule}"), why.to_owned()));
    // By that alone: its neighbour goes.
    assert_eq!(world.fate(2), "available → deprecated on 100");
}

fn kept_image(change: impl FnOnce(&mut PlacementSeen), rule: &str, why: &str) {
    is_kept(&four().image(1, change), 1, rule, why);
}

fn kept_release(change: impl FnOnce(&mut ReleaseFacts), rule: &str, why: &str) {
    is_kept(&four().with(1, change), 1, rule, why);
}

#[test]
fn of_ten_releases_of_which_five_stay_and_three_more_are_young_exactly_the_other_two_go() {
    let world = (1..=10).fold(
        family_with("releases: 5, for: 30d, limits: { share: 100% }"),
        |world, n| world.has(n, if n <= 2 { 10 } else { 80 }),
    );
    assert_eq!(world.expendable(), ["1", "2"]);
    assert_eq!(
        (world.fate(3), world.fate(6)),
        ("kept: age".to_owned(), "kept: rank".to_owned())
    );
}

#[test]
fn the_newest_stay_whatever_their_age_and_say_their_rank() {
    let world = four();
    assert_eq!(
        world.fates(),
        [
            "1 available → deprecated on 100",
            "2 available → deprecated on 100",
            "3 kept: rank",
            "4 kept: rank",
        ]
    );
    assert_eq!(world.why(4), "the newest, of 2 that stay");
    assert_eq!(world.why(3), "number 2 of the newest 2 that stay");
    let spent = "number 4 of its line, built on 2026-02-03T02:40:00.000Z, never launched";
    assert_eq!(world.why(1), spent);
}

#[test]
fn what_is_protected_uses_up_its_rank() {
    let held = four().with(4, on_stable);
    assert_eq!(held.expendable(), ["1", "2"]);
    let tagged = four().image(3, tag("keep", "true"));
    assert_eq!(tagged.expendable(), ["1", "2"]);
}

#[test]
fn what_cannot_be_judged_takes_nobodys_rank() {
    let changes: [fn(&mut ReleaseFacts); 4] = [
        |release| release.built = BuildTime::Absent,
        |release| release.built = BuildTime::At(second(100 * 86_400 + 1)),
        |release| release.place = Place::Ungrouped(Ungrouped::Architecture(None)),
        |release| release.placements[0].standing = PlacementStanding::Unsettled(AmiState::Pending),
    ];
    for change in changes {
        assert_eq!(four().with(4, change).expendable(), ["1"]);
    }
    let gone = four().with(4, |release| release.placements.clear());
    assert_eq!(gone.expendable(), ["1"]);
    let others = four().image(4, |image| image.unmanaged = Some(Unmanaged::ByAnotherHand));
    assert_eq!(others.expendable(), ["1"]);
}

#[test]
fn a_release_of_which_one_copy_is_still_being_made_takes_its_rank() {
    let copied = four().copied(4, AWAY).with(4, |release| {
        release.placements[1].standing = PlacementStanding::Unsettled(AmiState::Pending);
    });
    assert_eq!(copied.expendable(), ["1", "2"]);
}

#[test]
fn releases_rank_by_their_numbers_and_not_by_their_dates() {
    let late = family().has(1, 4).has(2, 3).has(10, 2).has(9, 1);
    assert_eq!(late.expendable(), ["2", "1"]);
}

#[test]
fn architectures_rank_apart() {
    let world = [1, 3, 5].into_iter().fold(four(), |world, n| {
        world.has_on(Architecture::Arm64, 10 + n, i64::from(n) + 4)
    });
    assert_eq!(world.expendable(), ["1", "2", "11"]);
}

#[test]
fn adopted_images_rank_by_their_lines_and_dates_below_every_build() {
    let adopted = |world: World, n: u32, group: &str| {
        let group = if group.is_empty() {
            Vec::new()
        } else {
            vec![group.to_owned()]
        };
        world.has(n, i64::from(n)).with(n, |release| {
            release.place = Place::Adopted {
                line: Line {
                    architecture: Architecture::X86_64,
                    group,
                },
                ami: ami(n, 0),
                region: at(HOME).region(),
            };
        })
    };
    let stacks = [(1, "a"), (2, "b"), (3, "a"), (4, "b"), (5, "a"), (6, "b")];
    let lines = stacks
        .into_iter()
        .fold(family(), |world, (n, group)| adopted(world, n, group));
    assert_eq!(lines.expendable(), ["1", "2"]);
    // One build, and adopted images of no group, which rank behind it.
    let mixed = [2, 3, 4]
        .into_iter()
        .fold(family().has(1, 1), |world, n| adopted(world, n, ""));
    assert_eq!(mixed.expendable(), ["2", "3"]);
}

#[test]
fn the_copies_of_a_release_go_together_by_its_age() {
    let world = four().copied(1, AWAY).copied(1, MEMBER);
    assert_eq!(world.expendable(), ["1", "1.1", "1.2", "2"]);
    let used = world.with(1, |release| release.placements[2].uses.push(said("asg/web")));
    assert_eq!(
        used.fates()[..3],
        ["1 kept: referenced", "1.1 kept: referenced", "1.2 kept: referenced"]
    );
    assert_eq!(
        used.why(1),
        "ami-00000000000000012 is used in 111122223333/eu-west-1: asg/web"
    );
}

#[test]
fn exactly_as_old_as_the_limit_is_old_enough_and_one_second_younger_is_not() {
    let policy = "releases: 1, for: 30d, limits: { share: 100% }";
    let world = |seconds: i64| {
        family_with(policy).has(1, 1).has(2, 99).with(1, |release| {
            release.built = BuildTime::At(second(70 * 86_400 + seconds));
        })
    };
    assert_eq!(world(0).expendable(), ["1"]);
    assert_eq!(world(1).fate(1), "kept: age");
    assert_eq!(world(1).why(1), "too young until 2026-05-13T02:40:01.000Z");
}

#[test]
fn what_is_built_this_very_moment_is_the_newest_and_takes_its_rank() {
    let world = four().with(4, |release| release.built = BuildTime::At(day(100)));
    assert_eq!(
        (world.fate(4), world.expendable()),
        ("kept: rank".to_owned(), vec!["1".to_owned(), "2".to_owned()])
    );
    let left = world.with(4, |release| release.place = Place::LeftByFailedBuild);
    assert_eq!(left.fate(4), "kept: age");
}

#[test]
fn what_has_no_date_or_one_to_come_or_one_that_is_none_stays_and_says_so() {
    kept_release(
        |release| release.built = BuildTime::Absent,
        "undated",
        "nothing says when it was made",
    );
    kept_release(
        |release| release.built = BuildTime::At(second(100 * 86_400 + 1)),
        "undated",
        "it says that it was made on 2026-05-13T02:40:01.000Z, which is still to come",
    );
    kept_release(
        |release| release.built = BuildTime::Unparseable("yesterday".into()),
        "undated",
        "it says that it was made on yesterday, which is no time",
    );
}

#[test]
fn a_launch_counts_for_its_time_and_the_day_that_ec2_needs_to_tell() {
    let launched = |hours: i64| four().image(1, |image| image.launched = LastLaunch::At(hour(85 * 24 + hours)));
    assert_eq!(launched(0).fate(1), "available → deprecated on 100");
    is_kept(
        &launched(1),
        1,
        "launched",
        "ami-00000000000000010 was launched on 2026-04-28T03:40:00.000Z, which counts until 2026-05-13T03:40:00.000Z",
    );
    assert_eq!(
        launched(0).why(1),
        "number 4 of its line, built on 2026-02-03T02:40:00.000Z, last launched on 2026-04-28T02:40:00.000Z"
    );
}

#[test]
fn no_known_launch_says_that_there_was_none_only_of_what_is_old_enough() {
    let policy = "releases: 1, for: 1d, unused_for: 14d, limits: { share: 100% }";
    let built = |hours: i64| {
        family_with(policy).has(1, 1).has(2, 99).with(1, |release| {
            release.built = BuildTime::At(hour(85 * 24 + hours));
        })
    };
    assert_eq!(built(0).expendable(), ["1"]);
    assert_eq!(built(1).fate(1), "kept: launched");
    assert_eq!(
        built(1).why(1),
        "no launch of ami-00000000000000010 is known, which says nothing until 2026-05-13T03:40:00.000Z"
    );
}

#[test]
fn a_launch_that_could_not_be_read_may_have_been_now_unless_nobody_asks() {
    kept_image(
        |image| image.launched = LastLaunch::Unread,
        "launched",
        "when ami-00000000000000010 was last launched could not be read",
    );
    let unasked = family_with("releases: 2, for: 30d, limits: { share: 100% }").has_each_day(1..=4);
    let unread = unasked.image(1, |image| image.launched = LastLaunch::Unread);
    let launched = unread.image(2, |image| image.launched = LastLaunch::At(day(100)));
    assert_eq!(launched.expendable(), ["1", "2"]);
    assert!(launched.why(1).ends_with("whatever its launches"));
}

#[test]
fn what_somebody_uses_stays_and_says_the_whole_way() {
    let group = Use {
        seen_in: at(MEMBER),
        by: UsedBy::Way(Reference {
            path: vec![Hop::Group("web".into()), version(7, 3)],
        }),
    };
    kept_image(
        |image| image.uses.push(group),
        "referenced",
        "ami-00000000000000010 is used in 222233334444/eu-west-1: group web → launch template web version 7",
    );
}

#[test]
fn of_several_uses_the_same_one_is_told_in_whatever_order_they_are_listed() {
    for order in [["asg/a", "asg/b"], ["asg/b", "asg/a"]] {
        let used = four().image(1, |image| image.uses.extend(order.map(said)));
        assert_eq!(
            used.why(1),
            "ami-00000000000000010 is used in 111122223333/eu-west-1: asg/a"
        );
    }
}

#[test]
fn versions_of_templates_count_as_the_manifest_says() {
    let used = |policy: &str, newer: u64| {
        let policy = format!("releases: 1, for: 30d, launch_template_versions: {policy}, limits: {{ share: 100% }}");
        let way = UsedBy::Way(Reference {
            path: vec![version(7, newer)],
        });
        let seen_in = at(HOME);
        let world = family_with(&policy).has(1, 1).has(2, 2);
        world
            .image(1, |image| image.uses.push(Use { seen_in, by: way }))
            .fate(1)
            == "kept: referenced"
    };
    assert_eq!([0, 1, 9].map(|newer| used("referenced", newer)), [true, false, false]);
    assert_eq!(
        [0, 1, 2, 9].map(|newer| used("newest 2", newer)),
        [true, true, false, false]
    );
    assert_eq!([0, 1, 9].map(|newer| used("all", newer)), [true, true, true]);
}

#[test]
fn what_a_channel_points_to_or_is_about_to_stays() {
    let stable = || "stable".parse().unwrap();
    kept_release(
        |release| release.channels.push(Pointing::On(stable())),
        "channel",
        "on stable",
    );
    let on_the_way = Pointing::OnTheWayTo(stable());
    kept_release(
        |release| release.channels.push(on_the_way),
        "channel",
        "on the way to stable",
    );
}

#[test]
fn what_something_builds_on_stays() {
    let pipeline = BuildsOnIt::Pipeline("shop-x86-64".into());
    kept_release(
        |release| release.parent_of.push(pipeline),
        "parent",
        "pipeline shop-x86-64 builds on it",
    );
    let running = BuildsOnIt::Running("shop/2.0.0/1".into());
    kept_release(
        |release| release.parent_of.push(running),
        "parent",
        "shop/2.0.0/1 is being built on it",
    );
}

#[test]
fn a_tag_that_the_manifest_names_keeps_an_image_whoever_put_it_there() {
    let mut consumers = TagSeen {
        by: "222233334444".parse().unwrap(),
        key: "keep".to_owned(),
        value: "true".to_owned(),
    };
    let tag_of_consumer = consumers.clone();
    kept_image(
        |image| image.tags.push(tag_of_consumer),
        "tag",
        "ami-00000000000000010 is tagged keep=true in 222233334444",
    );
    consumers.value = "false".to_owned();
    let other_value = four().image(1, |image| image.tags.push(consumers));
    assert_eq!(other_value.expendable(), ["1", "2"]);
    let other_key = four().image(1, tag("stay", "true"));
    assert_eq!(other_key.expendable(), ["1", "2"]);
}

#[test]
fn a_hold_keeps_until_it_ends_and_the_longest_counts() {
    let held = |until: i64| hold(hour(until));
    kept_release(
        |release| release.holds.extend([held(99 * 24), held(100 * 24 + 1), held(10)]),
        "hold",
        "held by ann until 2026-05-13T03:40:00.000Z: audit",
    );
    let past = four().with(1, |release| release.holds.push(held(100 * 24)));
    assert_eq!(past.expendable(), ["1", "2"]);
}

#[test]
fn protection_from_deregistration_keeps_and_its_cooldown_too_until_it_ends() {
    kept_image(
        |image| image.protection = Some(Protection::On),
        "protected",
        "ami-00000000000000010 is protected from deregistration",
    );
    kept_image(
        |image| image.protection = Some(Protection::CoolsDown(hour(100 * 24 + 1))),
        "protected",
        "ami-00000000000000010 is protected from deregistration until 2026-05-13T03:40:00.000Z",
    );
    let over = four().image(1, |image| image.protection = Some(Protection::CoolsDown(day(100))));
    assert_eq!(over.expendable(), ["1", "2"]);
}

#[test]
fn what_is_not_settled_stays_with_all_its_copies() {
    for state in [AmiState::Pending, AmiState::Failed, AmiState::Transient] {
        let world = four().copied(1, AWAY).with(1, |release| {
            release.placements[1].standing = PlacementStanding::Unsettled(state);
        });
        assert_eq!(world.fates()[..2], ["1 kept: pending", "1.1 kept: pending"]);
        assert_eq!(world.why(1), format!("ami-00000000000000011 is {state}"));
    }
}

#[test]
fn what_lacks_a_group_key_or_an_architecture_is_left_alone() {
    let ungrouped = |why: Ungrouped| move |release: &mut ReleaseFacts| release.place = Place::Ungrouped(why);
    let lacks = Ungrouped::Lacks("tag:stack".parse().unwrap());
    kept_release(
        ungrouped(lacks),
        "ungrouped",
        "it has no tag:stack, which its family groups by",
    );
    let none = Ungrouped::Architecture(None);
    kept_release(ungrouped(none), "ungrouped", "it has no architecture");
    let other = Ungrouped::Architecture(Some("i386".into()));
    kept_release(
        ungrouped(other),
        "ungrouped",
        "its architecture is i386, which no family has",
    );
}

#[test]
fn what_is_not_ours_is_left_alone_and_keeps_no_copy_of_ours() {
    let world = four().copied(1, AWAY).with(1, |release| {
        release.placements[1].unmanaged = Some(Unmanaged::ByAnotherHand);
        release.placements[1].uses.push(said("asg/web"));
        release.placements[1].protection = Some(Protection::On);
    });
    assert_eq!(
        world.fates()[..2],
        ["1 available → deprecated on 100", "1.1 kept: unmanaged"]
    );
    assert_eq!(world.steps(), ["deprecate 1", "deprecate 2"]);
    let untagged = Unmanaged::NotOurs(NotOurs::Untagged);
    kept_image(
        |image| image.unmanaged = Some(untagged),
        "unmanaged",
        "it lacks the tag image-steward:family",
    );
    let backup = Unmanaged::Of("AWS Backup".into());
    kept_image(
        |image| image.unmanaged = Some(backup),
        "unmanaged",
        "it is AWS Backup's own",
    );
}

#[test]
fn what_a_failed_build_left_goes_whatever_its_rank_and_takes_none() {
    let world = four().with(4, |release| release.place = Place::LeftByFailedBuild);
    assert_eq!(world.expendable(), ["1", "4"]);
    assert_eq!(
        world.why(4),
        "left by a build that failed, built on 2026-02-06T02:40:00.000Z, never launched"
    );
    let young = world.with(4, |release| release.built = BuildTime::At(day(90)));
    assert_eq!(young.fate(4), "kept: age");
}

#[test]
fn a_family_that_says_nothing_of_what_goes_keeps_everything() {
    let mut world = four();
    world.facts.retain = None;
    assert!(world.expendable().is_empty());
    assert_eq!(
        (world.fate(1), world.why(1)),
        (
            "kept: unmanaged".to_owned(),
            "its family's manifest has no `retain`".to_owned()
        )
    );
}

fn tag(key: &str, value: &str) -> impl FnOnce(&mut PlacementSeen) {
    let (key, value) = (key.to_owned(), value.to_owned());
    let by = HUB.parse().unwrap();
    move |image| image.tags.push(TagSeen { by, key, value })
}

fn said(by: &str) -> Use {
    Use {
        seen_in: at(HOME),
        by: UsedBy::Said(by.into()),
    }
}

fn version(version: u64, newer: u64) -> Hop {
    Hop::Template {
        id: "lt-0123456789abcdef0".parse().unwrap(),
        name: "web".into(),
        version,
        standing: VersionStanding { default: false, newer },
    }
}

#[test]
fn a_young_copy_of_an_old_release_may_have_been_launched_since_it_was_made() {
    let made = |at: BuildTime| {
        let world = family().has_each_day(1..=3).copied(1, AWAY);
        world.with(1, |release| release.placements[1].created = at)
    };
    let young = made(BuildTime::At(day(99))).plan();
    assert_eq!(young.newly, vec![]);
    assert!(
        young
            .kept
            .iter()
            .any(|kept| kept.release == id(1) && kept.why.rule() == Rule::Launched)
    );
    // Fourteen days, and the day by which launches are told late.
    assert_eq!(made(BuildTime::At(day(85))).plan().newly, vec![id(1)]);
    for unknown in [
        BuildTime::Absent,
        BuildTime::At(day(101)),
        BuildTime::Unparseable("soon".into()),
    ] {
        let kept = made(unknown).plan().kept;
        assert!(
            kept.iter()
                .any(|kept| kept.release == id(1) && kept.why.rule() == Rule::Undated)
        );
    }
}
