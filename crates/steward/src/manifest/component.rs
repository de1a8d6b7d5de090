//! A component document, as AWSTOE reads it: checked before Image Builder refuses it, or a build fails on it.

use super::document::{
    Content, List, Node, Path, Problem, Reading, Shape, Shapes, Tree, Value, Word, not_one_of, parse, record, word,
};
use super::words::{Platform, Text};

record! {
    /// A component document.
    pub(super) struct ComponentDocument {
        /// What it is called.
        optional name: Text<1024>,
        /// What it does.
        optional description: Text<4096>,
        /// The version of this schema.
        required schema as "schemaVersion": SchemaVersion,
        /// The values it takes.
        default parameters: List<Declared, 0, 25>,
        /// Values that it repeats.
        default constants: List<Declared, 0, 100>,
        /// What is done when.
        required phases: List<Phase, 1, 20>,
    }
}

record! {
    /// A phase.
    pub(super) struct Phase {
        /// `build`, `validate`, `test`, or a name that something else runs.
        required name: Text<128>,
        /// What is done, in this order.
        required steps: List<Step, 0, 1000>,
    }
}

record! {
    /// A step.
    pub(super) struct Step {
        /// Unique in its phase.
        required name: Text<128>,
        /// The action module.
        required action: Action,
        /// When it is given up.
        optional timeout as "timeoutSeconds": Any,
        /// What becomes of the rest when it fails.
        optional on_failure as "onFailure": StepFailure,
        /// How often it is tried.
        optional attempts as "maxAttempts": Any,
        /// When it is done.
        optional condition as "if": Any,
        /// How often it is done.
        optional repeat as "loop": Any,
        /// What the action takes.
        optional inputs: Any,
    }
}

word! {
    /// What becomes of the rest when a step fails.
    pub(super) StepFailure: "reaction", one of {
        /// The component fails at once.
        Abort = "Abort",
        /// The component fails at its end.
        Continue = "Continue",
        /// The component goes on as if nothing had happened.
        Ignore = "Ignore",
    }
}

/// The one version there is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct SchemaVersion;

impl Value for SchemaVersion {
    fn read(node: &Node, reading: &mut Reading) -> Option<Self> {
        if let Content::Plain(text) | Content::Quoted(text) = &node.content
            && text == "1.0"
        {
            return Some(Self);
        }
        reading.say(node.at, "the schema version must be 1.0");
        None
    }

    fn tree(&self) -> Tree {
        Tree::Bare(String::from("1.0"))
    }

    fn shape(_: &mut Shapes) -> Shape {
        Shape::OneOf(vec!["1.0"])
    }
}

/// What is only handed on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Any;

impl Value for Any {
    fn read(_: &Node, _: &mut Reading) -> Option<Self> {
        Some(Self)
    }

    fn tree(&self) -> Tree {
        Tree::Map(Vec::new())
    }

    fn shape(_: &mut Shapes) -> Shape {
        Shape::Anything
    }
}

/// A parameter or constant: a mapping from its name to what it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Declared {
    name: String,
    /// Whether a recipe need not give it.
    has_default: bool,
}

impl Value for Declared {
    fn read(node: &Node, reading: &mut Reading) -> Option<Self> {
        let Content::Map(entries) = &node.content else {
            reading.mistaken(
                node,
                "a mapping from a name to its type, as in `- Version: { type: string }`",
            );
            return None;
        };
        let [(key, value)] = entries.as_slice() else {
            reading.suggest(
                node.at,
                "this declares more than one",
                "start each with `- ` and its name, and indent its type below it",
            );
            return None;
        };
        let Content::Map(facts) = &value.content else {
            reading.mistaken(value, "a mapping with a type");
            return None;
        };
        if !facts.iter().any(|(fact, _)| fact.name == "type") {
            reading.say(value.at, format_args!("{} has no type", key.name));
            return None;
        }
        Some(Self {
            name: key.name.clone(),
            has_default: facts.iter().any(|(fact, _)| fact.name == "default"),
        })
    }

    fn tree(&self) -> Tree {
        Tree::Map(vec![(self.name.clone(), Tree::Map(Vec::new()))])
    }

    fn shape(_: &mut Shapes) -> Shape {
        Shape::Anything
    }
}

/// An action module of AWSTOE.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Action(&'static str);

const EVERYWHERE: &[&str] = &[
    "AppendFile",
    "Assert",
    "CopyFile",
    "CopyFolder",
    "CreateFile",
    "CreateFolder",
    "CreateSymlink",
    "DeleteFile",
    "DeleteFolder",
    "ExecuteBinary",
    "ExecuteDocument",
    "ListFiles",
    "MoveFile",
    "MoveFolder",
    "ReadFile",
    "Reboot",
    "S3Download",
    "S3Upload",
    "SetFileEncoding",
    "UpdateOS",
    "WebDownload",
];
const WINDOWS_ONLY: &[&str] = &["ExecutePowerShell", "InstallMSI", "SetRegistry", "UninstallMSI"];
const NOT_WINDOWS: &[&str] = &[
    "ExecuteBash",
    "SetFileOwner",
    "SetFilePermissions",
    "SetFolderOwner",
    "SetFolderPermissions",
];

impl Action {
    fn runs_on(self, platform: Platform) -> bool {
        match platform {
            Platform::Windows => !NOT_WINDOWS.contains(&self.0),
            Platform::Linux | Platform::MacOs => !WINDOWS_ONLY.contains(&self.0),
        }
    }
}

impl Word for Action {
    const NOUN: &'static str = "action";
    const EXAMPLE: &'static str = "ExecuteBash";

    fn parse_word(text: &str) -> Result<Self, String> {
        let all = [EVERYWHERE, WINDOWS_ONLY, NOT_WINDOWS].concat();
        match all.iter().find(|name| **name == text) {
            Some(name) => Ok(Self(name)),
            None => Err(not_one_of(text, &all)),
        }
    }

    fn written(&self) -> String {
        self.0.to_owned()
    }
}

/// What a component of the manifest is given, and for what.
pub(super) struct Given<'a> {
    pub(super) platform: Platform,
    pub(super) parameters: Vec<&'a str>,
}

/// What is wrong with a document by itself, and what with the values it is given.
pub(super) struct Checked {
    pub(super) problems: Vec<Problem>,
    /// Said of the manifest: the values it gives do not fit.
    pub(super) misgiven: Vec<String>,
}

impl ComponentDocument {
    pub(super) fn check(content: &[u8], given: &Given<'_>) -> Checked {
        let mut reading = Reading::default();
        let read =
            parse(content, &mut reading.problems).and_then(|tree| Some((Self::read(&tree, &mut reading)?, tree)));
        let mut checked = Checked {
            problems: reading.problems,
            misgiven: Vec::new(),
        };
        let Some((document, tree)) = read else { return checked };
        document.names_and_platform(given.platform, &tree, &mut checked.problems);
        let declared: Vec<&str> = document
            .parameters
            .iter()
            .map(|parameter| parameter.name.as_str())
            .collect();
        for name in &given.parameters {
            if !declared.contains(name) {
                checked.misgiven.push(format!(
                    "it has no parameter {name}, it has {}",
                    super::document::listed(&declared)
                ));
            }
        }
        for parameter in &document.parameters {
            if !parameter.has_default && !given.parameters.contains(&parameter.name.as_str()) {
                checked.misgiven.push(format!(
                    "its parameter {} has no default and is not given",
                    parameter.name
                ));
            }
        }
        checked
    }

    fn names_and_platform(&self, platform: Platform, tree: &Node, problems: &mut Vec<Problem>) {
        let mut say = |path: Path, what: String, right: &str| {
            let at = Some(tree.place(&path));
            let right = Some(right.to_owned());
            problems.push(Problem { at, path, what, right });
        };
        let known = ["build", "validate", "test"];
        if !self.phases.iter().any(|phase| known.contains(&phase.name.as_str())) {
            say(
                Path::of(&["phases"]),
                String::from("no phase is run by Image Builder"),
                "have at least one of build, validate and test",
            );
        }
        for (at, phase) in self.phases.iter().enumerate() {
            let path = Path::of(&["phases"]).item(at);
            if self.phases[..at].iter().any(|before| before.name == phase.name) {
                let what = format!("the phase {} is here a second time", phase.name.as_str());
                say(path.clone().key("name"), what, "put its steps into the first");
            }
            for (nth, step) in phase.steps.iter().enumerate() {
                let path = path.clone().key("steps").item(nth);
                if phase.steps[..nth].iter().any(|before| before.name == step.name) {
                    let what = format!("the step {} is in this phase a second time", step.name.as_str());
                    say(path.clone().key("name"), what, "give it another name");
                }
                if !step.action.runs_on(platform) {
                    let what = format!("{} does not run on {}", step.action.0, platform.as_str());
                    let right = match platform {
                        Platform::Windows => "use ExecutePowerShell there",
                        Platform::Linux | Platform::MacOs => "use ExecuteBash there",
                    };
                    say(path.key("action"), what, right);
                }
            }
        }
    }
}
