//! The names people choose.

mod channel_name;
mod family_name;
mod rule;

pub use channel_name::ChannelName;
pub use family_name::FamilyName;
pub(crate) use rule::check_characters;
pub use rule::{NameError, NameProblem};
