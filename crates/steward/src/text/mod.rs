//! How every word is read and printed: one shape of parse error, one way through serde.

mod digest;
mod given;
mod hexadecimal;
mod padded;
mod parse_error;
mod plural;
mod string_form;
mod table;
mod with_causes;
mod words;

pub(crate) use digest::digest;
pub use given::Given;
pub(crate) use hexadecimal::hexadecimal;
pub(crate) use padded::padded;
pub use parse_error::ParseError;
pub use plural::plural;
pub(crate) use string_form::{boxed_form, deserialize, string_form};
pub use table::{headed, table};
pub use with_causes::with_causes;
pub use words::{Words, steers};
