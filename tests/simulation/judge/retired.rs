//! How much of pruning was seen.

/// How much of pruning was seen.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Retired {
    pub(crate) deprecated: usize,
    pub(crate) disabled: usize,
    pub(crate) deregistered: usize,
    pub(crate) snapshots: usize,
    pub(crate) builds: usize,
    pub(crate) climbed: usize,
    /// Uses that nobody had to know of yet.
    pub(crate) excused: usize,
    /// Images that nobody needed at the end, and that were still there.
    pub(crate) left: usize,
}

impl Retired {
    pub(super) fn add(&mut self, other: Self) {
        let Self {
            deprecated,
            disabled,
            deregistered,
            snapshots,
            builds,
            climbed,
            excused,
            left,
        } = other;
        self.deprecated += deprecated;
        self.disabled += disabled;
        self.deregistered += deregistered;
        self.snapshots += snapshots;
        self.builds += builds;
        self.climbed += climbed;
        self.excused += excused;
        self.left += left;
    }
}
