use std::collections::BTreeMap;

use super::identity::{Identity, adopted, identify};
use crate::adopting::Claims;
use crate::distribution::{FAMILY, NotOurs};
use crate::manifest::Manifest;
use crate::pruning::Unmanaged;

/// The families that images may belong to.
#[derive(Debug)]
pub struct Families<'a>(BTreeMap<&'a str, &'a Manifest>);

/// How an image belongs to a family.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Member<'a> {
    /// To which.
    pub(super) family: &'a Manifest,
    /// As what.
    pub(super) identity: Identity,
    /// Those of its tags by which the family keeps images.
    pub(super) keeps: Vec<(String, String)>,
}

impl<'a> Families<'a> {
    /// These.
    pub fn new(manifests: impl IntoIterator<Item = &'a Manifest>) -> Self {
        let manifests = manifests.into_iter();
        Self(manifests.map(|manifest| (manifest.family.as_str(), manifest)).collect())
    }

    /// The one that the image's tag names, or the one that adopts it.
    pub(super) fn of(&self, claims: &Claims) -> Result<Member<'a>, Unmanaged> {
        if let Some(service) = claims.service() {
            return Err(Unmanaged::Of(service));
        }
        let (family, identity) = match claims.tag(FAMILY) {
            None => {
                let family = self.adopting(claims)?;
                (family, adopted(claims, family))
            }
            Some(tag) => match self.0.get(tag) {
                None => return Err(Unmanaged::NotOurs(NotOurs::OtherFamily(tag.into()))),
                Some(family) => (*family, identify(claims, family)),
            },
        };
        let keeps = family.retain.iter().flat_map(|retain| retain.keep_tags.iter());
        let keeps = keeps.filter(|(key, value)| claims.tag(key.as_str()) == Some(value.as_str()));
        Ok(Member {
            family,
            identity,
            keeps: keeps
                .map(|(key, value)| (key.as_str().to_owned(), value.as_str().to_owned()))
                .collect(),
        })
    }

    fn adopting(&self, claims: &Claims) -> Result<&'a Manifest, Unmanaged> {
        // The account that was recorded: an image of another is left out of all families, whoever would adopt it.
        let adopts = |manifest: &&Manifest| manifest.adopt.as_ref().is_some_and(|adopt| claims.is_as(adopt));
        let mut adopting = self.0.values().copied().filter(adopts);
        match (adopting.next(), adopting.next()) {
            (None, _) => Err(Unmanaged::NotOurs(NotOurs::Untagged)),
            (Some(manifest), None) => Ok(manifest),
            (Some(one), Some(other)) => Err(Unmanaged::ByBoth(one.family.clone(), other.family.clone())),
        }
    }
}
