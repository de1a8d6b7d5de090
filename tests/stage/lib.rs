//! Where whole-system tests play: a world, the real SDK's clients in it, and a family's pipeline.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails right there")]

pub mod aws;
pub mod bench;
pub mod member;
pub mod shop;
pub mod table;
