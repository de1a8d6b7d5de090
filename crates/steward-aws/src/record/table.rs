use std::collections::HashMap;
use std::fmt;
use std::time::Duration;

use aws_sdk_dynamodb::types::{AttributeValue, ConditionCheck, KeysAndAttributes, Put, TransactWriteItem};
use futures_util::stream::{StreamExt as _, TryStreamExt as _, iter};
use serde::Serialize;
use serde::de::DeserializeOwned;
use steward::Target;
use tokio::time::sleep;

use super::keys::Key;
use super::setting::Setting;
use crate::Problem;

pub(crate) type Item = HashMap<String, AttributeValue>;

/// The record of one hub.
#[derive(Clone, Debug)]
pub struct Record {
    pub(super) client: aws_sdk_dynamodb::Client,
    pub(super) table: String,
    pub(super) hub: Target,
}

/// What a conditional write is answered when the condition does not hold.
const CONDITION: &str = "ConditionalCheckFailedException";

/// What writes that go together are answered when a condition of one does not hold.
pub(super) const CANCELLED: &str = "TransactionCanceledException";

/// A write that is carried out only if this holds. A macro, as each kind of write has a builder of its own.
macro_rules! only_if {
    ($write:expr, $condition:expr) => {{
        let Condition {
            expression,
            values,
            names,
        } = $condition;
        let write = $write.condition_expression(expression);
        let write = names.into_iter().fold(write, |write, (stands_for, name)| {
            write.expression_attribute_names(stands_for, name)
        });
        values.into_iter().fold(write, |write, (name, value)| {
            write.expression_attribute_values(name, value)
        })
    }};
}

/// The condition that an item is not there yet.
pub(crate) const NOT_THERE: &str = "attribute_not_exists(pk)";

/// Before what DynamoDB left out of an answer is asked for again.
const ONE_MOMENT: Duration = Duration::from_millis(100);

/// So many items DynamoDB reads in one call.
const IN_ONE_GET: usize = 100;

/// So many items are read or written at a time.
pub(super) const AT_ONCE: usize = 16;

impl Record {
    /// The record in this table.
    pub fn new(client: aws_sdk_dynamodb::Client, table: impl Into<String>, hub: Target) -> Self {
        Self {
            client,
            table: table.into(),
            hub,
        }
    }

    /// Reads an item, as it is now.
    pub(crate) async fn get<T: DeserializeOwned>(&self, key: Key) -> Result<Option<T>, Problem> {
        let doing = format!("read {} {} of the record", key.pk, key.sk);
        let request = self
            .client
            .get_item()
            .table_name(&self.table)
            .key("pk", AttributeValue::S(key.pk))
            .key("sk", AttributeValue::S(key.sk))
            .consistent_read(true);
        let answer = Box::pin(request.send()).await;
        let item = answer.map_err(|error| Problem::of(&doing, self.hub, &error))?.item;
        item.map(|item| serde_dynamo::from_item(item).map_err(|error| Problem::not_understood(doing, self.hub, error)))
            .transpose()
    }

    /// Reads these members of many items, as they were a moment ago, in any order; what is not there is left out.
    pub(crate) async fn get_each<T: DeserializeOwned>(
        &self,
        keys: &[Key],
        members: &[&str],
    ) -> Result<Vec<T>, Problem> {
        let parts = iter(keys.chunks(IN_ONE_GET).map(|keys| self.get_some(keys, members)));
        let parts: Vec<Vec<T>> = parts.buffer_unordered(AT_ONCE).try_collect().await?;
        Ok(parts.into_iter().flatten().collect())
    }

    async fn get_some<T: DeserializeOwned>(&self, keys: &[Key], members: &[&str]) -> Result<Vec<T>, Problem> {
        let doing = format!("read {} items of the record", keys.len());
        let bad = |error: &dyn fmt::Display| Problem::not_understood(&doing, self.hub, error);
        let mut wanted = KeysAndAttributes::builder();
        let mut projected = Vec::new();
        // A member may be called by a word of DynamoDB's own, as `name` is.
        for (n, member) in members.iter().enumerate() {
            let stands_for = format!("#m{n}");
            wanted = wanted.expression_attribute_names(&stands_for, *member);
            projected.push(stands_for);
        }
        wanted = wanted.projection_expression(projected.join(", "));
        for Key { pk, sk } in keys {
            let text = |text: &str| AttributeValue::S(text.to_owned());
            wanted = wanted.keys(HashMap::from([
                ("pk".to_owned(), text(pk)),
                ("sk".to_owned(), text(sk)),
            ]));
        }
        let mut wanted = Some(wanted.build().map_err(|error| bad(&error))?);
        let mut items = Vec::new();
        while let Some(more) = wanted.take() {
            if !items.is_empty() {
                sleep(ONE_MOMENT).await;
            }
            let request = self.client.batch_get_item().request_items(&self.table, more);
            let answer = Box::pin(request.send()).await;
            let answer = answer.map_err(|error| Problem::of(&doing, self.hub, &error))?;
            for item in answer.responses.into_iter().flat_map(HashMap::into_values).flatten() {
                items.push(serde_dynamo::from_item(item).map_err(|error| bad(&error))?);
            }
            // What did not fit into one answer, or came too fast, is asked for again.
            let left = answer.unprocessed_keys.unwrap_or_default().into_values();
            wanted = left.into_iter().find(|left| !left.keys().is_empty());
        }
        Ok(items)
    }

    /// Reads all items of a partition whose sort key starts so, as they are now, in the order of their keys.
    pub(crate) async fn query<T: DeserializeOwned>(&self, pk: &str, starts: &str) -> Result<Vec<T>, Problem> {
        self.query_range(pk, Range::Starts(starts), Reads::Now).await
    }

    /// The same, each with its sort key; of one member of theirs alone, where that is named. Of hundreds of thousands of items
    /// serde's `flatten` would copy each before it is read.
    pub(crate) async fn query_keyed<T: DeserializeOwned>(
        &self,
        pk: &str,
        starts: &str,
        member: Option<&str>,
    ) -> Result<Vec<(String, T)>, Problem> {
        let members = member.map(|member| format!("sk, {member}"));
        let keyed = |mut item: Item| {
            let sk = match item.remove("sk") {
                Some(AttributeValue::S(sk)) => sk,
                Some(_) | None => String::new(),
            };
            Ok((sk, serde_dynamo::from_item(item)?))
        };
        self.query_pages(pk, Range::Starts(starts), Reads::Now, members, keyed)
            .await
    }

    /// Reads some items of a partition, in the order of their keys.
    pub(crate) async fn query_range<T: DeserializeOwned>(
        &self,
        pk: &str,
        range: Range<'_>,
        reads: Reads,
    ) -> Result<Vec<T>, Problem> {
        self.query_pages(pk, range, reads, None, serde_dynamo::from_item).await
    }

    async fn query_pages<T>(
        &self,
        pk: &str,
        range: Range<'_>,
        reads: Reads,
        members: Option<String>,
        read: impl Fn(Item) -> Result<T, serde_dynamo::Error>,
    ) -> Result<Vec<T>, Problem> {
        let doing = format!("read {pk} {range}… of the record");
        let (mut items, mut next) = (Vec::new(), None);
        loop {
            let request = self
                .client
                .query()
                .table_name(&self.table)
                .consistent_read(reads == Reads::Now)
                .set_projection_expression(members.clone());
            let (condition, values) = match range {
                Range::Starts("") => ("pk = :pk", [None, None]),
                Range::Starts(starts) => ("pk = :pk AND begins_with(sk, :sk)", [Some(starts), None]),
                Range::From(from) => ("pk = :pk AND sk >= :sk", [Some(from), None]),
                Range::Between(from, to) => ("pk = :pk AND sk BETWEEN :sk AND :to", [Some(from), Some(to)]),
            };
            let mut request = request
                .key_condition_expression(condition)
                .expression_attribute_values(":pk", AttributeValue::S(pk.to_owned()));
            for (name, value) in [":sk", ":to"].into_iter().zip(values) {
                if let Some(value) = value {
                    request = request.expression_attribute_values(name, AttributeValue::S(value.to_owned()));
                }
            }
            let page = Box::pin(request.set_exclusive_start_key(next).send()).await;
            let page = page.map_err(|error| Problem::of(&doing, self.hub, &error))?;
            for item in page.items.unwrap_or_default() {
                let item = read(item);
                items.push(item.map_err(|error| Problem::not_understood(&doing, self.hub, error))?);
            }
            match page.last_evaluated_key {
                Some(key) if !key.is_empty() => next = Some(key),
                _ => return Ok(items),
            }
        }
    }

    /// Takes an item away; one that is not there is away.
    pub(crate) async fn delete(&self, key: Key) -> Result<(), Problem> {
        self.delete_where(key, None).await
    }

    /// Takes an item away if that holds of it; else it stays, and that is well.
    pub(crate) async fn delete_if(&self, key: Key, condition: Condition) -> Result<(), Problem> {
        self.delete_where(key, Some(condition)).await
    }

    async fn delete_where(&self, key: Key, condition: Option<Condition>) -> Result<(), Problem> {
        let doing = format!("delete {} {} of the record", key.pk, key.sk);
        let request = self.client.delete_item().table_name(&self.table);
        let mut request = request
            .key("pk", AttributeValue::S(key.pk))
            .key("sk", AttributeValue::S(key.sk));
        if let Some(condition) = condition {
            request = only_if!(request, condition);
        }
        let answer = Box::pin(request.send()).await;
        match answer.map_err(|error| Problem::of(doing, self.hub, &error)) {
            Err(problem) if problem.code() == Some(CONDITION) => Ok(()),
            answer => answer.map(drop),
        }
    }

    /// Sets these members of an item, which is made where it is not there; its other members stay. Says whether the
    /// condition held.
    pub(crate) async fn set(
        &self,
        key: Key,
        members: impl Serialize,
        condition: Option<Condition>,
    ) -> Result<bool, Problem> {
        let members = self.members(&key, members)?;
        self.update(key, members, None, condition).await
    }

    /// Sets these members of an item, and counts one up in it.
    pub(crate) async fn count(&self, key: Key, members: impl Serialize, counter: &'static str) -> Result<(), Problem> {
        let members = self.members(&key, members)?;
        self.update(key, members, Some(counter), None).await.map(drop)
    }

    /// The same where that holds of the item. Says whether it did.
    pub(crate) async fn count_if(
        &self,
        key: Key,
        members: impl Serialize,
        counter: &'static str,
        condition: Condition,
    ) -> Result<bool, Problem> {
        let members = self.members(&key, members)?;
        self.update(key, members, Some(counter), Some(condition)).await
    }

    /// Puts these items in the place of what is there, all or none, where this holds of another one too. Says whether every
    /// condition held; a write of somebody else's at this moment counts as one that did not.
    pub(crate) async fn put_together<const N: usize>(
        &self,
        doing: &str,
        items: [Together; N],
        only_if: Option<(Key, Condition)>,
    ) -> Result<bool, Problem> {
        let mut request = self.client.transact_write_items();
        if let Some((key, condition)) = only_if {
            let check = ConditionCheck::builder()
                .table_name(&self.table)
                .key("pk", AttributeValue::S(key.pk))
                .key("sk", AttributeValue::S(key.sk));
            let check = only_if!(check, condition).build();
            let check = check.map_err(|error| Problem::not_understood(doing, self.hub, error))?;
            request = request.transact_items(TransactWriteItem::builder().condition_check(check).build());
        }
        for Together { key, item, condition } in items {
            let put = Put::builder()
                .table_name(&self.table)
                .set_item(Some(item))
                .item("pk", AttributeValue::S(key.pk))
                .item("sk", AttributeValue::S(key.sk));
            let put = only_if!(put, condition).build();
            let put = put.map_err(|error| Problem::not_understood(doing, self.hub, error))?;
            request = request.transact_items(TransactWriteItem::builder().put(put).build());
        }
        let answer = Box::pin(request.send()).await;
        match answer.map_err(|error| Problem::of(doing, self.hub, &error)) {
            Ok(_) => Ok(true),
            Err(problem) if problem.code() == Some(CANCELLED) => Ok(false),
            Err(problem) => Err(problem),
        }
    }

    fn members(&self, key: &Key, members: impl Serialize) -> Result<Item, Problem> {
        let bad = |error| Problem::not_understood(writing(key), self.hub, error);
        serde_dynamo::to_item(members).map_err(bad)
    }

    pub(super) async fn update(
        &self,
        key: Key,
        members: Item,
        counter: Option<&'static str>,
        condition: Option<Condition>,
    ) -> Result<bool, Problem> {
        let doing = writing(&key);
        let Setting {
            expression,
            names,
            values,
        } = Setting::of(members, counter);
        let mut request = self
            .client
            .update_item()
            .table_name(&self.table)
            .key("pk", AttributeValue::S(key.pk))
            .key("sk", AttributeValue::S(key.sk))
            .update_expression(expression)
            .set_expression_attribute_names(Some(names))
            .set_expression_attribute_values(Some(values));
        if let Some(condition) = condition {
            request = only_if!(request, condition);
        }
        // The SDK's futures are large.
        match Box::pin(request.send())
            .await
            .map_err(|error| Problem::of(doing, self.hub, &error))
        {
            Ok(_) => Ok(true),
            Err(problem) if problem.code() == Some(CONDITION) => Ok(false),
            Err(problem) => Err(problem),
        }
    }
}

/// What a write of an item is for.
pub(super) fn writing(key: &Key) -> String {
    format!("write {} {} of the record", key.pk, key.sk)
}

/// Which items of a partition.
#[derive(Clone, Copy)]
pub(crate) enum Range<'a> {
    /// Those whose sort key starts so.
    Starts(&'a str),
    /// Those whose sort key is this, or after it.
    From(&'a str),
    /// Those whose sort key is one of these, or between them.
    Between(&'a str, &'a str),
}

/// How fresh a read must be. What anything is decided by is read as it is now.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reads {
    /// As it is now.
    Now,
    /// As it was a moment ago, at half the price.
    Lately,
}

impl fmt::Display for Range<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Starts(starts) => f.write_str(starts),
            Self::From(from) => write!(f, "from {from}"),
            Self::Between(from, to) => write!(f, "from {from} to {to}"),
        }
    }
}

/// An item that is written with others, or not at all.
pub(crate) struct Together {
    key: Key,
    item: Item,
    condition: Condition,
}

impl Together {
    pub(crate) fn new(key: Key, members: impl Serialize, condition: Condition) -> Result<Self, serde_dynamo::Error> {
        let item = serde_dynamo::to_item(members)?;
        Ok(Self { key, item, condition })
    }
}

/// What must hold for a write to be carried out.
pub(crate) struct Condition {
    pub(crate) expression: &'static str,
    pub(crate) values: Vec<(&'static str, AttributeValue)>,
    /// What stands for a name that DynamoDB has for itself.
    pub(crate) names: Vec<(&'static str, &'static str)>,
}

impl Condition {
    pub(crate) fn new(
        expression: &'static str,
        values: impl IntoIterator<Item = (&'static str, AttributeValue)>,
    ) -> Self {
        Self {
            expression,
            values: values.into_iter().collect(),
            names: Vec::new(),
        }
    }

    /// That a number in an item is the same still.
    pub(crate) fn still(member: &'static str, number: impl Into<u64>) -> Self {
        let number = AttributeValue::N(number.into().to_string());
        Self::new("#same = :same", [(":same", number)]).naming("#same", member)
    }

    /// That an item is there.
    pub(crate) fn there() -> Self {
        Self::new("attribute_exists(pk)", [])
    }

    /// That it is not there yet.
    pub(crate) fn not_there() -> Self {
        Self::new(NOT_THERE, [])
    }

    pub(crate) fn naming(mut self, stands_for: &'static str, name: &'static str) -> Self {
        self.names.push((stands_for, name));
        self
    }
}
