use std::collections::BTreeSet;

use crate::manifest::{Manifest, Retain, TagKey};

/// What the console shows; a release is told by it.
const NAME: &str = "Name";

/// The keys of the tags that consumers are to see. Whoever puts a keep tag on an image keeps it: that is the consumer's own
/// word, and nobody's to put into its mouth.
pub(super) fn shown(manifest: &Manifest) -> BTreeSet<&str> {
    let keeps = |key: &TagKey| {
        manifest
            .retain
            .as_ref()
            .is_some_and(|Retain { keep_tags, .. }| keep_tags.contains_key(key))
    };
    let declared = manifest.distribute.tags.keys().filter(|key| !keeps(key));
    declared.map(TagKey::as_str).chain([NAME]).collect()
}
