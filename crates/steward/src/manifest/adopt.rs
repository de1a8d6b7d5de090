use super::document::{List, Map, record};
use super::words::{AmiOwner, GroupKey, NamePattern, TagKey, TagValue};

record! {
    /// Images that Image Builder did not build, and that `steward adopt` takes into the family.
    pub struct Adopt {
        /// Whose they are: the hub's own, or an account's.
        required owner: AmiOwner,
        /// What they are called.
        optional name: NamePattern,
        /// The tags they have.
        default tags: Map<TagKey, TagValue, 20>,
        /// What tells their lines apart: each is ranked by itself, and an image without one of these is left alone.
        default group_by: List<GroupKey, 0, 5>,
    }
}
