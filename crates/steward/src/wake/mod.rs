//! What starts a function, read from the JSON it is given: where to look, never what is true.

mod envelope;
mod error;
mod message;
mod read;
mod vendors;

pub use error::WakeError;
pub use read::{Heard, Wake};
pub use vendors::VENDOR_TOPICS;
