//! Where a family's releases are to be.

use std::collections::BTreeSet;

use crate::manifest::Distribute;
use crate::{AccountId, Target};

/// Where a release is to be that was built at home: there, in each Region that its manifest names, and there in each account
/// that owns a copy as well.
pub fn distribution_targets(distribute: &Distribute, home: Target, owners: &BTreeSet<AccountId>) -> BTreeSet<Target> {
    let regions = || distribute.regions.keys().copied();
    let hubs = regions().chain([home.region()]);
    let hubs = hubs.map(|region| Target::new(home.account(), region));
    let members = owners
        .iter()
        .flat_map(|account| regions().map(|region| Target::new(*account, region)));
    hubs.chain(members).collect()
}

/// The digest of the audience that counts in a target. What members own has none: whom the hub's copies are shared with is no
/// reason to look at it again.
pub fn audience_in(target: Target, home: Target, digest: &str) -> &str {
    if target.account() == home.account() { digest } else { "" }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_audience_counts_where_the_hub_owns_what_it_uses() {
        let home = "111122223333/eu-west-1".parse().unwrap();
        let digest = |target: &str| audience_in(target.parse().unwrap(), home, "a").to_owned();
        assert_eq!(digest("111122223333/us-east-1"), "a");
        assert_eq!(digest("222233334444/eu-west-1"), "");
    }
}
