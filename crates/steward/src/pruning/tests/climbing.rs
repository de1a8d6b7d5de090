//! How what somebody needs climbs back.

use super::super::*;
use super::stage::*;
use crate::AmiState;

/// Releases 1 to 3, of which the first is on the ladder, in two places.
fn disabled() -> World {
    family()
        .has_each_day(1..=3)
        .copied(1, AWAY)
        .on(1, Rung::Disabled, 90, 70)
}

#[test]
fn what_is_needed_again_climbs_back_all_the_way_in_every_place() {
    let needs: [fn(&mut ReleaseFacts); 8] = [
        |release| release.placements[1].launched = LastLaunch::At(day(99)),
        |release| {
            release.placements[0].tags.push(TagSeen {
                by: HUB.parse().unwrap(),
                key: "keep".to_owned(),
                value: "true".to_owned(),
            });
        },
        |release| {
            release.holds.push(hold(day(101)));
        },
        on_stable,
        |release| release.parent_of.push(BuildsOnIt::Running("shop".into())),
        |release| release.placements[0].protection = Some(Protection::On),
        |release| {
            release.placements[0].uses.push(Use {
                seen_in: at(MEMBER),
                by: UsedBy::Said("asg/web".into()),
            });
        },
        |release| release.built = BuildTime::At(day(99)),
    ];
    for need in needs {
        let world = disabled().with(1, need);
        assert_eq!(world.steps(), ["restore 1 from disabled", "restore 1.1 from disabled"]);
        assert_eq!(world.plan().cleared, [id(1)]);
        assert!(world.after(&world.plan()).plan().rests());
    }
}

#[test]
fn it_climbs_back_where_its_manifest_keeps_more_or_everything() {
    let mut more = disabled();
    more.facts.retain = Some(retain("releases: 3, for: 30d"));
    assert_eq!(more.steps().len(), 2);
    more.facts.retain = None;
    assert_eq!(more.steps().len(), 2);
    assert_eq!(more.plan().cleared, [id(1)]);
}

#[test]
fn what_nobody_can_tell_neither_brings_it_back_nor_takes_it_down() {
    let unknown: [fn(&mut ReleaseFacts); 4] = [
        |release| release.built = BuildTime::Absent,
        |release| release.place = Place::Ungrouped(Ungrouped::Architecture(None)),
        |release| release.placements[0].launched = LastLaunch::Unread,
        |release| release.placements[0].standing = PlacementStanding::Unsettled(crate::AmiState::Transient),
    ];
    for change in unknown {
        assert!(disabled().with(1, change).plan().rests());
    }
}

#[test]
fn what_nobody_could_tell_for_a_while_goes_on_where_it_was() {
    let unknown: [fn(&mut ReleaseFacts); 2] = [
        |release| release.built = BuildTime::Absent,
        |release| release.placements[0].standing = PlacementStanding::Unsettled(AmiState::Transient),
    ];
    for change in unknown {
        let world = disabled().with(1, change);
        let plan = world.plan();
        assert!(plan.cleared.is_empty() && plan.kept.iter().any(|kept| kept.release == id(1)));
        // It is expendable since the same day, and has waited all the while.
        let later = world.after(&plan).with(1, |release| {
            release.built = BuildTime::At(day(1));
            release.placements[0].standing = standing(Rung::Disabled, 90);
        });
        assert_eq!(later.facts.releases[0].since, ExpendableSince::Recorded(day(70)));
        assert_eq!(later.fate(1), "disabled → deregistered on 106");
    }
}

#[test]
fn what_another_hand_took_down_stays_down() {
    let world = disabled().images(|image| {
        if let PlacementStanding::Disabled(since) = &mut image.standing {
            since.by_us = false;
        }
    });
    let held = world.with(1, on_stable);
    assert!(held.steps().is_empty());
    assert_eq!(held.plan().cleared, [id(1)]);
}

#[test]
fn what_died_between_clearing_and_climbing_climbs_all_the_same() {
    let world = disabled().with(1, |release| {
        release.since = ExpendableSince::NotYet;
        release.channels.push(Pointing::On("stable".parse().unwrap()));
    });
    assert_eq!(world.steps().len(), 2);
    assert!(world.plan().cleared.is_empty());
}

#[test]
fn what_climbs_back_is_bounded_by_no_limit() {
    let mut world = family_with("releases: 2, for: 30d, limits: { per_run: 1, share: 0% }").has_each_day(1..=9);
    for n in 1..=7 {
        world = world.on(n, Rung::Deprecated, 90, 70).with(n, on_stable);
    }
    assert_eq!(world.steps().len(), 7);
}

/// One step back up, and no longer expendable.
fn climbs(need: fn(&mut ReleaseFacts)) {
    let world = disabled().with(1, need);
    let plan = world.plan();
    let up = plan
        .steps
        .iter()
        .filter(|step| matches!(step.effect, Effect::Restore { .. }));
    let on_rungs = world.facts.releases[0]
        .placements
        .iter()
        .filter(|image| image.standing != PlacementStanding::Available);
    let on_rungs = on_rungs.filter(|image| !matches!(image.standing, PlacementStanding::Unsettled(_)));
    assert_eq!((up.count(), plan.cleared), (on_rungs.count(), vec![id(1)]));
}

#[test]
fn what_is_on_a_channel_climbs_back_while_another_copy_of_it_is_still_being_made() {
    climbs(|release| {
        release.placements[1].standing = PlacementStanding::Unsettled(AmiState::Pending);
        on_stable(release);
    });
}

#[test]
fn what_is_held_climbs_back_although_its_launches_could_not_be_read() {
    climbs(|release| {
        release.placements[0].launched = LastLaunch::Unread;
        release.holds.push(hold(day(101)));
    });
}

#[test]
fn what_was_launched_lately_climbs_back_although_another_copys_launches_could_not_be_read() {
    climbs(|release| {
        release.placements[0].launched = LastLaunch::Unread;
        release.placements[1].launched = LastLaunch::At(day(99));
    });
}

#[test]
fn what_is_on_a_channel_climbs_back_although_its_date_is_gone() {
    climbs(|release| {
        release.built = BuildTime::Absent;
        on_stable(release);
    });
}

#[test]
fn what_nobody_needs_and_nobody_can_judge_stays_where_it_is() {
    let unread: [fn(&mut ReleaseFacts); 2] = [
        |release| release.placements[0].launched = LastLaunch::Unread,
        |release| release.built = BuildTime::Absent,
    ];
    for unread in unread {
        let plan = disabled().with(1, unread).plan();
        assert_eq!((plan.steps, plan.cleared), (vec![], vec![]));
    }
}

#[test]
fn what_came_half_way_up_goes_on_whoever_deprecated_it_since_or_took_that_back() {
    let by_another = Since {
        at: Some(day(95)),
        by_us: false,
    };
    let half_up = |standing| {
        let half_up = family().has_each_day(1..=3).on(1, Rung::Deprecated, 84, 70);
        half_up.image(1, |image| {
            image.standing = standing;
            image.half_up = true;
        })
    };
    let standings = [
        (PlacementStanding::Available, "available"),
        (PlacementStanding::Deprecated(by_another), "deprecated"),
    ];
    for (standing, on) in standings {
        // Where nobody needs it, it goes its way down.
        let down = half_up(standing).steps();
        assert!(!down.iter().any(|step| step.starts_with("restore")), "{down:?}");
        let needed = half_up(standing).with(1, on_stable);
        assert_eq!(needed.steps(), [format!("restore 1 from {on}")]);
        assert!(check_plan(&needed.facts, &needed.plan(), needed.now).is_empty());
        assert!(needed.after(&needed.plan()).plan().rests());
    }
    // What another hand disabled since stays so.
    let disabled = half_up(PlacementStanding::Disabled(by_another)).with(1, on_stable);
    assert!(disabled.steps().is_empty());
}
