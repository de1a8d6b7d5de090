use serde::Serialize;

use super::changes::{CountChange, differences};
use super::message::list;
use super::news::SinceTold;
use super::next::{comes_to, minute};
use super::said::counted;
use super::totals::Totals;
use crate::Timestamp;
use crate::pruning::{Brought, Rung};
use crate::telling::Listed;

/// What changed since people were told last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ToldSince {
    /// Of a plan that was made then.
    pub(super) told: Timestamp,
    brought: Brought,
    counts: Vec<CountChange>,
}

/// The same for programs, with a list that has room.
#[derive(Serialize)]
pub(super) struct Since<'a> {
    told: Timestamp,
    brought: Brought,
    counts: Listed<&'a CountChange>,
}

impl ToldSince {
    pub(super) fn of(SinceTold { told, brought }: SinceTold<'_>, now: &Totals) -> Self {
        Self {
            told: told.at,
            brought,
            counts: differences(&told.totals, &now.clone().carrying(Some(&told.totals))),
        }
    }

    pub(super) fn machine(&self, most: usize) -> Since<'_> {
        let Self { told, brought, counts } = self;
        Since {
            told: *told,
            brought: *brought,
            counts: Listed::of(counts, most),
        }
    }

    /// Whether there are more or fewer of these.
    pub(super) fn is_other(&self, what: &str) -> bool {
        self.counts.iter().any(|count| count.what == what)
    }

    /// What pruning did, in a line; none where it did nothing.
    pub(super) fn headline(&self) -> Option<String> {
        let done = words(self.brought)?;
        Some(format!("{done} since {}", minute(self.told)))
    }

    /// It for people; none where nothing changed that is counted.
    pub(super) fn text(&self, most: usize) -> Option<String> {
        let Self { told, brought, counts } = self;
        let done = words(*brought).map(|done| format!("pruning did: {done}"));
        let counts = counts.iter().map(ToString::to_string);
        let lines: Vec<String> = done.into_iter().chain(counts).collect();
        let says = format!("Since {}, when this was told last:", minute(*told));
        list(&says, &lines, most, String::clone)
    }
}

/// How many came to which rung, for a sentence.
fn words(brought: Brought) -> Option<String> {
    let Brought {
        deprecated,
        disabled,
        deregistered,
    } = brought;
    counted(&[
        (deprecated, comes_to(Rung::Deprecated)),
        (disabled, comes_to(Rung::Disabled)),
        (deregistered, comes_to(Rung::Deregistered)),
    ])
}
