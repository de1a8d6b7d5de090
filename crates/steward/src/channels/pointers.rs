use std::collections::BTreeMap;

use serde::Serialize;

use super::held::ChannelHeld;
use crate::{ChannelName, ReleaseId, Timestamp};

/// The channels that releases are on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pointers(BTreeMap<ReleaseId, Vec<OnChannel>>);

/// A channel that a release is on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct OnChannel {
    /// Which.
    pub channel: ChannelName,
    /// Since when it has pointed to the release.
    pub since: Timestamp,
}

impl Pointers {
    /// Those of these families.
    pub fn of(families: impl IntoIterator<Item = BTreeMap<ChannelName, ChannelHeld>>) -> Self {
        let mut on: BTreeMap<ReleaseId, Vec<OnChannel>> = BTreeMap::new();
        for (channel, held) in families.into_iter().flatten() {
            for (release, since) in held.points_to() {
                let channel = channel.clone();
                on.entry(release).or_default().push(OnChannel { channel, since });
            }
        }
        Self(on)
    }

    /// The channels that a release is on, by their names.
    pub fn to(&self, release: ReleaseId) -> &[OnChannel] {
        self.0.get(&release).map(Vec::as_slice).unwrap_or_default()
    }

    /// The names alone.
    pub fn names(&self, release: ReleaseId) -> Vec<ChannelName> {
        self.to(release).iter().map(|on| on.channel.clone()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Architecture::{self, Arm64, X86_64};
    use crate::channels::{Moved, Mover};
    use crate::testing::release;

    fn at(hour: u8) -> Timestamp {
        format!("2026-01-18T{hour:02}:00:00Z").parse().unwrap()
    }

    /// Moved each hour, from one o'clock on.
    fn held(pointed: &[&[(Architecture, usize)]]) -> ChannelHeld {
        let moved = |(number, to): (u8, &&[(Architecture, usize)])| Moved {
            number: number.into(),
            to: to
                .iter()
                .map(|(architecture, n)| (*architecture, release(*n)))
                .collect(),
            at: at(number),
            by: Mover::Itself,
            why: "it is newer".into(),
            backward: false,
        };
        ChannelHeld {
            history: (1..).zip(pointed).map(moved).collect(),
        }
    }

    fn family(channels: &[(&str, ChannelHeld)]) -> BTreeMap<ChannelName, ChannelHeld> {
        let channel = |(name, held): &(&str, ChannelHeld)| (name.parse().unwrap(), held.clone());
        channels.iter().map(channel).collect()
    }

    fn on(pointers: &Pointers, n: usize) -> Vec<(String, Timestamp)> {
        let on = pointers.to(release(n)).iter();
        on.map(|on| (on.channel.to_string(), on.since)).collect()
    }

    #[test]
    fn a_release_is_on_every_channel_that_points_to_it_now_and_on_none_that_did() {
        let pointers = Pointers::of([
            family(&[
                ("stable", held(&[&[(X86_64, 1)], &[(X86_64, 2)]])),
                ("candidate", held(&[&[(X86_64, 2)]])),
                ("unmoved", ChannelHeld::default()),
            ]),
            family(&[("stable", held(&[&[(X86_64, 3)]]))]),
        ]);
        assert_eq!(on(&pointers, 1), []);
        assert_eq!(
            on(&pointers, 2),
            [(String::from("candidate"), at(1)), (String::from("stable"), at(2))]
        );
        assert_eq!(on(&pointers, 3), [(String::from("stable"), at(1))]);
        assert_eq!(
            pointers.names(release(2)),
            ["candidate", "stable"].map(|name| name.parse().unwrap())
        );
    }

    #[test]
    fn it_is_there_since_it_came_last_whatever_else_moved_since() {
        let pointers = Pointers::of([family(&[(
            "stable",
            held(&[
                &[(X86_64, 1), (Arm64, 4)],
                &[(X86_64, 2), (Arm64, 4)],
                &[(X86_64, 1), (Arm64, 4)],
                &[(X86_64, 1), (Arm64, 5)],
            ]),
        )])]);
        assert_eq!(on(&pointers, 1), [(String::from("stable"), at(3))]);
        assert_eq!(on(&pointers, 5), [(String::from("stable"), at(4))]);
        assert_eq!((on(&pointers, 2), on(&pointers, 4)), (Vec::new(), Vec::new()));
    }
}
