use std::collections::BTreeSet;

use super::OrganizationSeen;
use crate::AccountId;

/// Accounts in which nothing can be looked at as it was before.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Gone {
    /// Those that own images and cannot be used, or are not in the organization: nobody lets anybody in there.
    pub owners: BTreeSet<AccountId>,
    /// Those of which the organization says that they cannot be used: nobody launches anything there.
    pub closed: BTreeSet<AccountId>,
}

/// Decides which accounts are gone, by a reading of the organization: of these that own images, and of those that were gone before.
///
/// One that left the organization may launch what it likes; one that is closed is listed for 90 days and then no more, and is
/// closed all the same. The organization says nothing of those that were never in it.
pub fn decide_gone(before: &Gone, owners: &BTreeSet<AccountId>, seen: &OrganizationSeen) -> Gone {
    let Gone {
        owners: gone_before,
        closed: closed_before,
    } = before;
    let owners = owners.union(gone_before).copied();
    let accounts = seen.accounts();
    let listed = accounts.iter().filter(|(_, account)| !account.state.works());
    let listed = listed.map(|(account, _)| *account);
    let unlisted = closed_before
        .iter()
        .copied()
        .filter(|account| !accounts.contains_key(account));
    Gone {
        owners: owners.filter(|account| !seen.works(*account)).collect(),
        closed: listed.chain(unlisted).collect(),
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

    fn gone(owners: &[&str], closed: &[&str]) -> Gone {
        Gone {
            owners: ids(owners),
            closed: ids(closed),
        }
    }

    /// The hub's organization, with these accounts beside it.
    fn seen(accounts: &[(&str, AccountState)]) -> OrganizationSeen {
        let hub = (HUB, AccountState::Active);
        let listed = accounts.iter().chain([&hub]).map(|(id, state)| ListedAccount {
            id: id.parse().unwrap(),
            state: *state,
            path: format!("o-exampleorgid/r-ab12/{id}/").parse().unwrap(),
        });
        let arn = format!("arn:aws:organizations::{HUB}:organization/o-exampleorgid");
        let as_of = "2026-01-18T17:50:56Z".parse().unwrap();
        OrganizationSeen::of(arn.parse().unwrap(), HUB.parse().unwrap(), listed, [], as_of).unwrap()
    }

    #[test]
    fn an_owner_that_cannot_be_used_or_is_not_in_the_organization_is_gone() {
        for state in AccountState::ALL {
            let owners: &[&str] = if state.works() { &[] } else { &[ONE] };
            let decided = decide_gone(&Gone::default(), &ids(&[HUB, ONE]), &seen(&[(ONE, state)]));
            assert_eq!(decided, gone(owners, owners), "{state}");
        }
        let removed = decide_gone(&Gone::default(), &ids(&[HUB, ONE]), &seen(&[]));
        assert_eq!(removed, gone(&[ONE], &[]));
    }

    #[test]
    fn whoever_is_closed_is_gone_for_those_who_launch_whether_it_owns_anything_or_not() {
        let decided = decide_gone(&Gone::default(), &ids(&[]), &seen(&[(ONE, AccountState::Suspended)]));
        assert_eq!(decided, gone(&[], &[ONE]));
    }

    #[test]
    fn who_was_gone_is_until_it_works_again_and_one_that_is_not_listed_any_more_stays_closed() {
        let before = gone(&[ONE, OTHER], &[ONE]);
        assert_eq!(decide_gone(&before, &ids(&[]), &seen(&[])), before);
        let back = seen(&[(ONE, AccountState::Active), (OTHER, AccountState::Active)]);
        assert_eq!(decide_gone(&before, &ids(&[]), &back), Gone::default());
        let leaving = seen(&[(ONE, AccountState::PendingClosure), (OTHER, AccountState::Closed)]);
        assert_eq!(decide_gone(&before, &ids(&[]), &leaving), gone(&[OTHER], &[OTHER]));
    }
}
