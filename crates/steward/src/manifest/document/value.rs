use std::collections::BTreeMap;

use super::{Content, Node, Part, Plain, Reading, Shape, Shapes, Tree, Word};

/// What a manifest's field can hold.
pub(in crate::manifest) trait Value: Sized {
    /// Whether a list may have it only once.
    const ONCE: bool = false;

    /// None when it could not be read: why is in the reading.
    fn read(node: &Node, reading: &mut Reading) -> Option<Self>;

    fn tree(&self) -> Tree;

    fn shape(shapes: &mut Shapes) -> Shape;
}

impl Value for bool {
    fn read(node: &Node, reading: &mut Reading) -> Option<Self> {
        match &node.content {
            Content::Plain(text) if text == "true" => Some(true),
            Content::Plain(text) if text == "false" => Some(false),
            _ => {
                reading.mistaken(node, "true or false");
                None
            }
        }
    }

    fn tree(&self) -> Tree {
        Tree::Bare(self.to_string())
    }

    fn shape(_: &mut Shapes) -> Shape {
        Shape::Flag
    }
}

/// A whole number within bounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Number<const LEAST: u32, const MOST: u32>(u32);

impl<const LEAST: u32, const MOST: u32> Number<LEAST, MOST> {
    /// This number: a constant that is out of bounds does not compile.
    pub const fn new<const N: u32>() -> Self {
        const { assert!(LEAST <= N && N <= MOST) };
        Self(N)
    }

    /// The number.
    pub const fn get(self) -> u32 {
        self.0
    }
}

impl<const LEAST: u32, const MOST: u32> Value for Number<LEAST, MOST> {
    fn read(node: &Node, reading: &mut Reading) -> Option<Self> {
        let Content::Plain(text) = &node.content else {
            reading.mistaken(node, format_args!("a whole number from {LEAST} to {MOST}"));
            return None;
        };
        let digits = !text.is_empty() && text.chars().all(|c| c.is_ascii_digit());
        if !digits && Plain::of(text) != Plain::Number {
            reading.mistaken(node, format_args!("a whole number from {LEAST} to {MOST}"));
            return None;
        }
        let written = digits && (text == "0" || !text.starts_with('0'));
        let number = text
            .parse()
            .ok()
            .filter(|number| written && (LEAST..=MOST).contains(number));
        if number.is_none() {
            reading.say(
                node.at,
                format_args!("this is {text}, must be a whole number from {LEAST} to {MOST}"),
            );
        }
        number.map(Self)
    }

    fn tree(&self) -> Tree {
        Tree::Bare(self.0.to_string())
    }

    fn shape(_: &mut Shapes) -> Shape {
        Shape::Number {
            least: LEAST.into(),
            most: MOST.into(),
        }
    }
}

/// A list of so many; each word in it once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct List<T, const LEAST: usize, const MOST: usize>(Vec<T>);

impl<T, const LEAST: usize, const MOST: usize> List<T, LEAST, MOST> {
    /// A list of this alone.
    pub(in crate::manifest) fn one(item: T) -> Self {
        const { assert!(LEAST <= 1 && 1 <= MOST) };
        Self(vec![item])
    }
}

impl<T, const LEAST: usize, const MOST: usize> std::ops::Deref for List<T, LEAST, MOST> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        &self.0
    }
}

impl<'a, T, const LEAST: usize, const MOST: usize> IntoIterator for &'a List<T, LEAST, MOST> {
    type Item = &'a T;
    type IntoIter = std::slice::Iter<'a, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}

impl<T, const MOST: usize> Default for List<T, 0, MOST> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T: Value + PartialEq, const LEAST: usize, const MOST: usize> Value for List<T, LEAST, MOST> {
    fn read(node: &Node, reading: &mut Reading) -> Option<Self> {
        let Content::List(nodes) = &node.content else {
            reading.mistaken(node, "a list: [ … ], or lines that start with `- `");
            return None;
        };
        let mut complete = true;
        if nodes.len() < LEAST {
            reading.say(
                node.at,
                format_args!("this list has {}, must have at least {LEAST}", nodes.len()),
            );
            complete = false;
        }
        if nodes.len() > MOST {
            reading.say(
                node.at,
                format_args!("this list has {}, must have at most {MOST}", nodes.len()),
            );
            complete = false;
        }
        let mut items: Vec<T> = Vec::new();
        for (at, node) in nodes.iter().take(MOST).enumerate() {
            match reading.under(Part::Item(at), |reading| T::read(node, reading)) {
                Some(item) if T::ONCE && items.contains(&item) => {
                    reading.under(Part::Item(at), |reading| {
                        reading.suggest(node.at, "this is in the list already", "list it once");
                    });
                    complete = false;
                }
                Some(item) => items.push(item),
                None => complete = false,
            }
        }
        complete.then_some(Self(items))
    }

    fn tree(&self) -> Tree {
        Tree::List(self.0.iter().map(Value::tree).collect())
    }

    fn shape(shapes: &mut Shapes) -> Shape {
        Shape::List {
            of: Box::new(T::shape(shapes)),
            least: LEAST,
            most: MOST,
        }
    }
}

/// Values by their names, at most so many.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Map<K, T, const MOST: usize>(BTreeMap<K, T>);

impl<K, T, const MOST: usize> std::ops::Deref for Map<K, T, MOST> {
    type Target = BTreeMap<K, T>;

    fn deref(&self) -> &BTreeMap<K, T> {
        &self.0
    }
}

impl<K, T, const MOST: usize> Default for Map<K, T, MOST> {
    fn default() -> Self {
        Self(BTreeMap::new())
    }
}

impl<K: Word + Ord, T: Value, const MOST: usize> Value for Map<K, T, MOST> {
    fn read(node: &Node, reading: &mut Reading) -> Option<Self> {
        let Content::Map(entries) = &node.content else {
            reading.mistaken(node, format_args!("a mapping, by {}", K::NOUN));
            return None;
        };
        let mut complete = true;
        if entries.len() > MOST {
            reading.say(
                node.at,
                format_args!("this has {} entries, must have at most {MOST}", entries.len()),
            );
            complete = false;
        }
        let mut read = BTreeMap::new();
        for (key, value) in entries.iter().take(MOST) {
            let (name, value) = reading.under(Part::Key(key.name.clone()), |reading| {
                let name = K::parse_word(&key.name)
                    .map_err(|error| reading.say(key.at, format_args!("invalid {}: {error}", K::NOUN)));
                (name, T::read(value, reading))
            });
            match (name, value) {
                (Ok(name), Some(value)) => {
                    read.insert(name, value);
                }
                _ => complete = false,
            }
        }
        complete.then_some(Self(read))
    }

    fn tree(&self) -> Tree {
        Tree::Map(
            self.0
                .iter()
                .map(|(key, value)| (key.written(), value.tree()))
                .collect(),
        )
    }

    fn shape(shapes: &mut Shapes) -> Shape {
        Shape::Map {
            key: Box::new(K::shape(shapes)),
            of: Box::new(T::shape(shapes)),
            most: MOST,
        }
    }
}

impl<T: Word> Value for T {
    const ONCE: bool = true;

    fn read(node: &Node, reading: &mut Reading) -> Option<Self> {
        T::read_word(node, reading)
    }

    fn tree(&self) -> Tree {
        Tree::Text(self.written())
    }

    fn shape(_: &mut Shapes) -> Shape {
        T::form()
    }
}
