//! Each rule by itself; then all of them at once, in a world that does what AWS does.

mod left;
mod parameters;
mod properties;
mod random;
mod sentences;
mod stage;
mod templates;
mod trimming;
mod world;
