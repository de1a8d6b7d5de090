//! What somebody wants since a moment ago, when the facts of a family were gathered before that.

use std::collections::BTreeSet;

use super::super::*;
use super::second_look::{built, deprecated, disabled, look_by, only_step, refused, shown, there, wanted};
use super::stage::*;
use crate::BuildState;

/// What comes of the only step of a plan if that is wanted of its release by now.
fn look_wanting(planned: &World, wishes: Option<Wishes>) -> String {
    let image = Some(shown(planned));
    let seen = Seen {
        image,
        output: None,
        wishes,
        undeclared: Some(BTreeSet::new()),
        named_by: Some(Vec::new()),
    };
    look_by(&only_step(planned), planned, &seen)
}

#[test]
fn what_somebody_wants_since_a_moment_ago_is_not_taken_away() {
    let stable = || "stable".parse().unwrap();
    let wishes = [
        Wishes {
            holds: vec![hold(day(120))],
            ..Wishes::default()
        },
        Wishes {
            channels: vec![Pointing::On(stable())],
            ..Wishes::default()
        },
        Wishes {
            channels: vec![Pointing::OnTheWayTo(stable())],
            ..Wishes::default()
        },
        Wishes {
            may_run: vec![BuildsOnIt::MayRun {
                channel: stable(),
                left: day(100),
            }],
            ..Wishes::default()
        },
    ];
    for world in [deprecated(), disabled()] {
        assert_eq!(look_wanting(&world, Some(Wishes::default())), "make");
        for wish in &wishes {
            let said = look_wanting(&world, Some(wish.clone()));
            assert!(
                said.starts_with("refused: ") && said != refused(Refusal::WishesUnread),
                "{said}"
            );
        }
        assert_eq!(look_wanting(&world, None), refused(Refusal::WishesUnread));
    }
    // What is only warned of, and what comes back up, everybody can have all the same.
    for world in [family().has_each_day(1..=3), wanted()] {
        assert_eq!(look_wanting(&world, None), "make");
    }
}

#[test]
fn what_nobody_wants_any_more_goes_and_who_else_builds_on_it_is_still_known() {
    let let_go = disabled();
    let held = disabled().with(1, |release| release.holds.push(hold(day(120))));
    let step = only_step(&let_go);
    let seen = |world: &World| Seen {
        image: Some(shown(world)),
        output: None,
        wishes: Some(Wishes::default()),
        undeclared: Some(BTreeSet::new()),
        named_by: Some(Vec::new()),
    };
    assert_eq!(look_by(&step, &held, &seen(&held)), "make");
    let built_on = disabled().with(1, |release| release.parent_of.push(BuildsOnIt::Running("shop".into())));
    assert!(look_by(&step, &built_on, &seen(&built_on)).starts_with("refused: "));
}

#[test]
fn what_image_builder_has_stays_where_somebody_wants_its_release_since_a_moment_ago() {
    let world = built(disabled(), BuildState::Available);
    let plan = world.plan();
    let gone = world.clone().with(1, |release| release.placements.clear());
    let wanted = || Wishes {
        holds: vec![hold(day(120))],
        ..Wishes::default()
    };
    for (n, world, state) in [(0, &world, BuildState::Available), (2, &gone, BuildState::Deprecated)] {
        let seen = |wishes| Seen {
            image: None,
            output: Some(there(state)),
            wishes,
            undeclared: None,
            named_by: None,
        };
        assert_eq!(look_by(&plan.steps[n], world, &seen(Some(Wishes::default()))), "make");
        assert_eq!(
            look_by(&plan.steps[n], world, &seen(Some(wanted()))),
            refused(Refusal::NotWanted)
        );
        assert_eq!(
            look_by(&plan.steps[n], world, &seen(None)),
            refused(Refusal::WishesUnread)
        );
    }
}
