//! Each rule by itself.

mod parameters;
mod sentences;
mod stage;
mod templates;
mod trimming;
