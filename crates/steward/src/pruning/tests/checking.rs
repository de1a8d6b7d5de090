//! That the second look finds what is wrong with a plan, whatever is.

use super::super::*;
use super::random::reported_use;
use super::stage::*;
use crate::Timestamp;
use crate::evidence::{ReportedUser, Said};

/// A plan in which something happens on every rung, and its facts.
pub(super) fn rungs() -> World {
    family()
        .has_each_day(1..=8)
        .on(2, Rung::Deprecated, 86, 70)
        .on(3, Rung::Disabled, 84, 70)
        .image(3, |image| image.announced = Some(day(99)))
        .with(3, |release| release.output = Some(Box::new(output(3))))
        .on(4, Rung::Disabled, 84, 70)
        .with(4, on_stable)
}

/// What the second look says of a plan, where the facts turn out to be others than those that it was made of.
pub(super) fn said(world: World, change: impl FnOnce(&mut World)) -> Vec<String> {
    let plan = world.plan();
    let mut world = world;
    change(&mut world);
    let mut said: Vec<String> = check_plan(&world.facts, &plan, world.now)
        .iter()
        .map(ToString::to_string)
        .collect();
    said.dedup();
    said
}

fn finds(change: impl FnOnce(&mut World), expected: &[&str]) {
    assert_eq!(said(rungs(), change), expected);
}

/// The same, where a release is another.
fn finds_of(n: u32, change: impl FnOnce(&mut ReleaseFacts), expected: &[&str]) {
    finds(|world| change(world.of(n)), expected);
}

/// That a release is needed, and the plan does not say so.
fn stays(n: u32) -> String {
    format!("every image once: {} is needed, and stays expendable", id(n))
}

const THIRD: &str = "ami-00000000000000030";

#[test]
fn it_finds_nothing_wrong_with_what_was_decided() {
    let world = rungs();
    let steps = [
        "restore 4 from disabled",
        "deprecate 1",
        "disable 2",
        "deprecate web",
        "deregister 3",
        "delete web",
        "deprecate 5",
        "deprecate 6",
    ];
    assert_eq!(world.steps(), steps);
    finds(|_| {}, &[]);
}

#[test]
fn it_finds_what_somebody_wants() {
    let wanted = |says: &str| format!("nothing that is to stay: {THIRD} {says}");
    let finds = |change: fn(&mut ReleaseFacts), says: &str| finds_of(3, change, &[&wanted(says), &stays(3)]);
    finds(on_stable, "is on a channel, or on the way to one");
    finds(
        |release| release.parent_of.push(BuildsOnIt::Pipeline("shop".into())),
        "is built on",
    );
    let held = |release: &mut ReleaseFacts| {
        release.holds.push(hold(second(100 * 86_400 + 1)));
    };
    finds(held, "is held");
    finds(
        |release| release.placements[0].protection = Some(Protection::On),
        "is protected",
    );
    let cools = |release: &mut ReleaseFacts| {
        release.placements[0].protection = Some(Protection::CoolsDown(second(100 * 86_400 + 1)));
    };
    finds(cools, "is protected");
    let tagged = |release: &mut ReleaseFacts| {
        release.placements[0].tags.push(TagSeen {
            by: HUB.parse().unwrap(),
            key: "keep".to_owned(),
            value: "true".to_owned(),
        });
    };
    finds(tagged, "carries a tag that keeps it");
    let newest = |release: &mut ReleaseFacts| {
        let Place::Built { order, .. } = &mut release.place else {
            panic!("it is built")
        };
        *order = "2.0.0/1".parse().unwrap();
    };
    finds(newest, "is among the newest");
    let ungrouped = |release: &mut ReleaseFacts| release.place = Place::Ungrouped(Ungrouped::Architecture(None));
    finds_of(3, ungrouped, &[&wanted("cannot be ranked")]);
    finds_of(3, |release| release.holds.push(hold(day(70))), &[]);
    let early = format!("nothing before its time: {THIRD} is deregistered before its time");
    finds_of(3, |release| release.holds.push(hold(day(100))), &[&early]);
}

#[test]
fn it_finds_what_is_used_young_or_not_ours() {
    let finds = |change: fn(&mut ReleaseFacts), says: &str| finds_of(3, change, &[says, &stays(3)]);
    let used = |release: &mut ReleaseFacts| {
        release.placements[0].uses.push(Use {
            seen_in: at(MEMBER),
            by: UsedBy::Said("asg/web".into()),
        });
    };
    finds(used, "nothing in use: ami-00000000000000030 is used");
    let age = "nothing young or of unknown age: ami-00000000000000030";
    finds_of(
        3,
        |release| release.built = BuildTime::At(second(70 * 86_400 + 1)),
        &[
            &format!("{age} is too young"),
            "nothing before its time: ami-00000000000000030 is deregistered before its time",
            &stays(3),
        ],
    );
    let launched = |release: &mut ReleaseFacts| {
        release.placements[0].launched = LastLaunch::At(second(85 * 86_400 + 1));
    };
    finds(launched, &format!("{age} may have been launched lately"));
    let unread = |release: &mut ReleaseFacts| release.placements[0].launched = LastLaunch::Unread;
    finds_of(3, unread, &[&format!("{age} may have been launched lately")]);
    finds_of(
        3,
        |release| release.built = BuildTime::Absent,
        &[
            &format!("{age} is of no known age"),
            &format!("nothing that is to stay: {THIRD} cannot be ranked"),
            &format!("{age} may have been launched lately"),
        ],
    );
    finds_of(
        3,
        |release| release.placements[0].unmanaged = Some(Unmanaged::ByAnotherHand),
        &[
            "only what is ours: ami-00000000000000030 is not ours",
            &format!("nothing that is to stay: {THIRD} cannot be ranked"),
            &format!(
                "nothing before its time: what Image Builder has of {} goes, and nobody was told of it a day ago",
                id(3)
            ),
            &format!("every image once: what Image Builder has of {} is not listed", id(3)),
        ],
    );
    let snapshots = |release: &mut ReleaseFacts| release.placements[0].snapshots.clear();
    let along = "only what is ours: ami-00000000000000030 takes along a snapshot of another image";
    finds_of(3, snapshots, &[along]);
}

/// That all of it is done, and noted, by evidence that does not hold.
fn by_nothing() -> Vec<String> {
    let goes = |n: u32| format!("{} goes by evidence that does not hold", ami(n, 0));
    let noted = |what: &str| format!("something {what}, and nothing may be judged");
    let all = [
        format!("{} climbs by evidence that does not hold", ami(4, 0)),
        goes(1),
        goes(2),
        goes(3),
        goes(5),
        goes(6),
        noted("becomes expendable"),
    ];
    let cleared = format!(
        "every image once: {} was not expendable, or still is",
        rungs().of(4).release
    );
    let all = all.map(|says| format!("nothing by evidence that does not hold: {says}"));
    all.into_iter().chain([cleared]).collect()
}

#[test]
fn it_finds_what_goes_by_evidence_that_does_not_hold() {
    let changes: [fn(&mut TargetEvidence); 5] = [
        |evidence| evidence.sources.clear(),
        |evidence| evidence.sources[0].last = None,
        |evidence| evidence.sources[0].last.as_mut().unwrap().said = Said::Implausible { count: 1, usual: 9 },
        |evidence| evidence.sources[0].last.as_mut().unwrap().as_of = second(100 * 86_400 - 3601),
        |evidence| evidence.sources[0].last.as_mut().unwrap().as_of = second(100 * 86_400 + 1),
    ];
    for change in changes {
        let said = said(rungs(), |world| change(&mut world.facts.evidence[2]));
        assert_eq!(said, by_nothing());
    }
    let unlisted = said(rungs(), |world| drop(world.facts.evidence.remove(0)));
    assert_eq!(unlisted, by_nothing());
    let waived = |until: i64| {
        said(rungs(), |world| {
            let evidence = &mut world.facts.evidence[2];
            evidence.sources.clear();
            evidence.waiver = Some(Waiver {
                until: second(until),
                who: "ann".to_owned(),
                why: "it is being closed".into(),
            });
        })
    };
    assert!(waived(100 * 86_400 + 1).is_empty());
    assert_eq!(waived(100 * 86_400), by_nothing());
}

#[test]
fn it_finds_what_somebody_was_not_asked_of() {
    let known = |says: &str| format!("nothing by evidence that does not hold: ami-00000000000000010 {says}");
    let newly = format!("every image once: {} is not newly expendable", id(1));
    let late = known("was not there or known when somebody was asked");
    let after = second(100 * 86_400 + 1);
    finds_of(1, |release| release.placements[0].found = Some(after), &[&late, &newly]);
    // By who is asked, and by the source that was read the longest ago.
    let asked = |world: &mut World| {
        world.of(1).placements[0].found = Some(second(100 * 86_400 - 901));
        world.facts.evidence[2].sources[1].last.as_mut().unwrap().as_of = second(100 * 86_400 - 2);
    };
    finds(asked, &[&late, &newly]);
    let just = |world: &mut World| {
        asked(world);
        world.of(1).placements[0].found = Some(second(100 * 86_400 - 902));
    };
    finds(just, &[]);
}

#[test]
fn it_finds_what_goes_on_before_everybody_was_asked_since_it_came_to_its_rung() {
    let fast = "releases: 1, for: 30d, ladder: { deprecate: 0d, disable: 0d, delete: 0d }, limits: { share: 100% }";
    let world = || family_with(fast).has_each_day(1..=2).on(1, Rung::Deprecated, 86, 70);
    let reached = |at: Timestamp| {
        said(world(), |world| {
            world.of(1).placements[0].standing = PlacementStanding::Deprecated(Since {
                at: Some(at),
                by_us: true,
            });
            world.facts.evidence[2].sources[1].last.as_mut().unwrap().as_of = second(100 * 86_400 - 2);
        })
    };
    assert_eq!(reached(second(100 * 86_400 - 903)), [""; 0]);
    let says = "nothing by evidence that does not hold: ami-00000000000000010 goes, and somebody was asked last before it came to \
                its rung";
    assert_eq!(reached(second(100 * 86_400 - 902)), [says]);
}

#[test]
fn it_finds_what_is_used_by_who_was_not_asked_and_what_is_being_built() {
    let reported = |account: &str, by: ReportedUser| {
        let used = reported_use(account, at(HOME), by);
        said(rungs(), |world| world.of(1).placements[0].uses.push(used))
    };
    let newly = format!("every image once: {} is not newly expendable", id(1));
    let used = [
        String::from("nothing in use: ami-00000000000000010 is used"),
        newly.clone(),
    ];
    assert_eq!(reported(MEMBER_ACCOUNT, ReportedUser::Instances), [""; 0]);
    assert_eq!(reported(MEMBER_ACCOUNT, ReportedUser::LaunchTemplates), [""; 0]);
    assert_eq!(reported("333344445555", ReportedUser::LaunchTemplates), used);
    assert_eq!(
        reported(MEMBER_ACCOUNT, ReportedUser::Other("ec2:Anything".into())),
        used
    );
    let building = |n: u32| {
        said(rungs(), |world| {
            world.of(n).output = Some(Box::new(BuildOutput {
                state: crate::BuildState::Testing,
                ..output(n)
            }));
        })
    };
    let unranked = "nothing that is to stay: ami-00000000000000010 cannot be ranked";
    assert_eq!(building(1), [String::from(unranked), newly.clone()]);
    // It is no rank of the newest's, and so pushes nothing out.
    let pushed = "nothing that is to stay: ami-00000000000000060 is among the newest";
    assert!(building(8).contains(&String::from(pushed)), "{:?}", building(8));
}

#[test]
fn it_finds_what_goes_before_its_time() {
    let early = |says: &str| format!("nothing before its time: {says}");
    let late = second(100 * 86_400 - 1);
    let since = |reached: Timestamp| Since {
        at: Some(reached),
        by_us: true,
    };
    let second_early = early("ami-00000000000000020 is disabled before its time");
    finds_of(
        2,
        |release| release.placements[0].standing = PlacementStanding::Deprecated(since(second(86 * 86_400 + 1))),
        &[&second_early],
    );
    finds_of(
        2,
        |release| release.since = ExpendableSince::Recorded(second(86 * 86_400 + 1)),
        &[&second_early],
    );
    let third_early = early("ami-00000000000000030 is deregistered before its time");
    finds_of(
        3,
        |release| release.placements[0].standing = PlacementStanding::Disabled(since(second(84 * 86_400 + 1))),
        &[&third_early],
    );
    finds_of(
        3,
        |release| release.since = ExpendableSince::Recorded(second(70 * 86_400 + 1)),
        &[&third_early],
    );
    let untold = early("ami-00000000000000030 goes, and nobody was told of it a day ago");
    finds_of(3, |release| release.placements[0].announced = Some(late), &[&untold]);
    finds_of(3, |release| release.placements[0].announced = Some(day(83)), &[&untold]);
    finds_of(
        3,
        |release| release.placements[0].announced = None,
        &[&early("ami-00000000000000030 goes, and nobody was told")],
    );
    let skips = early("ami-00000000000000030 leaves out a rung");
    finds_of(
        3,
        |release| release.placements[0].standing = standing(Rung::Deprecated, 84),
        &[&skips],
    );
    finds_of(
        1,
        |release| release.placements[0].standing = standing(Rung::Deprecated, 84),
        &[&early("ami-00000000000000010 leaves out a rung")],
    );
    let never = |world: &mut World| {
        world.facts.retain = Some(retain(
            "releases: 2, for: 30d, ladder: { deprecate: 0d }, limits: { share: 100% }",
        ));
    };
    finds(
        never,
        &[
            &early("ami-00000000000000020 is never to come there"),
            &early("ami-00000000000000030 is never to come there"),
        ],
    );
    let wait = |world: &mut World| world.facts.retain = Some(retain(&RETAIN.replace("deprecate: 0d", "deprecate: 1h")));
    assert!(said(rungs(), wait).contains(&early("ami-00000000000000010 is deprecated before its time")));
}

#[test]
fn it_finds_what_is_shared_and_goes_too_soon_or_without_a_report() {
    let quick = |world: World| {
        let mut world = world;
        world.facts.retain = Some(retain(&RETAIN.replace("delete: 30d", "delete: 14d")));
        world.on(3, Rung::Disabled, 94, 70)
    };
    let shared = |shared: Shared| said(quick(rungs()), |world| world.facts.shared = shared);
    let early = "nothing before its time: ami-00000000000000030 is deregistered before its time";
    assert!(shared(Shared::WithNobody).is_empty());
    assert_eq!(shared(Shared::WithRoles), [early]);
    let reported = |reported: Option<i64>| {
        said(rungs(), |world| {
            world.facts.shared = Shared::WithoutRoles;
            world.of(3).placements[0].reported = reported.map(second);
        })
    };
    assert!(reported(Some(88 * 86_400)).is_empty());
    let without = "nothing before its time: ami-00000000000000030 goes without a usage report";
    assert_eq!(reported(None), [without]);
    let little = "nothing before its time: ami-00000000000000030 goes by a usage report that tells too little";
    assert_eq!(reported(Some(88 * 86_400 - 1)), [little]);
}

#[test]
fn it_finds_what_is_more_than_may_go() {
    let policy = |limits: &str| retain(&RETAIN.replace("per_run: 50, share: 100%", limits));
    finds(
        |world| world.facts.retain = Some(policy("per_run: 5, share: 100%")),
        &[],
    );
    finds(
        |world| world.facts.retain = Some(policy("per_run: 4, share: 100%")),
        &["no more at once than may: 5 images go in one run"],
    );
    let share = "no more at once than may: 3 of 8 releases become expendable, and nobody let them through";
    finds(|world| world.facts.retain = Some(policy("share: 38%")), &[]);
    finds(|world| world.facts.retain = Some(policy("share: 37%")), &[share]);
    // Only what was let through is.
    let mut over = rungs();
    over.facts.retain = Some(policy("share: 37%"));
    over.facts.accepted = over.plan().acceptance();
    assert_eq!(over.plan().newly.len(), 3);
    assert!(said(over.clone(), |_| {}).is_empty());
    assert_eq!(
        said(over, |world| world.facts.accepted = Some("0123456789ab".to_owned())),
        [share]
    );
    // Nor is anything left out of the count.
    let world = rungs();
    let mut plan = world.plan();
    plan.newly.clear();
    let said = check_plan(&world.facts, &plan, world.now);
    assert_eq!(said.len(), 3);
    assert!(said.iter().all(|violation| violation.invariant == Invariant::Limits));
}

#[test]
fn it_finds_what_is_done_while_paused_or_where_everything_stays() {
    finds(
        |world| world.facts.switch = Switch::Paused("an incident".into()),
        &[
            "nothing while paused: there are steps",
            "nothing while paused: something becomes expendable, and nothing may be judged",
            "nothing while paused: something is expendable no more, and nothing may be judged",
        ],
    );
    let said = said(rungs(), |world| world.facts.retain = None);
    let keeps = said
        .iter()
        .filter(|said| said.ends_with("is of a family that keeps everything"));
    assert_eq!(keeps.count(), 5);
    // Nor does anything become expendable, and what was is no more.
    let newly = said.iter().filter(|said| said.ends_with("is not newly expendable"));
    assert_eq!(
        (newly.count(), said.contains(&stays(2)), said.contains(&stays(3))),
        (3, true, true)
    );
}

#[test]
fn it_finds_what_climbs_back_and_was_taken_down_by_another() {
    let by_hand = |release: &mut ReleaseFacts| {
        release.placements[0].standing = PlacementStanding::Disabled(Since {
            at: Some(day(84)),
            by_us: false,
        });
    };
    let climbs = |says: &str| format!("only what we took down climbs back: ami-00000000000000040 {says}");
    finds_of(4, by_hand, &[&climbs("was not taken down by us")]);
    let unneeded = |release: &mut ReleaseFacts| release.channels.clear();
    let still = format!("every image once: {} was not expendable, or still is", id(4));
    finds_of(4, unneeded, &[&climbs("climbs back, and nobody needs it"), &still]);
    // That nobody can tell is no need.
    let undated = |release: &mut ReleaseFacts| {
        release.channels.clear();
        release.built = BuildTime::Absent;
    };
    finds_of(4, undated, &[&climbs("climbs back, and nobody needs it"), &still]);
}

#[test]
fn of_a_family_whose_plan_is_wrong_nothing_is_said_but_that() {
    let plan = family().has_each_day(1..=4).plan();
    let said = |wrong: Option<&Violation>| {
        let fates = plan.fates(wrong);
        fates.values().map(ToString::to_string).collect::<Vec<_>>()
    };
    assert!(
        said(None)[0].starts_with("goes: no rule keeps it since"),
        "{:?}",
        said(None)
    );
    let wrong = Violation {
        invariant: Invariant::Once,
        ami: None,
        says: "it is not listed".into(),
    };
    let unsaid = "nobody knows what becomes of it: the plan of its family is wrong, and nobody acts by it: every image once: it is \
                  not listed. Report it";
    assert_eq!(said(Some(&wrong)), [unsaid; 4]);
}
