//! Texts that come again and again in a big fleet (tag keys, device names), kept once.

use std::collections::BTreeSet;
use std::sync::Arc;

/// The first texts a world meets. Later new ones are not kept: those that recur came early.
#[derive(Debug, Default)]
pub(crate) struct Words(BTreeSet<Arc<str>>);

const MOST: usize = 1024;

impl Words {
    /// The text, shared where it is known.
    pub(crate) fn share(&mut self, text: &str) -> Arc<str> {
        if let Some(known) = self.0.get(text) {
            return Arc::clone(known);
        }
        let new: Arc<str> = text.into();
        if self.0.len() < MOST {
            self.0.insert(Arc::clone(&new));
        }
        new
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_kept_once_and_unique_ones_do_not_pile_up() {
        let mut words = Words::default();
        let first = words.share("team");
        for n in 0..10_000 {
            words.share(&format!("unique-{n}"));
        }
        assert!(Arc::ptr_eq(&first, &words.share("team")));
        assert_eq!(words.0.len(), MOST);
    }
}
