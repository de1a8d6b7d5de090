//! Why a build was started, as its tag says it.

use std::collections::BTreeSet;

use crate::building::{BASE, Building};

/// No value of a tag is longer.
pub(super) const CUT: usize = 256;

/// That two are not the same, as far as anybody knows.
pub(super) const OTHERWISE: &str = "what it is made of is not what the newest release was made of";

/// Of which kind a reason is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    First,
    Base,
    Parent,
    Change,
    Manual,
    Schedule,
    Age,
    Cve,
}

impl Kind {
    pub(crate) const ALL: [Self; 8] = [
        Self::First,
        Self::Base,
        Self::Parent,
        Self::Change,
        Self::Manual,
        Self::Schedule,
        Self::Age,
        Self::Cve,
    ];

    /// Whether such a reason builds although nothing differs.
    pub(super) fn builds_all_the_same(self, building: &Building) -> bool {
        match self {
            Self::Manual | Self::Age | Self::Cve => true,
            Self::Schedule => building.schedule == Some(true),
            Self::First | Self::Base | Self::Parent | Self::Change => false,
        }
    }

    /// Whether it may come again although the same failed.
    pub(super) fn asks_anew(self, building: &Building) -> bool {
        self.builds_all_the_same(building) && self != Self::Cve
    }
}

/// A reason that a tag says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Said {
    pub(super) kind: Kind,
    pub(super) text: String,
    /// Whether the tag ends in the middle of it.
    pub(super) is_cut: bool,
}

impl Said {
    /// What a scan found, by it.
    pub(super) fn found(&self) -> BTreeSet<String> {
        let words = self.text.split_whitespace();
        let found = words.filter(|word| word.starts_with("CVE-"));
        found.map(str::to_owned).collect()
    }
}

/// All that a tag says; none where any of it is no reason.
pub(super) fn said(tag: &str) -> Option<Vec<Said>> {
    let is_full = tag.chars().count() >= CUT;
    let parts: Vec<&str> = tag.split(". ").map(str::trim).collect();
    let last = parts.len() - 1;
    let mut all = Vec::new();
    for (n, part) in parts.into_iter().enumerate() {
        let is_cut = is_full && n == last;
        match kind(part) {
            Some(kind) => all.push(Said {
                kind,
                text: part.to_owned(),
                is_cut,
            }),
            None if is_cut => {}
            None => return None,
        }
    }
    Some(all)
}

fn kind(part: &str) -> Option<Kind> {
    let of_base = |channel: &str| part.starts_with(&format!("{channel} of {BASE} "));
    let begins = |with: &str| part.starts_with(with);
    match () {
        () if part == "nothing is built yet" => Some(Kind::First),
        () if begins("its base moved: ") || begins("its base is ") => Some(Kind::Base),
        () if of_base("stable") || of_base("candidate") => Some(Kind::Parent),
        () if begins("recipe: ") || begins("component agent: ") || part == OTHERWISE => Some(Kind::Change),
        () if part.contains(" asks for it: ") => Some(Kind::Manual),
        () if begins("its schedule was due at ") => Some(Kind::Schedule),
        () if begins("the newest release is of ") => Some(Kind::Age),
        () if begins("CVE-") => Some(Kind::Cve),
        () => None,
    }
}
