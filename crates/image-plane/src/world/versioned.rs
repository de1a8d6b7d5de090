//! A value that remembers for a while what it was, so that a read may be stale and still consistent in itself.

use std::sync::Arc;
use std::time::Duration;

use crate::time::Time;

/// What a value was, until when; `None` where it was not there.
type Past<T> = (Time, Option<Arc<T>>);

/// A value now, and what it was until when. Without a lag to serve, nothing is remembered and it costs one pointer.
#[derive(Clone, Debug)]
pub(crate) struct Versioned<T> {
    now: Option<T>,
    /// Oldest first.
    #[expect(
        clippy::box_collection,
        reason = "of a million images nearly all remember nothing: one word, not three"
    )]
    past: Option<Box<Vec<Past<T>>>>,
}

impl<T> Default for Versioned<T> {
    /// Nothing there, nor ever was.
    fn default() -> Self {
        Self { now: None, past: None }
    }
}

impl<T: Clone> Versioned<T> {
    /// A value that has always been there.
    pub(crate) fn settled(value: T) -> Self {
        Self {
            now: Some(value),
            past: None,
        }
    }

    /// A value that came into being at `at`.
    pub(crate) fn created(value: T, at: Time, lag: Duration) -> Self {
        let mut this = Self::default();
        this.remember(at, lag);
        this.now = Some(value);
        this
    }

    /// The value, to be changed in place for every reader at once; the default where there was none.
    pub(crate) fn at_once(&mut self) -> &mut T
    where
        T: Default,
    {
        self.past = None;
        self.now.get_or_insert_with(T::default)
    }

    pub(crate) fn now(&self) -> Option<&T> {
        self.now.as_ref()
    }

    /// Changes the value in place; the old one stays readable for the lag.
    pub(crate) fn edit(&mut self, at: Time, lag: Duration) -> Option<&mut T> {
        if self.now.is_some() {
            self.remember(at, lag);
        }
        self.now.as_mut()
    }

    /// Takes the value away; it stays readable for the lag.
    pub(crate) fn remove(&mut self, at: Time, lag: Duration) -> Option<T> {
        self.remember(at, lag);
        self.now.take()
    }

    /// Puts a value back where one was removed.
    pub(crate) fn replace(&mut self, value: T, at: Time, lag: Duration) {
        self.remember(at, lag);
        self.now = Some(value);
    }

    /// What a reader sees whose view is as old as `as_of`.
    pub(crate) fn seen(&self, as_of: Time) -> Option<&T> {
        match self
            .past
            .iter()
            .flat_map(|past| past.iter())
            .find(|(until, _)| as_of < *until)
        {
            Some((_, then)) => then.as_deref(),
            None => self.now.as_ref(),
        }
    }

    fn remember(&mut self, at: Time, lag: Duration) {
        if lag.is_zero() {
            self.past = None;
            return;
        }
        let past = self.past.get_or_insert_default();
        past.retain(|(until, _)| *until + lag > at);
        past.push((at, self.now.clone().map(Arc::new)));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LAG: Duration = Duration::from_millis(100);

    fn at(millis: i64) -> Time {
        Time::from_millis(millis)
    }

    #[test]
    fn a_stale_reader_sees_each_value_as_long_as_it_held() {
        let mut value = Versioned::created(1, at(1000), LAG);
        *value.edit(at(1010), LAG).unwrap() = 2;
        value.remove(at(1020), LAG);
        let seen: Vec<_> = [999, 1000, 1009, 1010, 1019, 1020]
            .map(|t| value.seen(at(t)).copied())
            .into();
        assert_eq!(seen, [None, Some(1), Some(1), Some(2), Some(2), None]);
    }

    #[test]
    fn what_no_reader_can_see_any_more_is_forgotten() {
        let mut value = Versioned::created(0, at(0), LAG);
        for t in 1..1000 {
            *value.edit(at(t * 50), LAG).unwrap() = t;
        }
        assert!(value.past.unwrap().len() <= 3);
    }
}
