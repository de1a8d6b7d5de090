use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::reference::Reference;
use crate::text::hexadecimal;

/// So many ways are kept of each use: an item of the table is bounded, and nobody reads more.
const MOST_KEPT: usize = 40;

/// How one source of a target uses an image, as the record keeps it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptUse {
    /// The ways, as many as are kept.
    pub references: Vec<Reference>,
    /// How many ways there are in all.
    pub count: usize,
    /// Of all of them.
    pub digest: String,
}

impl KeptUse {
    /// What is kept of these.
    pub fn of(references: &BTreeSet<Reference>) -> Self {
        let mut digest = Sha256::new();
        for reference in references {
            // What a way reads as tells it apart: its length keeps two from reading as one.
            let text = reference.to_string();
            digest.update(text.len().to_le_bytes());
            digest.update(text);
        }
        Self {
            references: most(references),
            count: references.len(),
            digest: hexadecimal(&digest.finalize()[..16]),
        }
    }

    /// The same with what a reading that nobody believes found besides: it takes nothing away.
    #[must_use]
    pub fn with(&self, found: &Self) -> Self {
        let known: BTreeSet<&Reference> = self.references.iter().collect();
        if found.references.iter().all(|reference| known.contains(reference)) {
            return self.clone();
        }
        let all: BTreeSet<Reference> = self.references.iter().chain(&found.references).cloned().collect();
        let mut digest = Sha256::new();
        digest.update(&self.digest);
        digest.update(&found.digest);
        Self {
            references: most(&all),
            count: all.len().max(self.count).max(found.count),
            digest: hexadecimal(&digest.finalize()[..16]),
        }
    }

    /// What keeps the image by itself, and what only names it. Of more ways than are kept none is stronger than the last of
    /// those that are.
    pub fn parted(self) -> (Option<Self>, Option<Self>) {
        let Self {
            references,
            count,
            digest,
        } = self;
        let rest = count.saturating_sub(references.len());
        let (keeps, names): (Vec<Reference>, Vec<Reference>) = references.into_iter().partition(Reference::keeps);
        let (rest_keeps, rest_names) = if names.is_empty() { (rest, 0) } else { (0, rest) };
        let part = |references: Vec<Reference>, rest| {
            let count = references.len() + rest;
            let digest = digest.clone();
            (count > 0).then_some(Self {
                references,
                count,
                digest,
            })
        };
        (part(keeps, rest_keeps), part(names, rest_names))
    }
}

/// As many as are kept. What keeps an image most surely first: an old version that nobody names must not crowd out the default one.
fn most(references: &BTreeSet<Reference>) -> Vec<Reference> {
    let mut kept: Vec<&Reference> = references.iter().collect();
    kept.sort_by_key(|reference| reference.weakness());
    kept.into_iter().take(MOST_KEPT).cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::{Hop, VersionStanding};

    fn groups(names: impl IntoIterator<Item = String>) -> BTreeSet<Reference> {
        let reference = |name: String| Reference {
            path: vec![Hop::Group(name.into())],
        };
        names.into_iter().map(reference).collect()
    }

    #[test]
    fn of_many_versions_of_a_template_the_default_and_the_newest_are_kept() {
        let version = |version: u64| Reference {
            path: vec![Hop::Template {
                id: "lt-0123456789abcdef0".parse().unwrap(),
                name: "web".into(),
                version,
                standing: VersionStanding {
                    default: version == 7,
                    newer: 100 - version,
                },
            }],
        };
        let kept = KeptUse::of(&(1..=100).map(version).collect());
        let said: Vec<String> = kept.references.iter().take(3).map(ToString::to_string).collect();
        assert_eq!(
            said,
            [
                "launch template web version 7 (default)",
                "launch template web version 100 (latest)",
                "launch template web version 99",
            ]
        );
        let (keeps, names) = kept.parted();
        let told = |part: Option<KeptUse>| part.map(|part| (part.references.len(), part.count));
        assert_eq!((told(keeps), told(names)), (Some((2, 2)), Some((38, 98))));
    }

    #[test]
    fn a_bounded_part_is_kept_and_all_of_it_is_told_apart() {
        let many = KeptUse::of(&groups((0..1000).map(|n| format!("{n:04}"))));
        assert_eq!((many.references.len(), many.count), (40, 1000));
        let other = KeptUse::of(&groups((0..999).chain([1001]).map(|n| format!("{n:04}"))));
        assert_eq!(many.references, other.references);
        assert_ne!(many.digest, other.digest);
        assert_eq!(many, KeptUse::of(&groups((0..1000).rev().map(|n| format!("{n:04}")))));
        assert_eq!(many.clone().parted(), (Some(many), None));
    }

    #[test]
    fn what_a_reading_that_nobody_believes_found_is_added_and_nothing_is_taken_away() {
        let kept = |names: &[&str]| KeptUse::of(&groups(names.iter().map(|name| String::from(*name))));
        let (before, found) = (kept(&["a", "b"]), kept(&["b", "c"]));
        let both = before.with(&found);
        assert_eq!(both.references, kept(&["a", "b", "c"]).references);
        assert_eq!(both.count, 3);
        assert_ne!(both.digest, before.digest);
        // Nothing new is nothing to write, however often it is found.
        assert_eq!(both.with(&found), both);
        assert_eq!(before.with(&kept(&["b"])), before);
        assert_eq!(before.with(&kept(&[])), before);
        // So many ways more there are than are kept.
        let many = KeptUse::of(&groups((0..1000).map(|n| format!("{n:04}"))));
        assert_eq!(
            (before.with(&many).count, before.with(&many).references.len()),
            (1000, 40)
        );
    }
}
