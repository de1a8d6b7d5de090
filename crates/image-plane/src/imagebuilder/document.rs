//! A component's document, read as far as Image Builder's own answers depend on it: its phases, the actions of their
//! steps, and its parameters.

use super::errors::invalid;
use crate::wire::error::ApiError;

/// The action modules of AWSTOE.
const ACTIONS: [&str; 30] = [
    "AppendFile",
    "Assert",
    "CopyFile",
    "CopyFolder",
    "CreateFile",
    "CreateFolder",
    "CreateSymlink",
    "DeleteFile",
    "DeleteFolder",
    "ExecuteBash",
    "ExecuteBinary",
    "ExecuteDocument",
    "ExecutePowerShell",
    "InstallMSI",
    "ListFiles",
    "MoveFile",
    "MoveFolder",
    "ReadFile",
    "Reboot",
    "S3Download",
    "S3Upload",
    "SetFileEncoding",
    "SetFileOwner",
    "SetFilePermissions",
    "SetFolderOwner",
    "SetFolderPermissions",
    "SetRegistry",
    "UninstallMSI",
    "UpdateOS",
    "WebDownload",
];

/// What a document says of itself.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Document {
    phases: Vec<String>,
    pub(crate) parameters: Vec<Parameter>,
}

/// A value the recipe may, or must, give.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Parameter {
    pub(crate) name: String,
    kind: String,
    pub(crate) default: Option<String>,
    pub(crate) description: Option<String>,
}

impl Document {
    /// Reads a document line by line: no full YAML, but the block style every component is written in.
    pub(crate) fn read(data: &str) -> Result<Self, ApiError> {
        let mut document = Self::default();
        let mut section = "";
        let mut seen = Vec::new();
        let mut item_indent = None;
        let mut steps = Steps::default();
        for line in data.lines() {
            let line = line.split_once(" #").map_or(line, |(line, _)| line).trim_end();
            let text = line.trim_start();
            if text.is_empty() || text.starts_with('#') || text == "---" {
                continue;
            }
            let indent = line.len() - text.len();
            if indent == 0 && !text.starts_with("- ") {
                section = text.split(':').next().unwrap_or("");
                seen.push(section);
                item_indent = None;
                continue;
            }
            let starts_item = text.starts_with("- ") && indent <= *item_indent.get_or_insert(indent);
            match section {
                "phases" if starts_item => {
                    document.phases.push(value_of(text, "- name:").unwrap_or_default());
                    steps = Steps::of_phase(column(indent, text));
                }
                "phases" => {
                    if let Some(action) = steps.action(indent, text)
                        && !ACTIONS.contains(&action)
                    {
                        let phase = document.phases.last().map_or("", String::as_str);
                        // That it must be one of these is documented, how Image Builder says it is not.
                        return Err(invalid(
                            "data",
                            format_args!("Invalid action '{action}' in phase '{phase}'."),
                        ));
                    }
                }
                "parameters" if starts_item => {
                    let name = unquote(text[2..].trim_end_matches(':').trim()).to_owned();
                    document.parameters.push(Parameter {
                        name,
                        ..Parameter::default()
                    });
                }
                "parameters" => {
                    if let Some(parameter) = document.parameters.last_mut() {
                        parameter.describe(text);
                    }
                }
                _ => {}
            }
        }
        let whole = seen.contains(&"schemaVersion")
            && !document.phases.is_empty()
            && document.phases.iter().all(|name| !name.is_empty());
        if whole {
            Ok(document)
        } else {
            Err(invalid(
                "data",
                "The component document needs a schemaVersion and named phases.",
            ))
        }
    }

    /// Whether it does something when an image is tested, or else when it is built.
    pub(crate) fn acts(&self, in_test: bool) -> bool {
        self.phases.iter().any(|phase| (phase == "test") == in_test)
    }

    /// A document with the single phase `test` makes a test component; every other is a build component.
    pub(crate) fn is_test(&self) -> bool {
        matches!(self.phases.as_slice(), [only] if only == "test")
    }
}

/// Where a reader stands among the steps of a phase, told by where lines begin.
#[derive(Default)]
struct Steps {
    /// The keys of the phase.
    phase: usize,
    /// Whether its list of steps is open.
    open: bool,
    /// The dashes of the steps, once there is one.
    dashes: Option<usize>,
    /// The keys of the step.
    keys: usize,
}

impl Steps {
    fn of_phase(phase: usize) -> Self {
        Self {
            phase,
            ..Self::default()
        }
    }

    /// The action of a step, where this line says it.
    fn action<'a>(&mut self, indent: usize, text: &'a str) -> Option<&'a str> {
        let column = column(indent, text);
        if self.open && text.starts_with("- ") && indent == *self.dashes.get_or_insert(indent) {
            self.keys = column;
        } else if column <= self.phase {
            self.open = text == "steps:";
            self.dashes = None;
        }
        let inside = self.dashes.is_some() && column == self.keys;
        let value = key(text).strip_prefix("action:");
        value.filter(|_| inside).map(|value| unquote(value.trim()))
    }
}

/// Where the key of a line begins, behind the dash of an item.
fn column(indent: usize, text: &str) -> usize {
    indent + text.len() - key(text).len()
}

fn key(text: &str) -> &str {
    text.strip_prefix("- ").unwrap_or(text).trim_start()
}

impl Parameter {
    /// The type as the API writes it: `String` for what documents call `string`.
    pub(crate) fn kind(&self) -> String {
        let mut letters = self.kind.chars();
        letters
            .next()
            .into_iter()
            .flat_map(char::to_uppercase)
            .chain(letters)
            .collect()
    }

    fn describe(&mut self, text: &str) {
        if let Some(kind) = value_of(text, "type:") {
            self.kind = kind;
        } else if let Some(default) = value_of(text, "default:") {
            self.default = Some(default);
        } else if let Some(description) = value_of(text, "description:") {
            self.description = Some(description);
        }
    }
}

fn value_of(text: &str, key: &str) -> Option<String> {
    text.strip_prefix(key).map(|value| unquote(value.trim()).to_owned())
}

fn unquote(text: &str) -> &str {
    let inner = |quote| text.strip_prefix(quote).and_then(|text| text.strip_suffix(quote));
    inner('"').or_else(|| inner('\'')).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NGINX: &str = "# nginx\nname: nginx\nschemaVersion: 1.0\nparameters:\n  - Version:\n      type: string\n      description: which one\n  - Port:\n      type: integer\n      default: '80'\nphases:\n  - name: build\n    steps:\n      - name: Install\n        action: ExecuteBash\n  - name: validate\n    steps: []\n";

    #[test]
    fn phases_and_parameters_are_found_and_steps_are_not_mistaken_for_them() {
        let document = Document::read(NGINX).unwrap();
        assert_eq!(document.phases, ["build", "validate"]);
        let parameters: Vec<_> = document
            .parameters
            .iter()
            .map(|p| (p.name.as_str(), p.kind(), p.default.as_deref()))
            .collect();
        assert_eq!(
            parameters,
            [
                ("Version", "String".to_owned(), None),
                ("Port", "Integer".to_owned(), Some("80"))
            ]
        );
        assert!(!document.is_test());
    }

    #[test]
    fn a_document_with_the_single_phase_test_is_a_test() {
        assert!(
            Document::read("schemaVersion: 1.0\nphases:\n- name: test\n  steps: []\n")
                .unwrap()
                .is_test()
        );
    }

    #[test]
    fn a_text_that_is_no_component_document_is_refused() {
        for data in [
            "",
            "hello",
            "phases:\n  - name: build\n",
            "schemaVersion: 1.0\nphases: []\n",
            "schemaVersion: 1.0\nphases:\n  - steps: []\n",
        ] {
            assert!(Document::read(data).is_err(), "{data}");
        }
    }

    /// A document whose build phase has these steps.
    fn with_steps(steps: &str) -> String {
        format!("schemaVersion: 1.0\nphases:\n  - name: build\n    steps:\n{steps}")
    }

    #[test]
    fn every_documented_action_module_is_known() {
        for action in ACTIONS {
            let data = with_steps(&format!("      - name: One\n        action: '{action}'\n"));
            assert!(Document::read(&data).is_ok(), "{action}");
        }
    }

    #[test]
    fn an_action_module_that_does_not_exist_is_refused_with_its_phase_wherever_it_stands() {
        for steps in [
            "      - name: One\n        action: ExecuteBrash\n",
            "      - action: \"ExecuteBrash\"\n        name: One\n",
            "    - name: One\n      action: ExecuteBrash # no such thing\n",
            "      - name: One\n        action: ExecuteBash\n        inputs:\n          commands:\n            - ls\n      - name: Two\n        timeoutSeconds: 5\n        action: ExecuteBrash\n",
            "      - name: One\n        action: executebash\n",
        ] {
            let error = Document::read(&with_steps(steps)).expect_err(steps);
            assert!(error.message.contains("in phase 'build'"), "{}", error.message);
        }
        let later = with_steps("      - name: One\n        action: ExecuteBash\n")
            + "  - name: validate\n    steps:\n    - name: One\n      action: ExecuteBrash\n";
        let error = Document::read(&later).unwrap_err();
        assert!(
            error.message.contains("'ExecuteBrash' in phase 'validate'"),
            "{}",
            error.message
        );
    }

    #[test]
    fn what_a_step_is_given_is_not_mistaken_for_its_action() {
        let data = with_steps(
            "      - name: One\n        action: CreateFile\n        inputs:\n          - path: /etc/rules\n            content: |\n              action: drop\n              - action: drop\n            action: drop\n",
        ) + "    notes:\n        action: drop\n    action: drop\nparameters:\n  - action:\n      type: string\n";
        assert_eq!(
            Document::read(&data).map(|document| document.phases),
            Ok(vec!["build".to_owned()])
        );
    }

    proptest! {
        #[test]
        fn no_text_makes_the_document_reader_panic(data in "([ -]{0,4}(name|phases|steps|action|parameters|é)?:?[ '\"]{0,3}\n?){0,20}") {
            let _ = Document::read(&data);
        }
    }
}
