//! GetTopicAttributes: what a topic is, and how many are subscribed to it. Of policies, keys and names for people no topic here has
//! any.

use super::errors::no_topic;
use super::publish::topic;
use crate::wire::error::ApiError;
use crate::wire::query::Params;
use crate::world::{Caller, World};

/// The attributes of the topic, by their names.
pub(super) fn run(world: &World, caller: &Caller, mut params: Params) -> Result<Vec<(&'static str, String)>, ApiError> {
    let arn = params.text("TopicArn")?;
    params.finish()?;
    let arn = topic(world, caller, arn, "sns:GetTopicAttributes")?;
    let subscriptions = world.topics.subscriptions(&arn).ok_or_else(no_topic)?;
    Ok(vec![
        ("Owner", caller.target.account.to_string()),
        ("SubscriptionsConfirmed", subscriptions.confirmed.to_string()),
        ("SubscriptionsDeleted", subscriptions.deleted.to_string()),
        ("SubscriptionsPending", subscriptions.pending.to_string()),
        ("TopicArn", arn),
    ])
}
