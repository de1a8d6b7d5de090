use super::{Part, Path};

/// Where something stands in a file. Lines and columns count from 1, in characters, as editors do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::manifest) struct Span {
    pub(in crate::manifest) line: usize,
    pub(in crate::manifest) column: usize,
    /// How many characters of that line.
    pub(in crate::manifest) width: usize,
}

/// A piece of YAML, and where it stands.
#[derive(Clone, Debug)]
pub(in crate::manifest) struct Node {
    pub(in crate::manifest) at: Span,
    pub(in crate::manifest) content: Content,
}

#[derive(Clone, Debug)]
pub(in crate::manifest) enum Content {
    /// Written without quotes: it may be a number, a truth value, or nothing.
    Plain(String),
    /// In quotes or as a block: a text, whatever it says.
    Quoted(String),
    List(Vec<Node>),
    /// In the order they are written.
    Map(Vec<(Key, Node)>),
}

#[derive(Clone, Debug)]
pub(in crate::manifest) struct Key {
    pub(in crate::manifest) at: Span,
    pub(in crate::manifest) name: String,
}

impl Node {
    /// What this is, for a message that says what should be there instead.
    pub(in crate::manifest) fn noun(&self) -> &'static str {
        match &self.content {
            Content::Plain(text) => match Plain::of(text) {
                Plain::Nothing => "nothing",
                Plain::Flag(_) => "a truth value",
                Plain::Number => "a number",
                Plain::Text => "a text",
            },
            Content::Quoted(_) => "a text",
            Content::List(_) => "a list",
            Content::Map(_) => "a mapping",
        }
    }
}

impl Node {
    /// Where that part stands, or the nearest above it that is written down.
    pub(in crate::manifest) fn place(&self, path: &Path) -> Span {
        let mut node = self;
        let mut at = Span {
            line: 1,
            column: 1,
            width: 1,
        };
        for part in &path.0 {
            let next = match (part, &node.content) {
                (Part::Key(name), Content::Map(entries)) => {
                    let entry = entries.iter().find(|(key, _)| key.name == *name);
                    entry.map(|(key, value)| (key.at, value))
                }
                (Part::Item(item), Content::List(items)) => items.get(*item).map(|value| (value.at, value)),
                _ => None,
            };
            let Some((place, value)) = next else { return at };
            // A scalar is what a finding means; of a list or mapping its key shows it better.
            at = match value.content {
                Content::Plain(_) | Content::Quoted(_) => value.at,
                Content::List(_) | Content::Map(_) => place,
            };
            node = value;
        }
        at
    }
}

/// What YAML takes a scalar without quotes for (the core schema of YAML 1.2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::manifest) enum Plain {
    Nothing,
    Flag(bool),
    Number,
    Text,
}

impl Plain {
    pub(in crate::manifest) fn of(text: &str) -> Self {
        match text {
            "" | "~" | "null" | "Null" | "NULL" => Self::Nothing,
            "true" | "True" | "TRUE" => Self::Flag(true),
            "false" | "False" | "FALSE" => Self::Flag(false),
            _ if is_number(text) => Self::Number,
            _ => Self::Text,
        }
    }
}

fn is_number(text: &str) -> bool {
    let digits = |text: &str, radix| !text.is_empty() && text.chars().all(|c| c.is_digit(radix));
    if let Some(octal) = text.strip_prefix("0o") {
        return digits(octal, 8);
    }
    if let Some(hexadecimal) = text.strip_prefix("0x") {
        return digits(hexadecimal, 16);
    }
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    if matches!(unsigned, ".inf" | ".Inf" | ".INF") || matches!(text, ".nan" | ".NaN" | ".NAN") {
        return true;
    }
    let (number, exponent) = unsigned.split_once(['e', 'E']).unwrap_or((unsigned, "0"));
    let exponent = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
    let (whole, part) = number.split_once('.').unwrap_or((number, ""));
    let all = |text: &str| text.chars().all(|c| c.is_ascii_digit());
    !(whole.is_empty() && part.is_empty()) && all(whole) && all(part) && digits(exponent, 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn yaml_takes_these_for_numbers_truth_values_or_nothing() {
        for number in [
            "0",
            "012345678901",
            "-3",
            "+3",
            "1.27",
            "1.",
            ".5",
            "1e3",
            "-1.5E-3",
            "0x1F",
            "0o17",
            ".inf",
            "-.INF",
            ".nan",
        ] {
            assert_eq!(Plain::of(number), Plain::Number, "{number}");
        }
        for text in [
            "1.2.3",
            "30d",
            "2026-12-20",
            "0x",
            "0o8",
            ".",
            "+",
            "-",
            "e3",
            "1e",
            "12_000",
            "0b1",
            "yes",
            "tRUE",
            "-.nan",
        ] {
            assert_eq!(Plain::of(text), Plain::Text, "{text}");
        }
        assert_eq!(Plain::of("TRUE"), Plain::Flag(true));
        assert_eq!(Plain::of("false"), Plain::Flag(false));
        for nothing in ["", "~", "null"] {
            assert_eq!(Plain::of(nothing), Plain::Nothing);
        }
    }
}
