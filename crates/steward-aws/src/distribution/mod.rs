//! Where releases are to be: what a target has of a family, and the calls that bring it there.

mod act;
mod lend;
mod read;
mod region;
