//! Amazon SNS, as far as messages are published to standard topics: by programs, and by Image Builder; and how many are subscribed.
//!
//! Who is subscribed is a test's affair, and so is how many are: what is published goes out like every event, and what reached a topic is kept for
//! who asks. Not modelled, and refused by name: creating topics by API, topic policies and so other accounts' topics, FIFO
//! topics, phones and endpoints, and all other operations.

mod access;
mod attributes;
mod body;
mod errors;
mod publish;
#[cfg(test)]
mod tests;
mod topic;

use bytes::Bytes;
use http::Request;

use crate::sts::{Access, authorize_named, is_root};
use crate::wire::call::Service;
use crate::wire::error::ApiError;
use crate::wire::query::Params;
use crate::wire::xml::Xml;
use crate::world::buckets::Rate;
use crate::world::{Caller, Operation, World};
pub use topic::{Published, Subscriptions, TopicError};
pub(crate) use topic::{Topics, send};

/// Messages a second in the Regions that have the least. How many may come at once, AWS does not say; here a second's worth.
const RATE: Rate = Rate::new(300, 300_000);

const VERSION: &str = "2010-03-31";

/// Calls a second for what a topic is, and as many at once: AWS says no more than that there is a limit.
const READS: Rate = Rate::new(30, 30_000);

/// What a request asks for.
#[derive(Clone, Copy, Debug)]
enum Action {
    Publish,
    GetTopicAttributes,
}

impl Action {
    const fn name(self) -> &'static str {
        match self {
            Self::Publish => "Publish",
            Self::GetTopicAttributes => "GetTopicAttributes",
        }
    }
}

/// A request, not yet carried out.
#[derive(Debug)]
pub(crate) struct Call {
    action: Action,
    params: Params,
}

impl Call {
    /// The right to do that with the topic.
    pub(crate) fn needs(&self) -> Vec<(String, Access)> {
        access::needs(self.action.name(), &self.params)
    }

    pub(crate) fn run(self, world: &mut World, caller: &Caller, request_id: &str) -> Result<Bytes, ApiError> {
        if !is_root(caller) {
            for (action, access) in self.needs() {
                authorize_named(world, caller, Service::Sns, &action, &access)?;
            }
        }
        let name = self.action.name();
        let result: Vec<(&str, String)> = match self.action {
            Action::Publish => vec![("MessageId", publish::run(world, caller, self.params)?)],
            Action::GetTopicAttributes => attributes::run(world, caller, self.params)?,
        };
        let mut xml = Xml::document();
        let namespace = "xmlns=\"http://sns.amazonaws.com/doc/2010-03-31/\"";
        xml.element_with(&format!("{name}Response"), namespace, |xml| {
            xml.element(&format!("{name}Result"), |xml| match self.action {
                Action::Publish => {
                    for (key, value) in &result {
                        xml.text(key, value);
                    }
                }
                Action::GetTopicAttributes => xml.element("Attributes", |xml| {
                    for (key, value) in &result {
                        xml.element("entry", |xml| {
                            xml.text("key", key);
                            xml.text("value", value);
                        });
                    }
                }),
            });
            xml.element("ResponseMetadata", |xml| xml.text("RequestId", request_id));
        });
        Ok(xml.into_bytes())
    }
}

/// Finds the operation of a request.
pub(crate) fn read(request: &Request<Bytes>) -> Result<(Operation, Call), ApiError> {
    let (mut params, action) = Params::of_action(request.body())?;
    let version = params.text("Version")?.unwrap_or_default();
    if version != VERSION {
        return Err(ApiError::not_modelled(format_args!("version {version} of SNS's API")));
    }
    let (action, mutates, rate) = match action.as_str() {
        "Publish" => (Action::Publish, true, RATE),
        "GetTopicAttributes" => (Action::GetTopicAttributes, false, READS),
        action => return Err(ApiError::not_modelled(format_args!("sns:{action}"))),
    };
    let operation = Operation {
        name: action.name(),
        mutates,
        rate,
    };
    Ok((operation, Call { action, params }))
}
