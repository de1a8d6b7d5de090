//! Whom each family reaches: who may use its images, and who might until lately.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::stream::{StreamExt as _, TryStreamExt as _, iter};
use steward::evidence::{Asked, FamilyReach, Reaching, decide_reach, knows_everybody};
use steward::manifest::Manifest;
use steward::publication::following_templates;
use steward::{AccountId, FamilyName, Target, TemplateId, Timestamp};
use steward_aws::{Holding, Problem};

use super::Gathered;
use crate::Room;

/// So many families are read at a time.
const AT_ONCE: usize = 16;

/// A family, and whom it reaches.
pub(crate) struct Family {
    pub(crate) name: FamilyName,
    /// None where it cannot be read.
    manifest: Option<Manifest>,
    reach: FamilyReach,
    /// Whether that is known of all whom the manifest names.
    known: bool,
}

impl Family {
    pub(crate) fn reaching(&self) -> Reaching<'_> {
        Reaching {
            manifest: self.manifest.as_ref(),
            reach: &self.reach,
            known: self.known,
        }
    }

    /// The launch templates of a target that follow it.
    pub(crate) fn following(&self, target: Target) -> BTreeSet<TemplateId> {
        let following = self
            .manifest
            .iter()
            .flat_map(|manifest| following_templates(manifest, target));
        // What is no template's id is in no list either.
        following.filter_map(|(id, _)| id.as_str().parse().ok()).collect()
    }
}

/// Every family. One whose manifest cannot be read reaches whom it reached before, and says so.
pub(crate) async fn families(
    room: &Room,
    asked: &BTreeMap<Target, Asked>,
    closed: &BTreeSet<AccountId>,
    now: Timestamp,
    total: &mut Gathered,
) -> Result<Vec<Family>, Problem> {
    let using = asked.iter().filter(|(_, asked)| asked.uses);
    let using: BTreeSet<AccountId> = using.map(|(target, _)| target.account()).collect();
    let held = room.record.all_holding().await?;
    let accounts = (&using, closed);
    let read = iter(held.into_iter().map(|holding| one_family(room, holding, accounts, now)));
    let read: Vec<(Family, Gathered)> = read.buffered(AT_ONCE).try_collect().await?;
    let (families, parts): (Vec<Family>, Vec<Gathered>) = read.into_iter().unzip();
    for part in parts {
        total.add(part);
    }
    Ok(families)
}

async fn one_family(
    room: &Room,
    holding: Holding,
    accounts: (&BTreeSet<AccountId>, &BTreeSet<AccountId>),
    now: Timestamp,
) -> Result<(Family, Gathered), Problem> {
    let Holding {
        family: name,
        version,
        manifest,
    } = holding;
    let mut said = Gathered::default();
    let before = room.record.family_reach(&name).await?;
    let manifest = match manifest {
        Ok(manifest) => manifest,
        Err(unreadable) => {
            said.problems.push(unreadable.to_string());
            let family = Family {
                name,
                manifest: None,
                reach: before.reach,
                known: false,
            };
            return Ok((family, said));
        }
    };
    let audience = room.record.audience(&name).await?;
    let looked_up = audience.as_ref().and_then(|audience| audience.looked_up(version));
    let reach = decide_reach(&before.reach, &manifest, looked_up, accounts, now);
    if reach != before.reach {
        room.record.write_family_reach(&name, &before, &reach).await?;
    }
    let known = knows_everybody(&manifest, looked_up, now);
    if !known {
        let whose = format!("the accounts of the units and organizations that {name} is shared with");
        said.unreachable.push(match looked_up {
            None => format!("{whose}, but those that were in them before"),
            Some(looked_up) => format!("{whose}, as they are since {}", looked_up.as_of),
        });
    }
    let family = Family {
        name,
        manifest: Some(manifest),
        reach,
        known,
    };
    Ok((family, said))
}
