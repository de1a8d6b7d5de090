use super::document::{List, record};
use super::words::{Cron, Day, ReasonKind, Severity, TimeZone};
use crate::Duration;

record! {
    /// What starts a build.
    pub struct Triggers: Default {
        /// At these times.
        optional schedule: Schedule,
        /// When the parent's channel moves.
        default parent: bool = true,
        /// Look at the base parameter or image this often: those of AWS raise no event.
        optional base: Duration,
        /// When a scan finds something in a release that is on a channel or in use.
        optional cve: CveTrigger,
        /// When the manifest or a component changed.
        default change: bool = true,
        /// Reasons that arrive within so long of one another become one build.
        default debounce: Duration = Duration::minutes(15),
        /// A steady drip of reasons builds after so long.
        default wait_at_most: Duration = Duration::hours(2),
        /// End a build that has not come to its tests yet when something else would be built now; the one that follows it is left.
        default cancel_superseded: bool = false,
        /// Build at this age of the newest release, whatever else.
        optional max_age: Duration,
        /// Days on which nothing is built but for these reasons.
        default freeze: List<Freeze, 0, 50>,
    }
}

record! {
    /// The times of a schedule.
    pub struct Schedule {
        /// Minute, hour, day of the month, month, day of the week, year, as EventBridge reads them.
        required cron: Cron,
        /// In this time zone.
        default timezone: TimeZone = TimeZone::utc(),
        /// Build though no input changed: packages move all the same.
        default always: bool = true,
    }
}

record! {
    /// Which findings start a build.
    pub struct CveTrigger {
        /// So bad, or worse.
        required at_least: Severity,
    }
}

record! {
    /// Days on which nothing is built.
    pub struct Freeze {
        /// The first day.
        required from: Day,
        /// The last day.
        required to: Day,
        /// Where those days begin and end.
        default timezone: TimeZone = TimeZone::utc(),
        /// Reasons that build all the same.
        default except: List<ReasonKind, 0, 6>,
    }
}
