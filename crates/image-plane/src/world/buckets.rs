//! Token buckets: how often an account may call an action in a Region before it is told to slow down.

use std::collections::BTreeMap;

use super::Target;
use crate::time::Time;

/// How many calls a bucket holds, and how fast it fills again.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Rate {
    pub(crate) size: u32,
    /// Calls added in 1,000 seconds; some refill slower than one a second.
    pub(crate) per_1000s: u32,
    /// The bucket that several actions draw from together; else each has its own.
    shared: Option<&'static str>,
}

impl Rate {
    pub(crate) const fn new(size: u32, per_1000s: u32) -> Self {
        Self {
            size,
            per_1000s,
            shared: None,
        }
    }

    /// Of one bucket for all actions that say this name.
    pub(crate) const fn shared(mut self, name: &'static str) -> Self {
        self.shared = Some(name);
        self
    }

    /// Which bucket calls of this action draw from.
    pub(crate) fn bucket(self, action: &'static str) -> &'static str {
        self.shared.unwrap_or(action)
    }
}

/// In millionths of a call, so that any millisecond's refill is a whole number.
const CALL: u64 = 1_000_000;

#[derive(Clone, Copy, Debug)]
struct Bucket {
    level: u64,
    at: Time,
}

/// Every bucket that was ever drawn from; all others are full.
#[derive(Debug, Default)]
pub(crate) struct Buckets {
    buckets: BTreeMap<(Target, &'static str), Bucket>,
}

impl Buckets {
    /// Takes one call out of the bucket of this action; false when it is empty.
    pub(crate) fn take(&mut self, target: Target, action: &'static str, rate: Rate, now: Time) -> bool {
        let full = u64::from(rate.size) * CALL;
        let bucket = self
            .buckets
            .entry((target, action))
            .or_insert(Bucket { level: full, at: now });
        let millis = u64::try_from(now.since(bucket.at).as_millis()).unwrap_or(u64::MAX);
        bucket.level = full.min(
            bucket
                .level
                .saturating_add(millis.saturating_mul(u64::from(rate.per_1000s))),
        );
        bucket.at = bucket.at.max(now);
        let taken = bucket.level.checked_sub(CALL);
        bucket.level = taken.unwrap_or(bucket.level);
        taken.is_some()
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use proptest::prelude::*;

    use super::*;
    use crate::ids::AccountId;

    fn target() -> Target {
        Target {
            account: AccountId::new(1),
            region: "eu-west-1".parse().unwrap(),
        }
    }

    #[test]
    fn a_bucket_gives_its_size_at_once_and_then_its_refill() {
        let mut buckets = Buckets::default();
        let rate = Rate::new(100, 5000);
        let start = Time::from_millis(0);
        let burst = (0..200)
            .filter(|_| buckets.take(target(), "DeregisterImage", rate, start))
            .count();
        assert_eq!(burst, 100);
        assert!(!buckets.take(target(), "DeregisterImage", rate, start + Duration::from_millis(199)));
        assert!(buckets.take(target(), "DeregisterImage", rate, start + Duration::from_millis(200)));
    }

    #[test]
    fn each_action_account_and_region_has_a_bucket_of_its_own() {
        let mut buckets = Buckets::default();
        let rate = Rate::new(1, 0);
        let elsewhere = Target {
            region: "us-east-1".parse().unwrap(),
            ..target()
        };
        let other = Target {
            account: AccountId::new(2),
            ..target()
        };
        let start = Time::from_millis(0);
        assert!(buckets.take(target(), "A", rate, start));
        assert!(!buckets.take(target(), "A", rate, start));
        assert!(buckets.take(target(), "B", rate, start));
        assert!(buckets.take(elsewhere, "A", rate, start));
        assert!(buckets.take(other, "A", rate, start));
    }

    proptest! {
        #[test]
        fn no_bucket_ever_gives_more_than_its_size_and_refill(steps in prop::collection::vec(0_u64..500, 1..300), size in 1_u32..20, refill in 0_u32..20_000) {
            let mut buckets = Buckets::default();
            let (mut now, mut given) = (Time::from_millis(0), 0_u64);
            for step in steps {
                now = now + Duration::from_millis(step);
                given += u64::from(buckets.take(target(), "A", Rate::new(size, refill), now));
                let most = u64::from(size) * CALL + u64::try_from(now.millis()).unwrap() * u64::from(refill);
                prop_assert!(given * CALL <= most);
            }
        }
    }
}
