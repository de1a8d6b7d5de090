/// What a command says at its end.
pub(crate) struct Said {
    pub(crate) text: String,
    /// Whether what it was asked about is right.
    pub(crate) right: bool,
}

impl From<String> for Said {
    fn from(text: String) -> Self {
        Self { text, right: true }
    }
}
