use super::component::{ComponentDocument, Given};
use super::diagnostic::{Diagnostic, Level};
use super::document::{Content, Node, Path, Problem, Reading, Value, parse, print};
use super::finding::Finding;
use super::words::FilePath;
use super::{Component, Manifest, rules};

/// A manifest, with what is needed to say where in its file something stands.
#[derive(Clone, Debug)]
pub struct ManifestFile {
    name: String,
    text: Vec<u8>,
    tree: Node,
    manifest: Manifest,
}

/// What came of reading a file: with errors among the diagnostics there is no manifest.
pub struct Read {
    /// The manifest, when nothing in it is wrong by itself.
    pub file: Option<ManifestFile>,
    /// All that was found.
    pub diagnostics: Vec<Diagnostic>,
}

impl ManifestFile {
    /// Reads a file's content; `name` is what diagnostics call it.
    pub fn read(name: &str, content: &[u8]) -> Read {
        let mut reading = Reading::default();
        let Some(tree) = parse(content, &mut reading.problems) else {
            return Read {
                file: None,
                diagnostics: told(name, content, reading.problems, Level::Error),
            };
        };
        if is_component(&tree) {
            reading.suggest(
                tree.at,
                "this is a component document, not a manifest",
                "put it into a folder beside the manifests, as in components/, and name it there",
            );
            return Read {
                file: None,
                diagnostics: told(name, content, reading.problems, Level::Error),
            };
        }
        let manifest = Manifest::read(&tree, &mut reading);
        let mut diagnostics = told(name, content, reading.problems, Level::Error);
        let Some(manifest) = manifest.filter(|_| diagnostics.is_empty()) else {
            return Read {
                file: None,
                diagnostics,
            };
        };
        let file = Self {
            name: name.to_owned(),
            text: content.to_owned(),
            tree,
            manifest,
        };
        for (level, finding) in rules::broken(&file.manifest, rules::stem(name)) {
            diagnostics.push(file.diagnose(level, finding));
        }
        diagnostics.sort_by_key(|diagnostic| (diagnostic.line, diagnostic.column));
        Read {
            file: Some(file).filter(|_| !diagnostics.iter().any(|diagnostic| diagnostic.level == Level::Error)),
            diagnostics,
        }
    }

    /// What diagnostics call the file.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The manifest.
    pub const fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// The text as it was read.
    pub fn text(&self) -> &[u8] {
        &self.text
    }

    /// The files that it names, each with its place in the manifest.
    pub fn named_files(&self) -> Vec<NamedFile> {
        let mut files = Vec::new();
        let Some(build) = &self.manifest.build else {
            return files;
        };
        for (list, components) in [("components", &build.components), ("tests", &build.tests)] {
            for (at, component) in components.iter().enumerate() {
                if let Component::File(component) = component {
                    files.push(NamedFile {
                        path: component.file.clone(),
                        role: FileRole::Component,
                        given: component
                            .parameters
                            .keys()
                            .map(|name| name.as_str().to_owned())
                            .collect(),
                        at: Path::of(&["build", list]).item(at).key("file"),
                    });
                }
            }
        }
        if let Some(container) = &build.container {
            files.push(NamedFile {
                path: container.dockerfile.clone(),
                role: FileRole::Dockerfile,
                given: Vec::new(),
                at: Path::of(&["build", "container", "dockerfile"]),
            });
        }
        if let Some(path) = &build.user_data {
            files.push(NamedFile {
                path: path.clone(),
                role: FileRole::UserData,
                given: Vec::new(),
                at: Path::of(&["build", "user_data"]),
            });
        }
        files
    }

    /// What is wrong with a file that it names; `content` is nothing where it could not be read, and why.
    pub fn check_named(&self, named: &NamedFile, content: Result<Vec<u8>, String>) -> Vec<Diagnostic> {
        let of_manifest = |what: String, right: &str| {
            let finding = Finding {
                path: named.at.clone(),
                what,
                right: Some(right.to_owned()),
            };
            vec![self.diagnose(Level::Error, finding)]
        };
        let content = match content {
            Ok(ref content) => content.as_slice(),
            Err(why) => {
                let what = format!("{} cannot be read: {why}", named.path);
                return of_manifest(what, "it is looked for beside the manifest");
            }
        };
        let most = named.role.most_bytes();
        if content.len() > most {
            let what = format!("{} has {} bytes, must have at most {most}", named.path, content.len());
            return of_manifest(what, "this is Image Builder's limit");
        }
        if content.iter().all(u8::is_ascii_whitespace) {
            return of_manifest(format!("{} is empty", named.path), "leave it out, or write it");
        }
        if str::from_utf8(content).is_err() {
            return of_manifest(format!("{} is not UTF-8", named.path), "save it in the encoding UTF-8");
        }
        let beside = self.name.rfind('/').map_or("", |slash| &self.name[..=slash]);
        let name = format!("{beside}{}", named.path);
        match named.role {
            FileRole::Component => {
                let given = Given {
                    platform: self.manifest.platform,
                    parameters: named.given.iter().map(String::as_str).collect(),
                };
                let checked = ComponentDocument::check(content, &given);
                let mut diagnostics = told(&name, content, checked.problems, Level::Error);
                for what in checked.misgiven {
                    let what = format!("{} does not take what it is given: {what}", named.path);
                    diagnostics.extend(of_manifest(what, "mend `parameters` here, or the component"));
                }
                diagnostics
            }
            FileRole::Dockerfile => rules::dockerfile(&String::from_utf8_lossy(content), self.has_components())
                .map(|what| {
                    let right = "Image Builder replaces {{{ imagebuilder:parentImage }}}, {{{ imagebuilder:environments }}} and {{{ imagebuilder:components }}}";
                    vec![Diagnostic::of_file(&name, what, right)]
                })
                .unwrap_or_default(),
            FileRole::UserData => Vec::new(),
        }
    }

    fn has_components(&self) -> bool {
        let build = self.manifest.build.as_ref();
        build.is_some_and(|build| !build.components.is_empty() || !build.tests.is_empty())
    }

    pub(super) fn diagnose(&self, level: Level, finding: Finding) -> Diagnostic {
        let Finding { path, what, right } = finding;
        let at = Some(self.tree.place(&path));
        Diagnostic::new(level, &self.name, &self.text, Problem { at, path, what, right })
    }
}

impl Manifest {
    /// The manifest as YAML; what is left out is what the defaults say.
    pub fn to_yaml(&self) -> String {
        print(&self.tree())
    }
}

/// A file that a manifest names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NamedFile {
    /// Where it is, from the manifest's folder.
    pub path: FilePath,
    /// What it is.
    pub role: FileRole,
    /// The parameters that a component is given.
    given: Vec<String>,
    pub(super) at: Path,
}

/// What a named file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileRole {
    /// A component document.
    Component,
    /// The template of a Dockerfile.
    Dockerfile,
    /// What a build instance does when it starts.
    UserData,
}

impl FileRole {
    /// Image Builder's limits.
    pub const fn most_bytes(self) -> usize {
        match self {
            Self::Component | Self::Dockerfile => 16_000,
            Self::UserData => 16_383,
        }
    }
}

/// Somebody put a component among the manifests: all its keys would be unknown.
fn is_component(tree: &Node) -> bool {
    let Content::Map(entries) = &tree.content else {
        return false;
    };
    let has = |name: &str| entries.iter().any(|(key, _)| key.name == name);
    has("schemaVersion") && has("phases") && !has("family")
}

/// Nobody reads more of one file.
const MOST_TOLD: usize = 100;

/// What was found, as one reads: from the top.
fn told(name: &str, content: &[u8], mut problems: Vec<Problem>, level: Level) -> Vec<Diagnostic> {
    problems.sort_by_key(|problem| problem.at.map(|at| (at.line, at.column)));
    let more = problems.len().saturating_sub(MOST_TOLD);
    problems.truncate(MOST_TOLD);
    let mut diagnostics: Vec<Diagnostic> = problems
        .into_iter()
        .map(|problem| Diagnostic::new(level, name, content, problem))
        .collect();
    if more > 0 {
        let right = "mend these first";
        diagnostics.push(Diagnostic::of_file(
            name,
            "there is more that is wrong with this file",
            right,
        ));
    }
    diagnostics
}
