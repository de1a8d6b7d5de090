//! Each rule by itself; then all of them at once, on random views.

mod due;
mod grants;
mod properties;
mod sentences;
mod stage;
mod tags;
