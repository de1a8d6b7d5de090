//! Tags of a resource: small, ordered as given, shared strings, so that a million images repeat no text.

use std::sync::Arc;

/// At most so many a resource.
pub(crate) const MOST_TAGS: usize = 50;

/// Key and value pairs; a key comes once.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Tags(Box<[(Arc<str>, Arc<str>)]>);

impl Tags {
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(key, value)| (&**key, &**value))
    }

    pub(crate) fn get(&self, key: &str) -> Option<&str> {
        self.iter().find(|(name, _)| *name == key).map(|(_, value)| value)
    }

    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Adds a tag, or overwrites its value.
    pub(crate) fn set(&mut self, key: &str, value: &str) {
        if let Some((_, old)) = self.0.iter_mut().find(|(name, _)| **name == *key) {
            *old = value.into();
        } else {
            let mut tags = std::mem::take(&mut self.0).into_vec();
            tags.push((key.into(), value.into()));
            self.0 = tags.into_boxed_slice();
        }
    }

    /// Keeps the tags for which this holds.
    pub(crate) fn retain(&mut self, keep: impl Fn(&str, &str) -> bool) {
        if !self.iter().all(|(key, value)| keep(key, value)) {
            let mut tags = std::mem::take(&mut self.0).into_vec();
            tags.retain(|(key, value)| keep(key, value));
            self.0 = tags.into_boxed_slice();
        }
    }
}

impl<K: Into<Arc<str>>, V: Into<Arc<str>>> FromIterator<(K, V)> for Tags {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(pairs: I) -> Self {
        Self(
            pairs
                .into_iter()
                .map(|(key, value)| (key.into(), value.into()))
                .collect(),
        )
    }
}
