//! What is wrong only when manifests are seen together.

use std::collections::BTreeMap;

use super::diagnostic::{Diagnostic, Level};
use super::document::{Path, listed, nearest};
use super::file::{FileRole, ManifestFile, Read};
use super::finding::Finding;
use super::pointers::Pointers;
use super::words::FilePath;
use super::{Manifest, ParentFamily};
use crate::FamilyName;

/// What came of checking all manifests.
pub struct Checked {
    /// Those without errors of their own, in the order they were given.
    pub files: Vec<ManifestFile>,
    /// All that was found, file by file.
    pub diagnostics: Vec<Diagnostic>,
}

impl Checked {
    /// Whether all of it may be applied.
    pub fn is_right(&self) -> bool {
        self.diagnostics
            .iter()
            .all(|diagnostic| diagnostic.level == Level::Warning)
    }
}

/// Checks manifests, each by itself, with the files it names, and all together. `read` gives a named file's content, or says
/// why it cannot.
pub fn check(
    manifests: &[(String, Vec<u8>)],
    mut read: impl FnMut(&ManifestFile, &FilePath) -> Result<Vec<u8>, String>,
) -> Checked {
    let mut checked = Checked {
        files: Vec::new(),
        diagnostics: Vec::new(),
    };
    for (name, content) in manifests {
        let Read { file, diagnostics } = ManifestFile::read(name, content);
        checked.diagnostics.extend(diagnostics);
        if let Some(file) = file {
            for named in file.named_files() {
                let content = read(&file, &named.path);
                checked.diagnostics.extend(file.check_named(&named, content));
            }
            checked.files.push(file);
        }
    }
    // A parent that could not be read is not a parent that is not there.
    if checked.files.len() == manifests.len() {
        checked.diagnostics.extend(check_together(&checked.files));
    }
    checked
}

/// What is wrong with manifests only beside those that hold and are not among them: what lies in another folder no check of this one
/// sees.
pub fn check_beside<'a>(files: impl IntoIterator<Item = &'a ManifestFile>, held: &'a [Manifest]) -> Vec<Diagnostic> {
    let mut pointers = Pointers::of(held);
    let diagnose = |file: &'a ManifestFile| {
        let shared = pointers.add(file.manifest()).into_iter();
        let diagnostics = shared.map(|shared| file.diagnose(Level::Error, shared.into()));
        diagnostics.collect::<Vec<_>>()
    };
    files.into_iter().flat_map(diagnose).collect()
}

/// Families that refer to each other form a graph: what does not fit in it.
fn check_together(files: &[ManifestFile]) -> Vec<Diagnostic> {
    let mut fleet = Fleet {
        files,
        by_name: BTreeMap::new(),
        found: Vec::new(),
    };
    for file in files {
        if let Some(first) = fleet.by_name.get(&file.manifest().family) {
            let what = format!("{} is described in {} already", file.manifest().family, first.name());
            fleet.error(file, Path::of(&["family"]), what, "one file describes a family");
        } else {
            fleet.by_name.insert(file.manifest().family.clone(), file);
        }
    }
    fleet.parents();
    fleet.cycles();
    fleet.components();
    fleet.pointers();
    fleet.repositories();
    fleet.partitions();
    fleet.found
}

struct Fleet<'a> {
    files: &'a [ManifestFile],
    by_name: BTreeMap<FamilyName, &'a ManifestFile>,
    found: Vec<Diagnostic>,
}

impl<'a> Fleet<'a> {
    fn error(&mut self, file: &ManifestFile, path: Path, what: impl Into<String>, right: impl Into<String>) {
        let (what, right) = (what.into(), Some(right.into()));
        self.found
            .push(file.diagnose(Level::Error, Finding { path, what, right }));
    }

    fn parents(&mut self) {
        let at = |key: &'static str| Path::of(&["build", "parent", key]);
        for file in self.files {
            let Some(ParentFamily { family, channel }) = file.manifest().parent_family() else {
                continue;
            };
            let child = file.manifest();
            let Some(parent) = self.by_name.get(family).copied() else {
                let known: Vec<&str> = self.by_name.keys().map(FamilyName::as_str).collect();
                let right = match nearest(family.as_str(), &known) {
                    Some(near) => format!("did you mean {near}?"),
                    None => format!("write {family}.yaml beside it"),
                };
                self.error(file, at("family"), format!("there is no family {family}"), right);
                continue;
            };
            let parent = parent.manifest();
            if !parent.channels.contains_key(channel) && *family != child.family {
                let known: Vec<&str> = parent.channels.keys().map(crate::ChannelName::as_str).collect();
                self.error(
                    file,
                    at("channel"),
                    format!("the family {family} has no channel {channel}"),
                    format!("it has {}", listed(&known)),
                );
            }
            if parent
                .distribute
                .publish
                .as_ref()
                .is_none_or(|publish| publish.parameter.is_none())
            {
                let what = format!("the family {family} publishes no parameter for this one to follow");
                self.error(
                    file,
                    at("family"),
                    what,
                    format!("add `distribute: {{ publish: {{ parameter: … }} }}` to {family}"),
                );
            }
            for architecture in &child.architectures {
                if !parent.architectures.contains(architecture) {
                    let what = format!("{} is for {architecture}, its parent {family} is not", child.family);
                    self.error(
                        file,
                        Path::of(&["architectures"]),
                        what,
                        format!("add it to {family}, or leave it out here"),
                    );
                }
            }
            if parent.platform != child.platform {
                let what = format!(
                    "{} is for {}, its parent {family} for {}",
                    child.family,
                    child.platform.as_str(),
                    parent.platform.as_str()
                );
                self.error(file, at("family"), what, "parent and child have one platform");
            }
            if parent.build.as_ref().is_some_and(|build| build.container.is_some()) {
                self.error(
                    file,
                    at("family"),
                    format!("{family} is a family of container images"),
                    "name it as `base` of a `container`",
                );
            }
        }
    }

    fn cycles(&mut self) {
        for file in self.files {
            let start = &file.manifest().family;
            let mut way = vec![start];
            while let Some(next) = self
                .by_name
                .get(way[way.len() - 1])
                .and_then(|file| file.manifest().parent_family())
            {
                let next = &next.family;
                if next == start && way.len() > 1 {
                    // Said once, of the first by name.
                    if way.iter().all(|other| *other >= start) {
                        let mut names: Vec<&str> = way.iter().map(|family| family.as_str()).collect();
                        names.push(start.as_str());
                        let what = format!("these families are each other's parents: {}", names.join(" → "));
                        self.error(
                            file,
                            Path::of(&["build", "parent", "family"]),
                            what,
                            "let one of them start from a base image",
                        );
                    }
                    break;
                }
                if way.contains(&next) {
                    break;
                }
                way.push(next);
            }
        }
    }

    /// Each file becomes a component of a name of its own.
    fn components(&mut self) {
        let mut names: BTreeMap<String, (&'a FamilyName, FilePath)> = BTreeMap::new();
        for file in self.files {
            let family = &file.manifest().family;
            for named in file
                .named_files()
                .into_iter()
                .filter(|named| named.role == FileRole::Component)
            {
                let name = named.path.component_name(family);
                let (other, path) = names
                    .entry(name.clone())
                    .or_insert_with(|| (family, named.path.clone()));
                if (*other, &*path) != (family, &named.path) {
                    let what = format!("this becomes the component {name}, as {path} of {other} does");
                    self.error(file, named.at, what, "give one of the files another name");
                }
            }
        }
    }

    fn pointers(&mut self) {
        let mut pointers = Pointers::default();
        for file in self.files {
            let shared = pointers.add(file.manifest()).into_iter();
            self.found
                .extend(shared.map(|shared| file.diagnose(Level::Error, shared.into())));
        }
    }

    /// Which release a container image is of shows by the repository that it was pushed to.
    fn repositories(&mut self) {
        let mut repositories: BTreeMap<String, &'a ManifestFile> = BTreeMap::new();
        for file in self.files {
            let manifest = file.manifest();
            let Some(container) = manifest.build.as_ref().and_then(|build| build.container.as_ref()) else {
                continue;
            };
            let first = *repositories.entry(container.repository.to_string()).or_insert(file);
            if first.manifest().family != manifest.family {
                let what = format!(
                    "{} pushes its images to {} already",
                    first.manifest().family,
                    container.repository
                );
                let path = Path::of(&["build", "container", "repository"]);
                self.error(file, path, what, "give each family a repository of its own");
            }
        }
    }

    /// One hub lives in one partition.
    fn partitions(&mut self) {
        let mut first = None;
        for file in self.files {
            let Some(region) = file.manifest().distribute.regions.keys().next() else {
                continue;
            };
            let partition = region.partition();
            let (known, name) = *first.get_or_insert((partition, file.name()));
            if known != partition {
                let path = Path::of(&["distribute", "regions"]).key(region);
                let what = format!("{region} is in the partition {partition}, the Regions of {name} in {known}");
                self.error(
                    file,
                    path,
                    what,
                    "keep the manifests of each partition's hub in a folder of their own",
                );
            }
        }
    }
}
