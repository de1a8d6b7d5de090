use std::collections::{BTreeMap, BTreeSet};

use super::{AccountState, OrganizationSeen};
use crate::{AccountId, Duration, Timestamp};

/// So long an account is listed as closed, less a day in which nobody may have read the list.
const LISTED_CLOSED: Duration = Duration::days(89);

/// Accounts in which nothing can be looked at as it was before.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Gone {
    /// Those that own images and cannot be used, or are not in the organization: nobody lets anybody in there.
    pub owners: BTreeSet<AccountId>,
    /// Those of which the organization says that they cannot be used: nobody launches anything there.
    pub closed: BTreeSet<AccountId>,
    /// Since when those of them were read as closed for good, which they are listed as for 90 days.
    pub closed_since: BTreeMap<AccountId, Timestamp>,
}

/// Decides which accounts are gone, by a reading of the organization: of these that own images, and of those that were gone before.
///
/// One that left the organization may launch what it likes; one that is closed is listed for 90 days and then no more, and is
/// closed all the same. So whoever is listed no more is closed only where it was listed so for as long: one that was suspended, or
/// closed and reinstated since, has left. The organization says nothing of those that were never in it.
pub fn decide_gone(before: &Gone, owners: &BTreeSet<AccountId>, seen: &OrganizationSeen) -> Gone {
    let Gone {
        owners: gone_before,
        closed: _,
        closed_since: since_before,
    } = before;
    let (accounts, now) = (seen.accounts(), seen.as_of());
    let listed = accounts.iter().filter(|(_, account)| !account.state.works());
    let listed = listed.map(|(account, _)| *account);
    let closing = accounts
        .iter()
        .filter(|(_, account)| account.state == AccountState::Closed);
    let closing = closing.map(|(account, _)| (*account, since_before.get(account).copied().unwrap_or(now)));
    let is_over = |since: &Timestamp| since.checked_add(LISTED_CLOSED).is_some_and(|until| until <= now);
    let unlisted = since_before.iter().map(|(account, since)| (*account, *since));
    let unlisted = unlisted.filter(|(account, since)| !accounts.contains_key(account) && is_over(since));
    let closed_since: BTreeMap<AccountId, Timestamp> = closing.chain(unlisted).collect();
    let owners = owners.union(gone_before).copied();
    Gone {
        owners: owners.filter(|account| !seen.works(*account)).collect(),
        closed: listed.chain(closed_since.keys().copied()).collect(),
        closed_since,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::organization::{AccountState, ListedAccount};

    const HUB: &str = "111122223333";
    const ONE: &str = "222233334444";
    const OTHER: &str = "333344445555";

    fn ids(accounts: &[&str]) -> BTreeSet<AccountId> {
        accounts.iter().map(|account| account.parse().unwrap()).collect()
    }

    fn at(day: i64) -> Timestamp {
        Timestamp::from_millisecond(1_770_000_000_000 + day * 24 * 3_600_000).unwrap()
    }

    /// These owners and closed ones, with those that were read as closed for good since some day.
    fn gone(owners: &[&str], closed: &[&str], since: &[(&str, i64)]) -> Gone {
        let since = since.iter().map(|(account, day)| (account.parse().unwrap(), at(*day)));
        Gone {
            owners: ids(owners),
            closed: ids(closed),
            closed_since: since.collect(),
        }
    }

    /// The hub's organization, with these accounts beside it, as it is read on a day.
    fn seen(day: i64, accounts: &[(&str, AccountState)]) -> OrganizationSeen {
        let hub = (HUB, AccountState::Active);
        let listed = accounts.iter().chain([&hub]).map(|(id, state)| ListedAccount {
            id: id.parse().unwrap(),
            state: *state,
            path: format!("o-exampleorgid/r-ab12/{id}/").parse().unwrap(),
        });
        let arn = format!("arn:aws:organizations::{HUB}:organization/o-exampleorgid");
        OrganizationSeen::of(arn.parse().unwrap(), HUB.parse().unwrap(), listed, [], at(day)).unwrap()
    }

    #[test]
    fn an_owner_that_cannot_be_used_or_is_not_in_the_organization_is_gone() {
        for state in AccountState::ALL {
            let owners: &[&str] = if state.works() { &[] } else { &[ONE] };
            let since: &[(&str, i64)] = if state == AccountState::Closed {
                &[(ONE, 1)]
            } else {
                &[]
            };
            let decided = decide_gone(&Gone::default(), &ids(&[HUB, ONE]), &seen(1, &[(ONE, state)]));
            assert_eq!(decided, gone(owners, owners, since), "{state}");
        }
        let removed = decide_gone(&Gone::default(), &ids(&[HUB, ONE]), &seen(1, &[]));
        assert_eq!(removed, gone(&[ONE], &[], &[]));
    }

    #[test]
    fn whoever_is_closed_is_gone_for_those_who_launch_whether_it_owns_anything_or_not() {
        let decided = decide_gone(&Gone::default(), &ids(&[]), &seen(1, &[(ONE, AccountState::Suspended)]));
        assert_eq!(decided, gone(&[], &[ONE], &[]));
    }

    #[test]
    fn who_was_gone_is_until_it_works_again() {
        let before = gone(&[ONE, OTHER], &[ONE], &[(ONE, 1)]);
        let back = seen(2, &[(ONE, AccountState::Active), (OTHER, AccountState::Active)]);
        assert_eq!(decide_gone(&before, &ids(&[]), &back), Gone::default());
        let leaving = seen(2, &[(ONE, AccountState::PendingClosure), (OTHER, AccountState::Closed)]);
        let decided = decide_gone(&before, &ids(&[]), &leaving);
        assert_eq!(decided, gone(&[OTHER], &[OTHER], &[(OTHER, 2)]));
    }

    #[test]
    fn one_that_was_listed_as_closed_for_as_long_as_aws_does_is_closed_for_ever() {
        let closed = [(ONE, AccountState::Closed)];
        let mut held = decide_gone(&Gone::default(), &ids(&[ONE]), &seen(0, &closed));
        for day in 1..89 {
            held = decide_gone(&held, &ids(&[ONE]), &seen(day, &closed));
        }
        for day in [89, 90, 1_000] {
            held = decide_gone(&held, &ids(&[ONE]), &seen(day, &[]));
            assert_eq!(held, gone(&[ONE], &[ONE], &[(ONE, 0)]), "{day}");
        }
    }

    #[test]
    fn one_that_is_listed_no_more_sooner_or_was_suspended_has_left_and_may_launch_what_it_likes() {
        let suspended = decide_gone(
            &Gone::default(),
            &ids(&[ONE]),
            &seen(0, &[(ONE, AccountState::Suspended)]),
        );
        let closed = decide_gone(&Gone::default(), &ids(&[ONE]), &seen(0, &[(ONE, AccountState::Closed)]));
        // Reinstated and then removed, between two readings.
        for (before, day) in [(&suspended, 1), (&suspended, 100), (&closed, 1), (&closed, 88)] {
            let left = decide_gone(before, &ids(&[]), &seen(day, &[]));
            assert_eq!(left, gone(&[ONE], &[], &[]), "{day}");
            // And it is not closed by being gone for long.
            assert_eq!(decide_gone(&left, &ids(&[]), &seen(1_000, &[])), left);
        }
        // One that comes back and is closed again is listed anew.
        let back = decide_gone(&closed, &ids(&[ONE]), &seen(80, &[(ONE, AccountState::Active)]));
        let again = decide_gone(&back, &ids(&[ONE]), &seen(81, &[(ONE, AccountState::Closed)]));
        assert_eq!(decide_gone(&again, &ids(&[]), &seen(95, &[])).closed, ids(&[]));
    }
}
