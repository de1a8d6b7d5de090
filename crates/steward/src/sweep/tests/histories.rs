//! Random histories: people, the hub's workers and members' workers change things while dispatchers read and write. 48 of them;
//! more by IMAGE_STEWARD_SWEEPS.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::super::*;
use super::stage::*;
use crate::consumers::LEFT;
use crate::distribution::{Reach, Stood};
use crate::testing::how_many;
use crate::{AccountId, Target, Words};

fn runs() -> ProptestConfig {
    ProptestConfig::with_cases(how_many("IMAGE_STEWARD_SWEEPS", 48))
}

/// What happens.
#[derive(Clone, Debug)]
enum Event {
    Pass(i64),
    Manifest(u32),
    Audience(bool),
    Readers(Option<u8>),
    Owners(u8),
    Gone(u8),
    Points(usize),
    Built(usize, bool),
    Hub(usize, usize, Option<Reach>),
    Lends(usize, usize, u8),
    Stands(usize, u64, usize, Row),
    Publishes(u64, usize, Row),
    Shows(u64, usize, Row),
    Forgets(u64, usize, bool),
    /// A dispatcher begins: it reads whether the family rests.
    Begins,
    /// It reads all rows.
    Reads,
    /// It writes that the family rests.
    Writes,
}

/// What a worker writes.
#[derive(Clone, Copy, Debug)]
enum Row {
    Well,
    Other,
    UnderWay,
    InVain(u32),
    Late,
}

/// The item of a rest, and how far a dispatcher is.
#[derive(Default)]
struct Item {
    disturbed: u64,
    written: Option<(u64, Rest)>,
    begun: Option<u64>,
    read: Option<World>,
}

impl Item {
    fn in_force(&self) -> Option<&Rest> {
        let (after, rest) = self.written.as_ref()?;
        (*after == self.disturbed).then_some(rest)
    }
}

fn members(bits: u8) -> BTreeSet<AccountId> {
    let named = MEMBERS.into_iter().enumerate();
    named
        .filter(|(n, _)| bits >> n & 1 == 1)
        .map(|(_, member)| account(member))
        .collect()
}

fn looked(look: LastLook, row: Row) -> LastLook {
    match row {
        Row::Well => look,
        Row::Other => LastLook {
            what: LEFT.to_owned(),
            ..look
        },
        Row::UnderWay => LastLook {
            settled: false,
            under_way: true,
            ..look
        },
        Row::InVain(tries) => LastLook {
            settled: false,
            tries,
            ..look
        },
        Row::Late => LastLook {
            looked: look.looked.checked_sub(crate::Duration::hours(5)).unwrap(),
            ..look
        },
    }
}

fn stood(mut stood: Stood, row: Row) -> Stood {
    match row {
        Row::Well => {}
        Row::Other => (stood.says, stood.reach, stood.stuck) = (Words::from("disabled"), Reach::Disabled, true),
        Row::UnderWay => {
            (stood.settled, stood.under_way, stood.lacks, stood.reach) = (false, true, true, Reach::Coming);
        }
        Row::InVain(tries) => (stood.settled, stood.tries, stood.lacks) = (false, tries, tries % 2 == 0),
        Row::Late => stood.looked = stood.looked.checked_sub(crate::Duration::hours(5)).unwrap(),
    }
    stood
}

/// Carries it out. Workers write as the record lets them: what disturbs is counted together with the row.
fn happen(world: &mut World, item: &mut Item, event: &Event) {
    match event {
        Event::Pass(minutes) => {
            let millis = world.now.as_millisecond() + minutes * 60_000;
            world.now = crate::Timestamp::from_millisecond(millis).unwrap();
        }
        Event::Manifest(number) => world.number = *number,
        Event::Audience(other) => world.audience = String::from(if *other { "b" } else { "a" }),
        Event::Readers(bits) => world.readers = bits.map(members),
        // Who is known to be gone is no owner.
        Event::Owners(bits) => world.owners = &members(*bits) - &world.gone,
        Event::Gone(bits) => {
            world.gone = members(*bits);
            world.owners.retain(|owner| !world.gone.contains(owner));
        }
        Event::Points(to) => world.point(*to),
        Event::Built(of, true) => drop(world.built.insert(release(*of))),
        Event::Built(of, false) => drop(world.built.remove(&release(*of))),
        Event::Hub(of, region, reach) => world.reach_of_hub(release(*of), *region, *reach),
        Event::Lends(of, region, bits) => {
            let there = Target::new(home().account(), regions()[*region]);
            if let Some(stood) = world
                .stood
                .get_mut(&release(*of))
                .and_then(|stood| stood.get_mut(&there))
            {
                (stood.lent.to, stood.lent.ready) = (members(*bits), members(*bits));
            }
        }
        Event::Stands(of, member, region, row) => {
            let there = target(*member, *region);
            let after = stood(world.as_it_should(there), *row);
            let before = world
                .stood
                .entry(release(*of))
                .or_default()
                .insert(there, after.clone());
            item.disturbed += u64::from(before.is_none_or(|before| after.disturbs(&before)));
        }
        Event::Publishes(member, region, row) => {
            let there = target(*member, *region);
            let after = looked(world.look(world.published_what(there)), *row);
            let before = world.published.insert(there, after.clone());
            item.disturbed += u64::from(before.is_none_or(|before| published(&after).disturbs(&before)));
        }
        Event::Shows(member, region, row) => {
            let there = target(*member, *region);
            let after = looked(world.look(world.viewed_what(there)), *row);
            let before = world.viewed.insert(there, after.clone());
            item.disturbed += u64::from(before.is_none_or(|before| viewed(&after).disturbs(&before)));
        }
        Event::Forgets(member, region, publication) => {
            let there = target(*member, *region);
            let rows = if *publication {
                &mut world.published
            } else {
                &mut world.viewed
            };
            item.disturbed += u64::from(rows.remove(&there).is_some());
        }
        Event::Begins => (item.begun, item.read) = (Some(item.disturbed), None),
        Event::Reads if item.begun.is_some() => item.read = Some(world.clone()),
        Event::Reads => {}
        Event::Writes => {
            if let (Some(after), Some(read)) = (item.begun.take(), item.read.take())
                && after == item.disturbed
                && let Some(rest) = read.rest()
            {
                item.written = Some((after, rest));
            }
        }
    }
}

fn published(last: &LastLook) -> crate::publication::Published {
    let LastLook {
        what,
        settled,
        under_way,
        looked,
        tries,
    } = last.clone();
    crate::publication::Published {
        what,
        parameters: [].into(),
        wrote: [].into(),
        made: [].into(),
        stood: [].into(),
        settled,
        under_way,
        findings: Vec::new(),
        notes: Vec::new(),
        looked,
        tries,
    }
}

fn viewed(last: &LastLook) -> crate::consumers::Viewed {
    let LastLook {
        what,
        settled,
        under_way,
        looked,
        tries,
    } = last.clone();
    crate::consumers::Viewed {
        what,
        settled,
        under_way,
        findings: Vec::new(),
        looked,
        tries,
    }
}

fn rows() -> impl Strategy<Value = Row> {
    prop_oneof![
        6 => Just(Row::Well),
        1 => Just(Row::Other),
        1 => Just(Row::UnderWay),
        1 => (1_u32..8).prop_map(Row::InVain),
        1 => Just(Row::Late),
    ]
}

fn events() -> impl Strategy<Value = Event> {
    let reach = prop_oneof![
        4 => Just(Some(Reach::Usable)),
        1 => Just(Some(Reach::Coming)),
        1 => Just(Some(Reach::Disabled)),
        1 => Just(Some(Reach::Retired)),
        1 => Just(None),
    ];
    let member = || prop::sample::select(MEMBERS.to_vec());
    prop_oneof![
        4 => prop_oneof![4 => 1_i64..30, 2 => 30_i64..400, 1 => 400_i64..2_000, 1 => -6_i64..0].prop_map(Event::Pass),
        1 => (3_u32..5).prop_map(Event::Manifest),
        1 => any::<bool>().prop_map(Event::Audience),
        1 => prop::option::of(0_u8..8).prop_map(Event::Readers),
        1 => (0_u8..8).prop_map(Event::Owners),
        1 => (0_u8..8).prop_map(Event::Gone),
        1 => (1_usize..3).prop_map(Event::Points),
        1 => (1_usize..3, any::<bool>()).prop_map(|(of, built)| Event::Built(of, built)),
        2 => (1_usize..3, 0_usize..2, reach).prop_map(|(of, region, reach)| Event::Hub(of, region, reach)),
        1 => (1_usize..3, 0_usize..2, 0_u8..8).prop_map(|(of, region, bits)| Event::Lends(of, region, bits)),
        4 => (1_usize..3, member(), 0_usize..2, rows()).prop_map(|(of, who, at, row)| Event::Stands(of, who, at, row)),
        3 => (member(), 0_usize..2, rows()).prop_map(|(who, at, row)| Event::Publishes(who, at, row)),
        3 => (member(), 0_usize..2, rows()).prop_map(|(who, at, row)| Event::Shows(who, at, row)),
        1 => (member(), 0_usize..2, any::<bool>()).prop_map(|(who, at, of)| Event::Forgets(who, at, of)),
        4 => Just(Event::Begins),
        4 => Just(Event::Reads),
        4 => Just(Event::Writes),
    ]
}

/// As workers leave all that they are sent to by what a sweep plans.
fn work_off(world: &mut World, item: &mut Item) {
    for of in 1..3 {
        for (member, region) in MEMBERS.iter().flat_map(|member| [(*member, 0), (*member, 1)]) {
            if world.owners.contains(&account(member)) {
                happen(world, item, &Event::Stands(of, member, region, Row::Well));
            }
        }
    }
    for (member, region) in MEMBERS.iter().flat_map(|member| [(*member, 0), (*member, 1)]) {
        happen(world, item, &Event::Publishes(member, region, Row::Well));
        let is_reader = world
            .readers
            .as_ref()
            .is_some_and(|readers| readers.contains(&account(member)));
        let event = if is_reader {
            Event::Shows(member, region, Row::Well)
        } else {
            Event::Forgets(member, region, false)
        };
        happen(world, item, &event);
    }
}

proptest! {
    #![proptest_config(runs())]
    #[test]
    fn a_sweep_by_a_rest_plans_what_one_plans_that_reads_every_row(
        history in prop::collection::vec((events(), prop::bool::weighted(0.1)), 1..80),
    ) {
        let (mut world, mut item) = (World::settled(), Item::default());
        for (event, all_is_worked_off) in history {
            if all_is_worked_off {
                work_off(&mut world, &mut item);
                for event in [Event::Begins, Event::Reads, Event::Writes] {
                    happen(&mut world, &mut item, &event);
                }
            }
            happen(&mut world, &mut item, &event);
            if let Some(rest) = item.in_force().filter(|rest| world.holds(rest)) {
                prop_assert_eq!(world.plan(Some(rest)), world.plan(None), "after {:?}", event);
            }
        }
    }
}

#[test]
fn histories_rest_now_and_then() {
    // By this the property above says something.
    let (mut world, mut item) = (World::settled(), Item::default());
    happen(&mut world, &mut item, &Event::Owners(2));
    work_off(&mut world, &mut item);
    for event in [Event::Begins, Event::Reads, Event::Writes] {
        happen(&mut world, &mut item, &event);
    }
    assert!(item.in_force().is_some_and(|rest| world.holds(rest)));
    happen(&mut world, &mut item, &Event::Shows(2, 0, Row::InVain(2)));
    assert!(item.in_force().is_none());
}
