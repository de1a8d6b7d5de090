//! Who was told of which release: each once, by whoever claims it first.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::types::AttributeValue;
use serde::{Deserialize, Serialize};
use steward::building::Because;
use steward::lineage::Card;
use steward::manifest::Manifest;
use steward::telling::{BuiltRelease, MessageFacts, ReleaseMessage, TellingFacts};
use steward::{Duration, FamilyName, ReleaseId, Timestamp, Words};

use super::keys::Key;
use super::table::Condition;
use super::{HeldAudience, HeldFamily, Member, Record};
use crate::Problem;

/// After so long nobody is at it any more: no function runs for longer.
pub(super) const CLAIMED: Duration = Duration::minutes(6);

#[derive(Serialize, Debug)]
pub(super) struct ClaimItem {
    /// From then on somebody else may tell of it.
    pub(super) claimed: Timestamp,
}

#[derive(Serialize, Debug)]
struct ToldItem {
    untold: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    told: Option<Timestamp>,
}

#[derive(Deserialize, Debug)]
struct StartedItem {
    #[serde(default)]
    build_type: Option<Words>,
}

impl Record {
    /// What is known of a usable release when it is decided whether to tell of it.
    pub async fn telling_facts(
        &self,
        family: (&FamilyName, &HeldFamily),
        (member, usable): (&Member, Timestamp),
        now: Timestamp,
    ) -> Result<TellingFacts, Problem> {
        let (name, held) = family;
        let first = self.manifest(name, 1).await?;
        let is_newer = |other: &&Member| other.architecture == member.architecture && other.order > member.order;
        Ok(TellingFacts {
            usable,
            built: self.told_card(member).await?.created,
            kept_since: first.map(|first| first.at),
            is_superseded: held.members.iter().filter(is_newer).any(|newer| newer.usable.is_some()),
            is_revoked: !self.causes(member.release, now).await?.is_empty(),
            now,
        })
    }

    /// What there is to tell of a usable release.
    pub async fn release_message(
        &self,
        (manifest, audience): (&Manifest, Option<&HeldAudience>),
        family: &HeldFamily,
        (member, usable): (&Member, Timestamp),
    ) -> Result<ReleaseMessage, Problem> {
        let HeldFamily {
            members,
            stood,
            channels,
            requests: _,
            rest: _,
        } = family;
        let is_older = |other: &&Member| other.architecture == member.architecture && other.order < member.order;
        let before = members.iter().filter(is_older).rfind(|older| older.usable.is_some());
        let before = match before {
            None => None,
            Some(before) => Some(self.built_release(before).await?),
        };
        let nowhere = BTreeMap::new();
        Ok(ReleaseMessage::of(MessageFacts {
            manifest,
            home: self.hub,
            owners: &HeldAudience::owners_of(audience, &manifest.distribute),
            built: self.built_release(member).await?,
            architecture: member.architecture,
            usable,
            before,
            stood: stood.get(&member.release).unwrap_or(&nowhere),
            channels,
        }))
    }

    /// Takes it on to tell of a release; false where that was done, or somebody is at it.
    pub async fn claim_telling(&self, family: &FamilyName, member: &Member, now: Timestamp) -> Result<bool, Problem> {
        let free = Condition::new(
            "untold = :untold AND (attribute_not_exists(claimed) OR claimed <= :now)",
            [
                (":untold", AttributeValue::Bool(true)),
                (":now", AttributeValue::S(now.to_string())),
            ],
        );
        let claimed = now.checked_add(CLAIMED).unwrap_or(now);
        self.set(of_member(family, member), ClaimItem { claimed }, Some(free))
            .await
    }

    /// Lets the next sweep try it again.
    pub async fn free_telling(&self, family: &FamilyName, member: &Member, now: Timestamp) -> Result<(), Problem> {
        let free = ClaimItem { claimed: now };
        self.set(of_member(family, member), free, None).await.map(drop)
    }

    /// Writes that a release was told of then, or that nobody will be told of it.
    pub async fn end_telling(
        &self,
        family: &FamilyName,
        member: &Member,
        told: Option<Timestamp>,
    ) -> Result<(), Problem> {
        let ended = ToldItem { untold: false, told };
        self.set(of_member(family, member), ended, None).await.map(drop)
    }

    /// Who started the build of a release, in Image Builder's words; none where the record does not know.
    pub async fn started_by(&self, release: ReleaseId) -> Result<Option<Words>, Problem> {
        let started: Option<StartedItem> = self.get(Key::release(release)).await?;
        Ok(started.and_then(|started| started.build_type))
    }

    async fn built_release(&self, member: &Member) -> Result<BuiltRelease, Problem> {
        let release = member.release;
        let parents = self.parents(release).await?;
        let parents = self
            .cards(&parents.into_iter().map(|parent| parent.release).collect())
            .await?;
        Ok(BuiltRelease {
            release,
            version: member.order,
            card: self.told_card(member).await?,
            started_by: self.started_by(release).await?,
            because: Because::ways(&self.because(release).await?),
            parents: parents.values().map(|parent| Words::from(parent.title())).collect(),
            details: self.details(release).await?,
        })
    }

    async fn told_card(&self, member: &Member) -> Result<Card, Problem> {
        let card = self.card(member.release).await?;
        card.ok_or_else(|| {
            let what = format!("there is nothing of {}", member.release);
            Problem::not_understood("read a release of the record", self.hub, what)
        })
    }
}

fn of_member(family: &FamilyName, member: &Member) -> Key {
    Key::release_of(family, member.architecture, member.order)
}
