use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{Architecture, ChannelName, ReleaseId, Timestamp, Words};

/// A release of each architecture.
pub type Pointed = BTreeMap<Architecture, ReleaseId>;

/// A channel as the record has it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ChannelHeld {
    /// Every move of it, the newest last. None: it points to nothing yet.
    pub history: Vec<Moved>,
}

impl ChannelHeld {
    /// The move that put it where it is.
    pub fn now(&self) -> Option<&Moved> {
        self.history.last()
    }

    /// The releases that it points to.
    pub fn releases(&self) -> impl Iterator<Item = ReleaseId> {
        self.now().into_iter().flat_map(|moved| moved.to.values().copied())
    }

    /// What it points to, and since when without a break: another architecture's move is none. No moves before those that
    /// are held are known.
    pub fn points_to(&self) -> impl Iterator<Item = (ReleaseId, Timestamp)> {
        self.releases().filter_map(|release| {
            let is_there = |moved: &&Moved| moved.to.values().any(|to| *to == release);
            let since = self.history.iter().rev().take_while(is_there).last()?;
            Some((release, since.at))
        })
    }
}

impl ChannelHeld {
    /// What it pointed to since then and does not any more, and until when. No moves before those that are held are known.
    pub fn left_since(&self, since: Timestamp) -> impl Iterator<Item = (ReleaseId, Timestamp)> {
        let moves = self.history.iter().zip(self.history.iter().skip(1));
        let left = moves.flat_map(|(before, after)| before.to.values().map(|release| (*release, after.at)));
        left.filter(move |(_, until)| *until > since)
    }
}

/// The moves of one of a family's channels, the newest last.
pub fn history_of<'a>(channels: &'a BTreeMap<ChannelName, ChannelHeld>, name: &ChannelName) -> &'a [Moved] {
    channels.get(name).map_or(&[], |ChannelHeld { history }| history)
}

/// One move of a channel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moved {
    /// Which one of this channel, from 1 on.
    pub number: u32,
    /// What it has pointed to since.
    pub to: Pointed,
    /// When.
    pub at: Timestamp,
    /// Who moved it.
    pub by: Mover,
    /// Why.
    pub why: Words,
    /// Whether some architecture went to an older release.
    pub backward: bool,
}

/// Who moves a channel.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Mover {
    /// It moved by its rule.
    Itself,
    /// This person did, by the name that AWS knows them by.
    Person(String),
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::release;

    #[test]
    fn a_move_is_kept_as_it_was() {
        let moved = |by| Moved {
            number: 3,
            to: [(Architecture::Arm64, release(1)), (Architecture::X86_64, release(2))].into(),
            at: "2026-01-18T17:50:56Z".parse().unwrap(),
            by,
            why: "1.4.2/3 is revoked".into(),
            backward: true,
        };
        let person = moved(Mover::Person("arn:aws:iam::111122223333:user/ann".to_owned()));
        let kept = serde_json::json!({
            "number": 3,
            "to": { "arm64": release(1), "x86_64": release(2) },
            "at": "2026-01-18T17:50:56.000Z",
            "by": { "person": "arn:aws:iam::111122223333:user/ann" },
            "why": "1.4.2/3 is revoked",
            "backward": true,
        });
        assert_eq!(serde_json::to_value(&person).unwrap(), kept);
        assert_eq!(serde_json::from_value::<Moved>(kept).unwrap(), person);
        let itself = serde_json::to_value(moved(Mover::Itself)).unwrap();
        assert_eq!(itself["by"], "itself");
        assert_eq!(serde_json::from_value::<Moved>(itself).unwrap(), moved(Mover::Itself));
    }
}
