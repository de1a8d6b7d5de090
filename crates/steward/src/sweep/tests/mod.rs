//! A sweep that goes by what was written down of members' rows plans what one plans that reads them, whatever was written when.

mod histories;
mod stage;

use std::collections::BTreeSet;

use super::*;
use crate::Target;
use crate::distribution::{Reach, Stood};
use stage::{MEMBERS, World, account, ami, at, home, regions, release, target};

#[test]
fn what_rests_with_members_is_due_with_the_first_of_their_rows() {
    let mut world = World::settled();
    let rest = world.rest().expect("nothing is due");
    assert!(world.holds(&rest));
    // One was looked at an hour before the others: it is due as the hour before begins.
    world.published.get_mut(&target(MEMBERS[0], 0)).unwrap().looked = world.before(60);
    let sooner = world.rest().unwrap();
    let after = |rest: &Rest| (0..3_000).find(|minutes| !world.later(*minutes).holds(rest)).unwrap();
    assert_eq!(after(&rest) - after(&sooner), 60);
    assert!(after(&rest) > 23 * 60 && after(&rest) <= 24 * 60);
}

#[test]
fn nothing_rests_while_something_is_due_with_a_member() {
    let one = target(MEMBERS[0], 0);
    let mut world = World::settled();
    world.published.remove(&one);
    assert_eq!(world.rest(), None);
    let mut world = World::settled();
    world.viewed.remove(&one);
    assert_eq!(world.rest(), None);
    let mut world = World::settled();
    world.stood.get_mut(&release(2)).unwrap().remove(&one);
    assert_eq!(world.rest(), None);
    // One that is not built any more is due nowhere.
    world.built.remove(&release(2));
    let rest = world.rest().expect("it is not built");
    assert!(world.holds(&rest));
    world.built.insert(release(2));
    assert!(!world.holds(&rest));
}

#[test]
fn a_rest_is_over_with_all_that_members_rows_are_judged_by() {
    let rest = World::settled().rest().unwrap();
    let is_over = |change: &dyn Fn(&mut World)| {
        let mut world = World::settled();
        change(&mut world);
        !world.holds(&rest)
    };
    assert!(is_over(&|world| world.number += 1));
    assert!(is_over(&|world| world.audience = String::from("b")));
    assert!(is_over(&|world| world.readers = None));
    assert!(is_over(&|world| world.readers = Some(BTreeSet::new())));
    assert!(is_over(&|world| world.owners.clear()));
    assert!(is_over(&|world| world.point(2)));
    assert!(is_over(&|world| world.releases.push(release(3))));
    let hubs = |world: &mut World, change: fn(&mut Stood)| {
        let of_hub = Target::new(home().account(), regions()[0]);
        change(world.stood.get_mut(&release(1)).unwrap().get_mut(&of_hub).unwrap());
    };
    assert!(is_over(&|world| hubs(world, |stood| stood.ami = Some(ami(9)))));
    assert!(is_over(&|world| hubs(world, |stood| stood.reach = Reach::Coming)));
    assert!(is_over(&|world| hubs(world, |stood| stood.lacks = true)));
    assert!(is_over(&|world| hubs(world, |stood| stood.manifest = 9)));
    assert!(is_over(&|world| hubs(world, |stood| stood.audience = String::from("b"))));
    assert!(is_over(&|world| hubs(world, |stood| stood.says = "disabled".into())));
    assert!(is_over(&|world| hubs(world, |stood| stood
        .lent
        .ready
        .extend([account(2)]))));
    // That the hub's was looked at again, by each sweep, is no reason to read what thousands have.
    assert!(!is_over(&|world| hubs(world, |stood| stood.looked = at(1))));
    assert!(!is_over(&|_| ()));
}

#[test]
fn who_owns_no_copies_any_more_and_is_gone_or_back_ends_a_rest() {
    let mut world = World::settled();
    // Its rows stay, and are looked at daily.
    world.owners.remove(&account(MEMBERS[0]));
    let rest = world.rest().unwrap();
    assert_eq!(rest.left().collect::<Vec<_>>(), [account(MEMBERS[0])]);
    assert!(world.holds(&rest));
    world.gone.insert(account(MEMBERS[0]));
    assert!(!world.holds(&rest));
    let gone = world.rest().unwrap();
    assert!(world.holds(&gone));
    world.gone.clear();
    assert!(!world.holds(&gone));
}

#[test]
fn what_is_too_much_to_say_is_read_by_each_sweep() {
    let mut world = World::settled();
    let stood = world.stood.get_mut(&release(2)).unwrap();
    let there = stood[&target(MEMBERS[0], 0)].clone();
    for n in 0..500 {
        stood.insert(target(5_000 + n, 0), there.clone());
    }
    let rest = world.rest().unwrap();
    assert_eq!(rest.left().count(), 500);
    world
        .stood
        .get_mut(&release(1))
        .unwrap()
        .insert(target(6_000, 0), there);
    assert_eq!(world.rest(), None);
    // Nor are many words.
    let mut world = World::settled();
    let there = world
        .stood
        .get_mut(&release(1))
        .unwrap()
        .get_mut(&target(MEMBERS[0], 0))
        .unwrap();
    (there.reach, there.says) = (Reach::Coming, "x".repeat(9_000).into());
    assert_eq!(world.rest(), None);
}

#[test]
fn only_rows_that_say_the_same_and_are_due_no_sooner_are_written_without_a_word() {
    let row = || World::settled().stood[&release(1)][&target(MEMBERS[0], 0)].clone();
    let disturbs = |change: fn(&mut Stood)| {
        let mut after = row();
        change(&mut after);
        after.disturbs(&row())
    };
    assert!(!disturbs(|_| ()));
    assert!(!disturbs(|after| after.looked = at(5)));
    assert!(!disturbs(|after| after.findings.push("a note".into())));
    assert!(disturbs(|after| after.looked = at(-1)));
    assert!(disturbs(|after| after.settled = false));
    assert!(disturbs(|after| after.says = "gone".into()));
    assert!(disturbs(|after| after.reach = Reach::Disabled));
    assert!(disturbs(|after| after.ami = None));
    assert!(disturbs(|after| after.lacks = true));
    assert!(disturbs(|after| after.stuck = true));
    assert!(disturbs(|after| after.manifest += 1));
    assert!(disturbs(|after| after.audience = String::from("b")));
}

#[test]
fn where_nobody_owns_a_copy_or_reads_anything_a_rest_ends_with_a_change_alone() {
    let mut world = World::settled();
    (world.owners, world.readers) = (BTreeSet::new(), Some(BTreeSet::new()));
    for stood in world.stood.values_mut() {
        stood.retain(|there, _| there.account() == home().account());
    }
    world.published.clear();
    world.viewed.clear();
    let rest = world.rest().unwrap();
    assert!(world.later(1_000_000).holds(&rest));
}

#[test]
fn where_nothing_is_published_any_more_it_is_looked_at_daily_what_is_left() {
    let left = MEMBERS[2];
    let mut world = World::settled();
    world.readers = Some([account(MEMBERS[0]), account(MEMBERS[1])].into());
    let looked = |world: &World| {
        let looks = world.publications();
        looks
            .into_iter()
            .filter(|there| there.account() == account(left))
            .count()
    };
    assert_eq!(looked(&world), 0);
    assert_eq!(looked(&world.later(24 * 60)), 2);
    let forgotten = |world: &mut World| world.published.retain(|there, _| there.account() != account(left));
    let mut after = world.later(24 * 60);
    forgotten(&mut after);
    assert_eq!(looked(&after), 0);
    // Nobody lets anybody into what is closed, and while nobody knows who reads it, nothing is known to be left.
    let mut closed = world.later(24 * 60);
    closed.gone.insert(account(left));
    assert_eq!(looked(&closed), 0);
    world.readers = None;
    assert_eq!(looked(&world.later(24 * 60)), 0);
}
