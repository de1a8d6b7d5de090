use steward::Timestamp;
use steward_lambda::Moment;
use tokio::time::Instant;

/// What time it is, throughout an invocation that may take minutes: evidence grows old meanwhile.
#[derive(Clone, Copy)]
pub(crate) struct Clock {
    at: Timestamp,
    began: Instant,
}

impl Clock {
    pub(crate) fn of(moment: Moment) -> Self {
        Self {
            at: moment.now,
            began: Instant::now(),
        }
    }

    pub(crate) fn now(self) -> Timestamp {
        self.at.saturating_add(self.began.elapsed())
    }
}
