use steward::building::Line;
use steward::{BuildVersion, FamilyName, ReleaseId, Timestamp};

use super::{CONTROL, Key, as_ordered, of_family, of_release};

/// Before the version and the release of a family's build, from when it is first heard of.
pub(crate) const STARTED: &str = "N#";
/// Before the version and the release of a family's build that failed or was cancelled: it has no rank.
pub(crate) const LEFT_OFF: &str = "F#";

/// Before the architecture of what is kept of a family's builds.
pub(crate) const LINE: &str = "BUILD#";
/// Before the moment in which a person asked for a build.
pub(crate) const BUILD_ASKED: &str = "BUILDASKED#";
/// Before the id of a step of a build that waits for an answer.
pub(crate) const WAITS: &str = "WAITS#";

impl Key {
    /// What is kept of the builds of a line.
    pub(crate) fn line(line: &Line) -> Self {
        Self::new(of_family(&line.family), format!("{LINE}{}", line.architecture))
    }

    /// That there may be something new to build of.
    pub(crate) fn rumour() -> Self {
        Self::new(String::from(CONTROL), "RUMOUR")
    }

    /// Why a release was built.
    pub(crate) fn because(release: ReleaseId) -> Self {
        Self::new(of_release(release), "WHY")
    }

    /// That a person asked for a build.
    pub(crate) fn build_asked(family: &FamilyName, at: Timestamp) -> Self {
        Self::new(of_family(family), format!("{BUILD_ASKED}{at}"))
    }

    /// A step of a build that waits for an answer.
    pub(crate) fn waits(family: &FamilyName, step: &str) -> Self {
        Self::new(of_family(family), format!("{WAITS}{step}"))
    }

    /// A build of a family, whatever becomes of it, ordered as text as releases are by number.
    pub(crate) fn started(family: &FamilyName, version: BuildVersion, id: ReleaseId) -> Self {
        Self::new(of_family(family), format!("{STARTED}{}#{id}", as_ordered(version)))
    }

    /// A build of a family that failed or was cancelled, in the same order. Its architecture is told by images, and it has none.
    pub(crate) fn left_off(family: &FamilyName, version: BuildVersion, id: ReleaseId) -> Self {
        Self::new(of_family(family), format!("{LEFT_OFF}{}#{id}", as_ordered(version)))
    }
}
