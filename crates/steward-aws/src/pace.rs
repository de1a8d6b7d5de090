//! Our share of an account's request rate: what a target's callers must not use up.

use std::str::FromStr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// Calls of one kind in one target: a burst at once, then so many a second.
///
/// EC2's limits hold for the whole account, and its people and other tools live from the same bucket; so a share is taken
/// and the rest left. Waiting here also costs less than being refused and trying again.
#[derive(Debug)]
pub struct Pace {
    /// How long one call takes from the bucket.
    spacing: Duration,
    /// How far ahead of its time the bucket may be used.
    burst: Duration,
    state: Mutex<State>,
}

/// How much of an account's own rate retiring images may take, in percent: the rest is its people's and other tools'.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Share(u32);

/// What is no share.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no share of a rate: write a whole number of percent from 1 to 100")]
pub struct NoShare(String);

impl Share {
    /// What holds where nobody says otherwise.
    pub const HALF: Self = Self(50);
}

impl FromStr for Share {
    type Err = NoShare;

    fn from_str(text: &str) -> Result<Self, NoShare> {
        let percent = text.parse().ok().filter(|percent| (1..=100).contains(percent));
        percent.map(Self).ok_or_else(|| NoShare(text.to_owned()))
    }
}

#[derive(Debug, Default)]
struct State {
    /// When the bucket will be full again.
    full_at: Option<Instant>,
    /// Until when each call takes as many times as long; others live from the same bucket.
    slow: Option<(Instant, u32)>,
}

/// After one was refused as too many, calls are this much further apart, and twice that after the next.
const SLOWER: u32 = 2;
/// And no further than this.
const SLOWEST: u32 = 8;
/// For so long.
const SLOW_FOR: Duration = Duration::from_mins(1);

impl Pace {
    /// Half of what EC2 gives an account for reading calls: 100 at once, then 20 a second.
    pub fn half_of_reads() -> Self {
        Self::new(50, 10)
    }

    /// Less than half of what EC2 gives an account for most calls that change something: 50 at once, then 5 a second.
    pub fn of_writes() -> Self {
        Self::new(20, 2)
    }

    /// A share of what EC2 gives an account for most calls that change something: 50 at once, then 5 a second.
    pub(crate) fn of_retirements(share: Share) -> Self {
        Self::shared(share, 50)
    }

    /// A share of what EC2 gives an account for taking images away, and as much for snapshots: 100 at once, then 5 a second.
    pub(crate) fn of_deletions(share: Share) -> Self {
        Self::shared(share, 100)
    }

    /// Image Builder's rates are not documented: few enough that nobody has been refused at them.
    pub fn of_builder_reads() -> Self {
        Self::new(10, 8)
    }

    /// The same for what changes something.
    pub fn of_builder_writes() -> Self {
        Self::new(5, 2)
    }

    /// Auto Scaling's are not documented either, and its lists hold up deployments when they are throttled.
    pub fn of_scaling_reads() -> Self {
        Self::new(10, 5)
    }

    /// A quarter of the 40 a second that an account's parameters are read at.
    pub fn of_parameter_reads() -> Self {
        Self::new(10, 10)
    }

    /// A registry's reads are shared with every deployment that pulls: few of them.
    pub fn of_registry_reads() -> Self {
        Self::new(5, 5)
    }

    /// Of keys' thousands of reads a second hardly any: every service of the account lives from the same.
    pub fn of_key_reads() -> Self {
        Self::new(10, 10)
    }

    /// How often a Recycle Bin's rules may be read is not documented: nobody waits for them.
    pub fn of_bin_reads() -> Self {
        Self::new(2, 1)
    }

    /// What a list of parameters may take is not documented; writing them is refused at more than three a second.
    pub fn of_parameter_lists() -> Self {
        Self::new(2, 2)
    }

    /// Half of the 8 a second that an account may list its organization's accounts at, and 12 at once: all its accounts
    /// together have hardly more.
    pub fn of_organization_lists() -> Self {
        Self::new(6, 4)
    }

    /// What describes an organization or a unit of it may be asked once a second, and twice at once.
    pub fn of_organization_descriptions() -> Self {
        Self::new(1, 1)
    }

    /// So many calls at once, and so many a second after that.
    pub fn new(burst: u32, per_second: u32) -> Self {
        Self::spaced(burst, Duration::from_secs(1) / per_second.max(1))
    }

    fn shared(Share(percent): Share, burst: u32) -> Self {
        let burst = (burst * percent / 100).max(1);
        Self::spaced(burst, Duration::from_millis(200) * 100 / percent)
    }

    fn spaced(burst: u32, spacing: Duration) -> Self {
        Self {
            spacing,
            burst: spacing * burst.saturating_sub(1),
            state: Mutex::default(),
        }
    }

    /// Goes more slowly for a while, with no burst: a call was refused as one too many.
    pub fn slow_down(&self) {
        let now = Instant::now();
        let mut state = self.state();
        let times = state.slow_by(now).saturating_mul(SLOWER).min(SLOWEST);
        state.slow = Some((now + SLOW_FOR, times));
        let empty = now + self.burst + self.spacing * times;
        state.full_at = Some(state.full_at.map_or(empty, |full| full.max(empty)));
    }

    /// Waits until the next call may be made.
    pub async fn wait(&self) {
        let wait = self.reserve(Instant::now());
        if !wait.is_zero() {
            tokio::time::sleep(wait).await;
        }
    }

    /// Takes the next call's place, and says how long until its turn.
    fn reserve(&self, now: Instant) -> Duration {
        let mut state = self.state();
        let full = state.full_at.map_or(now, |at| at.max(now));
        state.full_at = Some(full + self.spacing * state.slow_by(now));
        (full - now).saturating_sub(self.burst)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// How many times as long each call takes.
    fn slow_by(&self, now: Instant) -> u32 {
        self.slow
            .filter(|(until, _)| now < *until)
            .map_or(1, |(_, times)| times)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn time_for(pace: &Pace, calls: u32) -> Duration {
        let start = Instant::now();
        for _ in 0..calls {
            pace.wait().await;
        }
        start.elapsed()
    }

    #[tokio::test(start_paused = true)]
    async fn a_burst_is_free_and_what_follows_is_spaced() {
        let pace = Pace::new(50, 10);
        assert_eq!(time_for(&pace, 50).await, Duration::ZERO);
        assert_eq!(time_for(&pace, 10).await, Duration::from_secs(1));
    }

    #[tokio::test(start_paused = true)]
    async fn a_rest_fills_the_bucket_and_no_more_than_fills_it() {
        let pace = Pace::new(5, 10);
        time_for(&pace, 5).await;
        tokio::time::advance(Duration::from_hours(1)).await;
        assert_eq!(time_for(&pace, 5).await, Duration::ZERO);
        assert_eq!(time_for(&pace, 1).await, Duration::from_millis(100));
    }

    #[tokio::test(start_paused = true)]
    async fn half_of_ec2s_rate_is_five_calls_in_two_seconds() {
        let pace = Pace::of_deletions(Share::HALF);
        assert_eq!(time_for(&pace, 50).await, Duration::ZERO);
        assert_eq!(time_for(&pace, 5).await, Duration::from_secs(2));
    }

    #[tokio::test(start_paused = true)]
    async fn a_share_is_of_what_goes_at_once_and_of_what_goes_in_a_second() {
        let share = |percent: &str| percent.parse::<Share>().unwrap();
        assert_eq!(share("50"), Share::HALF);
        for (percent, at_once, then) in [("100", 100, 1_000), ("10", 10, 10_000), ("1", 1, 100_000)] {
            let pace = Pace::of_deletions(share(percent));
            assert_eq!(time_for(&pace, at_once).await, Duration::ZERO);
            assert_eq!(time_for(&pace, 5).await, Duration::from_millis(then));
        }
        let pace = Pace::of_retirements(share("1"));
        assert_eq!(time_for(&pace, 2).await, Duration::from_secs(20));
    }

    #[test]
    fn nothing_else_than_a_whole_number_of_percent_is_a_share() {
        for text in ["0", "101", "-1", "50%", "half", "", "4294967296"] {
            let told = text.parse::<Share>().unwrap_err().to_string();
            assert!(told.contains(&format!("{text:?}")), "{told}");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn who_is_refused_as_too_fast_goes_on_without_a_burst_and_half_as_fast_for_a_minute() {
        let pace = Pace::new(50, 10);
        pace.slow_down();
        assert_eq!(time_for(&pace, 1).await, Duration::from_millis(200));
        assert_eq!(time_for(&pace, 10).await, Duration::from_secs(2));
        for _ in 0..9 {
            pace.slow_down();
        }
        time_for(&pace, 1).await;
        assert_eq!(time_for(&pace, 10).await, Duration::from_secs(8));
        tokio::time::advance(Duration::from_mins(1)).await;
        assert_eq!(time_for(&pace, 50).await, Duration::ZERO);
        assert_eq!(time_for(&pace, 10).await, Duration::from_secs(1));
    }

    #[tokio::test(start_paused = true)]
    async fn callers_side_by_side_share_one_bucket() {
        let pace = Pace::new(1, 10);
        let start = Instant::now();
        tokio::join!(time_for(&pace, 5), time_for(&pace, 6));
        assert_eq!(start.elapsed(), Duration::from_secs(1));
    }
}
