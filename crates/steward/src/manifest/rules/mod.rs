//! What a manifest may not say although each of its words is well formed.

mod build;
mod channels;
mod distribute;
mod dockerfile;
mod infrastructure;
mod retain;

use super::Manifest;
use super::diagnostic::Level;
use super::document::Path;
use super::finding::Finding;
use super::words::{AmiOwner, Platform};
use crate::Architecture;

pub(super) use dockerfile::dockerfile;

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
    if adopt.as_ref().is_some_and(|adopt| adopt.owner == AmiOwner::Amazon) {
        rules.error(
            &["adopt", "owner"],
            "nobody else can retire images of Amazon",
            "say `self`, or the hub's account",
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

struct Rules {
    found: Vec<(Level, Finding)>,
}

impl Rules {
    pub(super) fn error(&mut self, path: &[&str], what: impl Into<String>, right: impl Into<String>) {
        self.say(Level::Error, Path::of(path), what, right);
    }

    pub(super) fn say(&mut self, level: Level, path: Path, what: impl Into<String>, right: impl Into<String>) {
        let (what, right) = (what.into(), Some(right.into()));
        self.found.push((level, Finding { path, what, right }));
    }
}
