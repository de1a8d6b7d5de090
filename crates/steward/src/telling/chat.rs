//! The message as AWS's chat integration takes it (Amazon Q Developer in chat applications, "custom notifications"): it drops what
//! is not of this shape.

use std::collections::BTreeMap;

use serde::Serialize;

use super::listed::fitting;
use super::message::ReleaseMessage;
use super::quoted::Look;
use crate::ChannelName;

/// Characters of a description; counted in bytes here, of which there are never fewer.
const ROOM: usize = 8_000;

const LENGTHS: [usize; 5] = [20, 10, 5, 3, 1];

/// So many channels are keywords.
const CHANNELS: usize = 5;

#[derive(Serialize)]
pub(super) struct Notification {
    pub(super) version: &'static str,
    pub(super) source: &'static str,
    pub(super) id: String,
    pub(super) content: Content,
    pub(super) metadata: Metadata,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Content {
    pub(super) text_type: &'static str,
    pub(super) title: String,
    pub(super) description: String,
    pub(super) next_steps: Vec<String>,
    pub(super) keywords: Vec<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Metadata {
    pub(super) thread_id: String,
    pub(super) summary: String,
    pub(super) event_type: &'static str,
    pub(super) related_resources: Vec<String>,
    pub(super) additional_context: BTreeMap<&'static str, String>,
}

impl ReleaseMessage {
    /// It for chat.
    pub fn chat(&self) -> String {
        let notification = Notification {
            version: "1.0",
            source: "custom",
            id: self.release.to_string(),
            content: Content {
                text_type: "client-markdown",
                title: self.headline(),
                description: fitting(ROOM, &LENGTHS, |most| self.summary(Look::Chat, most)),
                next_steps: self.next_steps(),
                keywords: self.keywords(),
            },
            metadata: Metadata {
                // What one wave brings lies together.
                thread_id: self.title(),
                summary: self.headline(),
                event_type: "release usable",
                related_resources: vec![self.build.name.to_string()],
                additional_context: BTreeMap::from([
                    ("release", self.release.to_string()),
                    ("family", self.family.to_string()),
                    ("architecture", self.architecture.to_string()),
                    ("version", self.version.to_string()),
                ]),
            },
        };
        serde_json::to_string(&notification).unwrap_or_default()
    }

    fn next_steps(&self) -> Vec<String> {
        let title = self.title();
        let mut steps = vec![format!(
            "`steward explain {title}`: where it came from, where it is, who uses it"
        )];
        if let Some(since) = &self.since {
            let before = self.title_of(since.version);
            steps.push(format!("`steward diff {before} {title}`: all that changed"));
        }
        if self.missing().next().is_some() {
            steps.push(format!(
                "`steward distribution {}`: what is in the way where it is not usable",
                self.family
            ));
        }
        steps
    }

    fn keywords(&self) -> Vec<String> {
        let on = self
            .channels
            .iter()
            .map(|on| &on.channel)
            .take(CHANNELS)
            .map(ChannelName::to_string);
        [self.family.to_string(), self.architecture.to_string()]
            .into_iter()
            .chain(on)
            .collect()
    }
}
