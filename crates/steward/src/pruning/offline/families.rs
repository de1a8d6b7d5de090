use std::collections::{BTreeMap, BTreeSet};

use super::identity::{BUILD, NAME};
use super::image::FleetImage;
use crate::AccountId;
use crate::distribution::{FAMILY, NotOurs, RELEASE};
use crate::manifest::{Adopt, AmiOwner, GroupKey, Manifest, NamePattern, TagKey};
use crate::pruning::Unmanaged;

/// The families that images may belong to.
#[derive(Debug)]
pub struct Families<'a> {
    by_name: BTreeMap<&'a str, &'a Manifest>,
    adopting: Vec<(&'a Manifest, &'a Adopt)>,
    /// The keys of the tags that matter to any of them.
    keys: BTreeSet<&'a str>,
}

impl<'a> Families<'a> {
    /// These.
    pub fn new(manifests: impl IntoIterator<Item = &'a Manifest>) -> Self {
        let mut families = Self {
            by_name: BTreeMap::new(),
            adopting: Vec::new(),
            keys: BTreeSet::from([FAMILY, RELEASE, BUILD, NAME]),
        };
        for manifest in manifests {
            families.by_name.insert(manifest.family.as_str(), manifest);
            let kept = manifest.retain.iter().flat_map(|retain| retain.keep_tags.keys());
            families.keys.extend(kept.map(TagKey::as_str));
            if let Some(Adopt {
                owner: _,
                name: _,
                tags,
                group_by,
            }) = &manifest.adopt
            {
                families.keys.extend(tags.keys().map(TagKey::as_str));
                families.keys.extend(group_by.iter().filter_map(GroupKey::tag));
            }
        }
        // By their names, whatever the order they were given in.
        let adopts = |manifest: &&'a Manifest| Some((*manifest, manifest.adopt.as_ref()?));
        families.adopting = families.by_name.values().filter_map(adopts).collect();
        families
    }

    /// All of them, by their names.
    pub(super) fn all(&self) -> impl Iterator<Item = &'a Manifest> {
        self.by_name.values().copied()
    }

    /// Whether a tag matters.
    pub(super) fn asks_for_tag(&self, key: &str) -> bool {
        self.keys.contains(key)
    }

    /// Whether what images are called matters.
    pub(super) fn asks_for_names(&self) -> bool {
        self.adopting.iter().any(|(_, adopt)| adopt.name.is_some())
    }

    /// The family of an image that an account lists: the one that its tag names, or the one that adopts it.
    pub(super) fn of(&self, image: &FleetImage, account: AccountId) -> Result<&'a Manifest, Unmanaged> {
        match image.owner {
            Some(owner) if owner != account => return Err(Unmanaged::NotOurs(NotOurs::OfAnother(owner))),
            Some(_) | None => {}
        }
        if image.backup {
            return Err(Unmanaged::Of("AWS Backup".into()));
        }
        if let Some(tag) = image.tag(FAMILY) {
            let found = self.by_name.get(tag).copied();
            return found.ok_or_else(|| Unmanaged::NotOurs(NotOurs::OtherFamily(tag.into())));
        }
        let adopts = |adopt: &Adopt| adopts(adopt, image, account);
        let mut adopting = self
            .adopting
            .iter()
            .filter(|(_, adopt)| adopts(adopt))
            .map(|(manifest, _)| *manifest);
        match (adopting.next(), adopting.next()) {
            (None, _) => Err(Unmanaged::NotOurs(NotOurs::Untagged)),
            (Some(manifest), None) => Ok(manifest),
            (Some(one), Some(other)) => Err(Unmanaged::ByBoth(one.family.clone(), other.family.clone())),
        }
    }
}

fn adopts(adopt: &Adopt, image: &FleetImage, account: AccountId) -> bool {
    let Adopt {
        owner,
        name,
        tags,
        group_by: _,
    } = adopt;
    let is_owned = match owner {
        AmiOwner::Own => true,
        AmiOwner::Account(owner) => *owner == account,
        AmiOwner::Amazon => false,
    };
    let is_called = |pattern: &NamePattern| image.name.as_deref().is_some_and(|name| pattern.matches(name));
    is_owned
        && name.as_ref().is_none_or(is_called)
        && tags
            .iter()
            .all(|(key, value)| image.tag(key.as_str()) == Some(value.as_str()))
}
