//! All looks of a message in one: SNS gives each subscriber the text for its protocol.

use serde::Serialize;

use super::message::ReleaseMessage;

#[derive(Serialize)]
struct Texts {
    /// For queues, functions, streams, and all else.
    default: String,
    /// For people.
    email: String,
    /// For chat, which is subscribed by this protocol.
    https: String,
}

/// The texts for all protocols, as SNS takes them (`MessageStructure` is `json`).
pub(crate) fn texts(json: String, text: String, chat: String) -> String {
    let texts = Texts {
        default: json,
        email: text,
        https: chat,
    };
    serde_json::to_string(&texts).unwrap_or_default()
}

impl ReleaseMessage {
    /// All of its texts in one, as SNS takes them.
    pub fn texts(&self) -> String {
        texts(self.json(), self.text(), self.chat())
    }
}
