use crate::terminal::harmless;

/// What a command says at its end.
pub(crate) struct Said {
    pub(crate) text: String,
    /// Whether what it was asked about is right.
    pub(crate) right: bool,
}

impl Said {
    /// A text for people or programs.
    pub(crate) fn new(text: &str, right: bool) -> Self {
        Self {
            text: harmless(text),
            right,
        }
    }

    /// What is to stay as it is: a file of somebody's, or an answer for programs, which steers no terminal already.
    pub(crate) const fn file(text: String) -> Self {
        Self { text, right: true }
    }
}

impl From<String> for Said {
    fn from(text: String) -> Self {
        Self::new(&text, true)
    }
}
