use std::time::{Duration, Instant};

use steward_deployed::{Cloud, HUB, wait_for};

/// What a sweep does is done by then. Counted in time: looks take longer the more there is to look at.
const SWEEP_EVERY: Duration = Duration::from_secs(10);

/// Fires the sweeps of these functions every ten seconds, each time so much later, until that is so.
pub(crate) fn swept<T>(
    cloud: &Cloud,
    (functions, later): (&[&str], Duration),
    what: &str,
    fact: impl Fn() -> Option<T>,
) -> T {
    let mut last: Option<Instant> = None;
    wait_for(what, || {
        if last.is_none_or(|last| last.elapsed() >= SWEEP_EVERY) {
            cloud.pass(later);
            for function in functions {
                cloud.sweep(HUB, function);
            }
            last = Some(Instant::now());
        }
        fact()
    })
}
