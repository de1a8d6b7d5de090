use std::fmt;

use super::{Content, Key, Node, Part, Path, Problem, Span};

/// Nobody reads more; a file made of mistakes must not cost more.
const MOST_PROBLEMS: usize = 200;

/// What has been found wrong so far, and where in the document reading is.
#[derive(Debug, Default)]
pub(in crate::manifest) struct Reading {
    pub(in crate::manifest) problems: Vec<Problem>,
    path: Path,
}

impl Reading {
    pub(in crate::manifest) fn say(&mut self, at: Span, what: impl fmt::Display) {
        self.push(at, what.to_string(), None);
    }

    /// The same, with what would be right.
    pub(in crate::manifest) fn suggest(&mut self, at: Span, what: impl fmt::Display, right: impl fmt::Display) {
        self.push(at, what.to_string(), Some(right.to_string()));
    }

    fn push(&mut self, at: Span, what: String, right: Option<String>) {
        if self.problems.len() > MOST_PROBLEMS {
            return;
        }
        let path = self.path.clone();
        let at = Some(at);
        self.problems.push(Problem { at, path, what, right });
    }

    /// Reads what lies under this part of the path.
    pub(in crate::manifest) fn under<T>(&mut self, part: Part, read: impl FnOnce(&mut Self) -> T) -> T {
        self.path.0.push(part);
        let value = read(self);
        self.path.0.pop();
        value
    }

    /// The node is of another kind than it must be.
    pub(in crate::manifest) fn mistaken(&mut self, node: &Node, wanted: impl fmt::Display) {
        self.say(node.at, format_args!("this is {}, must be {wanted}", node.noun()));
    }
}

/// The entries of a mapping, taken one by one: what is left over at the end is unknown.
pub(in crate::manifest) struct Entries<'a> {
    at: Span,
    written: &'a [(Key, Node)],
    taken: Vec<&'static str>,
}

impl<'a> Entries<'a> {
    pub(in crate::manifest) fn of(node: &'a Node, keys: &[&str], reading: &mut Reading) -> Option<Self> {
        if let Content::Map(entries) = &node.content {
            return Some(Self {
                at: node.at,
                written: entries,
                taken: Vec::new(),
            });
        }
        reading.mistaken(node, format_args!("a mapping with {}", listed(keys)));
        None
    }

    pub(in crate::manifest) fn has(&self, key: &str) -> bool {
        self.written.iter().any(|(found, _)| found.name == key)
    }

    /// The value of a key, if the key is there.
    pub(in crate::manifest) fn take(&mut self, key: &'static str) -> Option<&'a Node> {
        self.taken.push(key);
        let (_, value) = self.written.iter().find(|(found, _)| found.name == key)?;
        Some(value)
    }

    /// A key that must be there is not.
    pub(in crate::manifest) fn lacks(&self, key: &str, example: Option<&str>, reading: &mut Reading) {
        let right = match example {
            Some(example) => format!("add it, as in `{key}: {example}`"),
            None => String::from("add it"),
        };
        reading.suggest(self.at, format_args!("`{key}` is missing"), right);
    }

    /// Complains of every key that nobody took.
    pub(in crate::manifest) fn finish(self, reading: &mut Reading) {
        for (key, _) in self.written {
            if self.taken.contains(&key.name.as_str()) {
                continue;
            }
            let right = match nearest(&key.name, &self.taken) {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("known here: {}", listed(&self.taken)),
            };
            reading.suggest(key.at, format_args!("unknown key `{}`", key.name), right);
        }
    }
}

/// `a`, `b` and `c`.
pub(in crate::manifest) fn listed(words: &[&str]) -> String {
    let words: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
    match words.as_slice() {
        [] => String::from("nothing"),
        [one] => one.clone(),
        [most @ .., last] => format!("{} and {last}", most.join(", ")),
    }
}

/// The word that somebody meant: at most a third of it typed otherwise.
pub(in crate::manifest) fn nearest<'a>(written: &str, words: &[&'a str]) -> Option<&'a str> {
    let most = (written.chars().count() / 3).max(1);
    let distances = words.iter().map(|word| (distance(written, word), *word));
    let (distance, word) = distances.min()?;
    (distance <= most).then_some(word)
}

/// How many characters must be typed otherwise (Levenshtein's distance).
fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (i, a) in one.chars().take(64).enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, b) in other.iter().enumerate() {
            let replaced = diagonal + usize::from(a != *b);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[other.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_typed_wrong_is_known_by_its_nearest_neighbour() {
        let words = ["volumes", "components", "tests", "to"];
        for (written, meant) in [
            ("volums", Some("volumes")),
            ("volume", Some("volumes")),
            ("component", Some("components")),
            ("test", Some("tests")),
            ("too", Some("to")),
            ("on", None),
            ("storage", None),
            ("", None),
        ] {
            assert_eq!(nearest(written, &words), meant, "{written}");
        }
    }

    #[test]
    fn distances_are_those_of_levenshtein() {
        for (one, other, apart) in [
            ("", "", 0),
            ("kitten", "sitting", 3),
            ("abc", "", 3),
            ("", "abc", 3),
            ("ab", "ba", 2),
        ] {
            assert_eq!(distance(one, other), apart, "{one} {other}");
        }
    }
}
