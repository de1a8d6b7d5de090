//! The record's table, as the template makes it.

use aws_sdk_dynamodb::types::{AttributeDefinition, BillingMode, KeySchemaElement, KeyType, ScalarAttributeType};

use crate::aws::{Aws, HUB, IRELAND};

pub const TABLE: &str = "record";

pub async fn create_table(aws: &Aws) {
    create_table_named(aws, TABLE).await;
}

/// The same under another name.
pub async fn create_table_named(aws: &Aws, name: &str) {
    let tables = aws_sdk_dynamodb::Client::new(&aws.config(HUB, IRELAND));
    let key = |name: &str, kind| {
        let key = KeySchemaElement::builder().attribute_name(name).key_type(kind);
        key.build().unwrap()
    };
    let text = |name: &str| {
        let definition = AttributeDefinition::builder().attribute_name(name);
        definition.attribute_type(ScalarAttributeType::S).build().unwrap()
    };
    tables
        .create_table()
        .table_name(name)
        .billing_mode(BillingMode::PayPerRequest)
        .key_schema(key("pk", KeyType::Hash))
        .key_schema(key("sk", KeyType::Range))
        .attribute_definitions(text("pk"))
        .attribute_definitions(text("sk"))
        .send()
        .await
        .unwrap();
}
