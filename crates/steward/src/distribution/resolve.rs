use std::collections::BTreeSet;

use super::{Copier, Finding, Grantee, MemberFinding, Places, ResolvedAudience, SnapshotAudience};
use crate::manifest::{Audience, Distribute};
use crate::organization::{AccountState, NotThere, OrganizationSeen, UnitPath};
use crate::{AccountId, OrganizationArn, OrganizationalUnitArn, Words};

/// Who is meant by what a manifest says of its audience.
///
/// The hub owns what is shared, and is never in it. An account that is named itself stays in it until its organization
/// says that it is closed; one that is meant by its unit is in it only while it works.
pub fn resolve_audience(
    audience: &Audience,
    hub: AccountId,
    seen: Result<&OrganizationSeen, &Words>,
) -> ResolvedAudience {
    let Audience {
        accounts,
        units,
        organizations,
        public,
        everybody_may_use: _,
        may_copy,
    } = audience;
    let closed = |account: AccountId| seen.is_ok_and(|seen| is_closed(seen, account));
    let there = |account: &AccountId| *account != hub && !closed(*account);
    let named: BTreeSet<AccountId> = accounts.iter().copied().filter(there).collect();
    let everybody = public.then_some(Grantee::Everybody);
    let images = named
        .iter()
        .copied()
        .map(Grantee::Account)
        .chain(units.iter().cloned().map(Grantee::Unit))
        .chain(organizations.iter().cloned().map(Grantee::Organization))
        .chain(everybody)
        .collect();
    let snapshots = if *may_copy {
        let everybody = public.then_some(Copier::Everybody);
        let named = named.into_iter().map(Copier::Account).chain(everybody).collect();
        spell_out(named, units, organizations, hub, seen)
    } else {
        SnapshotAudience::Known(BTreeSet::new())
    };
    ResolvedAudience { images, snapshots }
}

/// Who may launch an image, and is neither its owner nor declared. Units and organizations are as they are named: nobody is looked up.
pub fn undeclared(audience: &Audience, owner: AccountId, launchers: &BTreeSet<Grantee>) -> BTreeSet<Grantee> {
    let declared = resolve_audience(audience, owner, Err(&Words::from("not asked"))).images;
    let others = launchers.difference(&declared).cloned();
    others.filter(|who| *who != Grantee::Account(owner)).collect()
}

/// Those who are named, and the accounts of the units and organizations: EC2 knows neither of these for snapshots.
fn spell_out(
    named: BTreeSet<Copier>,
    units: &[OrganizationalUnitArn],
    organizations: &[OrganizationArn],
    hub: AccountId,
    seen: Result<&OrganizationSeen, &Words>,
) -> SnapshotAudience {
    if units.is_empty() && organizations.is_empty() {
        return SnapshotAudience::Known(named);
    }
    let seen = match seen {
        Ok(seen) => seen,
        Err(why) => return SnapshotAudience::Unknown(why.clone()),
    };
    let of_units = units.iter().map(|unit| seen.active_in(unit));
    let of_organizations = organizations.iter().map(|organization| seen.active_of(organization));
    let (mut meant, mut strange) = (named, Vec::new());
    for looked_up in of_units.chain(of_organizations) {
        match looked_up {
            Ok(accounts) => meant.extend(accounts.into_iter().map(Copier::Account)),
            Err(problem) => strange.push(problem),
        }
    }
    if strange.is_empty() {
        meant.remove(&Copier::Account(hub));
        SnapshotAudience::Known(meant)
    } else {
        let sentences: Vec<String> = strange.iter().map(NotThere::to_string).collect();
        SnapshotAudience::Unknown(Words::from(sentences.join("; ")))
    }
}

/// The accounts that an audience is: those it names, and those of its units and organizations. Why they are not known, else.
pub fn audience_accounts(
    audience: &Audience,
    hub: AccountId,
    seen: Result<&OrganizationSeen, &Words>,
) -> Result<BTreeSet<AccountId>, Words> {
    let copying = Audience {
        may_copy: true,
        ..audience.clone()
    };
    match resolve_audience(&copying, hub, seen).snapshots {
        SnapshotAudience::Unknown(why) => Err(why),
        SnapshotAudience::Known(copiers) => {
            let account = |copier| match copier {
                Copier::Account(account) => Some(account),
                Copier::Everybody => None,
            };
            Ok(copiers.into_iter().filter_map(account).collect())
        }
    }
}

/// The members that own copies. The hub has each anyhow; an account is one until its organization shows that it cannot be used,
/// or is not in it: no role of it lets the hub in then.
pub fn resolve_owners(
    distribute: &Distribute,
    hub: AccountId,
    seen: Result<&OrganizationSeen, &Words>,
) -> BTreeSet<AccountId> {
    let owns = |account: &AccountId| *account != hub && seen.map_or(true, |seen| seen.works(*account));
    distribute.copy_to.iter().copied().filter(owns).collect()
}

/// What a person should know of an audience: accounts it names for nothing.
pub fn audience_notes(audience: &Audience, seen: &OrganizationSeen) -> Vec<Finding> {
    let closed = closed_of(&audience.accounts, seen).into_iter();
    closed.map(Finding::AccountClosed).collect()
}

/// The same of those that are to own copies.
pub fn owner_notes(distribute: &Distribute, hub: AccountId, seen: Result<&OrganizationSeen, &Words>) -> Vec<Finding> {
    let named: BTreeSet<AccountId> = distribute.copy_to.iter().copied().collect();
    let is_hub = named.contains(&hub).then_some(MemberFinding::IsHub(hub));
    let out = seen.into_iter().flat_map(|seen| {
        let out = named.iter().copied().filter(|account| !seen.works(*account));
        out.map(|account| MemberFinding::OutOfUse {
            account,
            state: seen.accounts().get(&account).map(|account| account.state),
        })
    });
    out.chain(is_hub).map(Finding::from).collect()
}

fn closed_of(accounts: &[AccountId], seen: &OrganizationSeen) -> BTreeSet<AccountId> {
    let closed = accounts.iter().copied().filter(|account| is_closed(seen, *account));
    closed.collect()
}

/// Where the accounts that an audience names are in the organization, as far as they are in it.
pub fn audience_places(audience: &Audience, seen: &OrganizationSeen) -> Places {
    let place = |account: &AccountId| {
        let units = seen.accounts().get(account)?.units.clone();
        let path = UnitPath {
            organization: seen.arn().organization().clone(),
            root: seen.root().clone(),
            units,
        };
        Some((*account, path))
    };
    audience.accounts.iter().filter_map(place).collect()
}

fn is_closed(seen: &OrganizationSeen, account: AccountId) -> bool {
    let account = seen.accounts().get(&account);
    account.is_some_and(|account| account.state == AccountState::Closed)
}

#[cfg(test)]
mod tests;
