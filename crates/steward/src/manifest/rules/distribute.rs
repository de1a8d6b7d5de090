use super::Rules;
use crate::manifest::diagnostic::Level;
use crate::manifest::document::Path;
use crate::manifest::words::PublishTo;
use crate::manifest::{Audience, Distribute, Manifest};
use crate::{FamilyName, KmsKeyRef, OrganizationArn, OrganizationalUnitArn};

impl Rules {
    pub(super) fn distribute(&mut self, distribute: &Distribute, manifest: &Manifest) {
        let Distribute {
            regions,
            copy_to,
            share_with,
            exclusive: _,
            tags: _,
            publish,
        } = distribute;
        for (region, copy) in regions.iter() {
            if let Some(KmsKeyRef::AliasArn { region: of_key, .. } | KmsKeyRef::IdArn { region: of_key, .. }) =
                &copy.kms_key
                && of_key != region
            {
                let path = Path::of(&["distribute", "regions"]).key(region).key("kms_key");
                self.say(
                    Level::Error,
                    path,
                    format!("this key is in {of_key}, and encrypts nothing in {region}"),
                    format!("name a key of {region}"),
                );
            }
        }
        if regions.is_empty() && !copy_to.is_empty() {
            self.error(
                &["distribute", "copy_to"],
                "nobody gets a copy without a Region",
                "add `regions`, the one where it is built too if copies are to be there",
            );
        }
        self.public_said_twice(share_with, &manifest.family);
        if share_with.public {
            let encrypted = regions.values().any(|copy| copy.kms_key.is_some())
                || manifest
                    .build
                    .iter()
                    .flat_map(|build| &build.volumes)
                    .any(|volume| volume.encrypted == Some(true));
            if encrypted {
                self.error(
                    &["distribute", "share_with", "public"],
                    "an encrypted image cannot be public",
                    "leave out the keys and `encrypted`, or name who may use it",
                );
            }
        }
        let Some(publish) = publish else { return };
        let at = |key: &'static str| ["distribute", "publish", key];
        if publish.parameter.is_none() && publish.launch_templates.is_empty() {
            self.error(
                &["distribute", "publish"],
                "this publishes nothing",
                "add `parameter` or `launch_templates`",
            );
        }
        if manifest.channels.is_empty() {
            self.error(
                &["distribute", "publish"],
                "there is no channel to publish",
                "add `channels`",
            );
        }
        if let Some(parameter) = &publish.parameter {
            if manifest.architectures.len() > 1 && !parameter.tells_architectures_apart() {
                self.error(
                    &at("parameter"),
                    "two architectures would have one parameter",
                    "put {architecture} into it",
                );
            }
            if manifest.channels.len() > 1 && !parameter.tells_channels_apart() {
                self.error(
                    &at("parameter"),
                    "two channels would have one parameter",
                    "put {channel} into it",
                );
            }
        }
        if publish.to.contains(&PublishTo::Audience) && share_with.is_nobody() && distribute.copy_to.is_empty() {
            self.error(
                &at("to"),
                "there is no audience",
                "add `share_with` or `copy_to`, or publish to the hub alone",
            );
        }
    }

    /// What everybody may use is never private again: one slip of the hand must not be enough.
    fn public_said_twice(&mut self, audience: &Audience, family: &FamilyName) {
        let (key, what, help) = match (audience.public, &audience.everybody_may_use) {
            (false, None) => return,
            (true, Some(named)) if named == family => return,
            (true, None) => (
                "public",
                String::from("that everybody may use this family is said once, and must be said twice"),
                format!("add `everybody_may_use: {family}` beside it if that is meant, or leave it out"),
            ),
            (false, Some(_)) => (
                "everybody_may_use",
                String::from("that everybody may use this family is said once, and must be said twice"),
                String::from("add `public: true` beside it if that is meant, or leave it out"),
            ),
            (true, Some(named)) => (
                "everybody_may_use",
                format!("this names the family {named}, and not this one"),
                format!("write `everybody_may_use: {family}` if that is meant, or leave it out with `public`"),
            ),
        };
        self.say(Level::Error, Path::of(&["distribute", "share_with", key]), what, help);
    }

    /// One manifest lives in one partition of AWS: nothing is copied, launched or shared beyond it.
    pub(super) fn one_partition(&mut self, manifest: &Manifest) {
        let Some((first, known)) = manifest.distribute.lies_in() else {
            return;
        };
        let Distribute {
            regions,
            share_with,
            publish,
            ..
        } = &manifest.distribute;
        let regions = regions.keys().map(|region| {
            let path = Path::of(&["distribute", "regions"]).key(region);
            (path, *region, "copied")
        });
        let templates = publish.iter().flat_map(|publish| publish.launch_templates.iter());
        let templates = templates.enumerate().map(|(at, template)| {
            let path = Path::of(&["distribute", "publish", "launch_templates"]).item(at);
            (path.key("region"), template.region, "shared")
        });
        for (path, region, done) in regions.chain(templates) {
            let partition = region.partition();
            if partition != known {
                self.say(Level::Error, path, format!("{region} is in the partition {partition}, {first} in {known}: no image can be {done} between them"), "write a manifest for each partition");
            }
        }
        let units = share_with.units.iter().map(OrganizationalUnitArn::partition);
        let organizations = share_with.organizations.iter().map(OrganizationArn::partition);
        let units = units.enumerate().map(|(at, partition)| ("units", at, partition));
        let organizations = organizations
            .enumerate()
            .map(|(at, partition)| ("organizations", at, partition));
        for (list, at, partition) in units.chain(organizations).filter(|(.., other)| *other != known) {
            self.say(
                Level::Error,
                Path::of(&["distribute", "share_with", list]).item(at),
                format!("this is in the partition {partition}, {first} in {known}: nothing can be shared between them"),
                format!("name {list} of {known}"),
            );
        }
    }
}
