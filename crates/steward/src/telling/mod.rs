//! What people and their programs are told of a release: one message, once it is usable where it must be.
//!
//! One message has three looks: JSON for programs, the document that AWS's chat integration takes, and plain text for mails. Each is
//! bounded: where a list is too long, it says how many more there are. Names, versions and findings are other people's words, and
//! steer no chat.

mod chat;
mod due;
mod facts;
mod listed;
mod machine;
mod mail;
mod message;
mod notice;
mod notification;
mod quoted;
mod subject;
mod summary;
mod texts;
mod waiting;
mod worst;

pub use due::{Telling, TellingFacts, decide_telling};
pub use facts::{BuiltRelease, MessageFacts};
pub(crate) use listed::{Listed, fitting};
pub use message::{Before, ReleaseMessage, ToldBuild, ToldChannel, ToldImage};
pub use notice::{DeregistrationNotice, NoticedBuild, NoticedImage};
pub(crate) use notification::{Notification, ROOM as CHAT_ROOM};
pub(crate) use quoted::Look;
pub(crate) use subject::subject;
pub(crate) use texts::texts;
pub use waiting::WaitingNotice;

#[cfg(test)]
mod tests;
