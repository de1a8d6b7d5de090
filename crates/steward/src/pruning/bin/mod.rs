//! Whether a Recycle Bin catches what pruning deletes. Advice and nothing else: no decision goes by it.

mod ahead;
mod cover;
mod rule;

pub use ahead::{BinAhead, bins_ahead, on_their_way};
pub use cover::BinCover;
pub use rule::{BinKind, BinReach, BinRule, BinRules, TagNamed};
