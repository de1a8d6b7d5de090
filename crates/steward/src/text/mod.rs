//! How every word is read and printed: one shape of parse error, one way through serde.

mod given;
mod padded;
mod parse_error;
mod plural;
mod string_form;
mod words;

pub use given::Given;
pub(crate) use padded::padded;
pub use parse_error::ParseError;
pub(crate) use plural::plural;
pub(crate) use string_form::{boxed_form, deserialize, string_form};
pub use words::Words;
