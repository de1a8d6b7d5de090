//! What is left and nothing of ours takes away: in Image Builder without an image, and snapshots of what others took away.

use std::collections::{BTreeMap, BTreeSet};

use super::super::*;
use super::reports::{Planned, assert_looks_of, assert_told_of, since};
use super::stage::*;
use crate::{BuildState, ImageBuildArn, ReleaseId, SnapshotId, Target, Timestamp};

/// The first of four releases had an image at home, which another hand took away on the ninetieth day, with its two snapshots left.
fn taken() -> World {
    family().has_each_day(1..=4).with(1, |release| {
        release.placements.clear();
        release.output = Some(Box::new(output(1)));
        release.gone = vec![gone(1, HOME)];
    })
}

fn gone(n: u32, target: &str) -> GoneImage {
    GoneImage {
        ami: ami(n, 0),
        target: at(target),
        since: Some(day(90)),
        by_us: false,
        snapshots: [1, 2].map(snapshot).into(),
        gib: 12,
    }
}

fn snapshot(n: u32) -> SnapshotId {
    format!("snap-{n:017x}").parse().unwrap()
}

fn arn(n: u32) -> ImageBuildArn {
    output(n).arn
}

fn unmade(n: u32, state: BuildState) -> UnmadeBuild {
    UnmadeBuild {
        build: arn(n),
        release: id(n),
        title: format!("web/1.0.{n}/1").into(),
        state,
        began: Some(day(95)),
    }
}

/// What was read of all that, on the hundredth day.
struct Known {
    unmade: Vec<UnmadeBuild>,
    still_there: Vec<StillThere>,
    builds: Result<LastSeen<ReleaseId>, Unlisted>,
    snapshots: BTreeMap<Target, Result<LastSeen<SnapshotId>, Unlisted>>,
}

/// Image Builder has all builds, and the snapshots are there.
fn known() -> Known {
    let listed: BTreeSet<SnapshotId> = [1, 2, 3].map(snapshot).into();
    Known {
        unmade: Vec::new(),
        still_there: Vec::new(),
        builds: Ok(LastSeen {
            at: day(100),
            listed: (1..=9).map(id).collect(),
        }),
        snapshots: BTreeMap::from([(at(HOME), Ok(LastSeen { at: day(100), listed }))]),
    }
}

fn left(world: &World, known: &Known) -> Leftovers {
    let Known {
        unmade,
        still_there,
        builds,
        snapshots,
    } = known;
    leftovers(&LeftoverFacts {
        family: &world.facts,
        unmade,
        still_there,
        builds,
        snapshots,
    })
}

fn outputs(world: &World) -> Vec<OutputLeft> {
    left(world, &known()).outputs
}

/// The snapshots that are told of, by their images.
fn snapshots(world: &World, known: &Known) -> Vec<(String, Vec<SnapshotId>)> {
    let left = left(world, known).snapshots.into_iter();
    left.map(|left| (number(left.of), left.snapshots)).collect()
}

#[test]
fn what_image_builder_has_of_a_release_whose_images_others_took_away_is_told() {
    let expected = OutputLeft {
        output: arn(1),
        release: id(1),
        title: "web/1.0.1/1".into(),
        state: BuildState::Available,
        why: NoImage::Gone(1),
        since: Some(day(90)),
        seen: day(100),
    };
    assert_eq!(outputs(&taken()), [expected]);
    // Nothing is done about it.
    let plan = taken().plan();
    assert!(plan.orphans.is_empty() && plan.steps.iter().all(|step| step.release != id(1)));
}

#[test]
fn it_is_not_told_while_an_image_of_it_is_there_or_it_goes_by_itself_or_it_is_gone() {
    let with = |change: fn(&mut ReleaseFacts)| outputs(&taken().with(1, change)).len();
    assert_eq!(with(|release| release.placements = vec![placement(1, 1, AWAY)]), 0);
    // One that lost our tag is still there.
    let untagged = |release: &mut ReleaseFacts| {
        let why = Unmanaged::NotOurs(crate::distribution::NotOurs::Untagged);
        release.placements = vec![PlacementSeen {
            unmanaged: Some(why),
            ..placement(1, 1, AWAY)
        }];
    };
    assert_eq!(with(untagged), 0);
    // Another hand's copy is none of its.
    let copied = |release: &mut ReleaseFacts| {
        release.placements = vec![PlacementSeen {
            unmanaged: Some(Unmanaged::ByAnotherHand),
            ..placement(1, 1, AWAY)
        }];
    };
    assert_eq!(with(copied), 1);
    assert_eq!(with(|release| release.since = ExpendableSince::Recorded(day(80))), 0);
    assert_eq!(with(|release| release.output = None), 0);
    let of = |state: BuildState| outputs(&taken().with(1, |release| release.output.as_mut().unwrap().state = state));
    for state in BuildState::ALL {
        let is_told = state.ended() && state != BuildState::Deleted;
        assert_eq!(of(state).len(), usize::from(is_told), "{state}");
    }
    // Nobody knows of an image that it had: it may not have been looked for yet.
    assert_eq!(with(|release| release.gone.clear()), 0);
}

#[test]
fn what_image_builder_does_not_list_any_more_or_nobody_has_listed_is_not_told() {
    let mut deleted = known();
    deleted.builds.as_mut().unwrap().listed.remove(&id(1));
    let mut unlisted = known();
    unlisted.builds = Err(Unlisted::NotLately);
    for known in [deleted, unlisted] {
        assert_eq!(left(&taken(), &known).outputs, []);
    }
}

#[test]
fn a_build_that_made_no_image_is_told_with_how_it_ended() {
    let ended = Known {
        unmade: vec![unmade(8, BuildState::Failed), unmade(9, BuildState::Cancelled)],
        ..known()
    };
    let told = left(&taken(), &ended).outputs;
    let said: Vec<_> = told.iter().map(|left| (left.release, left.reason())).collect();
    let mut expected = vec![
        (id(1), "1 image of it was taken away while it was not on its way out"),
        (id(8), "its build failed, and left no image"),
        (id(9), "its build was cancelled, and left no image"),
    ];
    expected[1..].sort_unstable();
    let expected: Vec<_> = expected.into_iter().map(|(id, says)| (id, says.to_owned())).collect();
    assert_eq!(said, expected);
}

#[test]
fn snapshots_of_an_image_that_others_took_away_are_told_with_what_they_take_at_most() {
    let told = left(&taken(), &known()).snapshots;
    let expected = SnapshotsLeft {
        of: ami(1, 0),
        target: at(HOME),
        release: id(1),
        title: "web/1.0.1/1".into(),
        snapshots: [1, 2].map(snapshot).to_vec(),
        gib: 12,
        since: Some(day(90)),
        seen: day(100),
    };
    assert_eq!(told, [expected]);
    // However its release stands.
    let down = taken().with(1, |release| release.since = ExpendableSince::Recorded(day(80)));
    let copied = taken().with(1, |release| release.placements = vec![placement(1, 1, AWAY)]);
    for world in [down, copied] {
        assert_eq!(left(&world, &known()).snapshots, told);
    }
}

#[test]
fn a_snapshot_that_is_not_listed_there_or_is_tried_again_by_itself_is_not_told() {
    let one = |known: &Known| snapshots(&taken(), known);
    let mut listed = known();
    let there = listed.snapshots.get_mut(&at(HOME)).unwrap().as_mut().unwrap();
    there.listed.remove(&snapshot(1));
    assert_eq!(one(&listed), [(String::from("1"), vec![snapshot(2)])]);
    let mut elsewhere = known();
    let seen = elsewhere.snapshots.remove(&at(HOME)).unwrap();
    elsewhere.snapshots.insert(at(AWAY), seen);
    assert_eq!(one(&elsewhere), []);
    let still = |n: u32, target: &str| StillThere {
        snapshot: snapshot(n),
        of: ami(1, 0),
        release: id(1),
        target: at(target),
        why: "another image uses it".into(),
        since: day(90),
        again: day(101),
    };
    let again = |still_there: Vec<StillThere>| Known { still_there, ..known() };
    assert_eq!(
        one(&again(vec![still(1, HOME)])),
        [(String::from("1"), vec![snapshot(2)])]
    );
    assert_eq!(one(&again(vec![still(1, HOME), still(2, HOME)])), []);
    assert_eq!(one(&again(vec![still(1, AWAY)]))[0].1.len(), 2);
}

#[test]
fn what_was_listed_right_after_its_image_went_may_be_gone_with_it() {
    let told = |since: Option<Timestamp>| {
        let world = taken().with(1, |release| release.gone[0].since = since);
        snapshots(&world, &known()).len()
    };
    assert_eq!(told(Some(second(100 * 86_400 - 899))), 0);
    assert_eq!(told(Some(second(100 * 86_400 - 900))), 1);
    assert_eq!(told(Some(day(101))), 0);
    assert_eq!(told(None), 1);
}

#[test]
fn a_snapshot_that_two_images_had_together_is_told_once() {
    let two = taken().with(2, |release| {
        let mut other = gone(2, HOME);
        other.snapshots.insert(snapshot(3));
        other.since = Some(day(91));
        release.gone.push(other);
    });
    let expected = [
        (String::from("1"), vec![snapshot(1), snapshot(2)]),
        (String::from("2"), vec![snapshot(3)]),
    ];
    assert_eq!(snapshots(&two, &known()), expected);
}

fn told(world: &World, known: &Known) -> Planned {
    Planned::of(world).with_leftovers(left(world, known))
}

/// What there is to say of a run to people who were told that last: whether it is news, what they know then, and the message.
fn told_again(world: &World, known: &Known, before: &LastTold) -> (bool, LastTold, String) {
    let planned = told(world, known);
    let report = PruningReport {
        told: Some(since(world, before)),
        ..planned.report(None)
    };
    (report.is_news(), report.to_tell(), report.message().text())
}

fn is_news(world: &World, known: &Known, before: &LastTold) -> bool {
    told_again(world, known, before).0
}

/// Nobody has listed anything lately.
fn nothing_known() -> Known {
    Known {
        builds: Err(Unlisted::NotLately),
        snapshots: BTreeMap::from([(at(HOME), Err(Unlisted::NotLately))]),
        ..known()
    }
}

#[test]
fn which_lists_are_not_known_is_told_with_why() {
    assert_eq!(left(&taken(), &known()).unknown, []);
    let unread = Unlisted::Unread("a key is no snapshot's".into());
    let some = Known {
        snapshots: BTreeMap::from([(at(HOME), Err(unread.clone()))]),
        ..nothing_known()
    };
    let expected = [
        UnknownList::Builds {
            why: Unlisted::NotLately,
        },
        UnknownList::Snapshots {
            target: at(HOME),
            why: unread,
        },
    ];
    let told_of = left(&taken(), &some);
    assert_eq!(told_of.unknown, expected);
    assert!(!told_of.is_empty());
    // That nobody listed it lately is no fault.
    let said: Vec<String> = told_of.unread().map(ToString::to_string).collect();
    let says =
        "the snapshots in 111122223333/eu-west-1 are not known: what was listed cannot be read: a key is no snapshot's";
    assert_eq!(said, [says]);
}

#[test]
fn what_nobody_lists_for_a_while_is_neither_less_meanwhile_nor_news_once_it_is_listed_again() {
    let world = taken();
    let first = told(&world, &known()).report(None).to_tell();
    let later = world.clone().at(day(102));
    let (is_other, meanwhile, said) = told_again(&later, &nothing_known(), &first);
    assert!(!is_other && !said.contains(" → "), "{said}");
    // Something else is told of meanwhile.
    let counts = |told: &LastTold| {
        let left = told.totals.leftovers.unwrap();
        (left.images_gone, left.snapshots, left.gib)
    };
    assert_eq!(counts(&meanwhile), counts(&first));
    assert!(!is_news(&later, &known(), &meanwhile));
    // What goes while nobody looks is told once somebody does.
    let gone = family().has_each_day(1..=4).at(day(104));
    assert!(is_news(&gone, &known(), &meanwhile));
}

#[test]
fn the_page_has_no_count_as_another_that_nobody_knows() {
    let changed = |known: &Known, before: &RunSummary| {
        let planned = told(&taken(), known);
        let report = planned.report(Some(before));
        let page = report.page();
        let changed = page.split("## What changed since the last run").nth(1).unwrap();
        (changed.contains("snapshots of images"), report.summary())
    };
    let first = told(&taken(), &known()).report(None).summary();
    let (is_other, unknown) = changed(&nothing_known(), &first);
    assert!(!is_other);
    assert!(!changed(&known(), &unknown).0);
}

#[test]
fn of_a_list_that_is_known_in_part_more_is_news_all_the_same() {
    let mut two = taken().with(2, |release| release.gone = vec![gone(2, AWAY)]);
    two.of(2).gone[0].snapshots = [3].map(snapshot).into();
    let first = told(&taken(), &known()).report(None).to_tell();
    let listed: BTreeSet<SnapshotId> = [1, 2, 3].map(snapshot).into();
    let seen = LastSeen { at: day(100), listed };
    let part = |known_at: &str, unknown_at: &str| Known {
        snapshots: BTreeMap::from([
            (at(known_at), Ok(seen.clone())),
            (at(unknown_at), Err(Unlisted::NotLately)),
        ]),
        ..known()
    };
    assert!(!is_news(&two, &part(AWAY, HOME), &first));
    assert!(!is_news(&two, &part(HOME, AWAY), &first));
    two.of(2).gone[0].snapshots = [1, 2, 3].map(snapshot).into();
    assert!(is_news(&two, &part(AWAY, HOME), &first));
}

#[test]
fn what_is_not_known_is_said_beside_what_is_left() {
    let mut some = Known {
        builds: Err(Unlisted::NotLately),
        ..known()
    };
    some.snapshots.insert(at(AWAY), Err(Unlisted::NotLately));
    assert_looks_of(&told(&taken(), &some), None, "unlisted");
    assert_told_of(
        &told(&taken(), &some),
        "unlisted",
        "src/pruning/tests/report/unlisted.message.json",
    );
    let text = told(&family(), &nothing_known()).report(None).text();
    let says = "The family has no image. It is not known what Image Builder still has, and which snapshots are left everywhere.";
    assert!(text.contains(says), "{text}");
}

#[test]
fn the_page_and_the_message_say_what_is_left_and_what_a_person_may_do_about_it() {
    let all = Known {
        unmade: vec![unmade(8, BuildState::Failed)],
        ..known()
    };
    assert_looks_of(&told(&taken(), &all), None, "leftovers");
    assert_told_of(
        &told(&taken(), &all),
        "leftovers",
        "src/pruning/tests/report/leftovers.message.json",
    );
}

#[test]
fn that_others_took_more_away_is_news_and_that_a_build_failed_is_none() {
    let none = family().has_each_day(1..=4);
    let before = told(&none, &known()).report(None).to_tell();
    assert!(is_news(&taken(), &known(), &before));
    let without_snapshots = Known {
        snapshots: BTreeMap::new(),
        ..known()
    };
    assert!(is_news(&taken(), &without_snapshots, &before));
    let without_builds = Known {
        builds: Err(Unlisted::NotLately),
        ..known()
    };
    assert!(is_news(&taken(), &without_builds, &before));
    let failed = Known {
        unmade: vec![unmade(8, BuildState::Failed)],
        ..known()
    };
    assert!(!is_news(&none, &failed, &before));
    assert!(!is_news(&none.clone().at(day(101)), &failed, &before));
    let same = told(&taken(), &known()).report(None).to_tell();
    assert!(!is_news(&taken(), &known(), &same));
}

#[test]
fn a_family_without_an_image_is_told_what_is_left_of_it() {
    let none = Known {
        unmade: vec![unmade(8, BuildState::Failed)],
        ..known()
    };
    let planned = told(&family(), &none);
    let text = planned.report(None).text();
    assert!(
        text.contains("The family has no image. Image Builder still has 1 of builds that made none."),
        "{text}"
    );
}
