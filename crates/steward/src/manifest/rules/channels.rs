use super::Rules;
use crate::ChannelName;
use crate::manifest::diagnostic::Level;
use crate::manifest::document::{Path, listed};
use crate::manifest::words::ChannelSource;
use crate::manifest::{Channel, Manifest};

impl Rules {
    pub(super) fn channel(&mut self, name: &ChannelName, manifest: &Manifest) {
        let mut way = vec![name];
        while let Some(Channel::Follows(follows)) = way.last().and_then(|last| manifest.channels.get(*last)) {
            let ChannelSource::Channel(next) = &follows.from else {
                if way.len() == 1 && follows.after.is_some() {
                    self.say(
                        Level::Error,
                        Path::of(&["channels"]).key(name).key("after"),
                        String::from("`after` counts from when another channel pointed there, and `release` is none"),
                        "leave it out, or follow another channel",
                    );
                }
                return;
            };
            let path = Path::of(&["channels"]).key(name).key("from");
            if !manifest.channels.contains_key(next) {
                if way.len() == 1 {
                    let known: Vec<&str> = manifest
                        .channels
                        .keys()
                        .map(ChannelName::as_str)
                        .filter(|known| *known != name.as_str())
                        .collect();
                    let right = format!(
                        "follow `release`{}",
                        if known.is_empty() {
                            String::new()
                        } else {
                            format!(", or one of {}", listed(&known))
                        }
                    );
                    self.say(Level::Error, path, format!("there is no channel {next}"), right);
                }
                return;
            }
            if next == name {
                let mut names: Vec<&str> = way.iter().map(|name| name.as_str()).collect();
                names.push(name.as_str());
                // Each of the circle would say the same.
                if way.iter().all(|other| *other >= name) {
                    self.say(
                        Level::Error,
                        path,
                        format!("these channels follow each other: {}", names.join(" → ")),
                        "let one of them follow `release`",
                    );
                }
                return;
            }
            if way.contains(&next) {
                return;
            }
            way.push(next);
        }
    }
}
