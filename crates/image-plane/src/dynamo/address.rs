//! Which items a write touches, and what has become of them.

use dynoxide::actions::batch_write_item::BatchWriteItemRequest;
use dynoxide::actions::delete_item::DeleteItemRequest;
use dynoxide::actions::get_item::GetItemRequest;
use dynoxide::actions::put_item::PutItemRequest;
use dynoxide::actions::transact_write_items::TransactWriteItem;
use dynoxide::{Database, Item};

/// One item's place: its table and its key.
#[derive(Clone, PartialEq, Debug)]
pub(super) struct Address {
    pub(super) table: String,
    pub(super) key: Item,
}

impl Address {
    pub(super) fn new(table: &str, key: Item) -> Self {
        Self {
            table: table.to_owned(),
            key,
        }
    }

    /// Where an item goes, given the names of its table's key attributes.
    pub(super) fn of(table: &str, item: &Item, names: &[String]) -> Self {
        let key = names
            .iter()
            .filter_map(|name| item.get(name).map(|value| (name.clone(), value.clone())))
            .collect();
        Self::new(table, key)
    }

    /// The item that lies there now.
    pub(super) fn look(&self, database: &Database) -> dynoxide::Result<Option<Item>> {
        let request = GetItemRequest {
            table_name: self.table.clone(),
            key: self.key.clone(),
            consistent_read: Some(true),
            ..GetItemRequest::default()
        };
        Ok(database.get_item(request)?.item)
    }

    /// Makes it so that this item lies there, or none.
    pub(super) fn set(self, database: &Database, item: Option<Item>) -> dynoxide::Result<()> {
        let Self { table: table_name, key } = self;
        match item {
            Some(item) => database
                .put_item(PutItemRequest {
                    table_name,
                    item,
                    ..PutItemRequest::default()
                })
                .map(drop),
            None => database
                .delete_item(DeleteItemRequest {
                    table_name,
                    key,
                    ..DeleteItemRequest::default()
                })
                .map(drop),
        }
    }
}

/// What a batch writes to. `names` knows the key attributes of a table.
pub(super) fn of_batch(request: &BatchWriteItemRequest, names: impl Fn(&str) -> Vec<String>) -> Vec<Address> {
    let mut touched = Vec::new();
    for (table, writes) in &request.request_items {
        let names = names(table);
        touched.extend(writes.iter().filter_map(|write| {
            let put = write
                .put_request
                .as_ref()
                .map(|put| Address::of(table, &put.item, &names));
            put.or_else(|| {
                write
                    .delete_request
                    .as_ref()
                    .map(|delete| Address::new(table, delete.key.clone()))
            })
        }));
    }
    // The tables come out of a hash map; within one the order is the caller's.
    touched.sort_by(|a, b| a.table.cmp(&b.table));
    touched
}

/// What a transaction writes to.
pub(super) fn of_transaction(actions: &[TransactWriteItem], names: impl Fn(&str) -> Vec<String>) -> Vec<Address> {
    actions
        .iter()
        .filter_map(|action| {
            let put = action
                .put
                .as_ref()
                .map(|put| Address::of(&put.table_name, &put.item, &names(&put.table_name)));
            let update = action
                .update
                .as_ref()
                .map(|update| Address::new(&update.table_name, update.key.clone()));
            let delete = action
                .delete
                .as_ref()
                .map(|delete| Address::new(&delete.table_name, delete.key.clone()));
            put.or(update).or(delete)
        })
        .collect()
}
