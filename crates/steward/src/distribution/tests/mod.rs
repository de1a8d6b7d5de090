//! Each rule by itself; then all of them at once, in a world that does what EC2 does, and beside a second opinion.

mod copies;
mod images;
mod keys;
mod lending;
mod owned;
mod properties;
mod random;
mod reference;
mod sentences;
mod sharing;
mod stage;
mod world;
