//! A crash at any call of a start and one fault more: one build for each decision, however many runs came to nothing.

use std::fmt;

use fastrand::Rng;
use image_plane::{Effect, Fault, Ledger, Tables, World};

use super::*;
use crate::crash::{Crash, CrashKind};

/// Every so-manieth pair is played, or by IMAGE_STEWARD_PAIRS: 1 is each there is.
const EVERY: usize = 151;
/// Sweeps for which the fault goes on, where it does not end by itself.
const TROUBLED: usize = 4;
/// Sweeps until what was started is made, and what was refused is tried once more.
const TO_REST: usize = 30;
/// Longer than the lease of a run.
const OVERSLEEPS: Duration = Duration::from_mins(8);

/// What goes wrong beside a crash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Beside {
    Nothing,
    /// So many calls of AWS's from one on.
    OfAws(Effect, u64),
    /// The same of the table's.
    OfTables(Effect, u64),
    /// Two are woken at once.
    Twice,
    /// The table and Image Builder show what was.
    Stale,
    /// One sleeps until another has the lease.
    Overslept,
}

impl Beside {
    const ALL: [Self; 15] = [
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
        Self::Overslept,
    ];
}

/// Why there is something to build.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Cause {
    First,
    Base,
    Person,
}

impl Cause {
    const ALL: [Self; 3] = [Self::First, Self::Base, Self::Person];
}

/// A crash in the run that decides, and what goes wrong beside it, from this call of its door on.
#[derive(Clone, Copy, Debug)]
struct Pair {
    cause: Cause,
    crash: Crash,
    beside: Beside,
    call: u64,
}

impl fmt::Display for Pair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            cause,
            crash,
            beside,
            call,
        } = self;
        write!(f, "{cause:?}, {crash}, {beside:?} at call {call}")
    }
}

/// What it all comes to.
#[derive(Debug, PartialEq)]
struct End {
    /// Why each build was started, by its tag.
    builds: Vec<String>,
    /// How often the journal says that something was started.
    told: usize,
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
        let plane = &yard.bench.world.plane;
        Self {
            of_aws: plane.with(|world| all(world.ledger())),
            of_tables: plane.with_tables(|tables| all(tables.ledger())),
        }
    }

    const fn of(self, of_tables: bool) -> u64 {
        if of_tables { self.of_tables } else { self.of_aws }
    }
}

/// A yard in which that is about to be decided.
async fn before(cause: Cause) -> Yard {
    if cause == Cause::First {
        return Yard::applied().await;
    }
    let yard = Yard::built().await;
    if cause == Cause::Base {
        yard.base_moves("base-2");
    } else {
        yard.ask("a new kernel").await;
    }
    // The base is looked at again.
    yard.bench.world.pass(minutes(61)).await;
    yard.record().await;
    yard
}

/// Wakes the function while that goes on beside it. Whoever crashes, crashes.
async fn wake_beside(yard: &Yard, beside: Beside, call: u64) {
    let run = async |wait: Duration| {
        tokio::time::sleep(wait).await;
        let (room, process) = yard.room(5);
        drop(process.run(Box::pin(async { yard.wake_in(&room).await })).await);
    };
    let second = match beside {
        Beside::Twice => Duration::ZERO,
        Beside::Overslept => {
            let freeze = Fault::new(Effect::FreezeAfter(OVERSLEEPS)).after(call % 8);
            yard.bench.world.plane.with(|world| world.inject(freeze));
            OVERSLEEPS.checked_sub(minutes(1)).unwrap()
        }
        Beside::Nothing | Beside::OfAws(..) | Beside::OfTables(..) | Beside::Stale => return run(Duration::ZERO).await,
    };
    tokio::join!(run(Duration::ZERO), run(second));
}

/// Lets it be decided, with this trouble or none; what it comes to, and the calls of the run that decides.
async fn decide(cause: Cause, trouble: Option<Pair>) -> (End, Calls) {
    let yard = before(cause).await;
    let plane = &yard.bench.world.plane;
    let before = Calls::so_far(&yard);
    let (beside, call) = trouble.map_or((Beside::Nothing, 0), |pair| (pair.beside, pair.call));
    if let Some(pair) = trouble {
        pair.crash.strike(plane);
    }
    match beside {
        Beside::OfAws(effect, times) => {
            let fault = Fault::new(effect).after(call).times(times);
            plane.with(|world| world.inject(fault));
        }
        Beside::OfTables(effect, times) => {
            let fault = Fault::new(effect).after(call).times(times);
            plane.with_tables(|tables| tables.inject(fault));
        }
        Beside::Stale => lag(&yard, minutes(15)),
        Beside::Nothing | Beside::Twice | Beside::Overslept => {}
    }
    wake_beside(&yard, beside, call).await;
    let after = Calls::so_far(&yard);
    if trouble.is_some() {
        for _ in 0..TROUBLED {
            yard.bench.world.pass(minutes(5)).await;
            wake_beside(&yard, Beside::Nothing, 0).await;
        }
        plane.with(World::clear_faults);
        plane.with_tables(Tables::clear_faults);
        lag(&yard, Duration::ZERO);
    }
    yard.pass(TO_REST).await;
    let builds = yard.builds().await.into_iter().map(|(_, reason)| reason).collect();
    let journal = yard.journal().await;
    let end = End {
        builds,
        told: journal.iter().filter(|said| said.contains(" was started: ")).count(),
    };
    let calls = Calls {
        of_aws: after.of_aws - before.of_aws,
        of_tables: after.of_tables - before.of_tables,
    };
    (end, calls)
}

/// Lets reads show what was true so long ago.
fn lag(yard: &Yard, lag: Duration) {
    let plane = &yard.bench.world.plane;
    plane.with(|world| world.settings_mut().read_lag = lag);
    plane.with_tables(|tables| tables.settings_mut().read_lag = lag);
}

fn every() -> usize {
    std::env::var("IMAGE_STEWARD_PAIRS").map_or(EVERY, |every| every.parse().unwrap())
}

/// Each crash in the run that decides that, with each that may go wrong beside it.
fn pairs(cause: Cause, calls: Calls) -> Vec<Pair> {
    let of = |kind: CrashKind| (0..calls.of(kind.of_tables)).map(move |skip| kind.at(skip));
    let mut dice = Rng::with_seed(cause as u64);
    let crashes = Crash::KINDS.into_iter().flat_map(of);
    let all = crashes.flat_map(|crash| Beside::ALL.map(|beside| (crash, beside)));
    all.map(|(crash, beside)| Pair {
        cause,
        crash,
        beside,
        call: dice.u64(0..calls.of(matches!(beside, Beside::OfTables(..)))),
    })
    .collect()
}

#[tokio::test(start_paused = true)]
async fn a_crash_at_any_call_of_a_start_and_one_fault_more_come_to_one_build_for_each_decision() {
    let (mut failed, mut played) = (Vec::new(), 0);
    for cause in Cause::ALL {
        let (whole, calls) = Box::pin(decide(cause, None)).await;
        let builds = if cause == Cause::First { 1 } else { 2 };
        assert_eq!(
            (whole.builds.len(), whole.told),
            (builds, builds),
            "{cause:?}: {whole:?}"
        );
        let all = pairs(cause, calls);
        assert!(all.len() > 500, "{cause:?}: {}", all.len());
        for pair in all.into_iter().step_by(every()) {
            let (end, _) = Box::pin(decide(cause, Some(pair))).await;
            played += 1;
            if end != whole {
                failed.push(format!("{pair}: {end:?}; without: {whole:?}"));
            }
        }
    }
    assert!(
        failed.is_empty(),
        "{}\n\n{} of {played} failed",
        failed.join("\n"),
        failed.len()
    );
}
