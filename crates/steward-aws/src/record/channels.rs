//! Channels: what each points to, and every move it ever made.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::stream::{StreamExt as _, TryStreamExt as _, iter};
use serde::{Deserialize, Serialize};
use steward::channels::{ChannelHeld, Moved, Pointers};
use steward::{ChannelName, FamilyName, Timestamp};

use super::keys::{CHANNEL, Key, moves_of, of_family};
use super::table::{Condition, Together};
use super::{AT_ONCE, Member, Record};
use crate::Problem;

/// So many of its last moves are kept with a channel: what decisions ask for. All of them lie beside.
const RECENT: usize = 50;

#[derive(Serialize, Deserialize, Debug)]
struct ChannelItem {
    /// Of the last move.
    number: u32,
    /// The last moves, the newest last.
    recent: Vec<Moved>,
}

#[derive(Deserialize, Debug)]
struct ChannelRow {
    sk: String,
    recent: Vec<Moved>,
}

#[derive(Serialize, Debug)]
struct UsableMark {
    usable: Timestamp,
    /// Nobody has been told of it yet.
    untold: bool,
}

/// That nobody has moved a channel since it was read.
fn still_at(held: Option<&ChannelHeld>) -> Condition {
    let last = held.and_then(ChannelHeld::now);
    last.map_or_else(Condition::not_there, |last| Condition::still("number", last.number))
}

impl Record {
    /// The channels of a family that were ever moved, with their last moves.
    pub async fn channels(&self, family: &FamilyName) -> Result<BTreeMap<ChannelName, ChannelHeld>, Problem> {
        let rows: Vec<ChannelRow> = self.query(&of_family(family), CHANNEL).await?;
        let held = |ChannelRow { sk, recent }: ChannelRow| {
            let name = sk.strip_prefix(CHANNEL).and_then(|name| name.parse().ok());
            let name = name.ok_or_else(|| {
                Problem::not_understood("read the channels of a family", self.hub, "a key is no channel's")
            })?;
            Ok((name, ChannelHeld { history: recent }))
        };
        rows.into_iter().map(held).collect()
    }

    /// Which channels the releases of these families are on: a query for each family, however often it is named.
    pub async fn pointers<'a>(&self, of: impl IntoIterator<Item = &'a FamilyName>) -> Result<Pointers, Problem> {
        let families: BTreeSet<&FamilyName> = of.into_iter().collect();
        let held = iter(families.into_iter().map(|family| self.channels(family)));
        let held: Vec<_> = held.buffer_unordered(AT_ONCE).try_collect().await?;
        Ok(Pointers::of(held))
    }

    /// Every move that a channel ever made, the newest last.
    pub async fn moves_of(&self, family: &FamilyName, channel: &ChannelName) -> Result<Vec<Moved>, Problem> {
        self.query(&of_family(family), &moves_of(channel)).await
    }

    /// Moves a channel from where it was held to be, and writes that into its history, both or neither. Says whether it was
    /// there still, and so was the channel that it follows, where it moves for that.
    pub async fn move_channel(
        &self,
        family: &FamilyName,
        (channel, before): (&ChannelName, Option<&ChannelHeld>),
        source: Option<(&ChannelName, Option<&ChannelHeld>)>,
        moved: &Moved,
    ) -> Result<bool, Problem> {
        let doing = format!("move the channel {channel} of {family}");
        let bad = |error: serde_dynamo::Error| Problem::not_understood(&doing, self.hub, error);
        let mut recent = before.map(|before| before.history.clone()).unwrap_or_default();
        let condition = still_at(before);
        recent.push(moved.clone());
        recent.drain(..recent.len().saturating_sub(RECENT));
        let item = ChannelItem {
            number: moved.number,
            recent,
        };
        let channel_item = Together::new(Key::channel(family, channel), &item, condition);
        let entry = Together::new(Key::moved(family, channel, moved.number), moved, Condition::not_there());
        let items = [channel_item.map_err(bad)?, entry.map_err(bad)?];
        let source = source.map(|(source, held)| (Key::channel(family, source), still_at(held)));
        if self.put_together(&doing, items, source).await? {
            return Ok(true);
        }
        // Our own call whose answer was lost looks the same as somebody else's move.
        let held: Option<ChannelItem> = self.get(Key::channel(family, channel)).await?;
        Ok(held.is_some_and(|held| held.recent.last() == Some(moved)))
    }

    /// Writes that a release is usable everywhere where it must be; false where that was known.
    pub async fn mark_usable(&self, family: &FamilyName, member: &Member, now: Timestamp) -> Result<bool, Problem> {
        let Member {
            architecture, order, ..
        } = member;
        let new = Condition::new("attribute_not_exists(usable)", []);
        let mark = UsableMark {
            usable: now,
            untold: true,
        };
        self.set(Key::release_of(family, *architecture, *order), mark, Some(new))
            .await
    }
}
