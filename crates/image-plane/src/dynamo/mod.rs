//! DynamoDB, beside the model: an embedded emulator behind a shim that speaks the wire protocol, lets reads be stale, lets
//! what expires go late, and plays faults and conflicts, none of which the emulator does by itself.

mod access;
mod address;
mod description;
mod emulator;
mod expiry;
mod follower;
mod meter;
mod operation;
mod place;
mod refusal;
mod run;
mod settings;
mod spoil;
#[cfg(test)]
mod tests;
mod tokens;
mod wire;

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use bytes::Bytes;
use http::{Request, Response};
use serde_json::Value;

use crate::random::Random;
use crate::time::Time;
use crate::wire::call::Service;
use crate::world::Target;
use crate::world::faults::{Effect, Fault, Faults};
use crate::world::ledger::{Answered, Ledger, Mutation};
pub(crate) use access::needs;
pub use meter::Consumed;
use meter::Metered;
use operation::Operation;
use place::{Moment, Place};
use refusal::Refusal;
pub use settings::TableSettings;

/// Every account's tables in every Region. Pure: the same seed, settings and calls at the same times give the same bytes.
#[derive(Debug)]
pub struct Tables {
    now: Time,
    random: Random,
    settings: TableSettings,
    places: BTreeMap<Target, Place>,
    faults: Faults,
    ledger: Ledger,
    consumed: Consumed,
}

/// A call that has arrived: its operation known, the fault that hits it drawn. Not yet carried out.
#[derive(Debug)]
pub(crate) struct Arrived {
    operation: Result<Operation, Refusal>,
    call: Call,
    pub(crate) effect: Option<Effect>,
}

/// Who asks where for what.
#[derive(Debug)]
struct Call {
    target: Target,
    who: String,
    request: Request<Bytes>,
}

impl Tables {
    /// No table anywhere.
    #[must_use]
    pub fn new(seed: u64, settings: TableSettings) -> Self {
        Self {
            now: Time::default(),
            random: Random::new(seed),
            settings,
            places: BTreeMap::new(),
            faults: Faults::default(),
            ledger: Ledger::default(),
            consumed: Consumed::default(),
        }
    }

    /// Answers one request as DynamoDB would, at this time, made by the account's root. Faults that need a connection to
    /// break are the door's to play.
    pub fn call(&mut self, now: Time, target: Target, request: Request<Bytes>) -> Response<Bytes> {
        let who = format!("arn:{}:iam::{}:root", target.region.partition(), target.account);
        let arrived = self.arrive(target, who, request);
        self.answer(now, arrived)
    }

    /// Reads which operation a request is, and draws the fault that hits it. `who` is the caller's ARN.
    pub(crate) fn arrive(&mut self, target: Target, who: String, request: Request<Bytes>) -> Arrived {
        let operation = wire::operation(&request);
        let effect = operation
            .as_ref()
            .ok()
            .and_then(|operation| self.faults.hit(Service::DynamoDb, operation.name(), target));
        Arrived {
            operation,
            call: Call { target, who, request },
            effect,
        }
    }

    /// Carries out a call that has arrived, and writes the ledger.
    pub(crate) fn answer(&mut self, now: Time, arrived: Arrived) -> Response<Bytes> {
        self.settle(now);
        let request_id = wire::request_id(&mut self.random);
        let Arrived {
            operation,
            call,
            effect,
        } = arrived;
        let result = operation.and_then(|operation| {
            let outcome = self.carry_out(operation, &call, effect);
            let applied = outcome
                .as_ref()
                .map(|_| ())
                .map_err(|refusal| refusal.code().to_owned());
            let result = match effect {
                Some(Effect::ServerErrorAfterApply(status)) => outcome.and(Err(Refusal::broken(status))),
                _ => outcome,
            };
            let answered = effect.is_none_or(Effect::lets_answer);
            self.write_down(operation, &call, (applied, answered), &result);
            result
        });
        let response = wire::respond(&request_id, result);
        self.ledger.mix(&self.now.millis().to_le_bytes());
        if let Some(target) = call.request.headers().get("x-amz-target") {
            self.ledger.mix(target.as_bytes());
        }
        self.ledger.mix(call.request.body());
        self.ledger.mix(&response.status().as_u16().to_le_bytes());
        self.ledger.mix(response.body());
        response
    }

    /// Lets everything expire that does up to this time. Time never goes back: an earlier one changes nothing.
    pub fn settle(&mut self, now: Time) {
        self.now = self.now.max(now);
        for place in self.places.values_mut() {
            let mut moment = Moment {
                now: self.now,
                random: &mut self.random,
                settings: self.settings,
            };
            // An emulator in memory that fails here fails the calls as well, and those say so.
            let _ = place.settle(&mut moment);
        }
    }

    /// The items of a table as they are, sorted by their key, so that two histories can be compared. None where
    /// there is no such table.
    #[must_use]
    pub fn items(&self, target: Target, table: &str) -> Vec<Value> {
        let Some(place) = self.places.get(&target) else {
            return Vec::new();
        };
        let names = place.key_names(table);
        let mut items: Vec<Value> = place
            .items(table)
            .unwrap_or_default()
            .iter()
            .map(place::printed)
            .collect();
        items.sort_by_cached_key(|item| {
            names
                .iter()
                .map(|name| item.get(name).map(Value::to_string))
                .collect::<Vec<_>>()
        });
        items
    }

    /// What happened so far.
    #[must_use]
    pub const fn ledger(&self) -> &Ledger {
        &self.ledger
    }

    /// What calls consumed so far.
    #[must_use]
    pub const fn consumed(&self) -> Consumed {
        self.consumed
    }

    /// The knobs, to be turned while it runs.
    pub const fn settings_mut(&mut self) -> &mut TableSettings {
        &mut self.settings
    }

    /// Asks for a fault.
    pub fn inject(&mut self, fault: Fault) {
        self.faults.add(fault);
    }

    /// Ends all faults.
    pub fn clear_faults(&mut self) {
        self.faults.clear();
    }

    fn carry_out(&mut self, operation: Operation, call: &Call, effect: Option<Effect>) -> Result<Value, Refusal> {
        let body = wire::body(&call.request)?;
        match effect {
            Some(Effect::Throttle) => return Err(spoil::throttle(operation, body, &mut self.random)),
            Some(Effect::Deny) => return Err(Refusal::denied(&call.who, operation)),
            Some(Effect::ServerError(status)) => return Err(Refusal::broken(status)),
            Some(Effect::Conflict) => {
                if let Some(refusal) = spoil::conflict(operation, body, &mut self.random) {
                    return Err(refusal);
                }
            }
            Some(Effect::Partial) => {
                if let Some(part) = spoil::part(operation, body, &mut self.random) {
                    let mut answer = self.run(operation, call.target, &part.body)?;
                    part.complete(&mut answer);
                    return Ok(answer);
                }
            }
            _ => {}
        }
        self.run(operation, call.target, body)
    }

    fn run(&mut self, operation: Operation, target: Target, body: &str) -> Result<Value, Refusal> {
        let place = match self.places.entry(target) {
            Entry::Occupied(place) => place.into_mut(),
            Entry::Vacant(vacant) => {
                vacant.insert(Place::new(target).map_err(|error| emulator::refused(operation, error))?)
            }
        };
        let request = Metered::of(operation, body);
        let mut result = place.run(
            operation,
            &request.body,
            &mut Moment {
                now: self.now,
                random: &mut self.random,
                settings: self.settings,
            },
        );
        self.consumed += request.consumed(operation, &mut result);
        result
    }

    fn write_down(
        &mut self,
        operation: Operation,
        call: &Call,
        (outcome, is_answered): (Result<(), String>, bool),
        result: &Result<Value, Refusal>,
    ) {
        let answered = match result {
            Ok(_) => Answered::Done,
            Err(refusal) if refusal.throttled => Answered::Throttled,
            Err(_) => Answered::Refused,
        };
        self.ledger
            .count(Service::DynamoDb, operation.name(), call.target, answered);
        if operation.mutates() {
            self.ledger.record(Mutation {
                at: self.now,
                who: call.who.clone(),
                target: call.target,
                service: Service::DynamoDb,
                action: operation.name(),
                request: String::from_utf8_lossy(call.request.body()).into_owned(),
                outcome,
                answered: is_answered,
            });
        }
    }
}
