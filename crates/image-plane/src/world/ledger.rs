//! The ledger: every call counted, every mutation recorded with who and when, the whole history in one fingerprint.

use std::collections::BTreeMap;
use std::fmt;

use super::Target;
use crate::time::Time;
use crate::wire::call::Service;

/// How often an action was called in a target, and how it was answered.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Counts {
    /// Carried out, whatever became of the answer.
    pub done: u64,
    /// Answered with an error that is not throttling.
    pub refused: u64,
    /// Told to slow down.
    pub throttled: u64,
}

impl Counts {
    /// All calls.
    #[must_use]
    pub const fn all(self) -> u64 {
        self.done + self.refused + self.throttled
    }
}

/// One call that changes something, or was meant to.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Mutation {
    /// When it was made.
    pub at: Time,
    /// Who made it: the ARN of the caller.
    pub who: String,
    /// Where.
    pub target: Target,
    /// Of which service.
    pub service: Service,
    /// Which operation.
    pub action: &'static str,
    /// The request as it was sent: a query string, or JSON.
    pub request: String,
    /// The error's code where it changed nothing.
    pub outcome: Result<(), String>,
    /// Whether its caller may know what came of it: no fault came between.
    pub answered: bool,
}

impl fmt::Display for Mutation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let outcome = match &self.outcome {
            Ok(()) => "done",
            Err(code) => code,
        };
        let Self {
            at,
            who,
            target,
            service,
            action,
            request,
            outcome: _,
            answered: _,
        } = self;
        write!(f, "{at} {target} {service} {action} by {who}: {outcome}: {request}")
    }
}

/// What happened at the door of a world.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Ledger {
    counts: BTreeMap<(Service, &'static str, Target), Counts>,
    mutations: Vec<Mutation>,
    fingerprint: u64,
}

impl Default for Ledger {
    fn default() -> Self {
        Self {
            counts: BTreeMap::new(),
            mutations: Vec::new(),
            fingerprint: 0xcbf2_9ce4_8422_2325,
        }
    }
}

impl Ledger {
    /// The counts by service, action and target.
    pub fn counts(&self) -> impl Iterator<Item = (Service, &'static str, Target, Counts)> {
        self.counts
            .iter()
            .map(|((service, action, target), counts)| (*service, *action, *target, *counts))
    }

    /// The counts of one action over all targets.
    #[must_use]
    pub fn of(&self, action: &str) -> Counts {
        self.counts()
            .filter(|(_, name, ..)| *name == action)
            .fold(Counts::default(), |sum, (.., counts)| Counts {
                done: sum.done + counts.done,
                refused: sum.refused + counts.refused,
                throttled: sum.throttled + counts.throttled,
            })
    }

    /// Every mutating call in order, the refused ones too.
    #[must_use]
    pub fn mutations(&self) -> &[Mutation] {
        &self.mutations
    }

    /// The mutating calls that were carried out.
    pub fn changes(&self) -> impl Iterator<Item = &Mutation> {
        self.mutations.iter().filter(|mutation| mutation.outcome.is_ok())
    }

    /// A hash over every request, its time, and every byte of its answer: equal histories, equal fingerprints.
    #[must_use]
    pub const fn fingerprint(&self) -> u64 {
        self.fingerprint
    }

    pub(crate) fn count(&mut self, service: Service, action: &'static str, target: Target, answer: Answered) {
        let counts = self.counts.entry((service, action, target)).or_default();
        match answer {
            Answered::Done => counts.done += 1,
            Answered::Refused => counts.refused += 1,
            Answered::Throttled => counts.throttled += 1,
        }
    }

    pub(crate) fn record(&mut self, mutation: Mutation) {
        self.mutations.push(mutation);
    }

    /// Eight bytes at a step: a page of a thousand images is a megabyte and a half. The length keeps parts apart.
    pub(crate) fn mix(&mut self, bytes: &[u8]) {
        let mut fold = |word: u64| {
            let mixed = (self.fingerprint ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15);
            self.fingerprint = mixed ^ (mixed >> 29);
        };
        fold(bytes.len() as u64);
        let (words, rest) = bytes.as_chunks::<8>();
        for word in words {
            fold(u64::from_le_bytes(*word));
        }
        let mut last = [0; 8];
        last[..rest.len()].copy_from_slice(rest);
        fold(u64::from_le_bytes(last));
    }
}

/// How a call was answered, for the count.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Answered {
    Done,
    Refused,
    Throttled,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fingerprint_tells_every_byte_its_place_and_the_cut_between_parts() {
        let of = |parts: &[&[u8]]| {
            let mut ledger = Ledger::default();
            for part in parts {
                ledger.mix(part);
            }
            ledger.fingerprint()
        };
        let history = of(&[b"0123456789", b"ab"]);
        assert_eq!(history, of(&[b"0123456789", b"ab"]));
        for other in [
            [b"0123456788".as_slice(), b"ab"],
            [b"1023456789", b"ab"],
            [b"0123456789a", b"b"],
            [b"0123456789\0", b"ab"],
        ] {
            assert_ne!(history, of(&other));
        }
    }
}
