use std::fmt;
use std::str::FromStr;

use crate::text::{padded, string_form};
use crate::{AccountId, OrganizationId, OrganizationRootId, OrganizationalUnitId, ParseError};

/// The way from an organization to its root or to one of its units: `o-exampleorgid/r-ab12/ou-ab12-11111111/`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnitPath {
    /// In which organization.
    pub organization: OrganizationId,
    /// Below which root.
    pub root: OrganizationRootId,
    /// The units from the root's child on, each below the one before; none for the root itself.
    pub units: Vec<OrganizationalUnitId>,
}

/// The same to one of its accounts: `o-exampleorgid/r-ab12/ou-ab12-11111111/333344445555/`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AccountPath {
    /// What the account is directly in.
    pub within: UnitPath,
    /// Which account.
    pub account: AccountId,
}

string_form!(UnitPath, "path of a unit");
string_form!(AccountPath, "path of an account");

impl fmt::Display for UnitPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            organization,
            root,
            units,
        } = self;
        let units: String = units.iter().flat_map(|unit| [unit.as_str(), "/"]).collect();
        padded(f, format_args!("{organization}/{root}/{units}"))
    }
}

impl fmt::Display for AccountPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { within, account } = self;
        padded(f, format_args!("{within}{account}/"))
    }
}

impl FromStr for UnitPath {
    type Err = OrganizationsPathError;

    fn from_str(text: &str) -> Result<Self, OrganizationsPathError> {
        unit(text).ok_or_else(|| ParseError::new(text, OrganizationsPathProblem::Unit))
    }
}

impl FromStr for AccountPath {
    type Err = OrganizationsPathError;

    fn from_str(text: &str) -> Result<Self, OrganizationsPathError> {
        account(text).ok_or_else(|| ParseError::new(text, OrganizationsPathProblem::Account))
    }
}

fn unit(text: &str) -> Option<UnitPath> {
    let mut parts = text.strip_suffix('/')?.split('/');
    Some(UnitPath {
        organization: parts.next()?.parse().ok()?,
        root: parts.next()?.parse().ok()?,
        units: parts.map(|unit| unit.parse().ok()).collect::<Option<_>>()?,
    })
}

fn account(text: &str) -> Option<AccountPath> {
    let (within, account) = text.strip_suffix('/')?.rsplit_once('/')?;
    Some(AccountPath {
        within: unit(&format!("{within}/"))?,
        account: account.parse().ok()?,
    })
}

/// Why a text is no path in an organization.
pub type OrganizationsPathError = ParseError<OrganizationsPathProblem>;

/// What is wrong with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OrganizationsPathProblem {
    /// Of a unit's, or the root's.
    #[error("is no unit's path, must be as in o-exampleorgid/r-ab12/ou-ab12-11111111/")]
    Unit,
    /// Of an account's.
    #[error("is no account's path, must be as in o-exampleorgid/r-ab12/ou-ab12-11111111/333344445555/")]
    Account,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::testing::{
        accounts, assert_prints_back, assert_refused, assert_serde, assert_survives, mutated, organizations, units,
    };

    #[test]
    fn a_path_knows_what_it_goes_through() {
        let path: AccountPath = "o-exampleorgid/r-ab12/ou-ab12-11111111/ou-ab12-22222222/333344445555/"
            .parse()
            .unwrap();
        assert_eq!(path.account.to_string(), "333344445555");
        assert_eq!(path.within.organization.as_str(), "o-exampleorgid");
        assert_eq!(path.within.root.as_str(), "r-ab12");
        let units: Vec<&str> = path.within.units.iter().map(OrganizationalUnitId::as_str).collect();
        assert_eq!(units, ["ou-ab12-11111111", "ou-ab12-22222222"]);
        let below_the_root: AccountPath = "o-exampleorgid/r-ab12/333344445555/".parse().unwrap();
        assert!(below_the_root.within.units.is_empty());
    }

    #[test]
    fn a_bad_path_is_refused_with_what_would_be_right() {
        let right = "must be as in o-exampleorgid/r-ab12/ou-ab12-11111111/";
        for text in [
            "",
            "/",
            "o-exampleorgid/",
            "o-exampleorgid/r-ab12",
            "o-exampleorgid/ou-ab12-11111111/",
            "o-exampleorgid/r-ab12//",
            "o-exampleorgid/r-ab12/333344445555/",
        ] {
            assert_refused::<UnitPath>(&[(text, &format!("{text:?} is no unit's path, {right}"))]);
        }
        for text in [
            "o-exampleorgid/r-ab12/",
            "o-exampleorgid/r-ab12/333344445555",
            "o-exampleorgid/r-ab12/ou-ab12-11111111/",
            "r-ab12/333344445555/",
            "o-exampleorgid/r-ab12/333344445555/ou-ab12-11111111/",
        ] {
            assert_refused::<AccountPath>(&[(text, &format!("{text:?} is no account's path, {right}333344445555/"))]);
        }
    }

    #[test]
    fn a_path_travels_as_its_string() {
        assert_serde::<UnitPath>("o-exampleorgid/r-ab12/", "r-ab12/", "path of a unit");
        assert_serde::<AccountPath>("o-exampleorgid/r-ab12/333344445555/", "r-ab12/", "path of an account");
    }

    fn paths() -> impl Strategy<Value = String> {
        let units = proptest::collection::vec(units(), 0..4);
        (organizations(), "r-[0-9a-z]{4,8}", units).prop_map(|(organization, root, units)| {
            let units: String = units.iter().flat_map(|unit| [unit, "/"]).collect();
            format!("{organization}/{root}/{units}")
        })
    }

    fn account_paths() -> impl Strategy<Value = String> {
        (paths(), accounts()).prop_map(|(path, account)| format!("{path}{account}/"))
    }

    proptest! {
        #[test]
        fn every_path_prints_back(unit in paths(), account in account_paths()) {
            assert_prints_back::<UnitPath>(&unit);
            assert_prints_back::<AccountPath>(&account);
        }

        #[test]
        fn a_mutated_path_is_refused_or_prints_back(text in mutated(prop_oneof![paths(), account_paths()])) {
            assert_survives::<UnitPath>(&text);
            assert_survives::<AccountPath>(&text);
        }
    }
}
