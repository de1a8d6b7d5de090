use std::fmt;

use super::Span;

/// One thing that is wrong with a document, before it is known which file that is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::manifest) struct Problem {
    /// None: the file as a whole.
    pub(in crate::manifest) at: Option<Span>,
    pub(in crate::manifest) path: Path,
    pub(in crate::manifest) what: String,
    /// What would be right, where `what` does not say it already.
    pub(in crate::manifest) right: Option<String>,
}

impl Problem {
    /// Something wrong with the text, before it says anything.
    pub(in crate::manifest) fn of_yaml(at: Option<Span>, what: &str, right: &str) -> Self {
        Self {
            at,
            path: Path::default(),
            what: what.to_owned(),
            right: Some(right.to_owned()),
        }
    }
}

/// The way from a document's top to one of its pieces: `distribute.regions.eu-west-1.kms_key`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::manifest) struct Path(pub(in crate::manifest) Vec<Part>);

#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::manifest) enum Part {
    Key(String),
    Item(usize),
}

impl Path {
    /// So many keys, one in the other.
    pub(in crate::manifest) fn of(keys: &[&str]) -> Self {
        Self(keys.iter().map(|key| Part::Key((*key).to_owned())).collect())
    }

    pub(in crate::manifest) fn key(mut self, key: impl fmt::Display) -> Self {
        self.0.push(Part::Key(key.to_string()));
        self
    }

    pub(in crate::manifest) fn item(mut self, at: usize) -> Self {
        self.0.push(Part::Item(at));
        self
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, part) in self.0.iter().enumerate() {
            match part {
                Part::Item(item) => write!(f, "[{item}]")?,
                Part::Key(key) => {
                    let dot = if at == 0 { "" } else { "." };
                    if key.chars().all(|c| c.is_ascii_alphanumeric() || "_-/:".contains(c)) {
                        write!(f, "{dot}{key}")?;
                    } else {
                        write!(f, "{dot}{key:?}")?;
                    }
                }
            }
        }
        Ok(())
    }
}
