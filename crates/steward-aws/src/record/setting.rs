//! Updates of items, alone and with another write.

use std::collections::{BTreeMap, HashMap};

use aws_sdk_dynamodb::types::{AttributeValue, Delete, TransactWriteItem, Update};
use serde::Serialize;

use super::Record;
use super::keys::Key;
use super::table::{Condition, Item, writing};
use crate::Problem;

/// How members of an item are set, and one is counted up.
pub(super) struct Setting {
    pub(super) expression: String,
    pub(super) names: HashMap<String, String>,
    pub(super) values: Item,
}

impl Setting {
    pub(super) fn of(members: Item, counter: Option<&'static str>) -> Self {
        let (mut names, mut values) = (HashMap::new(), Item::new());
        // Sorted, so that the same write is the same request.
        let members: BTreeMap<String, AttributeValue> = members.into_iter().collect();
        let mut sets = Vec::with_capacity(members.len());
        for (n, (name, value)) in members.into_iter().enumerate() {
            sets.push(format!("#m{n} = :m{n}"));
            names.insert(format!("#m{n}"), name);
            values.insert(format!(":m{n}"), value);
        }
        let mut parts = Vec::new();
        if !sets.is_empty() {
            parts.push(format!("SET {}", sets.join(", ")));
        }
        if let Some(counter) = counter {
            parts.push(String::from("ADD #counter :one"));
            names.insert(String::from("#counter"), counter.to_owned());
            values.insert(String::from(":one"), AttributeValue::N(String::from("1")));
        }
        Self {
            expression: parts.join(" "),
            names,
            values,
        }
    }
}

/// A write beside another.
pub(super) enum Beside {
    /// Members of an item that are set.
    Set(Key, Item),
    /// The same, where the item is there.
    Amended(Key, Item),
    /// An item that is taken away.
    Deleted(Key),
}

impl Beside {
    pub(super) fn set(key: Key, members: impl Serialize) -> Result<Self, serde_dynamo::Error> {
        Ok(Self::Set(key, serde_dynamo::to_item(members)?))
    }

    pub(super) fn amended(key: Key, members: impl Serialize) -> Result<Self, serde_dynamo::Error> {
        Ok(Self::Amended(key, serde_dynamo::to_item(members)?))
    }

    pub(super) const fn deleted(key: Key) -> Self {
        Self::Deleted(key)
    }
}

impl Record {
    /// Makes such a write by itself. What is to be amended and is not there stays so.
    pub(super) async fn write_alone(&self, write: Beside) -> Result<(), Problem> {
        match write {
            Beside::Set(key, members) => self.update(key, members, None, None).await.map(drop),
            Beside::Amended(key, members) => self
                .update(key, members, None, Some(Condition::there()))
                .await
                .map(drop),
            Beside::Deleted(key) => self.delete(key).await,
        }
    }

    /// Counts one up in an item, and writes this beside, both or neither.
    pub(super) async fn count_beside(&self, key: Key, counter: &'static str, write: Beside) -> Result<(), Problem> {
        let (Beside::Set(beside, _) | Beside::Amended(beside, _) | Beside::Deleted(beside)) = &write;
        let doing = writing(beside);
        let bad = |error| Problem::not_understood(&doing, self.hub, error);
        let setting = |key: Key, members: Item, counter: Option<&'static str>, only: Option<&str>| {
            let Setting {
                expression,
                names,
                values,
            } = Setting::of(members, counter);
            let update = Update::builder()
                .table_name(&self.table)
                .key("pk", AttributeValue::S(key.pk))
                .key("sk", AttributeValue::S(key.sk))
                .update_expression(expression)
                .set_condition_expression(only.map(str::to_owned))
                .set_expression_attribute_names(Some(names))
                .set_expression_attribute_values(Some(values));
            let update = update.build().map_err(bad)?;
            Ok(TransactWriteItem::builder().update(update).build())
        };
        let count = setting(key, Item::new(), Some(counter), None)?;
        let write = match write {
            Beside::Set(key, members) => setting(key, members, None, None)?,
            Beside::Amended(key, members) => setting(key, members, None, Some("attribute_exists(pk)"))?,
            Beside::Deleted(key) => {
                let delete = Delete::builder()
                    .table_name(&self.table)
                    .key("pk", AttributeValue::S(key.pk))
                    .key("sk", AttributeValue::S(key.sk));
                TransactWriteItem::builder()
                    .delete(delete.build().map_err(bad)?)
                    .build()
            }
        };
        let request = self
            .client
            .transact_write_items()
            .transact_items(count)
            .transact_items(write);
        let answer = Box::pin(request.send()).await;
        answer.map_err(|error| Problem::of(&doing, self.hub, &error)).map(drop)
    }
}
