use steward::AccountId;
use steward::Partition;

/// How members let a function of the hub in: the role for it that `infra/member.yaml` creates in each, and what must be said to
/// get it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MemberAccess {
    /// The role's name, the same in every member.
    pub role: String,
    /// The external id that its trust policy asks for.
    pub external_id: String,
}

impl MemberAccess {
    pub(crate) fn role_in(&self, partition: Partition, account: AccountId) -> String {
        format!("arn:{partition}:iam::{account}:role/{}", self.role)
    }
}
