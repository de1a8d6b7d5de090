use super::document::{Map, Number, record};
use super::words::{LaunchTemplateVersions, Share, TagKey, TagValue, Wait};
use crate::Duration;

record! {
    /// What is kept, and how the rest goes. A release goes only when every rule lets it go and nobody uses it.
    pub struct Retain {
        /// So many of the newest releases of each architecture stay, whatever their age.
        required releases: Number<1, 1000>,
        /// Everything younger than this stays.
        required young as "for": Duration,
        /// Everything launched within this stays.
        optional unused_for: Duration,
        /// Which versions of launch templates count as use. Others that publishing made are deleted, but for the newest ten where
        /// this is `referenced`.
        default launch_template_versions: LaunchTemplateVersions = LaunchTemplateVersions::Referenced,
        /// Whoever puts one of these tags on an image keeps it.
        default keep_tags: Map<TagKey, TagValue, 20>,
        /// When a release that became expendable takes each step down. What is left out never happens.
        default ladder: Ladder,
        /// What bounds one run.
        default limits: Limits,
    }
}

record! {
    /// The steps of retirement, each counted from when the release became expendable.
    pub struct Ladder: Default {
        /// New users are warned off: the image no longer appears in others' lists.
        default deprecate: Wait = Wait::Never,
        /// Launches fail; all can still be undone.
        default disable: Wait = Wait::Never,
        /// Deregistered, its snapshots deleted: for good, unless a Recycle Bin holds them.
        default delete: Wait = Wait::Never,
    }
}

record! {
    /// What bounds one run of pruning.
    pub struct Limits: Default {
        /// So many placements a run, the oldest first. A run is each hour, and when a rung falls due or a person asks.
        default per_run: Number<1, 10_000> = Number::new::<50>(),
        /// Of all the family's releases, so many may newly become expendable in one run; above that a person is asked.
        default share: Share = Share::of_hundred::<25>(),
    }
}
