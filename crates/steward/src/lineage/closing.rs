use std::collections::BTreeSet;

use super::edge::{Edge, Pair, Reach};
use crate::ReleaseId;

/// Longer paths are not indexed: EC2 itself remembers 50 steps.
pub const DEEPEST: u16 = 256;
/// So many pairs are written at once. With more to write it pays to ask first which are there: a large subtree is written
/// in several runs, each of which goes on where the last was cut off.
const MANY: usize = 200;

/// Bringing one edge into the closure, whatever others do meanwhile and wherever it was cut off before.
///
/// It performs nothing: it says what to [`ask`](Self::ask), and is told the [`answer`](Self::tell). Whoever performs it
/// reads consistently, and writes a pair at the ancestor only after it is there at the descendant.
///
/// Why it converges: of two that write at once, the one that reads later sees the pairs of the other, because each has
/// written its own before it reads. An edge is closed only by a read that found nothing left to write.
#[derive(Clone, Debug)]
pub struct Closing {
    edge: Edge,
    put: BTreeSet<Pair>,
    at: At,
}

#[derive(Clone, Debug)]
enum At {
    Look,
    Open(BTreeSet<Pair>),
    LookAgain,
    Compare(BTreeSet<Pair>),
    Put { now: BTreeSet<Pair>, rest: BTreeSet<Pair> },
    Close,
    Done,
    Refused,
}

/// What is to be done next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ask {
    /// Read all ancestors of the one and all descendants of the other, as they are now.
    Read {
        /// The parent.
        ancestors_of: ReleaseId,
        /// The child.
        descendants_of: ReleaseId,
    },
    /// Write the edge, open, and then these pairs.
    Open(BTreeSet<Pair>),
    /// Say which of these pairs are written at their ancestors.
    Compare(BTreeSet<Pair>),
    /// Write these pairs.
    Put(BTreeSet<Pair>),
    /// Mark the edge closed.
    Close,
    /// Nothing: it is closed.
    Done,
    /// Nothing: the child is above its own parent, so this is no edge.
    Cycle,
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// What was read.
    Read {
        /// Of the parent.
        ancestors: BTreeSet<Reach>,
        /// Of the child.
        descendants: BTreeSet<Reach>,
    },
    /// The pairs that are written.
    There(BTreeSet<Pair>),
    /// It is done.
    Done,
}

impl Closing {
    /// Brings this edge in.
    pub const fn new(edge: Edge) -> Self {
        Self {
            edge,
            put: BTreeSet::new(),
            at: At::Look,
        }
    }

    /// What to do next.
    pub fn ask(&self) -> Ask {
        match &self.at {
            At::Look | At::LookAgain => Ask::Read {
                ancestors_of: self.edge.parent,
                descendants_of: self.edge.child,
            },
            At::Open(pairs) => Ask::Open(pairs.clone()),
            At::Compare(pairs) => Ask::Compare(pairs.clone()),
            At::Put { now, rest: _ } => Ask::Put(now.clone()),
            At::Close => Ask::Close,
            At::Done => Ask::Done,
            At::Refused => Ask::Cycle,
        }
    }

    /// Takes what came of it. An answer that fits nothing asked changes nothing.
    pub fn tell(&mut self, answer: Answer) {
        let at = std::mem::replace(&mut self.at, At::Done);
        self.at = match (at, answer) {
            (At::Look, Answer::Read { ancestors, descendants }) => self.looked(&ancestors, &descendants),
            (At::LookAgain, Answer::Read { ancestors, descendants }) => {
                let missing = self.missing(&ancestors, &descendants);
                match missing.len() {
                    0 => At::Close,
                    1..=MANY => put(missing),
                    _ => At::Compare(missing),
                }
            }
            (At::Compare(mut pairs), Answer::There(there)) => {
                self.put.extend(&there);
                pairs.retain(|pair| !there.contains(pair));
                put(pairs)
            }
            (At::Open(pairs), Answer::Done) => {
                self.put.extend(pairs);
                At::LookAgain
            }
            (At::Put { now, rest }, Answer::Done) => {
                self.put.extend(now);
                put(rest)
            }
            (At::Close, Answer::Done) => At::Done,
            (at, _) => at,
        };
    }

    fn looked(&self, ancestors: &BTreeSet<Reach>, descendants: &BTreeSet<Reach>) -> At {
        let Edge { parent, child } = self.edge;
        let is_above = |reach: &Reach| reach.release == child;
        let is_below = |reach: &Reach| reach.release == parent;
        if parent == child || ancestors.iter().any(is_above) || descendants.iter().any(is_below) {
            return At::Refused;
        }
        let mut pairs = self.missing(ancestors, descendants);
        if pairs.len() > MANY {
            // The rest once it is known what is there already.
            pairs = BTreeSet::from([self.own()]);
        }
        At::Open(pairs)
    }

    const fn own(&self) -> Pair {
        Pair {
            ancestor: self.edge.parent,
            depth: 1,
            descendant: self.edge.child,
        }
    }

    /// Every pair that this edge makes, and that this run has not written.
    fn missing(&self, ancestors: &BTreeSet<Reach>, descendants: &BTreeSet<Reach>) -> BTreeSet<Pair> {
        let itself = |release| Reach { depth: 0, release };
        let (above, below) = (itself(self.edge.parent), itself(self.edge.child));
        let mut missing = BTreeSet::new();
        for above in ancestors.iter().chain([&above]) {
            for below in descendants.iter().chain([&below]) {
                let pair = Pair {
                    ancestor: above.release,
                    depth: above.depth.saturating_add(below.depth).saturating_add(1),
                    descendant: below.release,
                };
                // Two that were made at once in a circle must not lengthen each other's paths for ever.
                if pair.depth <= DEEPEST && pair.ancestor != pair.descendant && !self.put.contains(&pair) {
                    missing.insert(pair);
                }
            }
        }
        missing
    }
}

/// These next, as many as go at once; with none left, another look.
fn put(mut pairs: BTreeSet<Pair>) -> At {
    if pairs.is_empty() {
        return At::LookAgain;
    }
    let rest = match pairs.iter().nth(MANY).copied() {
        Some(first) => pairs.split_off(&first),
        None => BTreeSet::new(),
    };
    At::Put { now: pairs, rest }
}

#[cfg(test)]
mod tests;
