//! A whole AWS on this machine, with the hub deployed in it: `cargo xtask up` and `down`.

mod deploy;
mod down;
mod ground;
mod server;
mod story;
mod tools;
mod up;

pub(crate) use deploy::{build_panics, steward};
pub(crate) use down::{down, end, remove};
pub(crate) use ground::Ground;
pub(crate) use up::{deployed, up};
