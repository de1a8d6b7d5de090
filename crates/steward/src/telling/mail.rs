//! The message as a mail: text without markup.

use super::listed::fitting;
use super::message::ReleaseMessage;
use super::quoted::Look;
use super::subject::subject;

/// Bytes of a mail's text. People who want more ask the command line.
const ROOM: usize = 16 << 10;

const LENGTHS: [usize; 6] = [100, 50, 20, 10, 5, 1];

impl ReleaseMessage {
    /// A mail's subject.
    pub fn subject(&self) -> String {
        subject(&self.family, &self.headline())
    }

    /// It for people, as text.
    pub fn text(&self) -> String {
        fitting(ROOM, &LENGTHS, |most| {
            let summary = self.summary(Look::Plain, most);
            format!("{}.\n\n{summary}\n", self.headline())
        })
    }
}
