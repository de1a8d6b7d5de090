//! Wakes that were refused, where people find them.

use serde::{Deserialize, Serialize};
use serde_json::Value;
use steward::applying::digest_of;
use steward::{Timestamp, Words};

use super::Record;
use super::items::expiring;
use super::keys::{Key, REFUSED};
use crate::Problem;

/// So long they are kept after the last of them.
const DAYS: u64 = 30;
/// As much of an event as tells whose it is.
const MOST_KEPT: usize = 4_000;

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
struct RefusedItem<'a> {
    why: &'a Words,
    last: Timestamp,
    event: String,
    expires: u64,
}

impl Record {
    /// Writes down that a wake was refused. Whoever sends many of a kind fills one item with them.
    pub async fn refuse(&self, event: &Value, why: &str, now: Timestamp) -> Result<(), Problem> {
        let why = Words::from(why);
        let item = RefusedItem {
            why: &why,
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
            expires: expiring(now, DAYS),
        };
        self.count(
            Key::refused(&digest_of([("why", why.as_str().as_bytes())])),
            item,
            "times",
        )
        .await
    }

    /// The wakes that were refused lately, cause by cause.
    pub async fn refused(&self) -> Result<Vec<Refused>, Problem> {
        let mut refused: Vec<Refused> = self.query(REFUSED, "").await?;
        refused.sort_by_key(|refused| std::cmp::Reverse(refused.last));
        Ok(refused)
    }
}
