//! What people were told of a family's pruning last: by whoever claims it first.

use aws_sdk_dynamodb::types::AttributeValue;
use serde::{Deserialize, Serialize};
use steward::pruning::LastTold;
use steward::{FamilyName, Timestamp};

use super::Record;
use super::keys::Key;
use super::table::Condition;
use super::telling::{CLAIMED, ClaimItem};
use crate::Problem;

#[derive(Deserialize, Debug)]
struct HeldNews {
    /// None where nobody was told yet, and somebody was at it.
    news: Option<LastTold>,
}

#[derive(Serialize, Debug)]
struct NewsItem<'a> {
    /// By this whoever read it finds out whether somebody told of more since.
    told: Timestamp,
    news: &'a LastTold,
    claimed: Timestamp,
}

impl Record {
    /// What people were told of a family's pruning last; none: nothing.
    pub async fn last_told(&self, family: &FamilyName) -> Result<Option<LastTold>, Problem> {
        let held: Option<HeldNews> = self.get(Key::news(family)).await?;
        Ok(held.and_then(|held| held.news))
    }

    /// Takes it on to tell of more than that; false where somebody is at it, or did so since that was read.
    pub async fn claim_news(
        &self,
        family: &FamilyName,
        last: Option<&LastTold>,
        now: Timestamp,
    ) -> Result<bool, Problem> {
        let now_value = (":now", AttributeValue::S(now.to_string()));
        let free = match last {
            None => Condition::new(
                "attribute_not_exists(told) AND (attribute_not_exists(claimed) OR claimed <= :now)",
                [now_value],
            ),
            Some(last) => Condition::new(
                "told = :told AND claimed <= :now",
                [now_value, (":told", AttributeValue::S(last.at.to_string()))],
            ),
        };
        let claimed = now.checked_add(CLAIMED).unwrap_or(now);
        self.set(Key::news(family), ClaimItem { claimed }, Some(free)).await
    }

    /// Lets the next plan try it again.
    pub async fn free_news(&self, family: &FamilyName, now: Timestamp) -> Result<(), Problem> {
        self.set(Key::news(family), ClaimItem { claimed: now }, None)
            .await
            .map(drop)
    }

    /// Writes what they were told.
    pub async fn end_news(&self, family: &FamilyName, told: &LastTold) -> Result<(), Problem> {
        let item = NewsItem {
            told: told.at,
            news: told,
            claimed: told.at,
        };
        self.set(Key::news(family), item, None).await.map(drop)
    }
}
