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
        // What keeps an image most surely first: an old version that nobody names must not crowd out the default one.
        let mut kept: Vec<&Reference> = references.iter().collect();
        kept.sort_by_key(|reference| reference.weakness());
        Self {
            references: kept.into_iter().take(MOST_KEPT).cloned().collect(),
            count: references.len(),
            digest: hexadecimal(&digest.finalize()[..16]),
        }
    }
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
    }

    #[test]
    fn a_bounded_part_is_kept_and_all_of_it_is_told_apart() {
        let many = KeptUse::of(&groups((0..1000).map(|n| format!("{n:04}"))));
        assert_eq!((many.references.len(), many.count), (40, 1000));
        let other = KeptUse::of(&groups((0..999).chain([1001]).map(|n| format!("{n:04}"))));
        assert_eq!(many.references, other.references);
        assert_ne!(many.digest, other.digest);
        assert_eq!(many, KeptUse::of(&groups((0..1000).rev().map(|n| format!("{n:04}")))));
    }
}
