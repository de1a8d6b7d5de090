use super::standing::is_apart;
use crate::{Duration, Timestamp};

/// What a look at something adds to what is known of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Settled {
    /// Nothing: it is as the record says, or too soon to tell.
    Nothing,
    /// It is in doubt from now on.
    Doubt,
    /// The doubt was one stale look.
    NoDoubt,
    /// Two looks agree that it changed.
    Changed,
}

/// A doubt of this age is as good as none.
const STALE: Duration = Duration::hours(3);

/// Decides of what is or is not, and is looked at once an hour, as is decided of EC2's images: by two looks that agree, some time
/// apart.
pub fn settle<T: Copy + PartialEq>(known: T, doubt_since: Option<Timestamp>, seen: T, now: Timestamp) -> Settled {
    match doubt_since {
        None if seen == known => Settled::Nothing,
        Some(_) if seen == known => Settled::NoDoubt,
        None => Settled::Doubt,
        // Nobody looked for so long that it is no first look any more.
        Some(since) if since.checked_add(STALE).is_some_and(|end| end <= now) => Settled::Doubt,
        Some(since) if is_apart(since, now) => Settled::Changed,
        Some(_) => Settled::Nothing,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_there_or_gone_changes_by_two_looks_that_agree_some_time_apart() {
        let at = |minute: u32| format!("2026-02-01T08:{minute:02}:00Z").parse::<Timestamp>().unwrap();
        let (there, gone) = (true, false);
        assert_eq!(settle(there, None, there, at(0)), Settled::Nothing);
        assert_eq!(settle(there, None, gone, at(0)), Settled::Doubt);
        assert_eq!(settle(there, Some(at(0)), gone, at(4)), Settled::Nothing);
        assert_eq!(settle(there, Some(at(0)), gone, at(5)), Settled::Changed);
        assert_eq!(settle(there, Some(at(0)), there, at(5)), Settled::NoDoubt);
        assert_eq!(settle(gone, Some(at(0)), there, at(50)), Settled::Changed);
        let days_later = "2026-02-03T08:00:00Z".parse().unwrap();
        assert_eq!(settle(there, Some(at(0)), gone, days_later), Settled::Doubt);
    }
}
