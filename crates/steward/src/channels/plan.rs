use std::collections::BTreeMap;

use serde::Serialize;

use super::held::Moved;
use super::wait::Wait;
use crate::ChannelName;

/// Which of a family's channels move by themselves, and what the others wait for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ChannelsPlan {
    /// The next move of each channel that moves.
    pub moves: BTreeMap<ChannelName, Moved>,
    /// What a channel waits for, or what is wrong with where it is; one that moves may wait for what is newer still.
    pub waits: BTreeMap<ChannelName, Vec<Wait>>,
}
