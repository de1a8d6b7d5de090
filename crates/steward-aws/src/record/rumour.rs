//! That somebody says there is something new to build of. What that is, nobody takes from them.

use aws_sdk_dynamodb::types::AttributeValue;
use serde::{Deserialize, Serialize};
use steward::Timestamp;

use super::Record;
use super::keys::Key;
use super::table::Condition;
use crate::Problem;

#[derive(Serialize, Deserialize, Debug)]
struct RumourItem {
    said: Timestamp,
}

impl Record {
    /// Keeps that somebody says so, until every line was looked at since.
    pub async fn hear_rumour(&self, said: Timestamp) -> Result<(), Problem> {
        let is_newer = Condition::new(
            "attribute_not_exists(pk) OR said < :said",
            [(":said", AttributeValue::S(said.to_string()))],
        );
        self.set(Key::rumour(), RumourItem { said }, Some(is_newer))
            .await
            .map(drop)
    }

    /// When somebody last said so.
    pub(crate) async fn rumour(&self) -> Result<Option<Timestamp>, Problem> {
        let item: Option<RumourItem> = self.get(Key::rumour()).await?;
        Ok(item.map(|item| item.said))
    }
}
