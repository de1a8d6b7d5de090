//! Carrying out each operation.

use dynoxide::actions::batch_get_item::BatchGetItemRequest;
use dynoxide::actions::batch_write_item::BatchWriteItemRequest;
use dynoxide::actions::create_table::CreateTableRequest;
use dynoxide::actions::delete_item::DeleteItemRequest;
use dynoxide::actions::delete_table::DeleteTableRequest;
use dynoxide::actions::describe_table::DescribeTableRequest;
use dynoxide::actions::get_item::GetItemRequest;
use dynoxide::actions::put_item::PutItemRequest;
use dynoxide::actions::query::QueryRequest;
use dynoxide::actions::scan::ScanRequest;
use dynoxide::actions::transact_get_items::TransactGetItemsRequest;
use dynoxide::actions::transact_write_items::TransactWriteItemsRequest;
use dynoxide::actions::update_item::UpdateItemRequest;
use dynoxide::actions::update_time_to_live::UpdateTimeToLiveRequest;
use serde_json::Value;

use super::address::{self, Address};
use super::description::{self, Table};
use super::emulator::{answer, read, refused};
use super::operation::Operation;
use super::place::{Moment, Place};
use super::refusal::Refusal;
use crate::random::Random;

/// A longer token is refused by the emulator, in the right words.
const LONGEST_TOKEN: usize = 36;

impl Place {
    /// Answers a request, its body given.
    pub(super) fn run(&mut self, operation: Operation, body: &str, moment: &mut Moment<'_>) -> Result<Value, Refusal> {
        self.follow(moment.settings)
            .map_err(|error| refused(operation, error))?;
        match operation {
            Operation::CreateTable => self.create_table(operation, body, moment),
            Operation::DescribeTable | Operation::DeleteTable => self.describe_or_delete(operation, body),
            Operation::UpdateTimeToLive => self.update_time_to_live(operation, body, moment),
            Operation::GetItem
            | Operation::Query
            | Operation::Scan
            | Operation::BatchGetItem
            | Operation::TransactGetItems => self.look_up(operation, body, moment),
            Operation::PutItem | Operation::UpdateItem | Operation::DeleteItem | Operation::BatchWriteItem => {
                let (response, touched) = self.write(operation, body)?;
                self.spread(touched, moment)
                    .map_err(|error| refused(operation, error))?;
                Ok(response)
            }
            Operation::TransactWriteItems => self.transact(operation, body, moment),
        }
    }

    fn create_table(&mut self, operation: Operation, body: &str, moment: &mut Moment<'_>) -> Result<Value, Refusal> {
        let definition = description::definition(body, self.home, moment.random)?;
        let request: CreateTableRequest = read(operation, &definition)?;
        let name = request.table_name.clone();
        let key = request
            .key_schema
            .iter()
            .map(|element| element.attribute_name.clone())
            .collect();
        let mut response = answer(operation, self.leader.create_table(request))?;
        let table = Table {
            definition,
            key,
            id: moment.random.uuid(),
            created: moment.now,
            expires_by: None,
        };
        table.correct(&mut response, self.home);
        self.add(name, table).map_err(|error| refused(operation, error))?;
        Ok(response)
    }

    fn describe_or_delete(&mut self, operation: Operation, body: &str) -> Result<Value, Refusal> {
        let DescribeTableRequest { table_name } = read(operation, body)?;
        let table = self.tables.get(&table_name).cloned();
        let mut response = if operation == Operation::DeleteTable {
            let response = answer(
                operation,
                self.leader.delete_table(DeleteTableRequest {
                    table_name: table_name.clone(),
                }),
            )?;
            self.remove(&table_name).map_err(|error| refused(operation, error))?;
            response
        } else {
            answer(
                operation,
                self.leader.describe_table(DescribeTableRequest { table_name }),
            )?
        };
        if let Some(table) = table {
            table.correct(&mut response, self.home);
        }
        Ok(response)
    }

    fn update_time_to_live(
        &mut self,
        operation: Operation,
        body: &str,
        moment: &mut Moment<'_>,
    ) -> Result<Value, Refusal> {
        let request: UpdateTimeToLiveRequest = read(operation, body)?;
        let wanted = request.time_to_live_specification.clone();
        let name = request.table_name.clone();
        let before = self.tables.get(&name).map(|table| table.expires_by.as_deref());
        match before {
            Some(Some(attribute)) if wanted.enabled && attribute == wanted.attribute_name => {
                return Err(Refusal::validation("TimeToLive is already enabled"));
            }
            Some(None) if !wanted.enabled => return Err(Refusal::validation("TimeToLive is already disabled")),
            _ => {}
        }
        let response = answer(operation, self.leader.update_time_to_live(request))?;
        self.expire_by(&name, wanted.enabled.then_some(wanted.attribute_name), moment)
            .map_err(|error| refused(operation, error))?;
        Ok(response)
    }

    fn look_up(&mut self, operation: Operation, body: &str, moment: &mut Moment<'_>) -> Result<Value, Refusal> {
        let failed = |error| refused(operation, error);
        match operation {
            Operation::GetItem => {
                let request: GetItemRequest = read(operation, body)?;
                let source = self
                    .reader(request.consistent_read == Some(true), moment)
                    .map_err(failed)?;
                answer(operation, source.get_item(request))
            }
            Operation::Query => {
                let request: QueryRequest = read(operation, body)?;
                let source = self
                    .reader(request.consistent_read == Some(true), moment)
                    .map_err(failed)?;
                answer(operation, source.query(request))
            }
            Operation::Scan => {
                let request: ScanRequest = read(operation, body)?;
                let source = self
                    .reader(request.consistent_read == Some(true), moment)
                    .map_err(failed)?;
                answer(operation, source.scan(request))
            }
            Operation::BatchGetItem => {
                let request: BatchGetItemRequest = read(operation, body)?;
                // One table read consistently makes the whole batch current, which the others may be too.
                let consistent = request
                    .request_items
                    .values()
                    .any(|table| table.consistent_read == Some(true));
                let source = self.reader(consistent, moment).map_err(failed)?;
                let mut response = answer(operation, source.batch_get_item(request))?;
                if let Some(Value::Object(tables)) = response.get_mut("Responses") {
                    tables
                        .values_mut()
                        .filter_map(Value::as_array_mut)
                        .for_each(|items| shuffle(items, moment.random));
                }
                Ok(response)
            }
            _ => {
                let request: TransactGetItemsRequest = read(operation, body)?;
                answer(operation, self.leader.transact_get_items(request))
            }
        }
    }

    /// Writes, and says what was written to.
    fn write(&mut self, operation: Operation, body: &str) -> Result<(Value, Vec<Address>), Refusal> {
        match operation {
            Operation::PutItem => {
                let request: PutItemRequest = read(operation, body)?;
                let touched = Address::of(&request.table_name, &request.item, &self.key_names(&request.table_name));
                Ok((answer(operation, self.leader.put_item(request))?, vec![touched]))
            }
            Operation::UpdateItem => {
                let request: UpdateItemRequest = read(operation, body)?;
                let touched = Address::new(&request.table_name, request.key.clone());
                Ok((answer(operation, self.leader.update_item(request))?, vec![touched]))
            }
            Operation::DeleteItem => {
                let request: DeleteItemRequest = read(operation, body)?;
                let touched = Address::new(&request.table_name, request.key.clone());
                Ok((answer(operation, self.leader.delete_item(request))?, vec![touched]))
            }
            _ => {
                let request: BatchWriteItemRequest = read(operation, body)?;
                let touched = address::of_batch(&request, |table| self.key_names(table));
                Ok((answer(operation, self.leader.batch_write_item(request))?, touched))
            }
        }
    }

    fn transact(&mut self, operation: Operation, body: &str, moment: &mut Moment<'_>) -> Result<Value, Refusal> {
        let mut request: TransactWriteItemsRequest = read(operation, body)?;
        // The emulator would measure a token's ten minutes by the real clock, so it never sees one.
        let token = request
            .client_request_token
            .take_if(|token| token.len() <= LONGEST_TOKEN);
        let actions = answer(operation, Ok(&request.transact_items))?;
        if let Some(token) = &token
            && let Some(done) = self.tokens.find(token, &actions, moment.now)?
        {
            return Ok(done);
        }
        let touched = address::of_transaction(&request.transact_items, |table| self.key_names(table));
        let response = answer(operation, self.leader.transact_write_items(request))?;
        if let Some(token) = token {
            self.tokens.keep(token, actions, response.clone(), moment.now);
        }
        self.spread(touched, moment)
            .map_err(|error| refused(operation, error))?;
        Ok(response)
    }
}

/// DynamoDB promises no order of a batch's items.
fn shuffle(items: &mut [Value], random: &mut Random) {
    for last in (1..items.len()).rev() {
        let other = random.below(u64::try_from(last + 1).unwrap_or(u64::MAX));
        items.swap(last, usize::try_from(other).unwrap_or(last));
    }
}
