//! What people say of releases: revoked, exempt, held.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::future::try_join;
use futures_util::stream::{StreamExt as _, TryStreamExt as _, iter};
use serde::{Deserialize, Serialize};
use steward::lineage::{Cause, Exemption, Lifted, Revocation, Said, causes};
use steward::{AmiId, ReleaseId, Timestamp};

use super::keys::{HOLD, Key, VERDICT, of_release};
use super::table::Condition;
use super::{AT_ONCE, Record};
use crate::Problem;

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
    /// Who ended it before that; none: nobody.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ended: Option<Lifted>,
}

impl Hold {
    /// When it ends, or did.
    pub fn end(&self) -> Timestamp {
        self.ended.as_ref().map_or(self.until, |ended| ended.at.min(self.until))
    }
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

#[derive(Serialize, Debug)]
struct EndedItem<'a> {
    ended: &'a Lifted,
}

/// What was said stays said: of two who end it the first did.
const GOES_ON: &str = "attribute_exists(pk) AND attribute_not_exists(ended)";

impl Record {
    /// Revokes a release; false where the very same moment said something else of it.
    pub async fn revoke(&self, release: ReleaseId, revocation: Revocation) -> Result<bool, Problem> {
        let key = Key::verdict(release, revocation.at);
        let new = Condition::not_there();
        self.set(key, VerdictItem::Revoked(revocation), Some(new)).await
    }

    /// Lets a release be used although something it came from is revoked.
    pub async fn exempt(&self, release: ReleaseId, exemption: Exemption, now: Timestamp) -> Result<bool, Problem> {
        let new = Condition::not_there();
        self.set(Key::verdict(release, now), VerdictItem::Exempt(exemption), Some(new))
            .await
    }

    /// Ends every exemption of a release that holds; those that it ended.
    pub async fn end_exemptions(&self, release: ReleaseId, ended: &Lifted) -> Result<Vec<Exemption>, Problem> {
        let rows: Vec<(String, VerdictItem)> = self.query_keyed(&of_release(release), VERDICT, None).await?;
        let mut over = Vec::new();
        for (sk, row) in rows {
            let VerdictItem::Exempt(exemption) = row else { continue };
            if !exemption.holds(ended.at) {
                continue;
            }
            let made = sk.strip_prefix(VERDICT).and_then(|made| made.parse().ok());
            let wrong =
                || Problem::not_understood("read what was said of a release", self.hub, "a key is no verdict's");
            let key = Key::verdict(release, made.ok_or_else(wrong)?);
            let goes_on = Some(Condition::new(GOES_ON, []));
            if self.set(key, EndedItem { ended }, goes_on).await? {
                over.push(exemption);
            }
        }
        Ok(over)
    }

    /// Takes back the revocation of a release that was made in that moment; false where there is none. What it inherits
    /// stays, and so does what else was said of it.
    pub async fn lift(&self, release: ReleaseId, made: Timestamp, lifted: &Lifted) -> Result<bool, Problem> {
        let there = Condition::there();
        let item = LiftedItem { lifted };
        self.set(Key::verdict(release, made), item, Some(there)).await
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
        // By the edges, which are the truth, and not by their index, which may lag behind them.
        let (mut parents, mut said) = (BTreeMap::new(), BTreeMap::new());
        let mut next = BTreeSet::from([release]);
        while !next.is_empty() {
            let read = iter(next.into_iter().map(|id| async move {
                let (parents, said) = try_join(self.parents(id), self.said(id)).await?;
                let parents: BTreeSet<ReleaseId> = parents.into_iter().map(|parent| parent.release).collect();
                Ok::<_, Problem>((id, parents, said))
            }));
            let read: Vec<_> = read.buffer_unordered(AT_ONCE).try_collect().await?;
            for (id, above, saying) in read {
                parents.insert(id, above);
                said.insert(id, saying);
            }
            let above = parents.values().flatten();
            next = above.filter(|id| !parents.contains_key(id)).copied().collect();
        }
        Ok(causes(release, &parents, &said, now))
    }

    /// Holds an image of a release; false where the very same moment held it already.
    pub async fn hold(&self, release: ReleaseId, hold: &Hold) -> Result<bool, Problem> {
        let new = Condition::not_there();
        self.set(Key::hold(release, hold.at, hold.ami), hold, Some(new)).await
    }

    /// Ends a hold on an image of a release; false where it is ended already.
    pub async fn end_hold(&self, release: ReleaseId, hold: &Hold, ended: &Lifted) -> Result<bool, Problem> {
        let key = Key::hold(release, hold.at, hold.ami);
        let goes_on = Some(Condition::new(GOES_ON, []));
        self.set(key, EndedItem { ended }, goes_on).await
    }

    /// Every hold on images of a release, past ones too.
    pub async fn holds(&self, release: ReleaseId) -> Result<Vec<Hold>, Problem> {
        self.query(&of_release(release), HOLD).await
    }

    async fn verdicts(&self, release: ReleaseId) -> Result<Vec<VerdictItem>, Problem> {
        self.query(&of_release(release), VERDICT).await
    }
}
