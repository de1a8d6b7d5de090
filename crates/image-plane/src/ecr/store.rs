//! Every repository of the world, with its images: a digest each, and the tags that point to it now.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::ops::Bound;
use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::random::Random;
use crate::time::Time;
use crate::world::Target;

/// ECR writes down a pull at least once in this time; pulls in between may leave no trace, and here leave none.
const PULLS_RECORDED_EVERY: Duration = Duration::from_hours(24);

/// How an image is named: by its digest, by a tag, or by both.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(crate) struct Id {
    pub(super) image_digest: Option<String>,
    pub(super) image_tag: Option<String>,
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = |part: &Option<String>| part.clone().unwrap_or_else(|| String::from("null"));
        let (digest, tag) = (shown(&self.image_digest), shown(&self.image_tag));
        write!(f, "{{imageDigest:'{digest}', imageTag:'{tag}'}}")
    }
}

/// What a push brings.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Manifest {
    /// `sha256:` and 64 digits.
    pub(crate) digest: String,
    /// In bytes, its layers compressed.
    pub(crate) size: u64,
}

impl Manifest {
    /// An image that nobody has seen before.
    pub(crate) fn draw(random: &mut Random) -> Self {
        let [a, b, c, d] = [(); 4].map(|()| random.bits());
        Self {
            digest: format!("sha256:{a:016x}{b:016x}{c:016x}{d:016x}"),
            size: 50_000_000 + random.below(200_000_000),
        }
    }
}

/// An image in a repository.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Image {
    pub(super) tags: BTreeSet<String>,
    pub(super) size: u64,
    pub(super) pushed: Time,
    /// The last pull that was written down.
    pub(super) pulled: Option<Time>,
}

/// A repository.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(super) struct Repository {
    pub(super) created: Time,
    /// Whether a tag stays with its image for good.
    pub(super) immutable: bool,
    /// Kept and shown; nothing is scanned.
    pub(super) scan_on_push: bool,
    pub(super) tags: BTreeMap<String, String>,
    pub(super) images: BTreeMap<String, Image>,
}

/// What comes of a push.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Pushing {
    /// The image is there, and the tag points to it from now on.
    Done,
    /// It was so before.
    Unchanged,
    /// The tag belongs to another image, for good.
    Taken,
}

impl Repository {
    /// The digest of the image a tag points to.
    pub(super) fn tagged(&self, tag: &str) -> Option<&str> {
        let found = self.images.iter().find(|(_, image)| image.tags.contains(tag));
        found.map(|(digest, _)| digest.as_str())
    }

    /// The digest of the image that is named so; a digest and a tag must belong together.
    pub(super) fn find(&self, id: &Id) -> Option<&str> {
        let of_tag = id.image_tag.as_deref().map(|tag| self.tagged(tag));
        match (&id.image_digest, of_tag) {
            (None, of_tag) => of_tag?,
            (Some(digest), Some(of_tag)) => of_tag.filter(|found| found == digest),
            (Some(digest), None) => self.images.get_key_value(digest).map(|(known, _)| known.as_str()),
        }
    }

    /// Up to so many digests, in their order, that come after that one.
    pub(super) fn digests(&self, after: Option<&str>, most: usize) -> Vec<&str> {
        let start = after.map_or(Bound::Unbounded, Bound::Excluded);
        let rest = self.images.range::<str, _>((start, Bound::Unbounded));
        rest.take(most).map(|(digest, _)| digest.as_str()).collect()
    }

    /// Puts an image there where it is not yet, and points a tag to it, away from the image that had it, which may be left
    /// without any. An image that is pushed again keeps the time it came; AWS does not say.
    pub(super) fn push(&mut self, manifest: &Manifest, tag: Option<&str>, now: Time) -> Pushing {
        let Manifest { digest, size } = manifest;
        let before = match tag {
            Some(tag) => self.tagged(tag),
            None => self.images.get_key_value(digest).map(|(known, _)| known.as_str()),
        };
        match before {
            Some(before) if before == digest => return Pushing::Unchanged,
            Some(_) if self.immutable => return Pushing::Taken,
            _ => {}
        }
        for image in self.images.values_mut() {
            image.tags.retain(|known| Some(known.as_str()) != tag);
        }
        let image = self.images.entry(digest.clone()).or_insert_with(|| Image {
            tags: BTreeSet::new(),
            size: *size,
            pushed: now,
            pulled: None,
        });
        image.tags.extend(tag.map(str::to_owned));
        Pushing::Done
    }

    /// Takes an image out with all its tags, and says what went: an entry for each tag, one without where it had none.
    pub(super) fn remove(&mut self, digest: &str) -> Vec<Id> {
        let Some(image) = self.images.remove(digest) else {
            return Vec::new();
        };
        let id = |image_tag: Option<String>| Id {
            image_digest: Some(digest.to_owned()),
            image_tag,
        };
        if image.tags.is_empty() {
            vec![id(None)]
        } else {
            image.tags.into_iter().map(Some).map(id).collect()
        }
    }

    /// Takes a tag from its image, and the image out with its last one.
    pub(super) fn untag(&mut self, digest: &str, tag: &str) -> Vec<Id> {
        match self.images.get_mut(digest) {
            Some(image) if image.tags.len() > 1 => {
                image.tags.remove(tag);
                vec![Id {
                    image_digest: Some(digest.to_owned()),
                    image_tag: Some(tag.to_owned()),
                }]
            }
            _ => self.remove(digest),
        }
    }

    /// Pulls an image, which is written down; false where there is none.
    pub(super) fn pull(&mut self, id: &Id, now: Time) -> bool {
        let digest = self.find(id).map(str::to_owned);
        let Some(image) = digest.and_then(|digest| self.images.get_mut(&digest)) else {
            return false;
        };
        if image.pulled.is_none_or(|last| now.since(last) >= PULLS_RECORDED_EVERY) {
            image.pulled = Some(now);
        }
        true
    }
}

/// The registries of all accounts and Regions.
#[derive(Debug, Default)]
pub(crate) struct Registries(BTreeMap<Target, BTreeMap<String, Repository>>);

impl Registries {
    pub(crate) fn exists(&self, target: Target, name: &str) -> bool {
        self.get(target, name).is_some()
    }

    pub(super) fn get(&self, target: Target, name: &str) -> Option<&Repository> {
        self.0.get(&target)?.get(name)
    }

    pub(super) fn get_mut(&mut self, target: Target, name: &str) -> Option<&mut Repository> {
        self.0.get_mut(&target)?.get_mut(name)
    }

    /// Puts a repository there; one of that name that is there stays.
    pub(super) fn put(&mut self, target: Target, name: &str, repository: Repository) {
        let all = self.0.entry(target).or_default();
        all.entry(name.to_owned()).or_insert(repository);
    }

    /// Up to so many names, in their order, that come after that one.
    pub(super) fn names(&self, target: Target, after: Option<&str>, most: usize) -> Vec<&str> {
        let start = after.map_or(Bound::Unbounded, Bound::Excluded);
        let all = self.0.get(&target).into_iter();
        all.flat_map(|all| all.range::<str, _>((start, Bound::Unbounded)))
            .take(most)
            .map(|(name, _)| name.as_str())
            .collect()
    }
}
