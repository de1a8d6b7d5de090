//! Container images of releases: where they are, and whether they are still there.

use std::collections::BTreeSet;

use aws_sdk_dynamodb::types::AttributeValue;
use serde::{Deserialize, Serialize};
use steward::pruning::ContainerSeen;
use steward::{
    ContainerFacts, ContainerImage, ContainerPlacement, ContainerState, Heard, ReleaseId, RepositoryName, Settled,
    Target, Timestamp, Words, settle,
};

use super::Record;
use super::keys::{CONTAINER, Key, REGISTRIES, of_release, of_target};
use super::table::Condition;
use crate::Problem;

/// A container image of a release, as the record has it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct HeldContainer {
    /// Whose registry, and where.
    pub target: Target,
    /// In which repository, and which.
    pub image: String,
    /// Whether it is there.
    pub state: ContainerState,
    /// What it is called.
    pub tags: BTreeSet<String>,
    /// What it takes there, in bytes.
    pub size: u64,
    /// When that was seen.
    pub seen: Timestamp,
}

impl HeldContainer {
    /// As pruning takes it; none: it is named as none is.
    fn seen(self) -> Option<ContainerSeen> {
        let Self {
            target,
            image,
            state: _,
            tags,
            size,
            seen: _,
        } = self;
        let (repository, digest) = image.split_once('@')?;
        Some(ContainerSeen {
            image: ContainerImage {
                target,
                repository: repository.parse().ok()?,
                digest: digest.parse().ok()?,
            },
            tags,
            bytes: size,
        })
    }
}

#[derive(Serialize)]
struct ContainerItem<'a> {
    state: ContainerState,
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    tags: &'a BTreeSet<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pushed: Option<Timestamp>,
    size: u64,
    seen: Timestamp,
}

#[derive(Deserialize, Debug)]
struct HeldItem {
    sk: String,
    state: ContainerState,
    #[serde(default)]
    tags: BTreeSet<String>,
    size: u64,
    seen: Timestamp,
}

#[derive(Deserialize, Debug)]
struct SettledItem {
    state: ContainerState,
    #[serde(default)]
    tags: BTreeSet<String>,
    doubt_since: Option<Timestamp>,
}

#[derive(Serialize)]
struct LookedItem {
    state: ContainerState,
    doubt_since: Option<Timestamp>,
    seen: Timestamp,
}

#[derive(Serialize)]
struct TagsItem<'a> {
    tags: &'a BTreeSet<String>,
    seen: Timestamp,
}

#[derive(Serialize, Deserialize, Debug)]
struct OfRelease {
    release: ReleaseId,
}

#[derive(Deserialize, Debug)]
struct InTarget {
    sk: String,
    release: ReleaseId,
}

#[derive(Serialize, Deserialize, Debug)]
struct RegistryItem {
    target: Target,
    repository: RepositoryName,
}

impl Record {
    /// Writes a container image with what finds it; false where it is known.
    pub async fn place_container(&self, placement: &ContainerPlacement) -> Result<bool, Problem> {
        let ContainerPlacement {
            release,
            image,
            facts,
            seen,
        } = placement;
        let ContainerFacts {
            digest: _,
            tags,
            pushed,
            size,
        } = facts;
        let new = || Some(Condition::not_there());
        let registry = RegistryItem {
            target: image.target,
            repository: image.repository.clone(),
        };
        if self.set(Key::registry(image), registry, new()).await? {
            // There is nothing to compare yet.
            self.mark_repository_compared(image.target, &image.repository, *seen)
                .await?;
        }
        let of = OfRelease { release: *release };
        if !self.set(Key::container_in(image), of, new()).await?
            && self.release_of_container(image).await? != Some(*release)
        {
            // Two builds may be told the same image by a tag that moved: it stays with the first that was seen.
            return Ok(false);
        }
        let item = ContainerItem {
            state: ContainerState::Present,
            tags,
            pushed: *pushed,
            size: *size,
            seen: *seen,
        };
        // The placement itself last: once it is there, whatever finds it is there.
        self.set(Key::container(*release, image), item, new()).await
    }

    /// The release that a container image is of.
    pub async fn release_of_container(&self, image: &ContainerImage) -> Result<Option<ReleaseId>, Problem> {
        let held: Option<OfRelease> = self.get(Key::container_in(image)).await?;
        Ok(held.map(|held| held.release))
    }

    /// Takes in whether a container image was there, and with which tags; true where the record changed.
    pub async fn observe_container(
        &self,
        release: ReleaseId,
        image: &ContainerImage,
        tags: Option<&BTreeSet<String>>,
        now: Timestamp,
    ) -> Result<bool, Problem> {
        let key = || Key::container(release, image);
        let Some(held) = self.get::<SettledItem>(key()).await? else {
            return Ok(false);
        };
        let seen = match tags {
            Some(_) => ContainerState::Present,
            None => ContainerState::Gone,
        };
        let looked = |state, doubt_since| LookedItem {
            state,
            doubt_since,
            seen: now,
        };
        // Whoever else looks at the same time has decided by the same facts, or sees that they are not the same any more.
        let state = (":state", AttributeValue::S(held.state.to_string()));
        let as_known = match held.doubt_since {
            None => Condition::new(
                "#state = :state AND (attribute_not_exists(doubt_since) OR attribute_type(doubt_since, :null))",
                [state, (":null", AttributeValue::S(String::from("NULL")))],
            ),
            Some(since) => Condition::new(
                "#state = :state AND doubt_since = :since",
                [state, (":since", AttributeValue::S(since.to_string()))],
            ),
        };
        let as_known = Some(as_known.naming("#state", "state"));
        match settle(held.state, held.doubt_since, seen, now) {
            // They are no state: what was read last is what it is called.
            Settled::Nothing => match tags.filter(|tags| **tags != held.tags) {
                Some(tags) => self.set(key(), TagsItem { tags, seen: now }, as_known).await,
                None => Ok(false),
            },
            Settled::Doubt => self
                .set(key(), looked(held.state, Some(now)), as_known)
                .await
                .map(|_| false),
            Settled::NoDoubt => self.set(key(), looked(held.state, None), as_known).await.map(|_| false),
            Settled::Changed => {
                let written = self.set(key(), looked(seen, None), as_known).await?;
                if written {
                    let says = Heard {
                        event: format!("{}-{seen}", image.digest),
                        at: now,
                        says: Words::from(format!("inferred: {image} is {seen}, was {}", held.state)),
                    };
                    self.hear(release, &says, now).await?;
                }
                Ok(written)
            }
        }
    }

    /// The container images of a release.
    pub async fn containers(&self, release: ReleaseId) -> Result<Vec<HeldContainer>, Problem> {
        let items: Vec<HeldItem> = self.query(&of_release(release), CONTAINER).await?;
        let held = |item: HeldItem| {
            let mut parts = item.sk.splitn(4, '#').skip(1);
            let (account, region, image) = (parts.next()?, parts.next()?, parts.next()?);
            Some(HeldContainer {
                target: Target::new(account.parse().ok()?, region.parse().ok()?),
                image: image.to_owned(),
                state: item.state,
                tags: item.tags,
                size: item.size,
                seen: item.seen,
            })
        };
        items
            .into_iter()
            .map(|item| held(item).ok_or_else(|| self.no_container()))
            .collect()
    }

    /// The container images of a release that still are.
    pub(super) async fn containers_there(&self, release: ReleaseId) -> Result<Vec<ContainerSeen>, Problem> {
        let held = self.containers(release).await?.into_iter();
        let there = held.filter(|held| held.state == ContainerState::Present);
        let there = there.map(|held| held.seen().ok_or_else(|| self.no_container()));
        there.collect()
    }

    /// Every repository that has container images of releases.
    pub async fn repositories(&self) -> Result<Vec<(Target, RepositoryName)>, Problem> {
        let items: Vec<RegistryItem> = self.query(REGISTRIES, "").await?;
        Ok(items.into_iter().map(|item| (item.target, item.repository)).collect())
    }

    /// What the record has in a repository, each with its release.
    pub async fn containers_of(
        &self,
        target: Target,
        repository: &RepositoryName,
    ) -> Result<Vec<(ContainerImage, ReleaseId)>, Problem> {
        let starts = format!("{CONTAINER}{repository}@");
        let rows: Vec<InTarget> = self.query(&of_target(target), &starts).await?;
        let image = |row: InTarget| {
            let digest = row.sk.strip_prefix(&starts)?.parse().ok()?;
            let image = ContainerImage {
                target,
                repository: repository.clone(),
                digest,
            };
            Some((image, row.release))
        };
        rows.into_iter()
            .map(|row| image(row).ok_or_else(|| self.no_container()))
            .collect()
    }

    /// Whether a repository is to be compared with the record again.
    pub async fn is_repository_due(
        &self,
        target: Target,
        repository: &RepositoryName,
        now: Timestamp,
    ) -> Result<bool, Problem> {
        self.is_hour_over(Key::compared_registry(target, repository), now).await
    }

    /// Writes that a repository was compared.
    pub async fn mark_repository_compared(
        &self,
        target: Target,
        repository: &RepositoryName,
        now: Timestamp,
    ) -> Result<(), Problem> {
        self.mark_hour(Key::compared_registry(target, repository), now).await
    }

    fn no_container(&self) -> Problem {
        let doing = "read the container images of the record";
        Problem::not_understood(doing, self.hub, "a key is no container image's")
    }
}
