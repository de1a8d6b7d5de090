//! The function with a record of its own: what comes to its ears of a history, how often, when, and how it dies of it.

use std::time::Duration;

use fastrand::Rng;
use image_plane::{Crashed, Effect, Fault, Tables, World};
use record_lineage::{Outcome, handle};
use serde_json::{Value, json};
use stage::aws::minutes;
use stage::table::create_table_named;
use steward_lambda::Failure;

use crate::hub::Hub;

/// The call that something goes wrong at is among so many.
const FURTHEST: u64 = 30;

/// What a wake came to.
type Woken = Result<Result<Outcome, Failure>, Crashed>;

/// One that hears of a history in its own way.
pub(crate) struct Listener {
    pub(crate) table: String,
    dice: Rng,
    /// What comes a day later.
    late: Vec<Value>,
    /// Of a hundred wakes so many meet with something.
    struck: u8,
}

/// What there was to prove anything by.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub(crate) struct Met {
    pub(crate) wakes: usize,
    pub(crate) crashed: usize,
    pub(crate) failed: usize,
    pub(crate) lost: usize,
    pub(crate) doubled: usize,
    pub(crate) late: usize,
    pub(crate) at_once: usize,
    pub(crate) edges: usize,
}

impl Met {
    pub(crate) fn add(&mut self, other: Self) {
        let Self {
            wakes,
            crashed,
            failed,
            lost,
            doubled,
            late,
            at_once,
            edges,
        } = other;
        self.wakes += wakes;
        self.crashed += crashed;
        self.failed += failed;
        self.lost += lost;
        self.doubled += doubled;
        self.late += late;
        self.at_once += at_once;
        self.edges += edges;
    }
}

impl Listener {
    pub(crate) async fn new(hub: &Hub, table: String, seed: u64) -> Self {
        create_table_named(&hub.shop.aws, &table).await;
        let mut dice = Rng::with_seed(seed);
        let struck = *dice.choice(&[0, 25, 60]).unwrap();
        let late = Vec::new();
        Self {
            table,
            dice,
            late,
            struck,
        }
    }

    /// Hears of what happened: in any order, some of it twice, some of it never, some of it a day later.
    pub(crate) async fn hear(&mut self, hub: &Hub, told: &[Value], met: &mut Met) -> Result<(), String> {
        // What was late has come by now.
        let mut coming: Vec<Value> = std::mem::take(&mut self.late);
        let (lost, late) = *self.dice.choice(&[(0, 0), (10, 10), (50, 20)]).unwrap();
        for event in told {
            match self.dice.u8(0..100) {
                chance if chance < lost => met.lost += 1,
                chance if chance < lost + late => {
                    met.late += 1;
                    self.late.push(event.clone());
                }
                _ => coming.push(event.clone()),
            }
            if self.dice.u8(0..5) == 0 {
                met.doubled += 1;
                let twin = if self.dice.bool() {
                    event.clone()
                } else {
                    self.renamed(event)
                };
                coming.push(twin);
            }
        }
        self.dice.shuffle(&mut coming);
        while let Some(event) = coming.pop() {
            let mut wakes = vec![event];
            if self.dice.u8(0..20) == 0 {
                wakes.push(json!({ "wake": "sweep" }));
            } else if self.dice.u8(0..6) == 0 {
                wakes.extend(coming.pop());
            }
            for wake in self.wake(hub, wakes, met).await? {
                // Lambda wakes it again, sooner or later; or it has done so often enough.
                if self.dice.bool() {
                    coming.insert(self.dice.usize(0..=coming.len()), wake);
                }
            }
            let pause = match self.dice.u8(0..10) {
                0..=5 => Duration::ZERO,
                6..=8 => Duration::from_secs(1),
                _ => minutes(self.dice.u64(4..40)),
            };
            hub.shop.aws.pass(pause).await;
        }
        Ok(())
    }

    /// Looks at everything; nothing goes wrong.
    pub(crate) async fn sweep(&self, hub: &Hub) -> Result<(), String> {
        let woken = self.handle(hub, &json!({ "wake": "sweep" })).await;
        done(&woken).map_err(|why| format!("a sweep {why}"))
    }

    /// Wakes it with one of these, or with two at the same time; those of them that came to nothing.
    async fn wake(&mut self, hub: &Hub, wakes: Vec<Value>, met: &mut Met) -> Result<Vec<Value>, String> {
        met.wakes += wakes.len();
        let plane = &hub.shop.aws.plane;
        let mut struck = self.dice.u8(0..100) < self.struck;
        if wakes.len() > 1 {
            met.at_once += 1;
            // The one stands still between two calls while the other goes on.
            strike(hub, &mut self.dice, Effect::FreezeBefore(Duration::from_secs(2)));
        }
        if struck {
            let effect = match self.dice.u8(0..10) {
                0..=2 => Effect::CrashBefore,
                3..=5 => Effect::CrashAfter,
                6 => Effect::ResetAfterApply,
                7 => Effect::ServerErrorAfterApply(500),
                8 => Effect::FreezeAfter(Duration::from_secs(20)),
                _ => Effect::Deny,
            };
            strike(hub, &mut self.dice, effect);
        }
        let woken: Vec<Woken> = match wakes.as_slice() {
            [one, other] => {
                let (one, other) = tokio::join!(self.handle(hub, one), self.handle(hub, other));
                vec![one, other]
            }
            [one] => vec![self.handle(hub, one).await],
            _ => Vec::new(),
        };
        plane.with(World::clear_faults);
        plane.with_tables(Tables::clear_faults);
        let mut undone = Vec::new();
        for (wake, woken) in wakes.into_iter().zip(&woken) {
            if matches!(woken, Err(Crashed)) {
                met.crashed += 1;
            } else if matches!(woken, Ok(Err(_))) {
                met.failed += 1;
            }
            if let Err(why) = done(woken) {
                if !std::mem::take(&mut struck) {
                    return Err(format!("{wake} {why}"));
                }
                undone.push(wake);
            }
        }
        Ok(undone)
    }

    async fn handle(&self, hub: &Hub, wake: &Value) -> Woken {
        let (room, process) = hub.room_of(&self.table);
        let moment = hub.moment();
        let work = Box::pin(async { handle(&room, wake, moment).await });
        process.run(work).await
    }

    /// The same content under another id.
    fn renamed(&mut self, event: &Value) -> Value {
        let id = format!("{:08x}-0000-4000-8000-000000000000", self.dice.u32(..));
        let mut event = event.clone();
        match event.pointer_mut("/Records/0/Sns/MessageId") {
            Some(message) => *message = json!(id),
            None => event["id"] = json!(id),
        }
        event
    }
}

/// Lets one of the next calls meet with this.
fn strike(hub: &Hub, dice: &mut Rng, effect: Effect) {
    let fault = Fault::new(effect).after(dice.u64(0..FURTHEST));
    let plane = &hub.shop.aws.plane;
    if dice.bool() {
        plane.with_tables(|tables| tables.inject(fault));
    } else {
        plane.with(|world| world.inject(fault));
    }
}

/// That a wake was followed to its end, and was no stranger's; or what came of it instead.
fn done(woken: &Woken) -> Result<(), String> {
    match woken {
        Ok(Ok(Outcome {
            refused: None,
            problems,
            ..
        })) if problems.is_empty() => Ok(()),
        other => Err(format!("ended as {other:?}")),
    }
}
