//! What pruning did to an image, in the image's own row: planned by, undone by, and told apart from what other hands did.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use steward::distribution::Grantee;
use steward::pruning::{PruningCall, TakenDown};
use steward::{AmiState, BuildState, Output, ReleaseId, Timestamp};

use super::Record;
use super::distribution::GranteeItems;
use super::keys::Key;
use super::retiring::RefusedItem;
use super::table::Condition;
use crate::Problem;

/// What it takes to bring an image back up.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TakenAt {
    /// What pruning did to it.
    pub taken: TakenDown,
    /// Who might launch it before pruning disabled it.
    pub saved: BTreeSet<Grantee>,
}

#[derive(Deserialize, Debug)]
struct TakenItem {
    deprecated_by_us: Option<Timestamp>,
    disabled_by_us: Option<Timestamp>,
    saved: Option<GranteeItems>,
}

#[derive(Serialize, Debug)]
struct SavedItem {
    saved: GranteeItems,
}

/// What a call that was made adds. Nulls take away what was there.
#[derive(Serialize, Debug)]
struct DeprecatedItem {
    deprecated_by_us: Timestamp,
    refused: Option<RefusedItem>,
}

#[derive(Serialize, Debug)]
struct DisabledItem {
    disabled_by_us: Timestamp,
    refused: Option<RefusedItem>,
}

#[derive(Serialize, Debug)]
struct UpItem {
    deprecated_by_us: Option<Timestamp>,
    disabled_by_us: Option<Timestamp>,
    saved: Option<GranteeItems>,
    refused: Option<RefusedItem>,
}

#[derive(Serialize, Deserialize, Debug)]
struct WasRefused {
    refused: Option<RefusedItem>,
}

#[derive(Serialize, Debug)]
struct OutputItem {
    state: BuildState,
    refused: Option<RefusedItem>,
    output_missed: Option<Timestamp>,
}

#[derive(Serialize, Debug)]
struct MissedItem {
    output_missed: Option<Timestamp>,
}

impl Record {
    /// What it takes to bring an image back up; none where the record does not know the image.
    pub async fn taken_down(&self, release: ReleaseId, image: Output) -> Result<Option<TakenAt>, Problem> {
        let item: Option<TakenItem> = self.get(placement(release, image)).await?;
        Ok(item.map(
            |TakenItem {
                 deprecated_by_us,
                 disabled_by_us,
                 saved,
             }| TakenAt {
                taken: TakenDown {
                    deprecated: deprecated_by_us,
                    disabled: disabled_by_us,
                },
                saved: saved.unwrap_or_default().grantees(),
            },
        ))
    }

    /// Saves who may launch an image, before it is disabled: EC2 forgets that. Who was saved on an earlier way down, and was not let
    /// launch it again since, stays saved.
    pub async fn save_launchers(
        &self,
        release: ReleaseId,
        image: Output,
        launchers: &BTreeSet<Grantee>,
    ) -> Result<(), Problem> {
        let key = || placement(release, image);
        let before: Option<TakenItem> = self.get(key()).await?;
        let before = before.and_then(|item| item.saved).unwrap_or_default().grantees();
        let saved = GranteeItems::of(&launchers.union(&before).cloned().collect());
        let there = Some(Condition::there());
        self.set(key(), SavedItem { saved }, there).await.map(drop)
    }

    /// Writes down that a call was made on an image: that is fact at once, whatever a look says that comes late.
    pub async fn write_made(
        &self,
        release: ReleaseId,
        image: Output,
        call: &PruningCall,
        now: Timestamp,
    ) -> Result<(), Problem> {
        let key = placement(release, image);
        let there = Some(Condition::there());
        let refused = None;
        let (written, state) = match call {
            PruningCall::Deprecate(_) => {
                let item = DeprecatedItem {
                    deprecated_by_us: now,
                    refused,
                };
                (self.set(key, item, there).await?, None)
            }
            PruningCall::Disable(_) => {
                let item = DisabledItem {
                    disabled_by_us: now,
                    refused,
                };
                (self.set(key, item, there).await?, Some(AmiState::Disabled))
            }
            // What was saved stays until all of the way up is gone.
            PruningCall::Enable(_) => (
                self.set(key, WasRefused { refused }, there).await?,
                Some(AmiState::Available),
            ),
            PruningCall::Deregister { .. } => (
                self.set(key, WasRefused { refused }, there).await?,
                Some(AmiState::Deregistered),
            ),
            PruningCall::CancelDeprecation(_)
            | PruningCall::Grant(..)
            | PruningCall::DeleteSnapshot { .. }
            | PruningCall::DeprecateOutput(_)
            | PruningCall::DeleteOutput(_) => return Ok(()),
        };
        match state {
            Some(state) if written => self.put_in_state(release, image, state, now).await,
            Some(_) | None => Ok(()),
        }
    }

    /// Writes down that an image is all the way up again: nothing of what pruning did is left.
    pub async fn write_up(&self, release: ReleaseId, image: Output) -> Result<(), Problem> {
        let up = UpItem {
            deprecated_by_us: None,
            disabled_by_us: None,
            saved: None,
            refused: None,
        };
        let there = Some(Condition::there());
        self.set(placement(release, image), up, there).await.map(drop)
    }

    /// Writes down in which state pruning put what Image Builder has of a release, or found it.
    pub async fn write_output(&self, release: ReleaseId, state: BuildState) -> Result<(), Problem> {
        let item = OutputItem {
            state,
            refused: None,
            output_missed: None,
        };
        let there = Some(Condition::there());
        self.set(Key::release(release), item, there).await.map(drop)
    }

    /// Writes down since when looks have not found what Image Builder had of a release; none: one has.
    pub async fn write_output_missed(&self, release: ReleaseId, since: Option<Timestamp>) -> Result<(), Problem> {
        let item = MissedItem { output_missed: since };
        let there = Some(Condition::there());
        self.set(Key::release(release), item, there).await.map(drop)
    }

    /// Writes down that AWS refused what was tried with an image: what it did not refuse goes first for a day.
    pub async fn write_image_refused(&self, release: ReleaseId, image: Output, now: Timestamp) -> Result<(), Problem> {
        self.count_refused(placement(release, image), now).await
    }

    /// The same of what Image Builder has of a release.
    pub async fn write_output_refused(&self, release: ReleaseId, now: Timestamp) -> Result<(), Problem> {
        self.count_refused(Key::release(release), now).await
    }

    async fn count_refused(&self, key: Key, now: Timestamp) -> Result<(), Problem> {
        let before: Option<WasRefused> = self.get(key.clone()).await?;
        let times = before.and_then(|item| item.refused).map_or(0, |refused| refused.times);
        let refused = Some(RefusedItem {
            at: now,
            times: times.saturating_add(1),
        });
        let there = Some(Condition::there());
        self.set(key, WasRefused { refused }, there).await.map(drop)
    }
}

fn placement(release: ReleaseId, Output { target, ami }: Output) -> Key {
    Key::placement(release, target, ami)
}
