//! Tags of a resource: small, ordered as given, and shared between an image and its snapshots until one changes.

use std::sync::Arc;

/// At most so many a resource.
pub(crate) const MOST_TAGS: usize = 50;

/// Key and value pairs; a key comes once.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Tags(Arc<[(Arc<str>, Arc<str>)]>);

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
        let mut tags = self.0.to_vec();
        match tags.iter_mut().find(|(name, _)| **name == *key) {
            Some((_, old)) => *old = value.into(),
            None => tags.push((key.into(), value.into())),
        }
        self.0 = tags.into();
    }

    /// Keeps the tags for which this holds.
    pub(crate) fn retain(&mut self, keep: impl Fn(&str, &str) -> bool) {
        if !self.iter().all(|(key, value)| keep(key, value)) {
            self.0 = self.0.iter().filter(|(key, value)| keep(key, value)).cloned().collect();
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
