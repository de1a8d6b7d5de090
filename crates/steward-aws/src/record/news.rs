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

/// What people were told of a family's pruning last, as far as the record can say it.
#[derive(Clone, Debug)]
pub enum LastNews {
    /// Nothing.
    Nothing,
    /// This.
    Told(Box<LastTold>),
    /// Nobody can read it: whoever comes tells them anew, rather than never again.
    Unread(Problem),
}

#[derive(Deserialize, Debug)]
struct HeldNews {
    /// None where nobody was told yet, and somebody was at it.
    news: Option<Box<LastTold>>,
}

#[derive(Serialize, Debug)]
struct NewsItem<'a> {
    /// By this whoever read it finds out whether somebody told of more since.
    told: Timestamp,
    news: &'a LastTold,
    claimed: Timestamp,
}

impl LastNews {
    /// What they were told, where anybody knows.
    pub fn told(&self) -> Option<&LastTold> {
        match self {
            Self::Told(told) => Some(told.as_ref()),
            Self::Nothing | Self::Unread(_) => None,
        }
    }
}

impl Record {
    /// What people were told of a family's pruning last. Nothing is decided by it.
    pub async fn last_news(&self, family: &FamilyName) -> LastNews {
        let held: Result<Option<HeldNews>, Problem> = self.get(Key::news(family)).await;
        match held {
            Ok(held) => held
                .and_then(|held| held.news)
                .map_or(LastNews::Nothing, LastNews::Told),
            Err(problem) => LastNews::Unread(problem),
        }
    }

    /// Takes it on to tell of more than that; false where somebody is at it, or did so since that was read.
    pub async fn claim_news(&self, family: &FamilyName, last: &LastNews, now: Timestamp) -> Result<bool, Problem> {
        let now_value = (":now", AttributeValue::S(now.to_string()));
        let free = match last {
            LastNews::Nothing => Condition::new(
                "attribute_not_exists(told) AND (attribute_not_exists(claimed) OR claimed <= :now)",
                [now_value],
            ),
            LastNews::Unread(_) => Condition::new("attribute_not_exists(claimed) OR claimed <= :now", [now_value]),
            LastNews::Told(last) => Condition::new(
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
