use crate::{Duration, Timestamp};

/// What is under way, or has just gone wrong, is looked at again with the next sweep.
pub(crate) const NEXT_SWEEP: Duration = Duration::minutes(4);
/// What does not come right is looked at after these, the last again and again.
const LATER: [Duration; 6] = [
    NEXT_SWEEP,
    Duration::minutes(10),
    Duration::minutes(30),
    Duration::hours(1),
    Duration::hours(3),
    Duration::hours(6),
];

/// How something stood when it was last looked at, as far as it says when to look again.
pub(crate) struct Looked {
    /// When that was.
    pub(crate) at: Timestamp,
    /// Whether there was nothing left to do.
    pub(crate) settled: bool,
    /// Whether something only took its time.
    pub(crate) under_way: bool,
    /// How often in a row it was neither.
    pub(crate) tries: u32,
}

impl Looked {
    /// Whether it is to be looked at again, if what stands as it should rests for so long.
    pub(crate) fn is_due(&self, rests: Duration, now: Timestamp) -> bool {
        let Self {
            at,
            settled,
            under_way,
            tries,
        } = self;
        let wait = match (settled, under_way) {
            (true, _) => rests,
            (false, true) => NEXT_SWEEP,
            (false, false) => {
                let tried = usize::try_from(tries.saturating_sub(1)).unwrap_or(usize::MAX);
                LATER[tried.min(LATER.len() - 1)]
            }
        };
        // At the end of all calendars nothing is put off.
        at.checked_add(wait).is_none_or(|due| due <= now)
    }
}
