use super::Rules;
use crate::manifest::diagnostic::Level;
use crate::manifest::document::Path;
use crate::manifest::words::{Platform, VolumeType};
use crate::manifest::{Build, Component, Manifest, Parent, Triggers, Volume};
use crate::{ImageArn, WorkflowStage};

/// Image Builder's limit for one recipe.
const MOST_COMPONENTS: usize = 20;

impl Rules {
    pub(super) fn build(&mut self, build: &Build, manifest: &Manifest) {
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
        for (at, workflow) in build.workflows.iter().enumerate() {
            if workflow.arn.kind() != WorkflowStage::Test && (workflow.on_failure.is_some() || workflow.group.is_some())
            {
                self.say(
                    Level::Error,
                    Path::of(&["build", "workflows"]).item(at).key("arn"),
                    "only workflows that test may fail or run side by side",
                    "leave `on_failure` and `group` out",
                );
            }
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

    pub(super) fn container(&mut self, build: &Build, manifest: &Manifest) {
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
        if let Some(container) = &build.container {
            let base = container.base.as_str();
            let at = &["build", "container", "base"];
            if base.starts_with("arn:")
                && let Err(error) = base.parse::<ImageArn>()
            {
                self.error(
                    at,
                    format!("{error}"),
                    "name an image of Image Builder, or one of a registry",
                );
            }
        }
        if manifest.architectures.len() > 1 {
            self.error(
                &["architectures"],
                "both architectures would be pushed to one repository under one tag",
                "make a family, with a repository of its own, for each",
            );
        }
        if manifest
            .distribute
            .publish
            .as_ref()
            .is_some_and(|publish| !publish.launch_templates.is_empty())
        {
            self.error(
                &["distribute", "publish", "launch_templates"],
                "a launch template starts no container image",
                "leave it out",
            );
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
            VolumeType::Gp2 | VolumeType::Gp3 => (1, 16_000),
            VolumeType::Io1 | VolumeType::Io2 => (4, 16_000),
            VolumeType::St1 | VolumeType::Sc1 => (125, 16_000),
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

    pub(super) fn triggers(&mut self, triggers: &Triggers, build: &Build) {
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
