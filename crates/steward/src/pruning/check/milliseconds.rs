use crate::{Duration, Timestamp};

pub(super) const HOUR: i128 = 3_600_000;
pub(super) const DAY: i128 = 24 * HOUR;

pub(super) const fn ms(duration: Duration) -> i128 {
    duration.length().as_millis().cast_signed()
}

pub(super) fn at(time: Timestamp) -> i128 {
    time.as_millisecond().into()
}
