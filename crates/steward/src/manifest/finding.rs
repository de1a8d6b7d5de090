use super::document::Path;

/// Something wrong with what a manifest says, though each of its words is well formed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Finding {
    pub(super) path: Path,
    pub(super) what: String,
    pub(super) right: Option<String>,
}
