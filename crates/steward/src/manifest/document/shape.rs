use std::collections::BTreeMap;

use super::Tree;

/// What a value may be: the JSON Schema and the reference page are written from this.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::manifest) enum Shape {
    /// A text of a certain form.
    Word {
        noun: &'static str,
        /// An example of it.
        example: &'static str,
    },
    /// One of these texts.
    OneOf(Vec<&'static str>),
    Anything,
    Flag,
    /// A whole number.
    Number {
        least: u64,
        most: u64,
    },
    List {
        of: Box<Shape>,
        least: usize,
        most: usize,
    },
    Map {
        /// What its keys are.
        key: Box<Shape>,
        of: Box<Shape>,
        most: usize,
    },
    /// A record or choice, by its name.
    Named(&'static str),
}

impl Shape {
    /// A value of this shape, where one line shows it.
    pub(in crate::manifest) fn example(&self) -> Option<String> {
        match self {
            // Of a text that may be anything, none would help.
            Self::Word { noun, example } => (*noun != "text").then(|| (*example).to_owned()),
            Self::OneOf(words) => words.first().map(|word| (*word).to_owned()),
            Self::Flag => Some(String::from("true")),
            Self::Number { least, most: _ } => Some(least.to_string()),
            Self::List { of, least: _, most: _ } => Some(format!("[{}]", of.example()?)),
            Self::Anything | Self::Map { .. } | Self::Named(_) => None,
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::manifest) struct RecordShape {
    pub(in crate::manifest) doc: String,
    pub(in crate::manifest) fields: Vec<FieldShape>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::manifest) struct FieldShape {
    pub(in crate::manifest) key: &'static str,
    pub(in crate::manifest) doc: String,
    pub(in crate::manifest) shape: Shape,
    pub(in crate::manifest) need: Need,
}

/// Whether a field must be there, and what its absence means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::manifest) enum Need {
    Required,
    Optional,
    Default(Tree),
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::manifest) struct ChoiceShape {
    pub(in crate::manifest) doc: String,
    /// The key that tells each, what it is for, and the record that has it.
    pub(in crate::manifest) variants: Vec<(&'static str, String, &'static str)>,
}

/// Every record and choice that was met, in the order of their meeting.
#[derive(Debug, Default)]
pub(in crate::manifest) struct Shapes {
    order: Vec<&'static str>,
    pub(in crate::manifest) records: BTreeMap<&'static str, RecordShape>,
    pub(in crate::manifest) choices: BTreeMap<&'static str, ChoiceShape>,
}

impl Shapes {
    /// Whether this one is new: then whoever asks describes it.
    pub(in crate::manifest) fn meet(&mut self, name: &'static str) -> bool {
        let new = !self.order.contains(&name);
        if new {
            self.order.push(name);
        }
        new
    }

    pub(in crate::manifest) fn in_order(&self) -> &[&'static str] {
        &self.order
    }
}
