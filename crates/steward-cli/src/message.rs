//! What people and their programs are told of a release, once it is usable.

use serde_json::Value;
use steward::ReleaseId;
use steward::lineage::Card;
use steward::telling::ReleaseMessage;
use steward_aws::{Member, Record};

use crate::arguments::MessageFormat;
use crate::channels::holding;
use crate::failure::Failure;
use crate::hub::Hub;
use crate::json;
use crate::releases::found;

/// What is told of releases, as it is sent by now. Nothing is sent.
pub(crate) async fn message(hub: &Hub, word: &str, format: MessageFormat) -> Result<String, Failure> {
    let (_, record, releases) = found(hub, word).await?;
    let mut messages = Vec::new();
    let mut not_usable = Vec::new();
    for (release, card) in record.cards(&releases).await? {
        match of(&record, release, &card).await? {
            Some(message) => messages.push(message),
            None => not_usable.push(card.title()),
        }
    }
    if messages.is_empty() {
        return Err(Failure::Mistake(format!(
            "nobody is told of {} before it is usable where it must be: `steward distribution FAMILY` says how far it is.",
            not_usable.join(", ")
        )));
    }
    Ok(match format {
        MessageFormat::Text => {
            let texts: Vec<String> = messages.iter().map(ReleaseMessage::text).collect();
            texts.join("\n").trim_end().to_owned()
        }
        MessageFormat::Json => json::text(values(&messages, ReleaseMessage::json)),
        MessageFormat::Chat => json::text(values(&messages, ReleaseMessage::chat)),
    })
}

fn values(messages: &[ReleaseMessage], look: impl Fn(&ReleaseMessage) -> String) -> Vec<Value> {
    // What is not read back would not be sent as JSON either.
    let read = |message| serde_json::from_str(&look(message)).unwrap_or_default();
    messages.iter().map(read).collect()
}

/// None before it is usable.
async fn of(record: &Record, release: ReleaseId, card: &Card) -> Result<Option<ReleaseMessage>, Failure> {
    let Some(family) = &card.family else {
        return Ok(None);
    };
    let (manifest, _) = holding(record, family).await?;
    let held = record.family(family).await?;
    let is_it = |member: &&Member| member.release == release;
    let member = held.members.iter().find(is_it);
    let Some((member, usable)) = member.and_then(|member| Some((member, member.usable?))) else {
        return Ok(None);
    };
    let audience = record.audience(family).await?;
    let message = record.release_message((&manifest, audience.as_ref()), &held, (member, usable));
    Ok(Some(message.await?))
}
