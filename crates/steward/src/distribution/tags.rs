use std::collections::BTreeMap;

use super::facts::Going;
use super::obstacle::NotOurs;
use crate::manifest::Distribute;
use crate::{AccountId, FamilyName};

/// The tag that says what is ours, and of which family.
pub const FAMILY: &str = "image-steward:family";
/// The tag of our copies that says of which release they are.
pub const RELEASE: &str = "image-steward:release";
/// What the console shows.
const NAME: &str = "Name";

pub(super) type Tags = BTreeMap<String, String>;

/// Why something is not ours to change, by its owner and its tag.
pub(super) fn not_ours(owner: AccountId, account: AccountId, tags: &Tags, family: &FamilyName) -> Option<NotOurs> {
    if owner != account {
        return Some(NotOurs::OfAnother(owner));
    }
    match tags.get(FAMILY) {
        Some(tag) if tag == family.as_str() => None,
        Some(tag) => Some(NotOurs::OtherFamily(tag.as_str().into())),
        None => Some(NotOurs::Untagged),
    }
}

/// The tags that a manifest gives each image and its snapshots.
pub(super) fn declared(distribute: &Distribute) -> Tags {
    let tags = distribute.tags.iter();
    tags.map(|(key, value)| (key.as_str().to_owned(), value.as_str().to_owned()))
        .collect()
}

/// The tags that a copy and its snapshots are made with.
pub(super) fn of_copy(going: &Going, distribute: &Distribute) -> Tags {
    let mut tags = declared(distribute);
    tags.entry(NAME.to_owned()).or_insert_with(|| going.name.to_string());
    tags.insert(FAMILY.to_owned(), going.family.to_string());
    tags.insert(RELEASE.to_owned(), going.release.to_string());
    tags
}
