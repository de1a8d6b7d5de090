//! Whole histories, drawn from a seed: whatever becomes of their events, each record ends as one that heard of nothing.

mod closure;
mod listener;
mod past;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;
use stage::aws::{hours, minutes};

use crate::hub::Hub;
use listener::{Listener, Met};
use past::Past;

/// So many histories the tests play, as each takes seconds: thousands are those of the closure by itself. More by
/// IMAGE_STEWARD_HISTORIES, from a first one by IMAGE_STEWARD_FIRST_SEED.
const HISTORIES: u64 = 6;
/// So many tests share them.
const SHARDS: u64 = 2;
/// So many records hear of each in their own way.
const LISTENERS: u64 = 4;

fn number(variable: &str) -> Option<u64> {
    std::env::var(variable).ok().map(|text| text.parse().unwrap())
}

/// A record as its items lie in the table, without when they were written.
type Essence = BTreeMap<(String, String), Value>;

/// What a history came to.
#[derive(PartialEq, Debug)]
struct End {
    met: Met,
    essence: Essence,
    fingerprint: u64,
}

/// Plays a history: some of it happens, and is heard of; then more of it; and a day later comes what was late.
async fn play(seed: u64) -> Result<End, String> {
    let mut past = Past::new(seed).await;
    past.hub.shop.aws.plane.with_tables(|tables| {
        // What is not read consistently may be a minute old.
        tables.settings_mut().read_lag = minutes(1);
    });
    let deaf = Listener::new(&past.hub, String::from("deaf"), 0).await;
    let mut listeners = Vec::new();
    for n in 0..LISTENERS {
        let listener = Listener::new(&past.hub, format!("listener-{n}"), seed * LISTENERS + n).await;
        listeners.push(listener);
    }
    let (mut met, mut essence) = (Met::default(), Essence::new());
    for day in 0..3 {
        if day < 2 {
            past.go_on(&known(&essence)).await;
        }
        let told = if day < 2 { past.told() } else { Vec::new() };
        for listener in &mut listeners {
            let heard = listener.hear(&past.hub, &told, &mut met).await;
            heard.map_err(|why| format!("seed {seed}, {}: {why}", listener.table))?;
        }
        essence = settle(&past.hub, &deaf, &listeners, &mut met)
            .await
            .map_err(|why| format!("seed {seed}, day {day}: {why}"))?;
        past.hub.shop.aws.pass(hours(24)).await;
    }
    let fingerprint = past.hub.shop.aws.plane.with(|world| world.ledger().fingerprint());
    Ok(End {
        met,
        essence,
        fingerprint,
    })
}

/// Sweeps until everything has been seen twice, and compares: what the records say in the end, all of them.
async fn settle(hub: &Hub, deaf: &Listener, listeners: &[Listener], met: &mut Met) -> Result<Essence, String> {
    let all = || listeners.iter().chain([deaf]);
    // Targets are compared once an hour, of copies of copies one step at a time; what differs there is looked at again.
    for pause in [0, 61, 6, 61, 6] {
        hub.shop.aws.pass(minutes(pause)).await;
        for listener in all() {
            let swept = listener.sweep(hub).await;
            swept.map_err(|why| format!("{}: {why}", listener.table))?;
        }
    }
    let expected = hub.essence_of(&deaf.table);
    for listener in all() {
        let table = &listener.table;
        let essence = hub.essence_of(table);
        if essence != expected {
            return Err(format!("{table}: {}", difference(&expected, &essence)));
        }
        met.edges += closure::judge(&essence).map_err(|why| format!("{table}: {why}"))?;
        let writes = hub.writes();
        let swept = listener.sweep(hub).await;
        swept.map_err(|why| format!("{table}: {why}"))?;
        let more = hub.writes() - writes;
        if more > 0 {
            return Err(format!("{table}: one more sweep writes {more} items"));
        }
    }
    Ok(expected)
}

/// The images that a record has, by their ids and digests.
fn known(essence: &Essence) -> BTreeSet<String> {
    let placements = essence
        .keys()
        .filter(|(pk, sk)| pk.starts_with("R#") && (sk.starts_with("P#") || sk.starts_with("I#")));
    placements
        .filter_map(|(_, sk)| sk.rsplit(['#', '@']).next())
        .map(str::to_owned)
        .collect()
}

/// Where two records differ.
fn difference(swept: &Essence, heard: &Essence) -> String {
    let keys: BTreeSet<_> = swept.keys().chain(heard.keys()).collect();
    let differ = keys.into_iter().filter(|key| swept.get(key) != heard.get(key));
    let lines = differ.map(|key| {
        let of = |essence: &Essence| {
            essence
                .get(key)
                .map_or_else(|| String::from("nothing"), ToString::to_string)
        };
        format!("\n  {key:?}\n    swept: {}\n    heard: {}", of(swept), of(heard))
    });
    lines.collect()
}

/// Plays the histories of one shard; whoever breaks the property fails them all.
async fn play_shard(shard: u64) {
    let first = number("IMAGE_STEWARD_FIRST_SEED").unwrap_or(0);
    let asked = number("IMAGE_STEWARD_HISTORIES");
    let histories = asked.unwrap_or(HISTORIES);
    let (mut failed, mut all) = (Vec::new(), Met::default());
    let seeds = (first..first + histories).filter(|seed| seed % SHARDS == shard);
    for seed in seeds {
        match Box::pin(play(seed)).await {
            Ok(end) => all.add(end.met),
            Err(why) => failed.push(why),
        }
    }
    tell(&format!("{all:?}"));
    assert!(
        failed.is_empty(),
        "{}\n\n{} of {histories} histories failed",
        failed.join("\n\n"),
        failed.len()
    );
    // Silence is no consent: there was something that could have gone wrong.
    let Met {
        wakes,
        crashed,
        failed: _,
        lost,
        doubled,
        late,
        at_once,
        edges,
    } = all;
    let least = wakes
        .min(crashed)
        .min(lost)
        .min(doubled)
        .min(late)
        .min(at_once)
        .min(edges);
    assert!(asked.is_some() || least > 0, "{all:?}");
}

#[expect(
    clippy::print_stdout,
    reason = "whoever plays many histories wants to know what they came to"
)]
fn tell(line: &str) {
    println!("{line}");
}

#[tokio::test(start_paused = true)]
async fn whatever_becomes_of_the_events_of_even_histories_the_record_is_that_of_the_sweep_alone() {
    play_shard(0).await;
}

#[tokio::test(start_paused = true)]
async fn whatever_becomes_of_the_events_of_odd_histories_the_record_is_that_of_the_sweep_alone() {
    play_shard(1).await;
}

#[tokio::test(start_paused = true)]
async fn a_history_plays_the_same_again() {
    let first = Box::pin(play(3)).await.unwrap();
    assert_eq!(first, Box::pin(play(3)).await.unwrap());
}
