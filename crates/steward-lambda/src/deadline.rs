use std::time::Duration;

use lambda_runtime::Context;
use steward::Timestamp;
use tokio::time::Instant;

/// When Lambda ends an invocation, whatever it is doing. Counted from its start by a clock that nobody sets.
#[derive(Clone, Copy, Debug)]
pub struct Deadline(Instant);

impl Deadline {
    /// Of an invocation that starts now. One that does not say it has passed.
    pub fn of(context: &Context, now: Timestamp) -> Self {
        let end = i64::try_from(context.deadline).ok();
        let end = end.and_then(|millisecond| Timestamp::from_millisecond(millisecond).ok());
        Self::after(end.and_then(|end| end.checked_since(now)).unwrap_or_default())
    }

    /// This long from now.
    pub fn after(left: Duration) -> Self {
        Self(Instant::now() + left)
    }

    /// How much time is left.
    pub fn left(self) -> Duration {
        self.0.saturating_duration_since(Instant::now())
    }

    /// Whether this much time is left.
    pub fn leaves(self, needed: Duration) -> bool {
        self.0 >= Instant::now() + needed
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_mins(1);

    #[tokio::test(start_paused = true)]
    async fn what_is_left_shrinks_as_time_passes() {
        let deadline = Deadline::after(2 * MINUTE);
        assert!(deadline.leaves(2 * MINUTE));
        tokio::time::advance(MINUTE).await;
        assert_eq!(deadline.left(), MINUTE);
        assert!(deadline.leaves(MINUTE));
        assert!(!deadline.leaves(MINUTE + Duration::from_millis(1)));
    }

    fn context(deadline: u64) -> Context {
        let mut context = Context::default();
        context.deadline = deadline;
        context
    }

    #[tokio::test(start_paused = true)]
    async fn lambda_says_it_in_milliseconds_since_1970() {
        let now = "2026-01-18T18:00:00Z".parse().unwrap();
        let deadline = Deadline::of(&context(1_768_759_260_000), now);
        assert!(deadline.leaves(MINUTE));
        assert!(!deadline.leaves(MINUTE + Duration::from_millis(1)));
    }

    #[tokio::test(start_paused = true)]
    async fn a_deadline_nobody_can_read_has_passed() {
        let now = "2026-01-18T18:00:00Z".parse().unwrap();
        for end in [0, u64::MAX] {
            assert!(!Deadline::of(&context(end), now).leaves(Duration::from_millis(1)));
        }
    }
}
