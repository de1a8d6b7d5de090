//! What the model knows of a table, and how it corrects what the emulator says of it: whose it is, where, and since when.

use serde_json::Value;

use super::refusal::Refusal;
use crate::random::Random;
use crate::time::Time;
use crate::world::Target;

/// What `CreateTable` may say. A member that would be ignored is a test that proves nothing.
const MODELLED: [&str; 11] = [
    "AttributeDefinitions",
    "BillingMode",
    "DeletionProtectionEnabled",
    "GlobalSecondaryIndexes",
    "KeySchema",
    "LocalSecondaryIndexes",
    "OnDemandThroughput",
    "ProvisionedThroughput",
    "SSESpecification",
    "TableClass",
    "TableName",
];

/// Where the emulator believes to be.
const NOWHERE: &str = "dynoxide:000000000000:";

/// A table, past what is in it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Table {
    /// The request that made it.
    pub(super) definition: String,
    /// The names of its key attributes.
    pub(super) key: Vec<String>,
    pub(super) id: String,
    pub(super) created: Time,
    /// The attribute that says when an item expires.
    pub(super) expires_by: Option<String>,
}

/// Reads a `CreateTable` request, and names the key the emulator would otherwise draw by chance.
pub(super) fn definition(body: &str, home: Target, random: &mut Random) -> Result<String, Refusal> {
    let Ok(Value::Object(mut members)) = serde_json::from_str(body) else {
        return Ok(body.to_owned());
    };
    if let Some(name) = members.keys().find(|name| !MODELLED.contains(&name.as_str())) {
        return Err(Refusal::not_modelled(format_args!("{name} in CreateTable")));
    }
    if let Some(Value::Object(encryption)) = members.get_mut("SSESpecification")
        && encryption.get("Enabled") == Some(&Value::Bool(true))
        && !encryption.contains_key("KMSMasterKeyId")
    {
        let key = format!(
            "arn:{}:kms:{}:{}:key/{}",
            home.region.partition(),
            home.region,
            home.account,
            random.uuid()
        );
        encryption.insert(String::from("KMSMasterKeyId"), Value::from(key));
    }
    Ok(Value::Object(members).to_string())
}

impl Table {
    /// Corrects the description inside an answer.
    pub(super) fn correct(&self, answer: &mut Value, home: Target) {
        for member in ["Table", "TableDescription"] {
            let Some(description) = answer.get_mut(member) else {
                continue;
            };
            bring_home(description, home);
            description["TableId"] = Value::from(self.id.as_str());
            let millis = self.created.millis();
            let seconds = format!("{}.{:03}", millis.div_euclid(1000), millis.rem_euclid(1000));
            description["CreationDateTime"] = seconds.parse::<f64>().map_or(Value::Null, Value::from);
        }
    }
}

/// Puts the account and the Region into every ARN.
fn bring_home(value: &mut Value, home: Target) {
    match value {
        Value::Object(members) => members.values_mut().for_each(|member| bring_home(member, home)),
        Value::Array(members) => members.iter_mut().for_each(|member| bring_home(member, home)),
        Value::String(text) => {
            if let Some((service, rest)) = text.strip_prefix("arn:aws:").and_then(|arn| arn.split_once(':'))
                && let Some(resource) = rest.strip_prefix(NOWHERE)
            {
                *text = format!(
                    "arn:{}:{service}:{}:{}:{resource}",
                    home.region.partition(),
                    home.region,
                    home.account
                );
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}
