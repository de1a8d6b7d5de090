use std::fmt::Write as _;

use super::Plain;

/// A document that is to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::manifest) enum Tree {
    Text(String),
    /// A number or truth value: never in quotes.
    Bare(String),
    List(Vec<Tree>),
    Map(Vec<(String, Tree)>),
}

/// The document as YAML that reads back the same.
pub(in crate::manifest) fn print(tree: &Tree) -> String {
    let mut text = String::new();
    match tree {
        Tree::Map(entries) if !entries.is_empty() => block(entries, 0, &mut text),
        other => text.push_str(&inline(other)),
    }
    if !text.ends_with('\n') {
        text.push('\n');
    }
    text
}

impl Tree {
    /// Small enough to be read on one line.
    fn fits(&self, column: usize) -> bool {
        let line = inline(self);
        column + line.len() <= 100
            && match self {
                Self::Text(_) | Self::Bare(_) => true,
                Self::List(items) => items.iter().all(|item| !matches!(item, Self::List(_))),
                Self::Map(entries) => !entries
                    .iter()
                    .any(|(_, value)| matches!(value, Self::Map(inner) if !inner.is_empty())),
            }
    }

    /// What JSON says, in the order of its keys.
    pub(in crate::manifest) fn of_json(value: &serde_json::Value) -> Self {
        use serde_json::Value;
        match value {
            Value::String(text) => Self::Text(text.clone()),
            Value::Null | Value::Bool(_) | Value::Number(_) => Self::Bare(value.to_string()),
            Value::Array(items) => Self::List(items.iter().map(Self::of_json).collect()),
            Value::Object(entries) => Self::Map(
                entries
                    .iter()
                    .map(|(key, value)| (key.clone(), Self::of_json(value)))
                    .collect(),
            ),
        }
    }

    /// The same as JSON.
    pub(in crate::manifest) fn json(&self) -> serde_json::Value {
        match self {
            Self::Text(text) => text.clone().into(),
            Self::Bare(text) => serde_json::from_str(text).unwrap_or_else(|_| text.clone().into()),
            Self::List(items) => items.iter().map(Self::json).collect(),
            Self::Map(entries) => entries.iter().map(|(key, value)| (key.clone(), value.json())).collect(),
        }
    }
}

fn block(entries: &[(String, Tree)], indent: usize, text: &mut String) {
    for (key, value) in entries {
        let key = scalar(key);
        let pad = " ".repeat(indent);
        if value.fits(indent + key.len() + 2)
            && (indent > 0 || !matches!(value, Tree::Map(entries) if !entries.is_empty()))
        {
            let _ = writeln!(text, "{pad}{key}: {}", inline(value));
            continue;
        }
        let _ = writeln!(text, "{pad}{key}:");
        match value {
            Tree::Map(entries) => block(entries, indent + 2, text),
            Tree::List(items) => list(items, indent + 2, text),
            other => {
                let _ = writeln!(text, "{pad}  {}", inline(other));
            }
        }
    }
}

fn list(items: &[Tree], indent: usize, text: &mut String) {
    let pad = " ".repeat(indent);
    for item in items {
        match item {
            Tree::Map(entries) if !item.fits(indent + 2) && !entries.is_empty() => {
                let mut lines = String::new();
                block(entries, indent + 2, &mut lines);
                // The first line carries the dash in place of its indentation.
                let _ = write!(text, "{pad}- {}", &lines[indent + 2..]);
            }
            _ => {
                let _ = writeln!(text, "{pad}- {}", inline(item));
            }
        }
    }
}

fn inline(tree: &Tree) -> String {
    let joined = |items: Vec<String>| items.join(", ");
    match tree {
        Tree::Text(text) => scalar(text),
        Tree::Bare(text) => text.clone(),
        Tree::List(items) => format!("[{}]", joined(items.iter().map(inline).collect())),
        Tree::Map(entries) if entries.is_empty() => String::from("{}"),
        Tree::Map(entries) => {
            let entry = |(key, value): &(String, Tree)| format!("{}: {}", scalar(key), inline(value));
            format!("{{ {} }}", joined(entries.iter().map(entry).collect()))
        }
    }
}

/// Without quotes only what every reader of YAML takes for the same text, also inside brackets.
fn scalar(text: &str) -> String {
    let first = |c: char| c.is_ascii_alphanumeric() || c == '/';
    let safe = |c: char| c.is_ascii_alphanumeric() || "_-./%".contains(c);
    let plain = text.starts_with(first)
        && text.chars().all(safe)
        && Plain::of(text) == Plain::Text
        && !matches!(
            text.to_ascii_lowercase().as_str(),
            "yes" | "no" | "on" | "off" | "y" | "n"
        );
    if plain { text.to_owned() } else { quoted(text) }
}

/// YAML's double quotes take JSON's escapes; what cannot be printed, or would break the line, is escaped.
fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => {
                quoted.push('\\');
                quoted.push(c);
            }
            '\n' => quoted.push_str("\\n"),
            '\t' => quoted.push_str("\\t"),
            c if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}') => {
                let _ = write!(quoted, "\\u{:04x}", u32::from(c));
            }
            c => quoted.push(c),
        }
    }
    quoted.push('"');
    quoted
}
