//! That the second look finds what is wrong with a plan, whatever is.

use super::super::*;
use super::stage::*;
use crate::Timestamp;
use crate::evidence::Said;

/// A plan in which something happens on every rung, and its facts.
fn rungs() -> World {
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
fn said(world: World, change: impl FnOnce(&mut World)) -> Vec<String> {
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
    let finds = |change: fn(&mut ReleaseFacts), says: &str| finds_of(3, change, &[&wanted(says)]);
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
    finds(ungrouped, "cannot be ranked");
    finds_of(3, |release| release.holds.push(hold(day(100))), &[]);
}

#[test]
fn it_finds_what_is_used_young_or_not_ours() {
    let finds = |change: fn(&mut ReleaseFacts), says: &str| finds_of(3, change, &[says]);
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
        &[&format!("{age} is too young")],
    );
    let launched = |release: &mut ReleaseFacts| {
        release.placements[0].launched = LastLaunch::At(second(85 * 86_400 + 1));
    };
    finds(launched, &format!("{age} may have been launched lately"));
    let unread = |release: &mut ReleaseFacts| release.placements[0].launched = LastLaunch::Unread;
    finds(unread, &format!("{age} may have been launched lately"));
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
        ],
    );
    let snapshots = |release: &mut ReleaseFacts| release.placements[0].snapshots.clear();
    finds(
        snapshots,
        "only what is ours: ami-00000000000000030 takes along a snapshot of another image",
    );
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
        assert_eq!(said.len(), 5);
        assert!(
            said.iter()
                .all(|said| said.ends_with("goes by evidence that does not hold"))
        );
    }
    let unlisted = said(rungs(), |world| drop(world.facts.evidence.remove(0)));
    assert_eq!(unlisted.len(), 5);
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
    assert_eq!(waived(100 * 86_400).len(), 5);
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
        &["nothing while paused: there are steps"],
    );
    let said = said(rungs(), |world| world.facts.retain = None);
    assert_eq!(said.len(), 5);
    assert!(said[0].ends_with("is of a family that keeps everything"));
}

#[test]
fn it_finds_what_climbs_back_and_was_taken_down_by_another() {
    let by_hand = |release: &mut ReleaseFacts| {
        release.placements[0].standing = PlacementStanding::Disabled(Since {
            at: Some(day(84)),
            by_us: false,
        });
    };
    let climbs = "only what we took down climbs back: ami-00000000000000040 was not taken down by us";
    finds_of(4, by_hand, &[climbs]);
}

/// What the second look says of a plan that somebody edited.
fn edited(edit: impl FnOnce(&mut PruningPlan)) -> Vec<String> {
    let world = rungs();
    let mut plan = world.plan();
    edit(&mut plan);
    check_plan(&world.facts, &plan, world.now)
        .iter()
        .map(ToString::to_string)
        .collect()
}

#[test]
fn it_finds_what_is_not_listed_once_as_what_it_is() {
    let once = |says: &str| [format!("every image once: {says}")];
    assert_eq!(
        edited(|plan| drop(plan.kept.pop())),
        once("ami-00000000000000080 is not listed")
    );
    let twice = edited(|plan| plan.kept.extend(plan.kept.last().cloned()));
    assert_eq!(twice, once("ami-00000000000000080 is listed twice"));
    let other = edited(|plan| plan.kept.last_mut().unwrap().release = id(1));
    assert_eq!(other, once("ami-00000000000000080 is listed under another release"));
    let unknown = edited(|plan| {
        let mut kept = plan.kept[0].clone();
        kept.ami = ami(9, 0);
        plan.kept.push(kept);
    });
    assert_eq!(unknown, once("ami-00000000000000090 is listed, and nobody knows it"));
    let otherwise = edited(|plan| {
        let going = plan.expendable.remove(0);
        plan.blocked.push(Blocked {
            ami: going.ami,
            target: going.target,
            release: going.release,
            by: Blocker::ShareLimit,
        });
    });
    assert_eq!(
        otherwise,
        once("ami-00000000000000010 is listed as something else than what is done to it")
    );
    let two = edited(|plan| plan.steps.push(plan.steps[1].clone()));
    assert_eq!(two, once("ami-00000000000000010 takes two steps"));
    let of_another = edited(|plan| plan.steps[1].release = id(2));
    assert_eq!(of_another, once("ami-00000000000000010 is of another release"));
    let of_nobody = edited(|plan| plan.steps[1].release = id(9));
    assert_eq!(of_nobody.len(), 2);
    let family = edited(|plan| plan.family = "shop".parse().unwrap());
    assert!(family.contains(&once("the plan is of shop")[0]));
}

#[test]
fn it_finds_what_is_noted_or_told_of_the_wrong_release() {
    let newly = |n: u32| edited(|plan| plan.newly.push(id(n)));
    for wrong in [2, 7, 9] {
        assert_eq!(
            newly(wrong),
            [format!("every image once: {} is not newly expendable", id(wrong))]
        );
    }
    let cleared = |n: u32| edited(|plan| plan.cleared.push(id(n)));
    for wrong in [1, 2, 7] {
        let says = format!("every image once: {} was not expendable, or still is", id(wrong));
        assert_eq!(cleared(wrong), [says]);
    }
    let told = edited(|plan| plan.to_announce.push(ami(7, 0)));
    assert_eq!(
        told,
        ["every image once: ami-00000000000000070 is told to go, and does not"]
    );
}

#[test]
fn it_finds_what_image_builder_would_be_left_with_or_without() {
    let output = |says: &str| [format!("Image Builder's with the last image: {says}")];
    let arn = "arn:aws:imagebuilder:eu-west-1:111122223333:image/web/1.0.3/1";
    let undeprecated = edited(|plan| {
        plan.steps
            .retain(|step| !matches!(step.effect, Effect::DeprecateOutput(_)));
    });
    let picks = output("ami-00000000000000030 is the last, and a wildcard would pick what Image Builder has of it");
    assert_eq!(undeprecated, picks);
    let before = edited(|plan| {
        let last = plan
            .steps
            .iter()
            .position(|step| matches!(step.effect, Effect::DeleteOutput(_)))
            .unwrap();
        plan.steps.swap(last - 1, last);
    });
    assert_eq!(before, output(&format!("{arn} goes before its images")));
    let anothers = |n: u32| {
        edited(move |plan| {
            let is_delete = |step: &&mut PruningStep| matches!(step.effect, Effect::DeleteOutput(_));
            plan.steps.iter_mut().find(is_delete).unwrap().release = id(n);
        })
    };
    assert_eq!(anothers(1), output(&format!("{arn} goes before its images")));
    let deprecates = edited(|plan| {
        let is_deprecate = |step: &&mut PruningStep| matches!(step.effect, Effect::DeprecateOutput(_));
        plan.steps.iter_mut().find(is_deprecate).unwrap().release = id(1);
    });
    assert_eq!(
        deprecates,
        [output(&format!("{arn} is of another release")), picks].concat()
    );
}
