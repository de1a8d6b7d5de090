//! What is looked at again right before a step is made.

use std::collections::{BTreeMap, BTreeSet};

use super::super::*;
use super::stage::*;
use crate::distribution::{Grantee, NotOurs};
use crate::{AmiState, BuildState, ImageBuildArn, ReleaseId, SnapshotId, Timestamp, Words};

/// The first release of three is deprecated and to be disabled.
pub(super) fn deprecated() -> World {
    family().has_each_day(1..=3).on(1, Rung::Deprecated, 86, 86)
}

/// It is disabled, everybody was told, and it is to go.
pub(super) fn disabled() -> World {
    let world = family().has_each_day(1..=3).on(1, Rung::Disabled, 84, 70);
    world.images(|image| image.announced = Some(day(98)))
}

/// It is disabled and on a channel by now.
pub(super) fn wanted() -> World {
    disabled().with(1, on_stable)
}

/// As EC2 shows the first image of the first release, if nothing has changed since the facts were gathered.
pub(super) fn shown(world: &World) -> ImageNow {
    let placement = &world.facts.releases[0].placements[0];
    let (state, deprecated) = match placement.standing {
        PlacementStanding::Available => (AmiState::Available, None),
        PlacementStanding::Deprecated(since) => (AmiState::Available, since.at),
        PlacementStanding::Disabled(_) => (AmiState::Disabled, None),
        PlacementStanding::Unsettled(state) => (state, None),
    };
    ImageNow {
        owner: placement.target.account(),
        family: Some("web".into()),
        state,
        created: Some(day(0)),
        deprecated,
        launched: None,
        tags: BTreeMap::new(),
        protected: None,
        snapshots: placement.snapshots.iter().copied().collect(),
    }
}

pub(super) fn only_step(world: &World) -> PruningStep {
    let plan = world.plan();
    assert_eq!(plan.steps.len(), 1, "{:?}", plan.steps);
    plan.steps[0].clone()
}

/// What comes of the only step of a plan if EC2 shows its image so by now.
fn look(planned: &World, change: impl FnOnce(&mut ImageNow)) -> String {
    look_in(planned, planned, change)
}

/// The same where the facts are others by now, too.
fn look_in(planned: &World, now: &World, change: impl FnOnce(&mut ImageNow)) -> String {
    let mut image = shown(planned);
    change(&mut image);
    look_at(&only_step(planned), now, Some(image), None)
}

/// The same where people and channels want what they wanted when the facts were gathered.
pub(super) fn look_at(step: &PruningStep, now: &World, image: Option<ImageNow>, output: Option<OutputNow>) -> String {
    let seen = Seen {
        image,
        output,
        wishes: Some(wishes(now, step.release)),
        undeclared: Some(BTreeSet::new()),
        named_by: Some(Vec::new()),
    };
    look_by(step, now, &seen)
}

pub(super) fn look_by(step: &PruningStep, now: &World, seen: &Seen) -> String {
    let mut facts = now.facts.clone();
    match look_again(&mut facts, step, seen, now.now) {
        SecondLook::Make => "make".to_owned(),
        SecondLook::Found => "found".to_owned(),
        SecondLook::Waits(what) => format!("waits: {what}"),
        SecondLook::Refused(why) => format!("refused: {why}"),
    }
}

/// What is wanted of a release by what is known of it.
fn wishes(world: &World, release: ReleaseId) -> Wishes {
    let release = world.facts.releases.iter().find(|of| of.release == release).unwrap();
    let may_run = release.parent_of.iter().cloned();
    Wishes {
        holds: release.holds.clone(),
        channels: release.channels.clone(),
        may_run: may_run.filter(|by| matches!(by, BuildsOnIt::MayRun { .. })).collect(),
    }
}

pub(super) fn refused(why: impl std::fmt::Display) -> String {
    format!("refused: {why}")
}

pub(super) fn arn() -> ImageBuildArn {
    output(1).arn
}

/// The same with what Image Builder has of it, in this state.
pub(super) fn built(world: World, state: BuildState) -> World {
    world.with(1, |release| {
        release.output = Some(Box::new(BuildOutput {
            state,
            announced: Some(day(98)),
            ..output(1)
        }));
    })
}

pub(super) fn deregister(world: &World, n: usize) -> PruningStep {
    let plan = world.plan();
    let mut steps = plan
        .steps
        .iter()
        .filter(|step| matches!(step.effect, Effect::Deregister { .. }));
    steps.nth(n).unwrap().clone()
}

pub(super) const fn there(state: BuildState) -> OutputNow {
    OutputNow::There(state)
}

#[test]
fn a_step_is_made_while_the_world_is_as_it_was_planned_in() {
    assert_eq!(look(&family().has_each_day(1..=3), |_| {}), "make");
    assert_eq!(look(&deprecated(), |_| {}), "make");
    assert_eq!(look(&disabled(), |_| {}), "make");
    assert_eq!(look(&wanted(), |_| {}), "make");
}

#[test]
fn an_image_that_was_launched_since_is_not_taken_down() {
    let launched = day(99);
    let kept = Keeps::Launched {
        ami: ami(1, 0),
        at: Some(launched),
        until: day(114),
    };
    for world in [deprecated(), disabled()] {
        assert_eq!(look(&world, |image| image.launched = Some(launched)), refused(&kept));
    }
}

#[test]
fn a_launch_that_the_record_knows_of_counts_although_ec2_tells_of_none_or_of_an_earlier_one() {
    let planned = deprecated();
    let later = deprecated().image(1, |image| image.launched = LastLaunch::At(day(99)));
    for launched in [None, Some(day(3))] {
        let said = look_in(&planned, &later, |image| image.launched = launched);
        assert!(
            said.starts_with("refused: ami-00000000000000010 was launched on"),
            "{said}"
        );
    }
}

#[test]
fn a_keep_tag_that_came_since_keeps_it_and_one_that_went_does_not() {
    let kept = Keeps::Tag {
        ami: ami(1, 0),
        by: HUB.parse().unwrap(),
        key: "keep".to_owned(),
        value: "true".to_owned(),
    };
    let tagged = |image: &mut ImageNow| drop(image.tags.insert("keep".to_owned(), "true".to_owned()));
    assert_eq!(look(&disabled(), tagged), refused(&kept));
    let tag_of = |by: &str| TagSeen {
        by: by.parse().unwrap(),
        key: "keep".to_owned(),
        value: "true".to_owned(),
    };
    let stale = disabled().image(1, |image| image.tags.push(tag_of(HUB)));
    assert_eq!(look_in(&disabled(), &stale, |_| {}), "make");
    // What a consumer sees EC2 does not show its owner.
    let consumers = disabled().image(1, |image| image.tags.push(tag_of("222233334444")));
    assert!(look_in(&disabled(), &consumers, |_| {}).starts_with("refused: "));
}

#[test]
fn what_is_not_ours_any_more_is_left_alone_on_the_way_down_and_up() {
    for world in [deprecated(), disabled(), wanted()] {
        let not_ours = |why: NotOurs| refused(Keeps::Unmanaged(Unmanaged::NotOurs(why)));
        assert_eq!(look(&world, |image| image.family = None), not_ours(NotOurs::Untagged));
        let other = Words::from("db");
        assert_eq!(
            look(&world, |image| image.family = Some("db".into())),
            not_ours(NotOurs::OtherFamily(other))
        );
        let owner = "999988887777".parse().unwrap();
        assert_eq!(
            look(&world, |image| image.owner = owner),
            not_ours(NotOurs::OfAnother(owner))
        );
    }
}

#[test]
fn an_image_that_is_protected_by_now_is_not_taken_down() {
    let said = look(&disabled(), |image| image.protected = Some("enabled".into()));
    assert_eq!(said, refused(Keeps::Protected(ami(1, 0), Protection::On)));
    let cools = |until: Timestamp| {
        let cooling = disabled().image(1, |image| image.protection = Some(Protection::CoolsDown(until)));
        look_in(&disabled(), &cooling, |image| image.protected = Some("cooldown".into()))
    };
    let until = day(101);
    assert_eq!(
        cools(until),
        refused(Keeps::Protected(ami(1, 0), Protection::CoolsDown(until)))
    );
    // What should be over and is not, is on.
    for over in [99, 100] {
        assert_eq!(cools(day(over)), refused(Keeps::Protected(ami(1, 0), Protection::On)));
    }
    let over = disabled().image(1, |image| image.protection = Some(Protection::On));
    assert_eq!(look_in(&disabled(), &over, |_| {}), "make");
}

#[test]
fn an_image_that_goes_already_is_found_and_any_other_step_on_it_refused() {
    let gone = |world: &World| look_at(&only_step(world), world, None, None);
    assert_eq!(gone(&disabled()), "found");
    assert_eq!(gone(&deprecated()), refused(Refusal::Gone));
    assert_eq!(gone(&wanted()), refused(Refusal::Gone));
    for state in [AmiState::Deregistered, AmiState::Invalid] {
        assert_eq!(look(&disabled(), |image| image.state = state), "found");
    }
}

#[test]
fn a_step_that_is_made_already_is_found() {
    assert_eq!(look(&deprecated(), |image| image.state = AmiState::Disabled), "found");
    let fresh = family().has_each_day(1..=3);
    assert_eq!(look(&fresh, |image| image.deprecated = Some(day(100))), "found");
    let soon = day(100).saturating_add(DEPRECATED_FROM);
    assert_eq!(look(&fresh, |image| image.deprecated = Some(soon)), "found");
    assert_eq!(look(&fresh, |image| image.deprecated = Some(day(101))), "make");
    let enabled = |image: &mut ImageNow| image.state = AmiState::Available;
    assert_eq!(look(&wanted(), enabled), "found");
}

#[test]
fn an_image_that_another_hand_brought_back_up_waits_its_turn_anew() {
    let said = look(&disabled(), |image| image.state = AmiState::Available);
    assert_eq!(
        said,
        refused(Refusal::NotNow {
            rung: Rung::Available,
            next: Some(Next {
                rung: Rung::Deprecated,
                at: day(70),
            }),
        })
    );
}

#[test]
fn an_image_of_unsettled_state_stays() {
    let said = look(&deprecated(), |image| image.state = AmiState::Pending);
    assert_eq!(said, refused(Keeps::Pending(ami(1, 0), AmiState::Pending)));
}

#[test]
fn a_snapshot_more_or_less_behind_it_than_was_planned_refuses_it() {
    let more: SnapshotId = "snap-0feedbeef00000000".parse().unwrap();
    let said = look(&disabled(), |image| {
        image.snapshots.insert(more);
    });
    assert!(
        said.starts_with("refused: behind it are ") && said.contains("snap-0feedbeef00000000"),
        "{said}"
    );
    let said = look(&disabled(), |image| image.snapshots = BTreeSet::new());
    assert!(said.starts_with("refused: behind it are no snapshots"), "{said}");
}

#[test]
fn what_became_of_its_release_since_refuses_a_step_and_says_why() {
    let planned = disabled();
    let channel = disabled().with(1, on_stable);
    assert_eq!(look_in(&planned, &channel, |_| {}), "refused: on stable");
    let held = disabled().with(1, |release| release.holds.push(hold(day(120))));
    assert!(look_in(&planned, &held, |_| {}).starts_with("refused: held by ann"));
    let mut stale = disabled();
    stale.facts.evidence[0].sources[0].last.as_mut().unwrap().as_of = day(98);
    let said = look_in(&planned, &stale, |_| {});
    assert!(said.contains("more than an hour ago"), "{said}");
    let longer = "releases: 2, for: 30d, ladder: { deprecate: 0d, disable: 14d, delete: 60d }";
    let mut tightened = disabled();
    tightened.facts.retain = Some(retain(longer));
    let said = look_in(&planned, &tightened, |_| {});
    assert!(
        said.starts_with("refused: it is disabled, and is to be deregistered from"),
        "{said}"
    );
    let mut keeps_all = disabled();
    keeps_all.facts.retain = None;
    assert_eq!(look_in(&planned, &keeps_all, |_| {}), refused(Keeps::NothingGoes));
}

#[test]
fn an_image_that_the_record_does_not_know_is_refused_and_one_of_another_release_too() {
    let lost = disabled().with(1, |release| release.placements.clear());
    assert_eq!(look_in(&disabled(), &lost, |_| {}), refused(Refusal::Unknown));
    let step = PruningStep {
        release: id(2),
        ..only_step(&disabled())
    };
    let image = Some(shown(&disabled()));
    assert_eq!(look_at(&step, &disabled(), image, None), refused(Refusal::Unknown));
}

#[test]
fn nothing_goes_that_a_run_has_no_room_for_by_now() {
    let one = "releases: 1, for: 30d, unused_for: 14d, ladder: { deprecate: 0d, disable: 14d, delete: 30d }, limits: { \
               per_run: 1, share: 100% }";
    let world = family_with(one).has_each_day(1..=3);
    let first = only_step(&world);
    let second = PruningStep {
        release: id(2),
        effect: Effect::Deprecate {
            ami: ami(2, 0),
            target: at(HOME),
        },
    };
    let image = || Some(shown(&world));
    assert_eq!(look_at(&first, &world, image(), None), "make");
    let said = look_at(&second, &world, image(), None);
    assert!(
        said.starts_with("refused: it is available, and is to be deprecated from"),
        "{said}"
    );
}

#[test]
fn a_way_up_is_the_same_way_from_whichever_rung_it_goes_on_and_is_not_gone_where_nothing_asks_for_it() {
    let half = wanted().on(1, Rung::Deprecated, 84, 70);
    let enabled = |image: &mut ImageNow| {
        image.state = AmiState::Available;
        image.deprecated = Some(day(84));
    };
    assert_eq!(look_in(&wanted(), &half, enabled), "make");
    let not_shared = wanted().image(1, |image| {
        image.standing = PlacementStanding::Available;
        image.half_up = true;
    });
    assert_eq!(look(&not_shared, |_| {}), "make");
    assert_eq!(look_in(&wanted(), &disabled(), |_| {}), refused(Refusal::NotWanted));
}

#[test]
fn no_image_goes_while_it_may_be_the_last_and_a_wildcard_would_pick_its_release() {
    let world = built(disabled(), BuildState::Available);
    let step = deregister(&world, 0);
    let waits = format!("waits: {}", Awaited::Deprecation(arn()));
    let image = || Some(shown(&world));
    assert_eq!(look_at(&step, &world, image(), None), waits);
    assert_eq!(
        look_at(&step, &world, image(), Some(there(BuildState::Available))),
        waits
    );
    assert_eq!(
        look_at(&step, &world, image(), Some(there(BuildState::Deprecated))),
        "make"
    );
    let again = built(disabled(), BuildState::Deprecated);
    let step = deregister(&again, 0);
    assert_eq!(
        look_at(&step, &again, image(), Some(there(BuildState::Available))),
        waits
    );
}

#[test]
fn workers_of_two_targets_both_wait_where_both_images_are_to_go() {
    let world = built(
        disabled().copied(1, AWAY).on(1, Rung::Disabled, 84, 70),
        BuildState::Available,
    );
    let world = world.images(|image| image.announced = Some(day(98)));
    let away = deregister(&world, 1);
    let image = ImageNow {
        snapshots: world.facts.releases[0].placements[1]
            .snapshots
            .iter()
            .copied()
            .collect(),
        ..shown(&world)
    };
    let said = look_at(&away, &world, Some(image.clone()), Some(there(BuildState::Available)));
    assert_eq!(said, format!("waits: {}", Awaited::Deprecation(arn())));
    // The other is not to go yet: it is what is picked.
    let untold = world.image(1, |image| image.announced = None);
    let said = look_at(&away, &untold, Some(image), Some(there(BuildState::Available)));
    assert_eq!(said, "make");
}

#[test]
fn of_a_release_that_image_builder_is_known_to_have_nothing_of_nothing_is_left_to_make() {
    let world = built(disabled(), BuildState::Available);
    let plan = world.plan();
    let nothing = world.with(1, |release| release.output = None);
    for step in [&plan.steps[0], &plan.steps[2]] {
        assert_eq!(look_at(step, &nothing, None, None), "found");
    }
}

#[test]
fn what_image_builder_has_is_deprecated_before_the_last_image_goes_and_deleted_only_after() {
    let world = built(disabled(), BuildState::Available);
    let plan = world.plan();
    let (deprecate, delete) = (&plan.steps[0], &plan.steps[2]);
    assert_eq!(
        look_at(deprecate, &world, None, Some(there(BuildState::Available))),
        "make"
    );
    assert_eq!(
        look_at(deprecate, &world, None, Some(there(BuildState::Deprecated))),
        "found"
    );
    assert_eq!(look_at(deprecate, &world, None, None), refused(Refusal::OutputUnread));
    let left = format!("waits: {}", Awaited::Images(1));
    assert_eq!(look_at(delete, &world, None, Some(there(BuildState::Deprecated))), left);
    let gone = world.clone().with(1, |release| release.placements.clear());
    assert_eq!(
        look_at(delete, &gone, None, Some(there(BuildState::Deprecated))),
        "make"
    );
    let undeprecated = format!("waits: {}", Awaited::Deprecation(arn()));
    assert_eq!(
        look_at(delete, &gone, None, Some(there(BuildState::Available))),
        undeprecated
    );
    assert_eq!(look_at(delete, &gone, None, Some(there(BuildState::Deleted))), "found");
    // An image of it that is not ours to retire any more is there all the same.
    let stranger = world.image(1, |image| image.unmanaged = Some(Unmanaged::NotOurs(NotOurs::Untagged)));
    for step in [deprecate, delete] {
        let said = look_at(step, &stranger, None, Some(there(BuildState::Deprecated)));
        assert_ne!(said, "make");
    }
    let back = gone.with(1, on_stable);
    assert_eq!(
        look_at(delete, &back, None, Some(there(BuildState::Deprecated))),
        refused(Refusal::NotWanted)
    );
}

#[test]
fn what_is_asked_of_image_builder_before_a_step() {
    let world = built(disabled(), BuildState::Available);
    let plan = world.plan();
    let asked = |world: &World, n: usize| world.facts.output_to_look_at(&plan.steps[n]).is_some();
    assert_eq!([0, 1, 2].map(|n| asked(&world, n)), [true, true, true]);
    // Somebody may have made it available again.
    let past = built(disabled(), BuildState::Deprecated);
    assert_eq!([0, 1, 2].map(|n| asked(&past, n)), [true, true, true]);
    let step = only_step(&deprecated());
    assert!(
        built(deprecated(), BuildState::Available)
            .facts
            .output_to_look_at(&step)
            .is_none()
    );
}

#[test]
fn what_was_made_is_known_to_what_is_looked_at_next() {
    let worlds = [
        family().has_each_day(1..=3),
        deprecated(),
        built(disabled(), BuildState::Available),
        wanted(),
    ];
    for world in worlds {
        let plan = world.plan();
        let mut facts = world.facts.clone();
        plan.steps.iter().for_each(|step| facts.made(step, world.now));
        let after = World { facts, now: world.now };
        let mut expected = world.after(&plan);
        // These the planner writes before anything is sent.
        for (release, of) in expected.facts.releases.iter_mut().zip(&world.facts.releases) {
            release.since = of.since;
        }
        assert_eq!(format!("{:?}", after.facts), format!("{:?}", expected.facts));
    }
}

#[test]
fn what_somebody_may_launch_whom_nobody_asks_is_not_disabled() {
    let world = deprecated();
    let seen = |undeclared| Seen {
        image: Some(shown(&world)),
        output: None,
        wishes: Some(Wishes::default()),
        undeclared,
        named_by: Some(Vec::new()),
    };
    let look = |undeclared| look_by(&only_step(&world), &world, &seen(undeclared));
    assert_eq!(look(Some(BTreeSet::new())), "make");
    assert_eq!(look(None), refused(Refusal::LaunchersUnread));
    for who in [Grantee::Everybody, Grantee::Account("222233334444".parse().unwrap())] {
        let who = BTreeSet::from([who]);
        assert_eq!(look(Some(who.clone())), refused(Refusal::Undeclared(who)));
    }
    // What is disabled nobody can launch, and what is only deprecated everybody can.
    for world in [family().has_each_day(1..=3), disabled()] {
        let seen = Seen {
            image: Some(shown(&world)),
            ..seen(None)
        };
        assert_eq!(look_by(&only_step(&world), &world, &seen), "make");
    }
}
