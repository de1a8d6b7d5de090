//! Amazon SNS, as far as messages are published to standard topics: by programs, and by Image Builder.
//!
//! Who is subscribed is a test's affair: what is published goes out like every event, and what reached a topic is kept for
//! who asks. Not modelled, and refused by name: creating topics by API, topic policies and so other accounts' topics, FIFO
//! topics, phones and endpoints, and all other operations.

mod access;
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
pub use topic::{Published, TopicError};
pub(crate) use topic::{Topics, send};

/// Messages a second in the Regions that have the least. How many may come at once, AWS does not say; here a second's worth.
const RATE: Rate = Rate::new(300, 300_000);

const VERSION: &str = "2010-03-31";

/// A Publish request, not yet carried out.
#[derive(Debug)]
pub(crate) struct Call {
    params: Params,
}

impl Call {
    /// The right to publish to the topic.
    pub(crate) fn needs(&self) -> Vec<(String, Access)> {
        access::needs(&self.params)
    }

    pub(crate) fn run(self, world: &mut World, caller: &Caller, request_id: &str) -> Result<Bytes, ApiError> {
        if !is_root(caller) {
            for (action, access) in self.needs() {
                authorize_named(world, caller, Service::Sns, &action, &access)?;
            }
        }
        let message_id = publish::run(world, caller, self.params)?;
        let mut xml = Xml::document();
        let namespace = "xmlns=\"http://sns.amazonaws.com/doc/2010-03-31/\"";
        xml.element_with("PublishResponse", namespace, |xml| {
            xml.element("PublishResult", |xml| xml.text("MessageId", message_id));
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
    if action != "Publish" {
        return Err(ApiError::not_modelled(format_args!("sns:{action}")));
    }
    let operation = Operation {
        name: "Publish",
        mutates: true,
        rate: RATE,
    };
    Ok((operation, Call { params }))
}
