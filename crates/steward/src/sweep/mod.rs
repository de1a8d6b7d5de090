//! A sweep: what of a family is due where, by all that the record has of it.
//!
//! Of members there may be thousands, and of each a row for each release, publication and view of a family. While none of those
//! can be due, what they said lies in one item, the family's [`Rest`], and sweeps read that instead of them.

mod facts;
mod publications;
mod releases;
mod rest;
mod row;
mod views;

pub use facts::SweepFacts;
pub use publications::due_publications;
pub use releases::{ReleaseDue, due_releases};
pub use rest::Rest;
pub use row::MembersRow;
pub use views::due_views;

use crate::distribution::{LastLook, When};
use crate::{Target, Timestamp};

/// Where something of a family is to be looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Looks {
    /// Where it is due, and when that was done last.
    pub due: Vec<(Target, LastLooked)>,
    /// When it is due first with members.
    pub with_members: When,
}

/// When a target was last looked at; what waits longest is less.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum LastLooked {
    /// Nobody did.
    Never,
    /// Then.
    At(Timestamp),
}

impl LastLooked {
    fn of(last: Option<&LastLook>) -> Self {
        last.map_or(Self::Never, |last| Self::At(last.looked))
    }
}

/// What is due of a family, and when anything is due first with members.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sweep {
    /// Its releases, the newest first. That they are built is not asked yet.
    pub releases: Vec<ReleaseDue>,
    /// How its channels are published.
    pub publications: Looks,
    /// What its consumers see.
    pub views: Looks,
}

impl Sweep {
    /// Decides what is due.
    pub fn of(facts: &SweepFacts<'_>) -> Self {
        Self {
            releases: due_releases(facts),
            publications: due_publications(facts),
            views: due_views(facts),
        }
    }
}

#[cfg(test)]
mod tests;
