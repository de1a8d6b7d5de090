use crate::{Duration, Timestamp};

/// How far back complete runs tell what is usual.
pub const BASELINE: Duration = Duration::days(7);
/// Below this many things a change by half is nothing strange.
const FEW: u64 = 20;
/// So many runs that agree are believed, whatever was usual before.
const AGREEING: usize = 3;
/// If so much time lies between the first and the last of them.
const OVER: Duration = Duration::hours(12);

/// What a complete run counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Sample {
    /// As of when.
    pub at: Timestamp,
    /// How many things were listed.
    pub count: u64,
    /// Whether it was believed: what was not says nothing of what is usual.
    pub believed: bool,
}

/// Whether what a complete run says can be believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Plausibility {
    /// It can.
    Plausible,
    /// It lists nothing, or less than half of what is usual.
    Implausible {
        /// What is usual: the median of the last seven days.
        usual: u64,
    },
}

/// Whether what a complete run counted can be believed, by the complete runs before it. One that a person has accepted is
/// believed, and what was before it says nothing any more. More than there can be is not usual either.
///
/// A list that suddenly is short is far more often a broken list than a company that closed. It is believed once three runs
/// over twelve hours agree, with none between them that says otherwise.
pub fn judge(at: Timestamp, count: u64, before: &[Sample], (accepted, most): (Option<Timestamp>, u64)) -> Plausibility {
    let counts = |sample: &&Sample| sample.at < at && accepted.is_none_or(|from| sample.at >= from);
    let mut before: Vec<Sample> = before.iter().filter(counts).copied().collect();
    before.sort_unstable();
    let since = at.checked_sub(BASELINE);
    let is_usual = |sample: &&Sample| sample.believed || Some(sample.at) == accepted;
    let lately = |sample: &&Sample| is_usual(sample) && since.is_none_or(|since| sample.at >= since);
    let mut usual: Vec<u64> = before.iter().filter(lately).map(|sample| sample.count).collect();
    // Where nothing was believed for so long, what was believed last says what is usual, however old it is.
    if usual.is_empty() {
        usual.extend(before.iter().rfind(is_usual).map(|sample| sample.count));
    }
    let usual = median(usual).min(most);
    let strange = match usual {
        0 => false,
        usual => count == 0 || (usual >= FEW && count.saturating_mul(2) < usual),
    };
    if !strange || is_agreed(at, count, &before) {
        return Plausibility::Plausible;
    }
    Plausibility::Implausible { usual }
}

/// The upper of the two in the middle, where there are two: what is usual is rather more than less.
fn median(mut counts: Vec<u64>) -> u64 {
    counts.sort_unstable();
    counts.get(counts.len() / 2).copied().unwrap_or(0)
}

/// Whether the runs right before say the same, are enough, and reach back far enough.
fn is_agreed(at: Timestamp, count: u64, before: &[Sample]) -> bool {
    let agrees = |sample: &&Sample| {
        let (less, more) = (count.min(sample.count), count.max(sample.count));
        more <= less.saturating_mul(2)
    };
    let agreeing: Vec<&Sample> = before.iter().rev().take_while(agrees).collect();
    let first = agreeing.last();
    let over = first.and_then(|first| at.checked_since(first.at));
    // The run itself is one of them.
    agreeing.len() + 1 >= AGREEING && over.is_some_and(|over| over >= OVER.length())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A run so many minutes after midnight of the first day.
    fn run(minutes: i64, count: u64) -> Sample {
        let start: Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
        let at = start.as_millisecond() + minutes * 60_000;
        Sample {
            at: Timestamp::from_millisecond(at).unwrap(),
            count,
            believed: true,
        }
    }

    /// The same, that nobody believed.
    fn doubted(minutes: i64, count: u64) -> Sample {
        Sample {
            believed: false,
            ..run(minutes, count)
        }
    }

    fn judge(run: Sample, before: &[Sample], accepted: Option<Timestamp>) -> Plausibility {
        super::judge(run.at, run.count, before, (accepted, u64::MAX))
    }

    /// Runs each hour of so many days.
    fn days(days: i64, count: u64) -> Vec<Sample> {
        (0..days * 24).map(|hour| run(hour * 60, count)).collect()
    }

    const DAY: i64 = 24 * 60;

    fn implausible(usual: u64) -> Plausibility {
        Plausibility::Implausible { usual }
    }

    #[test]
    fn a_list_that_is_empty_where_it_never_was_is_not_believed_however_short_it_was() {
        assert_eq!(judge(run(DAY, 0), &days(1, 1), None), implausible(1));
        assert_eq!(judge(run(DAY, 0), &days(1, 0), None), Plausibility::Plausible);
        assert_eq!(judge(run(DAY, 0), &[], None), Plausibility::Plausible);
    }

    #[test]
    fn less_than_half_of_twenty_or_more_is_not_believed_and_half_is() {
        assert_eq!(judge(run(DAY, 9), &days(1, 20), None), implausible(20));
        assert_eq!(judge(run(DAY, 10), &days(1, 20), None), Plausibility::Plausible);
        assert_eq!(judge(run(DAY, 1), &days(1, 19), None), Plausibility::Plausible);
        assert_eq!(judge(run(DAY, 50), &days(1, 101), None), implausible(101));
        assert_eq!(judge(run(DAY, 2_000), &days(1, 20), None), Plausibility::Plausible);
    }

    #[test]
    fn what_is_strange_is_believed_after_three_runs_that_agree_over_twelve_hours() {
        let mut before = days(2, 100);
        let mut later = |hours: i64, count: u64| {
            let run = run(2 * DAY + hours * 60, count);
            let judged = judge(run, &before, None);
            let believed = judged == Plausibility::Plausible;
            before.push(Sample { believed, ..run });
            judged
        };
        assert_eq!(later(0, 10), implausible(100));
        assert_eq!(later(6, 11), implausible(100));
        assert_eq!(later(11, 9), implausible(100));
        assert_eq!(later(12, 10), Plausibility::Plausible);
    }

    #[test]
    fn two_runs_are_too_few_however_far_apart() {
        let mut before = days(2, 100);
        before.push(doubted(2 * DAY, 10));
        assert_eq!(judge(run(2 * DAY + 20 * 60, 10), &before, None), implausible(100));
    }

    #[test]
    fn one_run_that_says_otherwise_starts_the_twelve_hours_again() {
        let mut before = days(2, 100);
        before.extend([
            doubted(2 * DAY, 10),
            doubted(2 * DAY + 300, 10),
            run(2 * DAY + 360, 100),
        ]);
        before.extend([doubted(2 * DAY + 420, 10), doubted(2 * DAY + 480, 10)]);
        assert_eq!(judge(run(2 * DAY + 780, 10), &before, None), implausible(100));
        assert_eq!(
            judge(run(2 * DAY + 420 + 12 * 60, 10), &before, None),
            Plausibility::Plausible
        );
    }

    #[test]
    fn a_list_that_keeps_falling_agrees_with_nothing() {
        let mut before = days(2, 100);
        before.extend([doubted(2 * DAY, 40), doubted(2 * DAY + 400, 18)]);
        assert_eq!(judge(run(2 * DAY + 800, 0), &before, None), implausible(100));
    }

    #[test]
    fn what_nobody_believes_makes_nothing_usual_however_little_is_known() {
        let before = [run(0, 24), doubted(60, 11), doubted(120, 11)];
        assert_eq!(judge(run(180, 11), &before, None), implausible(24));
    }

    #[test]
    fn what_a_person_accepted_is_what_is_usual_from_then_on() {
        let mut before = days(2, 100);
        let strange = doubted(2 * DAY, 10);
        before.push(strange);
        let accepted = Some(strange.at);
        assert_eq!(judge(run(2 * DAY + 60, 10), &before, None), implausible(100));
        assert_eq!(judge(run(2 * DAY + 60, 10), &before, accepted), Plausibility::Plausible);
        assert_eq!(judge(run(2 * DAY + 60, 0), &before, accepted), implausible(10));
    }

    #[test]
    fn what_is_older_than_seven_days_is_not_usual_any_more() {
        let before = [run(0, 100), run(1, 100), run(2, 100), run(7 * DAY, 15)];
        assert_eq!(judge(run(7 * DAY + 1, 1), &before, None), implausible(100));
        assert_eq!(judge(run(7 * DAY + 3, 1), &before, None), Plausibility::Plausible);
    }

    #[test]
    fn where_nothing_was_believed_for_seven_days_what_was_believed_last_is_usual() {
        let before = [run(0, 50), run(1, 100), doubted(2, 3)];
        assert_eq!(judge(run(40 * DAY, 10), &before, None), implausible(100));
    }

    #[test]
    fn a_fleet_that_is_stopped_each_night_is_listed_all_the_same() {
        // Stopped instances are listed as running ones are: the count does not move.
        let nights = days(7, 40);
        assert_eq!(judge(run(7 * DAY + 60, 40), &nights, None), Plausibility::Plausible);
    }

    proptest! {
        #[test]
        fn neither_the_order_of_runs_nor_those_after_it_change_what_is_believed(
            counts in proptest::collection::vec(0u64..200, 0..40),
            count in 0u64..200,
            seed in any::<u64>(),
        ) {
            let before: Vec<Sample> = (0..).zip(&counts).map(|(n, count)| run(n * 60, *count)).collect();
            let last = run(i64::try_from(counts.len()).unwrap() * 60, count);
            let mut mixed = before.clone();
            mixed.push(run(60 * 60, 7));
            mixed.push(last);
            let turn = usize::try_from(seed % 41).unwrap() % mixed.len();
            mixed.rotate_left(turn);
            prop_assert_eq!(judge(last, &before, None), judge(last, &mixed, None));
        }

        #[test]
        fn more_is_never_less_believed(
            counts in proptest::collection::vec(0u64..200, 0..40),
            count in 0u64..200,
        ) {
            // Without agreement by the runs before: what was seen once.
            let before: Vec<Sample> = (0..).zip(&counts).map(|(n, count)| run(n, *count)).collect();
            let at = i64::try_from(counts.len()).unwrap();
            if judge(run(at, count), &before, None) == Plausibility::Plausible {
                prop_assert_eq!(judge(run(at, count + 1), &before, None), Plausibility::Plausible);
            }
        }
    }
}
