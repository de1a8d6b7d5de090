//! Rows of members: which writes of them must be known to whoever goes by what they said.

use crate::Timestamp;
use crate::consumers::Viewed;
use crate::distribution::{LastLook, Pace, Stood, When};
use crate::publication::Published;

/// A row that there is of each member.
pub trait MembersRow {
    /// What is kept of what it was before.
    type Before;

    /// When it was looked at.
    fn looked(before: &Self::Before) -> Timestamp;

    /// Whether it says something else than before, or is due sooner: what went by it must read it again. What is only due later is no
    /// harm to anybody.
    fn disturbs(&self, before: &Self::Before) -> bool;
}

impl MembersRow for Stood {
    type Before = Self;

    fn looked(before: &Self) -> Timestamp {
        before.looked
    }

    fn disturbs(&self, before: &Self) -> bool {
        let said = |stood: &Self| {
            let Self {
                says,
                reach,
                ami,
                keys: _,
                encrypted: _,
                shared: _,
                lacks,
                settled: _,
                under_way: _,
                findings: _,
                manifest,
                audience,
                looked: _,
                stuck,
                refused: _,
                tries: _,
                failed: _,
                made: _,
                lent: _,
            } = stood;
            (says.clone(), *reach, *ami, *lacks, *manifest, audience.clone(), *stuck)
        };
        let again = |stood: &Self| stood.again(Pace::DailyTogether);
        said(self) != said(before) || is_sooner((again(self), self.looked), (again(before), before.looked))
    }
}

impl MembersRow for Published {
    type Before = LastLook;

    fn looked(before: &LastLook) -> Timestamp {
        before.looked
    }

    fn disturbs(&self, before: &LastLook) -> bool {
        is_disturbed(&self.last_look(), before)
    }
}

impl MembersRow for Viewed {
    type Before = LastLook;

    fn looked(before: &LastLook) -> Timestamp {
        before.looked
    }

    fn disturbs(&self, before: &LastLook) -> bool {
        is_disturbed(&self.last_look(), before)
    }
}

fn is_disturbed(now: &LastLook, before: &LastLook) -> bool {
    let again = |last: &LastLook| last.again(&last.what, Pace::DailyTogether);
    now.what != before.what || is_sooner((again(now), now.looked), (again(before), before.looked))
}

/// Some things are due a day after the last look, whatever came of it.
fn is_sooner(now: (When, Timestamp), before: (When, Timestamp)) -> bool {
    now.0 < before.0 || now.1 < before.1
}
