//! The watermarks of placements. They are no state: what was read last is what an image carries.

use std::collections::BTreeSet;

use aws_sdk_dynamodb::types::AttributeValue;
use serde::Serialize;
use steward::{Output, ReleaseId, Timestamp, Words};

use super::Record;
use super::keys::Key;
use super::table::Condition;
use crate::Problem;

/// What the target's list says while the placement changes.
#[derive(Serialize)]
struct ChangingItem {
    watermarks: Option<&'static str>,
    marked: Timestamp,
}

#[derive(Serialize)]
struct SeenItem<'a> {
    watermarks: &'a BTreeSet<Words>,
    seen: Timestamp,
}

#[derive(Serialize)]
struct ChangedItem<'a> {
    watermarks: &'a BTreeSet<Words>,
}

impl Record {
    /// Takes in the watermarks that a placement was seen with, which are not those that its target's list has; true where they
    /// were written.
    ///
    /// Between the first write and the last that list says nothing: what it says, the placement says. Of two who look at the
    /// same time the later is right, and where one was cut off the next look writes it all again.
    pub async fn mark(
        &self,
        release: ReleaseId,
        Output { target, ami }: Output,
        watermarks: &BTreeSet<Words>,
        now: Timestamp,
    ) -> Result<bool, Problem> {
        let changing = ChangingItem {
            watermarks: None,
            marked: now,
        };
        let listed = Some(Condition::there());
        self.set(Key::placement_in(target, ami), changing, listed).await?;
        let at = || AttributeValue::S(now.to_string());
        let later = Condition::new("seen <= :now", [(":now", at())]);
        let seen = SeenItem { watermarks, seen: now };
        let written = self
            .set(Key::placement(release, target, ami), seen, Some(later))
            .await?;
        if written {
            let mine = Condition::new("marked = :now", [(":now", at())]);
            let changed = ChangedItem { watermarks };
            self.set(Key::placement_in(target, ami), changed, Some(mine)).await?;
        }
        Ok(written)
    }
}
