//! Strict YAML, read into typed parts: every problem at once, each with its place.
//!
//! A part (`record!`, `choice!`) is declared once, with its doc comments, and that declaration is how it is read, how it is
//! printed, what the JSON Schema says of it and what the reference page says of it.

mod choice;
mod node;
mod parse;
mod print;
mod problem;
mod read;
mod record;
mod shape;
mod value;
mod word;

pub(super) use choice::{choice, told_by};
pub(super) use node::{Content, Key, Node, Plain, Span};
pub(super) use parse::parse;
pub(super) use print::{Tree, print};
pub(super) use problem::{Part, Path, Problem};
pub(super) use read::{Entries, Reading, listed, nearest};
pub(super) use record::{Default, FieldSpec, Optional, Required, absent, held, key, prose, record, spec};
pub(super) use shape::{ChoiceShape, FieldShape, Need, RecordShape, Shape, Shapes};
pub(super) use value::Value;
pub use value::{List, Map, Number};
pub(super) use word::{Word, not_one_of, word, words};
