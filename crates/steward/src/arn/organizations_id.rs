use std::str::FromStr;

use crate::ParseError;
use crate::text::boxed_form;

/// An organization, such as `o-exampleorgid`. Image permissions want its ARN instead.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OrganizationId(Box<str>);

boxed_form!(OrganizationId, "organization id");

impl FromStr for OrganizationId {
    type Err = OrganizationsIdError;

    fn from_str(text: &str) -> Result<Self, OrganizationsIdError> {
        match text.strip_prefix("o-") {
            Some(id) if plain(id, 10) => Ok(Self(text.into())),
            _ => Err(ParseError::new(text, OrganizationsIdProblem::Organization)),
        }
    }
}

/// A unit of an organization, such as `ou-ab12-11111111`. Image permissions want its ARN instead.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OrganizationalUnitId(Box<str>);

boxed_form!(OrganizationalUnitId, "organizational unit id");

impl FromStr for OrganizationalUnitId {
    type Err = OrganizationsIdError;

    fn from_str(text: &str) -> Result<Self, OrganizationsIdError> {
        match text.strip_prefix("ou-").and_then(|rest| rest.split_once('-')) {
            Some((root, id)) if plain(root, 4) && plain(id, 8) => Ok(Self(text.into())),
            _ => Err(ParseError::new(text, OrganizationsIdProblem::Unit)),
        }
    }
}

/// The root of an organization, which holds all its units, such as `r-ab12`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OrganizationRootId(Box<str>);

boxed_form!(OrganizationRootId, "organization root id");

impl FromStr for OrganizationRootId {
    type Err = OrganizationsIdError;

    fn from_str(text: &str) -> Result<Self, OrganizationsIdError> {
        match text.strip_prefix("r-") {
            Some(id) if plain(id, 4) => Ok(Self(text.into())),
            _ => Err(ParseError::new(text, OrganizationsIdProblem::Root)),
        }
    }
}

fn plain(id: &str, least: usize) -> bool {
    (least..=32).contains(&id.len()) && id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
}

/// Why a text is not the id of an organization or a unit.
pub type OrganizationsIdError = ParseError<OrganizationsIdProblem>;

/// What is wrong with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OrganizationsIdProblem {
    /// An organization's.
    #[error("is no organization's id, must be o- and 10 to 32 lower-case letters or digits")]
    Organization,
    /// A unit's. It carries the id of its root.
    #[error("is no unit's id, must be ou-, 4 to 32 lower-case letters or digits, a hyphen, and 8 to 32 more")]
    Unit,
    /// A root's.
    #[error("is no root's id, must be r- and 4 to 32 lower-case letters or digits")]
    Root,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::testing::{
        assert_prints_back, assert_refused, assert_serde, assert_survives, mutated, organizations, units,
    };

    #[test]
    fn a_bad_organization_id_is_refused_with_what_would_be_right() {
        let right = "is no organization's id, must be o- and 10 to 32 lower-case letters or digits";
        let long = format!("o-{}", "a".repeat(33));
        for text in [
            "",
            "o-",
            "o-123456789",
            "O-exampleorgid",
            "o-exampleorg_d",
            "r-ab12",
            "exampleorgid",
            &long,
        ] {
            assert_refused::<OrganizationId>(&[(text, &format!("{text:?} {right}"))]);
        }
    }

    #[test]
    fn a_bad_unit_id_is_refused_with_what_would_be_right() {
        let right = "is no unit's id, must be ou-, 4 to 32 lower-case letters or digits, a hyphen, and 8 to 32 more";
        for text in [
            "",
            "ou-ab12",
            "ou-ab1-11111111",
            "ou-ab12-1111111",
            "ou-ab12-1111111-1",
            "OU-ab12-11111111",
            "r-ab12",
        ] {
            assert_refused::<OrganizationalUnitId>(&[(text, &format!("{text:?} {right}"))]);
        }
    }

    #[test]
    fn a_bad_root_id_is_refused_with_what_would_be_right() {
        let right = "is no root's id, must be r- and 4 to 32 lower-case letters or digits";
        for text in ["", "r-", "r-ab1", "R-ab12", "r-ab_2", "ou-ab12-11111111"] {
            assert_refused::<OrganizationRootId>(&[(text, &format!("{text:?} {right}"))]);
        }
    }

    #[test]
    fn these_ids_travel_as_their_strings() {
        assert_serde::<OrganizationId>("o-exampleorgid", "o-1", "organization id");
        assert_serde::<OrganizationalUnitId>("ou-ab12-11111111", "ou-1", "organizational unit id");
        assert_serde::<OrganizationRootId>("r-ab12", "r-1", "organization root id");
        assert_eq!(
            "o-exampleorgid".parse::<OrganizationId>().unwrap().as_str(),
            "o-exampleorgid"
        );
        assert_eq!(
            "ou-ab12-11111111".parse::<OrganizationalUnitId>().unwrap().as_str(),
            "ou-ab12-11111111"
        );
    }

    proptest! {
        #[test]
        fn every_organizations_id_prints_back(organization in organizations(), unit in units()) {
            assert_prints_back::<OrganizationId>(&organization);
            assert_prints_back::<OrganizationalUnitId>(&unit);
        }

        #[test]
        fn a_mutated_organizations_id_is_refused_or_prints_back(text in mutated(prop_oneof![organizations(), units()])) {
            assert_survives::<OrganizationId>(&text);
            assert_survives::<OrganizationalUnitId>(&text);
        }
    }
}
