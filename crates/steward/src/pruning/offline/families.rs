use std::collections::BTreeMap;

use super::claims::Claims;
use super::identity::{Identity, adopted, identify};
use crate::distribution::{FAMILY, NotOurs};
use crate::manifest::{Adopt, AmiOwner, Manifest, NamePattern};
use crate::pruning::Unmanaged;

/// What AWS Backup's tags start with.
const BACKUP: &str = "aws:backup:";

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
        if claims.tags.keys().any(|key| key.starts_with(BACKUP)) {
            return Err(Unmanaged::Of("AWS Backup".into()));
        }
        if let Some(service) = claims.alias.as_deref().and_then(service) {
            return Err(Unmanaged::Of(service.into()));
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
        let adopts = |manifest: &&Manifest| manifest.adopt.as_ref().is_some_and(|adopt| adopts(adopt, claims));
        let mut adopting = self.0.values().copied().filter(adopts);
        match (adopting.next(), adopting.next()) {
            (None, _) => Err(Unmanaged::NotOurs(NotOurs::Untagged)),
            (Some(manifest), None) => Ok(manifest),
            (Some(one), Some(other)) => Err(Unmanaged::ByBoth(one.family.clone(), other.family.clone())),
        }
    }
}

/// The service that an owner's alias tells of; none: it is the account itself.
fn service(alias: &str) -> Option<&str> {
    match alias {
        "self" => None,
        "amazon" => Some("Amazon"),
        "aws-marketplace" => Some("AWS Marketplace"),
        "aws-backup-vault" => Some("AWS Backup"),
        other => Some(other),
    }
}

fn adopts(adopt: &Adopt, claims: &Claims) -> bool {
    let Adopt {
        owner,
        name,
        tags,
        group_by: _,
    } = adopt;
    let is_owned = match owner {
        // The account that was recorded: an image of another is left out of all families, whoever would adopt it.
        AmiOwner::Own => true,
        AmiOwner::Account(owner) => claims.owner == Some(*owner),
        AmiOwner::Amazon => false,
    };
    let is_called = |pattern: &NamePattern| claims.name.as_deref().is_some_and(|name| pattern.matches(name));
    is_owned
        && name.as_ref().is_none_or(is_called)
        && tags
            .iter()
            .all(|(key, value)| claims.tag(key.as_str()) == Some(value.as_str()))
}
