//! A component's document, read as far as Image Builder's own answers depend on it: its phases and its parameters.

use super::errors::invalid;
use crate::wire::error::ApiError;

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
                "phases" if starts_item => document.phases.push(value_of(text, "- name:").unwrap_or_default()),
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

    /// A document with the single phase `test` makes a test component; every other is a build component.
    pub(crate) fn is_test(&self) -> bool {
        matches!(self.phases.as_slice(), [only] if only == "test")
    }
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

    proptest! {
        #[test]
        fn no_text_makes_the_document_reader_panic(data in "([ -]{0,4}(name|phases|parameters|é)?:?[ '\"]{0,3}\n?){0,20}") {
            let _ = Document::read(&data);
        }
    }
}
