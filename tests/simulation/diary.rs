//! What happened, line by line: shown where a seed fails, and summed up so that two runs of it can be compared.

use std::cell::RefCell;
use std::rc::Rc;

use image_plane::Time;

/// Clones are the same diary: it outlives a run that panics.
#[derive(Clone, Debug, Default)]
pub(crate) struct Diary(Rc<RefCell<Vec<String>>>);

impl Diary {
    pub(crate) fn say(&self, at: Time, line: &str) {
        self.0.borrow_mut().push(format!("{at} {line}"));
    }

    pub(crate) fn lines(&self) -> Vec<String> {
        self.0.borrow().clone()
    }
}
