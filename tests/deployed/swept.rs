use std::time::Duration;

use steward_deployed::{Cloud, HUB, wait_for};

use crate::LOOKS_A_SWEEP;

/// Fires the sweeps of these functions every ten seconds, each time so much later, until that is so.
pub(crate) fn swept<T>(
    cloud: &Cloud,
    (functions, later): (&[&str], Duration),
    what: &str,
    fact: impl Fn() -> Option<T>,
) -> T {
    let mut looks = 0;
    wait_for(what, || {
        if looks % LOOKS_A_SWEEP == 0 {
            cloud.pass(later);
            for function in functions {
                cloud.sweep(HUB, function);
            }
        }
        looks += 1;
        fact()
    })
}
