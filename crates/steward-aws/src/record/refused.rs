//! Wakes that were refused, where people find them.
//!
//! Whoever sends them also says what their causes are: of each day so many are told apart, and all others are counted as one.

use std::collections::BTreeMap;

use aws_sdk_dynamodb::types::AttributeValue;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use steward::applying::digest_of;
use steward::{Timestamp, Words};

use super::Record;
use super::items::expiring;
use super::keys::{Key, REFUSED};
use super::table::Condition;
use crate::Problem;

/// So long they are kept after the last of them.
const DAYS: u64 = 30;
/// As much of an event as tells whose it is.
const MOST_KEPT: usize = 4_000;
/// So many causes of a day are told apart.
const MOST_CAUSES: u32 = 50;
/// What stands for the others, and the key they lie under.
const OTHERS: &str = "other causes than the first 50 of a day";
const OTHERS_KEY: &str = "others";

/// Wakes that were refused for one cause.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refused {
    /// Why.
    pub why: Words,
    /// How many there were.
    pub times: u64,
    /// When the last came.
    pub last: Timestamp,
    /// The last as it came, or the start of it.
    pub event: String,
}

#[derive(Serialize)]
struct RefusedItem {
    why: Words,
    last: Timestamp,
    event: String,
    expires: u64,
}

#[derive(Serialize)]
struct CausesItem {
    expires: u64,
}

impl Record {
    /// Writes down that a wake was refused. Whoever sends many fills no more than so many items a day with them.
    pub async fn refuse(&self, event: &Value, why: &str, now: Timestamp) -> Result<(), Problem> {
        let expires = expiring(now, DAYS);
        let item = |why: &str| RefusedItem {
            why: Words::from(why),
            last: now,
            // Escaped as JSON may be: others wrote it, and people read it on terminals.
            event: event
                .to_string()
                .chars()
                .flat_map(|letter| -> Box<dyn Iterator<Item = char>> {
                    if letter.is_ascii() {
                        Box::new(std::iter::once(letter))
                    } else {
                        Box::new(letter.escape_unicode())
                    }
                })
                .take(MOST_KEPT)
                .collect(),
            expires,
        };
        let day: String = now.to_string().chars().take_while(|letter| *letter != 'T').collect();
        let mine = item(why);
        let key = Key::refused(&day, &digest_of([("why", mine.why.as_str().as_bytes())]));
        let known = Condition::there();
        if self.count_if(key.clone(), &mine, "times", known).await? {
            return Ok(());
        }
        let most = [(":most", AttributeValue::N(MOST_CAUSES.to_string()))];
        let few = Condition::new("attribute_not_exists(causes) OR causes < :most", most);
        if self
            .count_if(Key::causes(&day), CausesItem { expires }, "causes", few)
            .await?
        {
            return self.count(key, mine, "times").await;
        }
        self.count(Key::refused(&day, OTHERS_KEY), item(OTHERS), "times").await
    }

    /// The wakes that were refused lately, cause by cause.
    pub async fn refused(&self) -> Result<Vec<Refused>, Problem> {
        let days: Vec<Refused> = self.query(REFUSED, "").await?;
        let mut causes: BTreeMap<Words, Refused> = BTreeMap::new();
        for refused in days {
            match causes.get_mut(&refused.why) {
                Some(cause) => {
                    let times = cause.times + refused.times;
                    if refused.last >= cause.last {
                        *cause = refused;
                    }
                    cause.times = times;
                }
                None => drop(causes.insert(refused.why.clone(), refused)),
            }
        }
        let mut refused: Vec<Refused> = causes.into_values().collect();
        refused.sort_by_key(|refused| std::cmp::Reverse(refused.last));
        Ok(refused)
    }
}
