//! A world in use: shared, on a clock, with faults that reach beyond an answer.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use tokio::sync::Notify;

use super::in_process::Process;
use crate::dynamo::Tables;
use crate::time::{Clock, Time};
use crate::wire::call::{Envelope, Service};
use crate::world::World;
use crate::world::faults::Effect;

/// A world behind its doors. Clones are the same world.
#[derive(Clone, Debug)]
pub struct ImagePlane {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    world: Mutex<World>,
    tables: Mutex<Tables>,
    clock: Arc<dyn Clock>,
    /// Something new may be due earlier than the pump knows.
    touched: Notify,
}

/// How a request ends, as far as its sender is concerned.
#[derive(Debug)]
pub(crate) enum Ending {
    Answer(Response<Bytes>),
    /// The connection breaks.
    Reset,
    /// The sender's own process ends.
    Crash,
}

/// How long a connection nobody answers stays open.
const SILENCE: Duration = Duration::from_mins(15);

impl ImagePlane {
    /// Opens a world, and the tables beside it, on a clock.
    pub fn new(world: World, tables: Tables, clock: Arc<dyn Clock>) -> Self {
        let (world, tables) = (Mutex::new(world), Mutex::new(tables));
        let touched = Notify::new();
        Self {
            inner: Arc::new(Inner {
                world,
                tables,
                clock,
                touched,
            }),
        }
    }

    /// The clock the world runs on.
    pub fn clock(&self) -> Arc<dyn Clock> {
        Arc::clone(&self.inner.clock)
    }

    /// Works on the world, brought up to the present.
    pub fn with<T>(&self, work: impl FnOnce(&mut World) -> T) -> T {
        let mut world = self.world();
        world.settle(self.inner.clock.now());
        let result = work(&mut world);
        drop(world);
        self.inner.touched.notify_one();
        result
    }

    /// Works on the tables, brought up to the present.
    pub fn with_tables<T>(&self, work: impl FnOnce(&mut Tables) -> T) -> T {
        let mut tables = self.inner.tables.lock().unwrap_or_else(PoisonError::into_inner);
        tables.settle(self.inner.clock.now());
        work(&mut tables)
    }

    /// A caller of its own: a process that can crash without taking others with it.
    pub fn process(&self) -> Process {
        Process::new(self.clone())
    }

    /// Lets things happen at their time although nobody calls. Spawn it where something listens; it never ends.
    pub async fn pump(self) {
        loop {
            let (now, due) = self.settled();
            let touched = self.inner.touched.notified();
            match due {
                Some(due) if due <= now => {}
                Some(due) => tokio::select! {
                    () = tokio::time::sleep(due.since(now)) => {}
                    () = touched => {}
                },
                None => touched.await,
            }
        }
    }

    /// Lets time pass, in steps small enough that everything happens at its own time.
    pub async fn pass(&self, duration: Duration) {
        let end = self.inner.clock.now() + duration;
        loop {
            let now = self.inner.clock.now();
            let due = self
                .with(|world| world.next_due())
                .filter(|due| *due > now && *due < end);
            let step = due.unwrap_or(end).since(now);
            if step.is_zero() {
                return;
            }
            tokio::time::sleep(step).await;
        }
    }

    /// Takes one request to its service, with all that may happen to it on the way. How its sender stands still when a
    /// fault freezes it, the sender says.
    pub(crate) async fn take<F: Future<Output = ()>>(
        &self,
        request: Request<Bytes>,
        freeze: impl Fn(Duration) -> F,
    ) -> Ending {
        if Envelope::read(&request).is_ok_and(|envelope| envelope.service == Service::DynamoDb) {
            return self.take_to_tables(request, freeze).await;
        }
        let arrived = self.with(|world| world.arrive(request));
        let effect = arrived.effect;
        play(effect, freeze, || self.with(|world| world.answer(arrived))).await
    }

    async fn take_to_tables<F: Future<Output = ()>>(
        &self,
        request: Request<Bytes>,
        freeze: impl Fn(Duration) -> F,
    ) -> Ending {
        let caller = self.with(|world| world.caller_of_tables(&request));
        let (target, who) = match caller {
            Ok(caller) => caller,
            Err(refusal) => return Ending::Answer(*refusal),
        };
        let arrived = self.with_tables(|tables| tables.arrive(target, who, request));
        let effect = arrived.effect;
        play(effect, freeze, || {
            self.with_tables(|tables| tables.answer(self.inner.clock.now(), arrived))
        })
        .await
    }

    /// The time it is in this world.
    pub fn now(&self) -> Time {
        self.inner.clock.now()
    }

    /// The present, and when something happens next without a call.
    fn settled(&self) -> (Time, Option<Time>) {
        let now = self.inner.clock.now();
        let mut world = self.world();
        world.settle(now);
        (now, world.next_due())
    }

    fn world(&self) -> MutexGuard<'_, World> {
        // A panic in a test's closure must not hide behind a poisoned lock in the next assertion.
        self.inner.world.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Plays what a fault does to the connection or the caller around an answer.
async fn play<F: Future<Output = ()>>(
    effect: Option<Effect>,
    freeze: impl Fn(Duration) -> F,
    answer: impl FnOnce() -> Response<Bytes>,
) -> Ending {
    match effect {
        Some(Effect::CrashBefore) => return Ending::Crash,
        Some(Effect::ResetBeforeApply) => return Ending::Reset,
        Some(Effect::Silence { applied: false }) => {
            tokio::time::sleep(SILENCE).await;
            return Ending::Reset;
        }
        Some(Effect::FreezeBefore(pause)) => freeze(pause).await,
        _ => {}
    }
    let response = answer();
    match effect {
        Some(Effect::CrashAfter) => Ending::Crash,
        Some(Effect::ResetAfterApply) => Ending::Reset,
        Some(Effect::Silence { applied: true }) => {
            tokio::time::sleep(SILENCE).await;
            Ending::Reset
        }
        Some(Effect::FreezeAfter(pause)) => {
            freeze(pause).await;
            Ending::Answer(response)
        }
        _ => Ending::Answer(response),
    }
}
