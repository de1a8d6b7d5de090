//! Each rule by itself; then all of them at once, through a family's life and beside a second opinion.

mod following;
mod promotion;
mod properties;
mod random;
mod reference;
mod releases;
mod requests;
mod revoked;
mod rollback;
mod sentences;
mod stage;
