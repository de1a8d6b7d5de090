//! What a manifest may not say although each of its words is well formed.

use std::collections::BTreeSet;

use super::diagnostic::Level;
use super::document::Path;
use super::file::Finding;
use super::words::{ChannelSource, Platform, PublishTo, Tenancy, VolumeType, Wait};
use super::{Audience, Build, Channel, Component, Distribute, Manifest, Parent, Retain, Triggers, Volume};
use crate::{Architecture, ChannelName, Duration, KmsKeyRef, Partition, Region};

/// Image Builder's limit for one recipe.
const MOST_COMPONENTS: usize = 20;
/// Audiences without a role of ours are asked by usage reports, which lag.
const SHARED_DISABLED: Duration = Duration::days(7);

/// A file's name without its folders and `.yaml`.
pub(super) fn stem(name: &str) -> &str {
    let file = name.rsplit('/').next().unwrap_or(name);
    file.strip_suffix(".yaml").unwrap_or(file)
}

pub(super) fn broken(manifest: &Manifest, stem: &str) -> Vec<(Level, Finding)> {
    let mut rules = Rules { found: Vec::new() };
    let Manifest {
        family,
        description: _,
        platform,
        architectures,
        build,
        triggers,
        distribute,
        channels,
        retain,
        adopt,
    } = manifest;
    if family.as_str() != stem {
        let right = format!("rename the file to {family}.yaml, or the family to {stem}");
        rules.error(
            &["family"],
            format!("the file is called {stem}.yaml, the family {family}"),
            right,
        );
    }
    if build.is_none() && adopt.is_none() {
        rules.error(
            &["family"],
            "nothing says where its images come from",
            "add `build`, or `adopt` for images that exist already",
        );
    }
    if let Some(build) = build {
        rules.build(build, manifest);
        rules.triggers(triggers, build);
    }
    if let Some(adopt) = adopt
        && adopt.name.is_none()
        && adopt.tags.is_empty()
    {
        rules.error(
            &["adopt"],
            "this would adopt every image of its owner",
            "say what they are called (`name`) or how they are tagged (`tags`)",
        );
    }
    rules.distribute(distribute, manifest);
    for channel in channels.keys() {
        rules.channel(channel, manifest);
    }
    if let Some(retain) = retain {
        rules.retain(retain, distribute);
    }
    if *platform == Platform::Windows && architectures.contains(&Architecture::Arm64) {
        rules.error(
            &["architectures"],
            "Windows Server has no images for arm64",
            "leave arm64 out",
        );
    }
    rules.one_partition(manifest);
    rules.found
}

/// What is wrong with the template of a Dockerfile.
pub(super) fn dockerfile(text: &str) -> Option<String> {
    const KNOWN: [&str; 3] = ["parentImage", "environments", "components"];
    let mut found = BTreeSet::new();
    for (start, _) in text.match_indices("{{{") {
        let inside = text[start + 3..].split("}}}").next().unwrap_or_default().trim();
        match inside.strip_prefix("imagebuilder:") {
            Some(name) if KNOWN.contains(&name) => {
                found.insert(name);
            }
            _ => {
                let inside: String = inside.chars().take(40).collect();
                return Some(format!(
                    "Image Builder has no placeholder {{{{{{ {} }}}}}}",
                    inside.escape_debug()
                ));
            }
        }
    }
    let missing = KNOWN.into_iter().find(|name| !found.contains(name))?;
    Some(format!(
        "the placeholder {{{{{{ imagebuilder:{missing} }}}}}} is missing"
    ))
}

struct Rules {
    found: Vec<(Level, Finding)>,
}

impl Rules {
    fn error(&mut self, path: &[&str], what: impl Into<String>, right: impl Into<String>) {
        self.say(Level::Error, Path::of(path), what, right);
    }

    fn say(&mut self, level: Level, path: Path, what: impl Into<String>, right: impl Into<String>) {
        let (what, right) = (what.into(), Some(right.into()));
        self.found.push((level, Finding { path, what, right }));
    }

    fn build(&mut self, build: &Build, manifest: &Manifest) {
        let count = build.components.len() + build.tests.len();
        if count > MOST_COMPONENTS {
            let what = format!("{count} components and tests together are more than Image Builder takes in a recipe");
            self.error(
                &["build", "components"],
                what,
                format!("have at most {MOST_COMPONENTS}"),
            );
        }
        self.components(build);
        match (&build.parent, &build.container) {
            (None, None) => self.error(
                &["build"],
                "nothing says what the image is built on",
                "add `parent`, or `container` for container images",
            ),
            (Some(_), Some(_)) => self.error(
                &["build", "parent"],
                "a container image is built on its `base`",
                "leave `parent` out",
            ),
            (Some(Parent::Family(parent)), None) if parent.family == manifest.family => {
                self.error(
                    &["build", "parent", "family"],
                    "a family cannot be its own parent",
                    "name what it is built on",
                );
            }
            _ => {}
        }
        if manifest.architectures.len() > 1
            && let Some(key) = build.parent.as_ref().and_then(single_architecture)
        {
            self.error(
                &["build", "parent", key],
                "this names an image of one architecture, the family has two",
                "name a `parameter` with {architecture} in it, or a family",
            );
        }
        if build.container.is_some() {
            self.container(build, manifest);
        } else if build
            .scanning
            .as_ref()
            .is_some_and(|scanning| scanning.repository.is_some() || !scanning.tags.is_empty())
        {
            self.error(
                &["build", "scanning"],
                "only container images are scanned in a repository",
                "leave `repository` and `tags` out",
            );
        }
        for (at, volume) in build.volumes.iter().enumerate() {
            if build.volumes[..at].iter().any(|before| before.device == volume.device) {
                let path = Path::of(&["build", "volumes"]).item(at).key("device");
                self.say(
                    Level::Error,
                    path,
                    format!("{} is here a second time", volume.device),
                    "describe each device once",
                );
            }
            self.volume(at, volume);
        }
        if !build.workflows.is_empty() && build.execution_role.is_none() {
            self.error(
                &["build", "workflows"],
                "Image Builder runs workflows of your own as a role of your own",
                "add `execution_role`",
            );
        }
        self.infrastructure(build, manifest);
    }

    /// Image Builder takes each component once, whatever its version.
    fn components(&mut self, build: &Build) {
        let mut seen: Vec<String> = Vec::new();
        for (list, components) in [("components", &build.components), ("tests", &build.tests)] {
            for (at, component) in components.iter().enumerate() {
                let (key, name) = match component {
                    Component::Arn(component) => {
                        ("arn", format!("{} of {}", component.arn.name(), component.arn.owner()))
                    }
                    Component::File(component) => ("file", component.file.to_string()),
                };
                if seen.contains(&name) {
                    let path = Path::of(&["build", list]).item(at).key(key);
                    let what = format!("{name} is in this recipe already, and Image Builder takes each component once");
                    self.say(
                        Level::Error,
                        path,
                        what,
                        "leave it out, or copy it to a component of your own",
                    );
                }
                seen.push(name);
            }
        }
    }

    fn container(&mut self, build: &Build, manifest: &Manifest) {
        for (key, there) in [
            ("volumes", !build.volumes.is_empty()),
            ("user_data", build.user_data.is_some()),
            ("licences", !build.licences.is_empty()),
        ] {
            if there {
                self.error(
                    &["build", key],
                    format!("`{key}` is for AMIs: a container image has none"),
                    "leave it out",
                );
            }
        }
        if manifest.platform == Platform::MacOs {
            self.error(
                &["platform"],
                "there are no containers of macOS",
                "say linux or windows",
            );
        }
        if manifest
            .distribute
            .publish
            .as_ref()
            .is_some_and(|publish| publish.parameter.is_some())
        {
            self.error(
                &["distribute", "publish", "parameter"],
                "a parameter of the type aws:ec2:image holds no container image",
                "leave it out: a channel is a tag in the repository",
            );
        }
    }

    fn volume(&mut self, at: usize, volume: &Volume) {
        let path = |key: &str| Path::of(&["build", "volumes"]).item(at).key(key);
        if volume.kms_key.is_some() && volume.encrypted != Some(true) {
            self.say(
                Level::Error,
                path("kms_key"),
                "a volume with a key must be encrypted",
                "add `encrypted: true`",
            );
        }
        let Some(kind) = volume.kind else {
            if volume.iops.is_some() || volume.throughput.is_some() {
                let key = if volume.iops.is_some() { "iops" } else { "throughput" };
                self.say(
                    Level::Error,
                    path(key),
                    format!("`{key}` means nothing without a type"),
                    "add `type`",
                );
            }
            return;
        };
        let (smallest, largest) = match kind {
            VolumeType::Gp2 | VolumeType::Gp3 => (1, 16_384),
            VolumeType::Io1 => (4, 16_384),
            VolumeType::Io2 => (4, 65_536),
            VolumeType::St1 | VolumeType::Sc1 => (125, 16_384),
            VolumeType::Standard => (1, 1024),
        };
        if let Some(size) = volume.size_gb
            && !(smallest..=largest).contains(&size.get())
        {
            let what = format!("a volume of the type {} cannot have {} GiB", kind.as_str(), size.get());
            self.say(
                Level::Error,
                path("size_gb"),
                what,
                format!("give it {smallest} to {largest}"),
            );
        }
        let needs_iops = matches!(kind, VolumeType::Io1 | VolumeType::Io2);
        match volume.iops {
            Some(_) if !needs_iops && kind != VolumeType::Gp3 => {
                self.say(
                    Level::Error,
                    path("iops"),
                    format!("{} takes no `iops`", kind.as_str()),
                    "leave it out, or use gp3, io1 or io2",
                );
            }
            Some(iops) if kind == VolumeType::Gp3 && iops.get() < 3000 => {
                self.say(
                    Level::Error,
                    path("iops"),
                    format!("gp3 has at least 3000 IOPS, not {}", iops.get()),
                    "leave it out for 3000",
                );
            }
            None if needs_iops => {
                self.say(
                    Level::Error,
                    path("type"),
                    format!("{} needs `iops`", kind.as_str()),
                    "add them, or use gp3",
                );
            }
            _ => {}
        }
        if volume.throughput.is_some() && kind != VolumeType::Gp3 {
            self.say(
                Level::Error,
                path("throughput"),
                format!("{} takes no `throughput`", kind.as_str()),
                "leave it out, or use gp3",
            );
        }
    }

    fn infrastructure(&mut self, build: &Build, manifest: &Manifest) {
        let here = &build.infrastructure;
        let at = |key: &'static str| ["build", "infrastructure", key];
        if here.subnet.is_some() == here.security_groups.is_empty() {
            let (there, missing) = if here.subnet.is_some() {
                ("subnet", "security_groups")
            } else {
                ("security_groups", "subnet")
            };
            self.error(
                &at(there),
                format!("`{there}` needs `{missing}`"),
                "add it, or leave both out for the default network",
            );
        }
        for architecture in &manifest.architectures {
            if !here
                .instance_types
                .iter()
                .any(|kind| kind.architecture() == *architecture)
            {
                let what = format!("none of these instance types is for {architecture}: Image Builder will choose one");
                self.say(
                    Level::Warning,
                    Path::of(&at("instance_types")),
                    what,
                    format!("add one, such as {}", example_type(*architecture)),
                );
            }
        }
        for (item, kind) in here.instance_types.iter().enumerate() {
            if !manifest.architectures.contains(&kind.architecture()) {
                let what = format!("{kind} is for {}, which this family is not", kind.architecture());
                let path = Path::of(&at("instance_types")).item(item);
                self.say(
                    Level::Error,
                    path,
                    what,
                    "leave it out, or add its architecture to the family",
                );
            }
            let mac = kind.as_str().starts_with("mac");
            if mac != (manifest.platform == Platform::MacOs) {
                let what = format!("{kind} {} macOS", if mac { "runs only" } else { "does not run" });
                let path = Path::of(&at("instance_types")).item(item);
                self.say(Level::Error, path, what, "name an instance type that fits `platform`");
            }
        }
        let host = here
            .placement
            .as_ref()
            .is_some_and(|placement| placement.tenancy == Tenancy::Host);
        if manifest.platform == Platform::MacOs && !host {
            self.error(
                &at("instance_types"),
                "macOS runs on dedicated hosts only",
                "add `placement: { tenancy: host, … }`",
            );
        }
        if let Some(placement) = &here.placement {
            let named = placement.host.is_some() || placement.host_resource_group.is_some();
            if placement.host.is_some() && placement.host_resource_group.is_some() {
                self.error(
                    &at("placement"),
                    "`host` and `host_resource_group` exclude each other",
                    "keep one of them",
                );
            } else if named != host {
                let (what, right) = if host {
                    ("the tenancy host needs a host", "add `host` or `host_resource_group`")
                } else {
                    (
                        "a host is used by the tenancy host only",
                        "add `tenancy: host`, or leave the host out",
                    )
                };
                self.error(&at("placement"), what, right);
            }
        }
    }

    fn triggers(&mut self, triggers: &Triggers, build: &Build) {
        if triggers.debounce > triggers.wait_at_most {
            let what = format!(
                "reasons are gathered for {}, but waited for {} at most",
                triggers.debounce, triggers.wait_at_most
            );
            self.error(&["triggers", "debounce"], what, "make `wait_at_most` the longer one");
        }
        if triggers.base.is_some() && matches!(build.parent, Some(Parent::Family(_))) {
            self.say(
                Level::Warning,
                Path::of(&["triggers", "base"]),
                "the parent is a family of ours, which says itself when it moves",
                "leave `base` out: that is what `parent` is for",
            );
        }
        for (at, freeze) in triggers.freeze.iter().enumerate() {
            if freeze.from > freeze.to {
                let path = Path::of(&["triggers", "freeze"]).item(at).key("to");
                self.say(
                    Level::Error,
                    path,
                    format!("this freeze ends on {}, before it begins", freeze.to),
                    "exchange `from` and `to`",
                );
            }
        }
    }

    fn distribute(&mut self, distribute: &Distribute, manifest: &Manifest) {
        let Distribute {
            regions,
            copy_to: _,
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
        if publish.to.contains(&PublishTo::Audience) && nobody(share_with) && distribute.copy_to.is_empty() {
            self.error(
                &at("to"),
                "there is no audience",
                "add `share_with` or `copy_to`, or publish to the hub alone",
            );
        }
    }

    fn channel(&mut self, name: &ChannelName, manifest: &Manifest) {
        let mut way = vec![name];
        while let Some(Channel::Follows(follows)) = way.last().and_then(|last| manifest.channels.get(*last)) {
            let ChannelSource::Channel(next) = &follows.from else {
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
                            format!(", or one of {}", super::document::listed(&known))
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

    fn retain(&mut self, retain: &Retain, distribute: &Distribute) {
        let ladder = &retain.ladder;
        let rungs = [
            ("deprecate", ladder.deprecate),
            ("disable", ladder.disable),
            ("delete", ladder.delete),
        ];
        for pair in rungs.windows(2) {
            let [(before, earlier), (after, later)] = pair else {
                continue;
            };
            let at = ["retain", "ladder", after];
            match (earlier, later) {
                (Wait::Never, Wait::After(_)) => self.error(
                    &at,
                    format!("`{after}` is never reached: `{before}` is not"),
                    format!("say when to {before}, or leave `{after}` out"),
                ),
                (Wait::After(earlier), Wait::After(later)) if later < earlier => {
                    self.error(
                        &at,
                        format!("`{after}` after {later} would come before `{before}` after {earlier}"),
                        "make it the longer one",
                    );
                }
                _ => {}
            }
        }
        if let (Wait::After(disable), Wait::After(delete)) = (ladder.disable, ladder.delete)
            && !nobody(&distribute.share_with)
            && delete >= disable
            && delete.length() < disable.length() + SHARED_DISABLED.length()
        {
            let what = format!(
                "shared images are deleted {} after they are disabled, must be at least {SHARED_DISABLED}",
                between(disable, delete)
            );
            self.error(
                &["retain", "ladder", "delete"],
                what,
                "who uses a shared image is known only days later",
            );
        }
    }

    /// One manifest lives in one partition of AWS.
    fn one_partition(&mut self, manifest: &Manifest) {
        let regions: Vec<(Path, &Region)> = manifest
            .distribute
            .regions
            .keys()
            .map(|region| (Path::of(&["distribute", "regions"]).key(region), region))
            .collect();
        let mut first: Option<(Partition, &Region)> = None;
        for (path, region) in regions {
            let partition = region.partition();
            match first {
                None => first = Some((partition, region)),
                Some((known, other)) if known != partition => {
                    self.say(Level::Error, path, format!("{region} is in the partition {partition}, {other} in {known}: no image can be copied between them"), "write a manifest for each partition");
                }
                Some(_) => {}
            }
        }
    }
}

/// The key of a parent that can only be an image of one architecture.
fn single_architecture(parent: &Parent) -> Option<&'static str> {
    match parent {
        Parent::Family(_) => None,
        Parent::Parameter(parent) => (!parent.parameter.as_str().contains("{architecture}")).then_some("parameter"),
        Parent::Image(_) => Some("image"),
        Parent::Ami(_) => Some("ami"),
    }
}

/// Whether nobody but the hub may use the images.
pub(super) fn nobody(audience: &Audience) -> bool {
    let Audience {
        accounts,
        units,
        organizations,
        public,
        may_copy: _,
    } = audience;
    accounts.is_empty() && units.is_empty() && organizations.is_empty() && !public
}

fn between(earlier: Duration, later: Duration) -> String {
    let seconds = later.length().saturating_sub(earlier.length()).as_secs();
    for (unit, length) in [("d", 86_400), ("h", 3_600), ("m", 60)] {
        if seconds >= length && seconds.is_multiple_of(length) {
            return format!("{}{unit}", seconds / length);
        }
    }
    format!("{seconds}s")
}

const fn example_type(architecture: Architecture) -> &'static str {
    match architecture {
        Architecture::Arm64 => "t4g.medium",
        Architecture::X86_64 => "t3.medium",
    }
}
