use std::fmt;
use std::str::FromStr;

use super::organizations::OrganizationsArn;
use crate::text::{padded, string_form};
use crate::{AccountId, ArnError, ArnProblem, Given, OrganizationId, OrganizationalUnitId, ParseError, Partition};

const EXAMPLE: &str = "arn:aws:organizations::111122223333:ou/o-exampleorgid/ou-ab12-11111111";

/// A unit of an organization with all units below it, as EC2's permissions name it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OrganizationalUnitArn {
    partition: Partition,
    management: AccountId,
    organization: OrganizationId,
    unit: OrganizationalUnitId,
}

string_form!(OrganizationalUnitArn, "organizational unit ARN");

impl OrganizationalUnitArn {
    /// The part of AWS it is in.
    pub const fn partition(&self) -> Partition {
        self.partition
    }

    /// The account that manages its organization.
    pub const fn management_account(&self) -> AccountId {
        self.management
    }

    /// The organization it belongs to.
    pub const fn organization(&self) -> &OrganizationId {
        &self.organization
    }

    /// Which unit.
    pub const fn unit(&self) -> &OrganizationalUnitId {
        &self.unit
    }
}

impl fmt::Display for OrganizationalUnitArn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            partition,
            management,
            organization,
            unit,
        } = self;
        padded(
            f,
            format_args!("arn:{partition}:organizations::{management}:ou/{organization}/{unit}"),
        )
    }
}

impl FromStr for OrganizationalUnitArn {
    type Err = ArnError;

    fn from_str(text: &str) -> Result<Self, ArnError> {
        parse(text).map_err(|problem| ParseError::new(text, problem))
    }
}

fn parse(text: &str) -> Result<OrganizationalUnitArn, ArnProblem> {
    let arn = OrganizationsArn::of("ou", "an organizational unit", text, EXAMPLE)?;
    let (organization, unit) = arn.id.split_once('/').ok_or_else(|| ArnProblem::Resource {
        found: Given::new(arn.id),
        example: EXAMPLE.to_owned(),
    })?;
    Ok(OrganizationalUnitArn {
        partition: arn.partition,
        management: arn.management,
        organization: organization.parse().map_err(ArnProblem::OrganizationsId)?,
        unit: unit.parse().map_err(ArnProblem::OrganizationsId)?,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::testing::{
        accounts, assert_prints_back, assert_refused, assert_serde, assert_survives, mutated, organizations, units,
    };

    #[test]
    fn a_unit_arn_knows_its_parts() {
        let arn: OrganizationalUnitArn = EXAMPLE.parse().unwrap();
        assert_eq!(arn.partition(), Partition::Aws);
        assert_eq!(arn.management_account().to_string(), "111122223333");
        assert_eq!(arn.organization().as_str(), "o-exampleorgid");
        assert_eq!(arn.unit().as_str(), "ou-ab12-11111111");
    }

    #[test]
    fn a_bad_unit_arn_is_refused_with_what_would_be_right() {
        assert_refused::<OrganizationalUnitArn>(&[
            (
                "ou-ab12-11111111",
                &format!(r#""ou-ab12-11111111" is not an ARN, must be as in {EXAMPLE}"#),
            ),
            (
                "arn:aws:organizations::111122223333:organization/o-exampleorgid",
                "\"arn:aws:organizations::111122223333:organization/o-exampleorgid\" names \"organization\", must name \
                 an organizational unit",
            ),
            (
                "arn:aws:organizations::111122223333:root/o-exampleorgid/r-ab12",
                "\"arn:aws:organizations::111122223333:root/o-exampleorgid/r-ab12\" names \"root\", must name an \
                 organizational unit",
            ),
            (
                "arn:aws:organizations::111122223333:ou/ou-ab12-11111111",
                &format!(
                    "\"arn:aws:organizations::111122223333:ou/ou-ab12-11111111\" ends in \"ou-ab12-11111111\", must be \
                     as in {EXAMPLE}"
                ),
            ),
            (
                "arn:aws:organizations::111122223333:ou/o-exampleorgid/ou-1",
                "\"arn:aws:organizations::111122223333:ou/o-exampleorgid/ou-1\" has an invalid id: \"ou-1\" is no unit's \
                 id, must be ou-, 4 to 32 lower-case letters or digits, a hyphen, and 8 to 32 more",
            ),
        ]);
    }

    #[test]
    fn a_unit_arn_travels_as_its_string() {
        assert_serde::<OrganizationalUnitArn>(EXAMPLE, "ou-ab12-11111111", "organizational unit ARN");
    }

    fn arns() -> impl Strategy<Value = String> {
        (accounts(), organizations(), units())
            .prop_map(|(account, id, unit)| format!("arn:aws-us-gov:organizations::{account}:ou/{id}/{unit}"))
    }

    proptest! {
        #[test]
        fn every_unit_arn_prints_back(text in arns()) {
            assert_prints_back::<OrganizationalUnitArn>(&text);
        }

        #[test]
        fn a_mutated_unit_arn_is_refused_or_prints_back(text in mutated(arns())) {
            assert_survives::<OrganizationalUnitArn>(&text);
        }
    }
}
