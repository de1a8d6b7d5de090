//! All looks of the message in one: SNS gives each subscriber the text for its protocol.

use serde::Serialize;

use super::message::ReleaseMessage;

#[derive(Serialize)]
pub(super) struct Texts {
    /// For queues, functions, streams, and all else.
    pub(super) default: String,
    /// For people.
    pub(super) email: String,
    /// For chat, which is subscribed by this protocol.
    pub(super) https: String,
}

impl ReleaseMessage {
    /// The texts for all protocols, as SNS takes them (`MessageStructure` is `json`).
    pub fn texts(&self) -> String {
        let texts = Texts {
            default: self.json(),
            email: self.text(),
            https: self.chat(),
        };
        serde_json::to_string(&texts).unwrap_or_default()
    }
}
