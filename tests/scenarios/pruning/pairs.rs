//! A crash at any call on the way down, of whoever plans and whoever works, and one fault more: the same end, by the same calls.

use std::fmt;
use std::time::Duration;

use fastrand::Rng;
use image_plane::{Effect, Fault, Ledger, Mutation, Tables, World};
use prune_images::plan_pruning;
use serde_json::json;
use stage::aws::{HUB, IRELAND, hours, minutes};

use super::applying::{DOWN, let_another_in};
use super::{LADDER, REAPPEARS, Yard};
use crate::crash::{Crash, CrashKind};
use crate::evidence::gather;

/// What passes before each of its days: it is deprecated, disabled, told of, and gone.
const DAYS: [Duration; 4] = [hours(48), hours(24), hours(0), hours(24)];

/// Every so-manieth pair is played, or by IMAGE_STEWARD_PAIRS: 1 is each there is.
const EVERY: usize = 89;

/// What goes wrong beside a crash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Beside {
    Nothing,
    /// So many calls of AWS's from one on.
    OfAws(Effect, u64),
    /// The same of the table's.
    OfTables(Effect, u64),
    /// Each message comes twice.
    Twice,
    /// EC2 shows what was.
    Stale,
    /// Another has the right to be at work there by now.
    LeaseLost,
    /// A worker sleeps until another has come to its message.
    Overslept,
}

impl Beside {
    const ALL: [Self; 16] = [
        Self::Nothing,
        Self::OfAws(Effect::Throttle, 2),
        Self::OfAws(Effect::Throttle, 9),
        Self::OfAws(Effect::ServerErrorAfterApply(500), 1),
        Self::OfAws(Effect::ServerErrorAfterApply(500), 9),
        Self::OfAws(Effect::ResetAfterApply, 1),
        Self::OfAws(Effect::Deny, 1),
        Self::OfTables(Effect::Throttle, 9),
        Self::OfTables(Effect::ServerErrorAfterApply(500), 9),
        Self::OfTables(Effect::ResetAfterApply, 1),
        Self::OfTables(Effect::Conflict, 1),
        Self::OfTables(Effect::Deny, 1),
        Self::Twice,
        Self::Stale,
        Self::LeaseLost,
        Self::Overslept,
    ];

    /// Whether the SDK may make a call again that was made.
    const fn loses_answers(self) -> bool {
        matches!(
            self,
            Self::OfAws(Effect::ServerErrorAfterApply(_) | Effect::ResetAfterApply, _)
        )
    }
}

/// A crash on one of the days, and what goes wrong beside it, from this call of its door on.
#[derive(Clone, Copy, Debug)]
struct Pair {
    day: usize,
    crash: Crash,
    beside: Beside,
    call: u64,
}

impl fmt::Display for Pair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            day,
            crash,
            beside,
            call,
        } = self;
        write!(f, "day {day}, {crash}, {beside:?} at call {call}")
    }
}

/// What it all comes to.
#[derive(Debug, PartialEq)]
struct End {
    rungs: Vec<&'static str>,
    made: Vec<&'static str>,
    state: Option<String>,
    output: String,
    snapshots: usize,
    open: Vec<String>,
    left: usize,
}

/// Calls of AWS's and of the table's.
#[derive(Clone, Copy, Debug)]
struct Calls {
    of_aws: u64,
    of_tables: u64,
}

impl Calls {
    fn so_far(yard: &Yard) -> Self {
        let all = |ledger: &Ledger| ledger.counts().map(|(.., counts)| counts.all()).sum();
        let plane = &yard.hub.shop.aws.plane;
        Self {
            of_aws: plane.with(|world| all(world.ledger())),
            of_tables: plane.with_tables(|tables| all(tables.ledger())),
        }
    }

    fn of(self, of_tables: bool) -> u64 {
        if of_tables { self.of_tables } else { self.of_aws }
    }
}

/// What was changed on the way down. What the SDK makes again as nobody answered it is one call of ours.
fn made(yard: &Yard, loses_answers: bool) -> Vec<&'static str> {
    yard.hub.shop.aws.plane.with(|world| {
        let mut last: Option<&Mutation> = None;
        let changes = world.ledger().changes();
        let changes = changes.filter(|change| DOWN.contains(&change.action) || change.action == "DeleteSnapshot");
        let once = changes.filter(|&change| {
            let before = last.replace(change);
            !before.is_some_and(|before| {
                let is_unanswered = loses_answers && !before.answered;
                is_unanswered && before.request == change.request && change.at < before.at + minutes(2)
            })
        });
        once.map(|change| change.action).collect()
    })
}

async fn end(yard: &Yard, loses_answers: bool) -> End {
    let old = &yard.images[0];
    let ec2 = yard.hub.shop.aws.ec2(HUB, IRELAND);
    let snapshots = ec2.describe_snapshots().owner_ids("self").send().await.unwrap();
    let items = yard.hub.items().into_keys();
    End {
        rungs: yard.rungs().await,
        made: made(yard, loses_answers),
        state: yard.placed(old, "state"),
        output: yard.release(old, "state"),
        snapshots: snapshots.snapshots().len(),
        open: yard.open_steps(),
        left: items.filter(|(pk, _)| pk == "LEFT").count(),
    }
}

/// Lets somebody plan; says whether there is a plan.
async fn plans(yard: &Yard) -> bool {
    let (room, process) = yard.room_with(Some(&yard.url));
    let run = format!("run-{}", yard.hub.moment().now);
    let event = json!({ "wake": "sweep" });
    let planned = process.run(Box::pin(plan_pruning(&room, &event, &run, yard.hub.moment())));
    matches!(planned.await, Ok(Ok(_)))
}

/// Lets somebody do the next piece of work while that goes on beside it; none where there is none.
async fn works(yard: &Yard, beside: Beside) -> Option<bool> {
    let first = yard.work_within(minutes(15));
    let worked = match beside {
        Beside::LeaseLost => {
            let other = async {
                tokio::time::sleep(Duration::from_secs(10)).await;
                // What was to end the worker may end this one.
                let _ended = yard.hub.shop.aws.process.run(let_another_in(yard)).await;
            };
            tokio::join!(first, other).0
        }
        Beside::Overslept => {
            let other = async {
                tokio::time::sleep(REAPPEARS + minutes(1)).await;
                yard.work_within(minutes(15)).await
            };
            tokio::join!(first, other).0
        }
        Beside::Twice => {
            let batch = yard.take()?;
            let mut worked = None;
            for _ in 0..2 {
                let room = yard.room_with(Some(&yard.url));
                worked = Some(yard.handle(&batch, room, minutes(15)).await);
            }
            worked
        }
        Beside::Nothing | Beside::OfAws(..) | Beside::OfTables(..) | Beside::Stale => first.await,
    };
    worked.map(|worked| worked.is_ok())
}

/// Plans until there is a plan, and does what it says.
async fn day(yard: &Yard, beside: Beside, call: u64) {
    let aws = &yard.hub.shop.aws;
    for _ in 0..4 {
        if plans(yard).await {
            break;
        }
        aws.pass(minutes(5)).await;
    }
    let sleeps = match beside {
        Beside::LeaseLost => Some(Duration::from_secs(30)),
        Beside::Overslept => Some(REAPPEARS + minutes(5)),
        _ => None,
    };
    if let Some(sleeps) = sleeps {
        let freeze = Fault::new(Effect::FreezeAfter(sleeps)).after(call % 12);
        aws.plane.with(|world| world.inject(freeze));
    }
    let mut goes_on = beside;
    while let Some(is_done) = works(yard, goes_on).await {
        if goes_on != Beside::Twice {
            goes_on = Beside::Nothing;
        }
        if !is_done {
            aws.pass(REAPPEARS).await;
        }
    }
}

/// Lets a family go down the whole ladder; what it comes to, and the calls of each day.
async fn go_down(trouble: Option<Pair>) -> (End, Vec<Calls>) {
    let yard = Yard::new(2, LADDER).await;
    let aws = &yard.hub.shop.aws;
    let again = async |passes: Duration| {
        aws.pass(passes + minutes(61)).await;
        yard.hub.sweep().await;
        gather(&yard.hub).await.unwrap();
    };
    let mut calls = Vec::new();
    for (n, passes) in DAYS.into_iter().enumerate() {
        again(passes).await;
        let before = Calls::so_far(&yard);
        let pair = trouble.filter(|pair| pair.day == n);
        let beside = pair.map_or((Beside::Nothing, 0), |pair| (pair.beside, pair.call));
        if let Some(Pair {
            crash, beside, call, ..
        }) = pair
        {
            crash.strike(&aws.plane);
            match beside {
                Beside::OfAws(effect, times) => {
                    let fault = Fault::new(effect).after(call).times(times);
                    aws.plane.with(|world| world.inject(fault));
                }
                Beside::OfTables(effect, times) => {
                    let fault = Fault::new(effect).after(call).times(times);
                    aws.plane.with_tables(|tables| tables.inject(fault));
                }
                Beside::Stale => aws.plane.with(|world| world.settings_mut().read_lag = minutes(15)),
                Beside::Nothing | Beside::Twice | Beside::LeaseLost | Beside::Overslept => {}
            }
        }
        day(&yard, beside.0, beside.1).await;
        let after = Calls::so_far(&yard);
        calls.push(Calls {
            of_aws: after.of_aws - before.of_aws,
            of_tables: after.of_tables - before.of_tables,
        });
        if pair.is_some() {
            aws.plane.with(World::clear_faults);
            aws.plane.with_tables(Tables::clear_faults);
            aws.plane.with(|world| world.settings_mut().read_lag = Duration::ZERO);
            // What could not be made is left to the next plans.
            for _ in 0..3 {
                again(Duration::ZERO).await;
                day(&yard, Beside::Nothing, 0).await;
            }
        }
    }
    let loses_answers = trouble.is_some_and(|pair| pair.beside.loses_answers());
    (end(&yard, loses_answers).await, calls)
}

fn every() -> usize {
    std::env::var("IMAGE_STEWARD_PAIRS").map_or(EVERY, |every| every.parse().unwrap())
}

/// Each crash on one of the days, with each that may go wrong beside it.
fn pairs(day: usize, calls: Calls) -> Vec<Pair> {
    let of = |kind: CrashKind| (0..calls.of(kind.of_tables)).map(move |skip| kind.at(skip));
    let mut dice = Rng::with_seed(day.try_into().unwrap());
    // What happened right after a call is what is there right before the next.
    let kinds = Crash::KINDS
        .into_iter()
        .filter(|kind| kind.effect == Effect::CrashAfter);
    let crashes = kinds.flat_map(of);
    let all = crashes.flat_map(|crash| Beside::ALL.map(|beside| (crash, beside)));
    all.map(|(crash, beside)| Pair {
        day,
        crash,
        beside,
        call: dice.u64(0..calls.of(matches!(beside, Beside::OfTables(..)))),
    })
    .collect()
}

#[tokio::test(start_paused = true)]
async fn a_crash_at_any_call_on_the_way_down_and_one_fault_more_come_to_the_same_end_by_the_same_calls() {
    let (whole, calls) = Box::pin(go_down(None)).await;
    assert_eq!((whole.made.as_slice(), whole.rungs[0]), (&DOWN[..], "gone"));
    let days = calls.into_iter().enumerate();
    let all: Vec<Pair> = days.flat_map(|(day, calls)| pairs(day, calls)).collect();
    assert!(all.len() > 1_000, "{}", all.len());
    let mut failed = Vec::new();
    let mut played = 0;
    for pair in all.into_iter().step_by(every()) {
        let (mut end, _) = Box::pin(go_down(Some(pair))).await;
        played += 1;
        // Of which nobody heard the end is settled by the next work there, and after the last day there is none.
        if let Beside::OfAws(Effect::ServerErrorAfterApply(_), _) = pair.beside {
            end.open.clear();
        }
        if end != whole {
            failed.push(format!("{pair}: {end:?}"));
        }
    }
    assert!(
        failed.is_empty(),
        "{}\n\n{} of {played} failed; without: {whole:?}",
        failed.join("\n"),
        failed.len()
    );
}
