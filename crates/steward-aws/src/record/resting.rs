//! That a family rests with its members, and the rows that this stands for.
//!
//! A write by which that would be wrong counts one up in it, both or neither: what was read before that write is written down in
//! vain. Rows that only stand as they did, and are due later, are written by themselves.

use std::time::Duration;

use aws_sdk_dynamodb::types::AttributeValue;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use steward::FamilyName;
use steward::sweep::{MembersRow, Rest};
use tokio::time::sleep;

use super::Record;
use super::keys::Key;
use super::setting::Beside;
use super::table::{CANCELLED, Condition, writing};
use crate::Problem;

/// What counts the writes by which a rest is over.
const DISTURBED: &str = "disturbed";
/// After these, each more or less by half, a write is tried again that meets others: thousands of workers write at one family.
const AGAIN: [Duration; 9] = [
    Duration::from_millis(50),
    Duration::from_millis(100),
    Duration::from_millis(200),
    Duration::from_millis(400),
    Duration::from_millis(800),
    Duration::from_millis(1_600),
    Duration::from_millis(1_600),
    Duration::from_millis(1_600),
    Duration::from_millis(1_600),
];

/// Whether a family rests with its members.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldRest {
    /// How often that was disturbed so far.
    disturbed: u64,
    /// What stands for members' rows; none where they are to be read.
    pub rest: Option<Rest>,
}

#[derive(Deserialize, Debug, Default)]
#[serde(default)]
struct RestItem {
    disturbed: u64,
    /// After how many disturbances the rows were read.
    after: Option<u64>,
    /// As JSON: what another version wrote, and this one does not understand, is none.
    rest: Option<String>,
}

#[derive(Serialize, Debug)]
struct WrittenRest {
    after: u64,
    rest: String,
}

#[derive(Serialize, Debug)]
struct Nothing {}

impl Record {
    /// Whether a family rests with its members. What it says of them is read before they are.
    pub async fn rest(&self, family: &FamilyName) -> Result<HeldRest, Problem> {
        let item: Option<RestItem> = self.get(Key::rest(family)).await?;
        let RestItem { disturbed, after, rest } = item.unwrap_or_default();
        let rest = rest.filter(|_| after == Some(disturbed));
        Ok(HeldRest {
            disturbed,
            rest: rest.and_then(|rest| serde_json::from_str(&rest).ok()),
        })
    }

    /// Writes that a family rests with its members, whose rows were read after this; false where that was disturbed since.
    pub async fn write_rest(&self, family: &FamilyName, held: &HeldRest, rest: &Rest) -> Result<bool, Problem> {
        let after = held.disturbed;
        let undisturbed = match after {
            0 => Condition::new("attribute_not_exists(disturbed)", []),
            count => Condition::still(DISTURBED, count),
        };
        let rest = serde_json::to_string(rest)
            .map_err(|error| Problem::not_understood("write that a family rests", self.hub, error))?;
        let item = WrittenRest { after, rest };
        self.set(Key::rest(family), item, Some(undisturbed)).await
    }

    /// Writes a row of a member's as this, and ends its family's rest where that would be wrong by it.
    pub(super) async fn write_row<R>(
        &self,
        family: &FamilyName,
        key: Key,
        row: &R,
        written: impl Serialize,
    ) -> Result<(), Problem>
    where
        R: MembersRow<Before: DeserializeOwned>,
    {
        let write = || Beside::set(key.clone(), &written).map_err(|error| self.unwritable(&key, error));
        for again in AGAIN {
            let before: Option<R::Before> = self.get(key.clone()).await?;
            match before.filter(|before| !row.disturbs(before)) {
                Some(before) => {
                    // Another worker may be at it at the same time.
                    let looked = AttributeValue::S(R::looked(&before).to_string());
                    let same = Condition::new("looked = :before", [(":before", looked)]);
                    if self.set(key.clone(), &written, Some(same)).await? {
                        return Ok(());
                    }
                }
                None if self.disturb(family, write()?).await? => return Ok(()),
                None => {}
            }
            sleep(more_or_less(again)).await;
        }
        self.disturb_around(family, write()?).await
    }

    /// Sets members of a row of a member's that is there, and ends its family's rest. All else in it stays as whoever writes it
    /// at the same time has it.
    pub(super) async fn amend_row(
        &self,
        family: &FamilyName,
        key: Key,
        members: impl Serialize,
    ) -> Result<(), Problem> {
        let write = || Beside::amended(key.clone(), &members).map_err(|error| self.unwritable(&key, error));
        self.write_there(family, &key, write).await
    }

    /// Takes a row of a member's away. One that is not there is away.
    pub(super) async fn delete_row(&self, family: &FamilyName, key: Key) -> Result<(), Problem> {
        self.write_there(family, &key, || Ok(Beside::deleted(key.clone())))
            .await
    }

    /// Ends a family's rest with a write of a row that is there; nothing where it is not.
    async fn write_there(
        &self,
        family: &FamilyName,
        key: &Key,
        write: impl Fn() -> Result<Beside, Problem>,
    ) -> Result<(), Problem> {
        #[derive(Deserialize)]
        struct There {}
        for again in AGAIN {
            let there: Option<There> = self.get(key.clone()).await?;
            if there.is_none() || self.disturb(family, write()?).await? {
                return Ok(());
            }
            sleep(more_or_less(again)).await;
        }
        self.disturb_around(family, write()?).await
    }

    /// Ends a family's rest with a write; false where that met another one's.
    async fn disturb(&self, family: &FamilyName, write: Beside) -> Result<bool, Problem> {
        match self.count_beside(Key::rest(family), DISTURBED, write).await {
            Ok(()) => Ok(true),
            Err(problem) if problem.code() == Some(CANCELLED) => Ok(false),
            Err(problem) => Err(problem),
        }
    }

    /// The same by single writes, where others are at it all the time: a row that is not written is work that is done again, or
    /// a version of a template that nobody trims. Counted before, so that no crash hides the row; and after, so that what was
    /// read in between is written down in vain.
    async fn disturb_around(&self, family: &FamilyName, write: Beside) -> Result<(), Problem> {
        self.count(Key::rest(family), Nothing {}, DISTURBED).await?;
        self.write_alone(write).await?;
        self.count(Key::rest(family), Nothing {}, DISTURBED).await
    }

    fn unwritable(&self, key: &Key, error: serde_dynamo::Error) -> Problem {
        Problem::not_understood(writing(key), self.hub, error)
    }
}

/// So long, more or less by half.
fn more_or_less(wait: Duration) -> Duration {
    wait.mul_f64(0.5 + fastrand::f64())
}
