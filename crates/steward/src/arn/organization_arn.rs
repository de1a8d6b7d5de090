use std::fmt;
use std::str::FromStr;

use super::organizations::OrganizationsArn;
use crate::text::{padded, string_form};
use crate::{AccountId, ArnError, ArnProblem, OrganizationId, ParseError, Partition};

const EXAMPLE: &str = "arn:aws:organizations::111122223333:organization/o-exampleorgid";

/// A whole organization, as EC2's permissions name it: with the partition and its management account.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OrganizationArn {
    partition: Partition,
    management: AccountId,
    organization: OrganizationId,
}

string_form!(OrganizationArn, "organization ARN");

impl OrganizationArn {
    /// The part of AWS it is in.
    pub const fn partition(&self) -> Partition {
        self.partition
    }

    /// The account that manages it.
    pub const fn management_account(&self) -> AccountId {
        self.management
    }

    /// Which organization.
    pub const fn organization(&self) -> &OrganizationId {
        &self.organization
    }
}

impl fmt::Display for OrganizationArn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            partition,
            management,
            organization,
        } = self;
        padded(
            f,
            format_args!("arn:{partition}:organizations::{management}:organization/{organization}"),
        )
    }
}

impl FromStr for OrganizationArn {
    type Err = ArnError;

    fn from_str(text: &str) -> Result<Self, ArnError> {
        parse(text).map_err(|problem| ParseError::new(text, problem))
    }
}

fn parse(text: &str) -> Result<OrganizationArn, ArnProblem> {
    let arn = OrganizationsArn::of("organization", "an organization", text, EXAMPLE)?;
    let organization = arn.id.parse().map_err(ArnProblem::OrganizationsId)?;
    Ok(OrganizationArn {
        partition: arn.partition,
        management: arn.management,
        organization,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::testing::{
        accounts, assert_prints_back, assert_refused, assert_serde, assert_survives, mutated, organizations,
    };

    #[test]
    fn an_organization_arn_knows_its_parts() {
        let arn: OrganizationArn = "arn:aws-cn:organizations::111122223333:organization/o-exampleorgid"
            .parse()
            .unwrap();
        assert_eq!(arn.partition(), Partition::AwsCn);
        assert_eq!(arn.management_account().to_string(), "111122223333");
        assert_eq!(arn.organization().as_str(), "o-exampleorgid");
    }

    #[test]
    fn a_bad_organization_arn_is_refused_with_what_would_be_right() {
        assert_refused::<OrganizationArn>(&[
            (
                "o-exampleorgid",
                &format!(r#""o-exampleorgid" is not an ARN, must be as in {EXAMPLE}"#),
            ),
            (
                "arn:aws:organizations:us-east-1:111122223333:organization/o-exampleorgid",
                "\"arn:aws:organizations:us-east-1:111122223333:organization/o-exampleorgid\" has the Region \
                 \"us-east-1\", must have none there",
            ),
            (
                "arn:aws:organizations::aws:organization/o-exampleorgid",
                "\"arn:aws:organizations::aws:organization/o-exampleorgid\" has an invalid account id: \"aws\" \
                 contains 'a', must be 12 digits",
            ),
            (
                "arn:aws:organizations::111122223333:ou/o-exampleorgid/ou-ab12-11111111",
                "\"arn:aws:organizations::111122223333:ou/o-exampleorgid/ou-ab12-11111111\" names \"ou\", must name an \
                 organization",
            ),
            (
                "arn:aws:organizations::111122223333:organization/o-1",
                "\"arn:aws:organizations::111122223333:organization/o-1\" has an invalid id: \"o-1\" is no \
                 organization's id, must be o- and 10 to 32 lower-case letters or digits",
            ),
        ]);
    }

    #[test]
    fn an_organization_arn_travels_as_its_string() {
        assert_serde::<OrganizationArn>(EXAMPLE, "o-exampleorgid", "organization ARN");
    }

    fn arns() -> impl Strategy<Value = String> {
        (accounts(), organizations())
            .prop_map(|(account, id)| format!("arn:aws:organizations::{account}:organization/{id}"))
    }

    proptest! {
        #[test]
        fn every_organization_arn_prints_back(text in arns()) {
            assert_prints_back::<OrganizationArn>(&text);
        }

        #[test]
        fn a_mutated_organization_arn_is_refused_or_prints_back(text in mutated(arns())) {
            assert_survives::<OrganizationArn>(&text);
        }
    }
}
