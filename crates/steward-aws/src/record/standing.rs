//! The states of placements: changed by two looks that agree, never by one.

use std::collections::BTreeSet;

use aws_sdk_dynamodb::types::AttributeValue;
use serde::{Deserialize, Serialize};
use steward::{
    AmiId, AmiState, Doubt, Heard, Output, ReleaseId, Standing, Target, Timestamp, Verdict, Words, decide_standing,
    is_forgotten,
};

use super::Record;
use super::items::{LookedItem, PlacedItem, StandingItem, TargetItem};
use super::keys::{DOUBTS, Key, PLACEMENT, TARGETS, of_target};
use super::table::Condition;
use crate::Problem;

/// An image that the record has in a target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Placed {
    /// Which.
    pub ami: AmiId,
    /// Of which release.
    pub release: ReleaseId,
    /// Its state, as the record has it.
    pub state: Option<AmiState>,
    /// Since when it is known to be in that state.
    pub since: Option<Timestamp>,
    /// The watermarks that it carries, as the record has them.
    pub watermarks: Option<BTreeSet<Words>>,
    /// When Image Builder's image of its build was found to carry our tag, or to be gone.
    pub output_settled: Option<Timestamp>,
    /// When a look first did not find it.
    pub output_missed: Option<Timestamp>,
}

#[derive(Serialize, Deserialize, Debug)]
struct DoubtItem {
    target: Target,
    ami: AmiId,
    release: ReleaseId,
    since: Timestamp,
}

#[derive(Deserialize, Debug)]
struct PlacedRow {
    sk: String,
    #[serde(flatten)]
    placed: PlacedItem,
    #[serde(default)]
    output_settled: Option<Timestamp>,
    #[serde(default)]
    output_missed: Option<Timestamp>,
}

#[derive(Serialize, Debug)]
struct SettledItem {
    output_settled: Timestamp,
}

#[derive(Serialize, Debug)]
struct MissedItem {
    output_missed: Timestamp,
}

impl Record {
    /// Takes in what a look at a placement saw; true where the record changed. `Deregistered`: EC2 does not know it.
    pub async fn observe(
        &self,
        release: ReleaseId,
        output: Output,
        seen: AmiState,
        now: Timestamp,
    ) -> Result<bool, Problem> {
        let Output { target, ami } = output;
        let key = || Key::placement(release, target, ami);
        let Some(held) = self.get::<StandingItem>(key()).await? else {
            return Ok(false);
        };
        let doubt = held.doubt.zip(held.doubt_since);
        let known = Standing {
            state: held.state,
            doubt: doubt.map(|(state, since)| Doubt { state, since }),
        };
        let looked = |state, doubt: Option<Doubt>| LookedItem {
            state,
            since: None,
            doubt: doubt.map(|doubt| doubt.state),
            doubt_since: doubt.map(|doubt| doubt.since),
            seen: now,
            disabled_by_us: None,
        };
        // Whoever else looks at the same time has decided by the same facts, or sees that they are not the same any more.
        let unchanged = match known.doubt {
            None => Condition::new(
                "#state = :state AND (attribute_not_exists(doubt) OR attribute_type(doubt, :null))",
                [
                    (":state", AttributeValue::S(known.state.to_string())),
                    (":null", AttributeValue::S(String::from("NULL"))),
                ],
            ),
            Some(doubt) => Condition::new(
                "#state = :state AND doubt = :doubt AND doubt_since = :since",
                [
                    (":state", AttributeValue::S(known.state.to_string())),
                    (":doubt", AttributeValue::S(doubt.state.to_string())),
                    (":since", AttributeValue::S(doubt.since.to_string())),
                ],
            ),
        };
        let unchanged = Some(unchanged.naming("#state", "state"));
        match decide_standing(known, seen, now) {
            Verdict::Nothing => {
                if known.doubt.is_none() {
                    self.forget(target, ami, now).await?;
                }
                Ok(false)
            }
            Verdict::Doubt(doubt) => {
                let open = DoubtItem {
                    target,
                    ami,
                    release,
                    since: doubt.since,
                };
                self.set(Key::doubt(target, ami), open, None).await?;
                self.set(key(), looked(known.state, Some(doubt)), unchanged).await
            }
            Verdict::NoDoubt => {
                let written = self.set(key(), looked(known.state, None), unchanged).await?;
                self.close(target, ami, known.doubt).await?;
                Ok(written)
            }
            Verdict::Changed(state) => {
                let placed = |state| PlacedItem::new(release, target, state);
                // Not since the first of the two looks: what waits for a state to have lasted waits rather longer.
                // What a Recycle Bin gave back stands where it stood, and that was our doing: `restore` brings it up.
                let is_back = (known.state, state) == (AmiState::Deregistered, AmiState::Disabled);
                let changed = LookedItem {
                    since: Some(now),
                    disabled_by_us: is_back.then_some(now),
                    ..looked(state, None)
                };
                // Until it is known which of two that look at once has changed it, the target's list says nothing.
                self.set(Key::placement_in(target, ami), placed(None), None).await?;
                let written = self.set(key(), changed, unchanged).await?;
                if written {
                    let says = Heard {
                        event: format!("{ami}-{state}"),
                        at: now,
                        says: Words::from(format!("inferred: {ami} is {state}, was {}", known.state)),
                    };
                    self.hear(release, &says, now).await?;
                    self.set(Key::placement_in(target, ami), placed(Some((state, Some(now)))), None)
                        .await?;
                    self.close(target, ami, known.doubt).await?;
                }
                Ok(written)
            }
        }
    }

    /// Writes down the state in which a step of ours put an image: that is fact at once, whatever a look says that comes late. Where it is
    /// disabled that is our doing, as of now.
    pub async fn put_in_state(
        &self,
        release: ReleaseId,
        Output { target, ami }: Output,
        state: AmiState,
        now: Timestamp,
    ) -> Result<(), Problem> {
        let key = || Key::placement(release, target, ami);
        let held: Option<StandingItem> = self.get(key()).await?;
        let doubt = held.and_then(|held| held.doubt.zip(held.doubt_since));
        let placed = |state| PlacedItem::new(release, target, state);
        self.set(Key::placement_in(target, ami), placed(None), None).await?;
        let put = LookedItem {
            state,
            since: Some(now),
            doubt: None,
            doubt_since: None,
            seen: now,
            disabled_by_us: (state == AmiState::Disabled).then_some(now),
        };
        self.set(key(), put, Some(Condition::there())).await?;
        self.set(Key::placement_in(target, ami), placed(Some((state, Some(now)))), None)
            .await?;
        let doubt = doubt.map(|(state, since)| Doubt { state, since });
        self.close(target, ami, doubt).await
    }

    /// Takes a doubt off the list, unless it is another one by now.
    async fn close(&self, target: Target, ami: AmiId, doubt: Option<Doubt>) -> Result<(), Problem> {
        let Some(doubt) = doubt else { return Ok(()) };
        let same = Condition::new(
            "since = :since",
            [(":since", AttributeValue::S(doubt.since.to_string()))],
        );
        self.delete_if(Key::doubt(target, ami), same).await
    }

    /// Takes a doubt off the list of which its placement knows nothing, once nobody can be about to write it there.
    async fn forget(&self, target: Target, ami: AmiId, now: Timestamp) -> Result<(), Problem> {
        let listed: Option<DoubtItem> = self.get(Key::doubt(target, ami)).await?;
        match listed {
            Some(DoubtItem { since, .. }) if is_forgotten(since, now) => {
                let doubt = Doubt {
                    state: AmiState::Deregistered,
                    since,
                };
                self.close(target, ami, Some(doubt)).await
            }
            Some(_) | None => Ok(()),
        }
    }

    /// The placements whose state is in doubt.
    pub async fn doubts(&self) -> Result<Vec<(ReleaseId, Output)>, Problem> {
        let items: Vec<DoubtItem> = self.query(DOUBTS, "").await?;
        let doubt = |DoubtItem {
                         target, ami, release, ..
                     }| (release, Output { target, ami });
        Ok(items.into_iter().map(doubt).collect())
    }

    /// Every target that has placements.
    pub async fn targets(&self) -> Result<Vec<Target>, Problem> {
        let items: Vec<TargetItem> = self.query(TARGETS, "").await?;
        Ok(items.into_iter().map(|item| item.target).collect())
    }

    /// Whether a target is to be compared with the record again.
    pub async fn is_to_be_compared(&self, target: Target, now: Timestamp) -> Result<bool, Problem> {
        self.is_hour_over(Key::compared(target), now).await
    }

    /// Writes that a target was compared.
    pub async fn mark_compared(&self, target: Target, now: Timestamp) -> Result<(), Problem> {
        self.mark_hour(Key::compared(target), now).await
    }

    /// Whether a target's snapshots are to be looked at for our tag again.
    pub async fn is_to_be_tagged(&self, target: Target, now: Timestamp) -> Result<bool, Problem> {
        self.is_hour_over(Key::tagged(target), now).await
    }

    /// Writes that they were looked at, and have what they lacked.
    pub async fn mark_tagged(&self, target: Target, now: Timestamp) -> Result<(), Problem> {
        self.mark_hour(Key::tagged(target), now).await
    }

    /// Writes that Image Builder's image of a build wants our tag no more, with the image that it made.
    pub async fn settle_output(&self, Output { target, ami }: Output, now: Timestamp) -> Result<(), Problem> {
        let item = SettledItem { output_settled: now };
        let there = Some(Condition::there());
        self.set(Key::placement_in(target, ami), item, there).await.map(drop)
    }

    /// Writes that Image Builder did not know its image of that build: gone it is once another look agrees.
    pub async fn miss_output(&self, Output { target, ami }: Output, now: Timestamp) -> Result<(), Problem> {
        let item = MissedItem { output_missed: now };
        let there = Some(Condition::there());
        self.set(Key::placement_in(target, ami), item, there).await.map(drop)
    }

    /// What the record has in a target.
    pub async fn placed_in(&self, target: Target) -> Result<Vec<Placed>, Problem> {
        let rows: Vec<PlacedRow> = self.query(&of_target(target), PLACEMENT).await?;
        let placed = |row: PlacedRow| {
            let PlacedRow {
                sk,
                placed,
                output_settled,
                output_missed,
            } = row;
            let ami = sk.strip_prefix(PLACEMENT)?.parse().ok()?;
            Some(Placed {
                ami,
                release: placed.release,
                state: placed.state,
                since: placed.since,
                watermarks: placed.watermarks,
                output_settled,
                output_missed,
            })
        };
        let wrong =
            || Problem::not_understood("read the placements of the record", self.hub, "a key is no placement's");
        rows.into_iter().map(|row| placed(row).ok_or_else(wrong)).collect()
    }

    /// Sets the state that a target's list has of a placement right, which a crash may have left behind.
    pub async fn restate(&self, target: Target, placed: &Placed) -> Result<(), Problem> {
        let held: Option<StandingItem> = self.get(Key::placement(placed.release, target, placed.ami)).await?;
        let Some(held) = held.filter(|held| Some(held.state) != placed.state) else {
            return Ok(());
        };
        let item = PlacedItem::new(placed.release, target, Some((held.state, held.since)));
        let key = Key::placement_in(target, placed.ami);
        self.set(key, item, Some(Condition::there())).await.map(drop)
    }
}
