//! Channels, published as parameters: in the hub, and in the accounts of the audience.

use super::super::{Architecture, ParameterVersion, Who};
use super::Founding;
use crate::world::Target;

impl Founding<'_> {
    pub(super) fn channels(&mut self) {
        for family in 0..self.made.families.len() {
            let regions: Vec<_> = self.made.families[family].regions().collect();
            let hub = self.settings.hub.account;
            let audience = self.made.families[family].audience.clone();
            for channel in self.made.families[family].channels.clone() {
                let name = format!(
                    "/golden/{}/{}/{}",
                    self.made.families[family].name, channel.architecture, channel.name
                );
                for account in std::iter::once(hub).chain(audience.iter().copied()) {
                    for region in &regions {
                        let here = Target {
                            account,
                            region: *region,
                        };
                        let owner = Target { account: hub, ..here };
                        self.publish(here, &name, channel.release, owner);
                    }
                }
            }
        }
    }

    /// Writes a channel's parameter: what it was before, and what it is.
    fn publish(&mut self, here: Target, name: &str, release: usize, owner: Target) {
        if self.is_closed(here.account) {
            return;
        }
        let Some(now) = self.lines.of_release(release, owner) else {
            return;
        };
        let placement = &self.made.placements[now];
        let beside = self.lines.beside(placement, &self.made.releases);
        let before = beside.iter().copied().find(|place| *place != now);
        let history: Vec<usize> = before.into_iter().chain([now]).collect();
        for (place, is_current) in history.iter().zip([history.len() == 1, true]) {
            let value = self.made.placements[*place].ami.to_string();
            let at = self.made.placements[*place].created.min(self.made.founded);
            let number = self.world.parameters.put(here, name, &value, at);
            let version = ParameterVersion {
                name: name.into(),
                number: u64::try_from(number).unwrap_or(u64::MAX),
                is_current,
                label: None,
            };
            self.note(here, Who::Parameter(Box::new(version)), Some(*place));
        }
    }

    /// The image a channel's parameter holds in a target of the hub's.
    pub(super) fn on_channel(&self, family: usize, of: Architecture, name: &str, here: Target) -> Option<usize> {
        let mut channels = self.made.families[family].channels.iter();
        let channel = channels.find(|channel| channel.architecture == of && channel.name == name)?;
        self.lines.of_release(channel.release, here)
    }
}
