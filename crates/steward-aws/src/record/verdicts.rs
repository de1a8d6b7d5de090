//! What people say of releases: revoked, exempt, held.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::try_join;
use futures_util::stream::{StreamExt as _, TryStreamExt as _, iter};
use serde::{Deserialize, Serialize};
use steward::lineage::{Cause, Exemption, Lifted, Revocation, Said, causes};
use steward::{AmiId, ReleaseId, Timestamp};

use super::keys::{HOLD, Key, VERDICT};
use super::table::Condition;
use super::{Record, not_there};
use crate::Problem;

/// So many releases are read at a time.
const AT_ONCE: usize = 16;

/// That an image must stay until a time.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hold {
    /// Which.
    pub ami: AmiId,
    /// Who said so.
    pub who: String,
    /// Why.
    pub why: String,
    /// Since when.
    pub at: Timestamp,
    /// Until when.
    pub until: Timestamp,
}

#[derive(Serialize, Deserialize, Debug)]
#[serde(tag = "says", rename_all = "snake_case")]
enum VerdictItem {
    Revoked(Revocation),
    Exempt(Exemption),
}

#[derive(Serialize, Debug)]
struct LiftedItem<'a> {
    lifted: &'a Lifted,
}

impl Record {
    /// Revokes a release; false where the very same moment said something else of it.
    pub async fn revoke(&self, release: ReleaseId, revocation: Revocation) -> Result<bool, Problem> {
        let key = Key::verdict(release, revocation.at);
        let new = Condition::new(not_there(), []);
        self.set(key, VerdictItem::Revoked(revocation), Some(new)).await
    }

    /// Lets a release be used although something it came from is revoked.
    pub async fn exempt(&self, release: ReleaseId, exemption: Exemption, now: Timestamp) -> Result<bool, Problem> {
        let new = Condition::new(not_there(), []);
        self.set(Key::verdict(release, now), VerdictItem::Exempt(exemption), Some(new))
            .await
    }

    /// Takes back every revocation of a release that holds, and says how many those were. What it inherits stays.
    pub async fn lift(&self, release: ReleaseId, lifted: &Lifted) -> Result<usize, Problem> {
        let mut count = 0;
        for row in self.verdicts(release).await? {
            let VerdictItem::Revoked(Revocation { at, lifted: None, .. }) = row else {
                continue;
            };
            let there = Condition::new("attribute_exists(pk)", []);
            let item = LiftedItem { lifted };
            count += usize::from(self.set(Key::verdict(release, at), item, Some(there)).await?);
        }
        Ok(count)
    }

    /// What was said of a release itself.
    pub async fn said(&self, release: ReleaseId) -> Result<Said, Problem> {
        let mut said = Said::default();
        for row in self.verdicts(release).await? {
            match row {
                VerdictItem::Revoked(revocation) => said.revocations.push(revocation),
                VerdictItem::Exempt(exemption) => said.exemptions.push(exemption),
            }
        }
        Ok(said)
    }

    /// Every reason for which a release is revoked at this time, its own and what it inherits.
    pub async fn causes(&self, release: ReleaseId, now: Timestamp) -> Result<BTreeSet<Cause>, Problem> {
        let above = self.ancestors(release).await?;
        let line: BTreeSet<ReleaseId> = above.into_iter().map(|reach| reach.release).chain([release]).collect();
        let read = iter(line.into_iter().map(|id| async move {
            let (parents, said) = try_join(self.parents(id), self.said(id)).await?;
            let parents: BTreeSet<ReleaseId> = parents.into_iter().map(|parent| parent.release).collect();
            Ok::<_, Problem>((id, parents, said))
        }));
        let read: Vec<_> = read.buffer_unordered(AT_ONCE).try_collect().await?;
        let (mut parents, mut said) = (BTreeMap::new(), BTreeMap::new());
        for (id, above, saying) in read {
            parents.insert(id, above);
            said.insert(id, saying);
        }
        Ok(causes(release, &parents, &said, now))
    }

    /// Holds an image of a release; false where the very same moment held it already.
    pub async fn hold(&self, release: ReleaseId, hold: &Hold) -> Result<bool, Problem> {
        let new = Condition::new(not_there(), []);
        self.set(Key::hold(release, hold.at, hold.ami), hold, Some(new)).await
    }

    /// Every hold on images of a release, past ones too.
    pub async fn holds(&self, release: ReleaseId) -> Result<Vec<Hold>, Problem> {
        self.query(&format!("R#{release}"), HOLD).await
    }

    async fn verdicts(&self, release: ReleaseId) -> Result<Vec<VerdictItem>, Problem> {
        self.query(&format!("R#{release}"), VERDICT).await
    }
}
