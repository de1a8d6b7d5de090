//! Lists that are no longer than there is room for.

use serde::Serialize;

/// The first of a list, and how many more there are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(crate) struct Listed<T> {
    pub(crate) listed: Vec<T>,
    pub(crate) more: usize,
}

impl<T> Listed<T> {
    /// So many of these at most.
    pub(crate) fn of(all: impl IntoIterator<Item = T>, most: usize) -> Self {
        let mut all = all.into_iter();
        Self {
            listed: all.by_ref().take(most).collect(),
            more: all.count(),
        }
    }

    /// The same, each shown in another way.
    pub(crate) fn map<S>(self, show: impl FnMut(T) -> S) -> Listed<S> {
        let Self { listed, more } = self;
        Listed {
            listed: listed.into_iter().map(show).collect(),
            more,
        }
    }
}

/// A text of at most so many bytes: with lists as long as they can be. It must have room for it with none.
pub(crate) fn fitting(room: usize, lengths: &[usize], text: impl Fn(usize) -> String) -> String {
    let fits = lengths.iter().map(|most| text(*most)).find(|text| text.len() <= room);
    fits.unwrap_or_else(|| text(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_out_is_counted() {
        let listed = |most| Listed::of(["a", "b", "c"], most);
        assert_eq!((listed(2).listed, listed(2).more), (vec!["a", "b"], 1));
        assert_eq!((listed(3).more, listed(0).more), (0, 3));
    }

    #[test]
    fn lists_are_as_long_as_there_is_room_for() {
        let text = |most: usize| "x".repeat(most);
        assert_eq!(fitting(10, &[20, 10, 5], text).len(), 10);
        assert_eq!(fitting(9, &[20, 10, 5], text).len(), 5);
        assert_eq!(fitting(4, &[20, 10, 5], text).len(), 0);
    }
}
