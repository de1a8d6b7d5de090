use super::ArnParts;
use crate::{AccountId, ArnProblem, Given, Partition};

/// What ARNs of Organizations have in common.
pub(super) struct OrganizationsArn<'a> {
    pub(super) partition: Partition,
    pub(super) management: AccountId,
    /// What stands behind the kind and its slash.
    pub(super) id: &'a str,
}

impl<'a> OrganizationsArn<'a> {
    /// Takes an ARN of this kind apart.
    pub(super) fn of(kind: &str, wanted: &'static str, text: &'a str, example: &str) -> Result<Self, ArnProblem> {
        let arn = ArnParts::of("organizations", text, || example.to_owned())?;
        if !arn.region.is_empty() {
            return Err(ArnProblem::UnexpectedRegion {
                found: Given::new(arn.region),
            });
        }
        let management = arn.account.parse().map_err(ArnProblem::Account)?;
        let (found, id) = arn.resource.split_once('/').unwrap_or((arn.resource, ""));
        if found != kind {
            return Err(ArnProblem::Kind {
                found: Given::new(found),
                wanted,
            });
        }
        Ok(Self {
            partition: arn.partition,
            management,
            id,
        })
    }
}
