//! The message for chat.

use std::collections::BTreeMap;

use super::listed::fitting;
use super::message::ReleaseMessage;
use super::notification::{Notification, ROOM};
use super::quoted::Look;
use crate::ChannelName;

const LENGTHS: [usize; 5] = [20, 10, 5, 3, 1];

/// So many channels are keywords.
const CHANNELS: usize = 5;

impl ReleaseMessage {
    /// It for chat.
    pub fn chat(&self) -> String {
        let notification = Notification {
            id: self.release.to_string(),
            title: self.headline(),
            description: fitting(ROOM, &LENGTHS, |most| self.summary(Look::Chat, most)),
            next_steps: self.next_steps(),
            keywords: self.keywords(),
            // What one wave brings lies together.
            thread: self.title(),
            event_type: "release usable",
            related: vec![self.build.name.to_string()],
            context: BTreeMap::from([
                ("release", self.release.to_string()),
                ("family", self.family.to_string()),
                ("architecture", self.architecture.to_string()),
                ("version", self.version.to_string()),
            ]),
        };
        notification.text()
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
