//! Service-linked roles: by which a service of AWS acts in an account, and which no policy of the account's widens.

use crate::world::{Caller, Target, World};

/// Auto Scaling's usual one. Accounts may make others with a suffix; those are not modelled.
const AUTO_SCALING: &str = "aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling";
const TRUST: &str = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow",
    "Principal":{"Service":"autoscaling.amazonaws.com"},"Action":"sts:AssumeRole"}}"#;

/// Auto Scaling in an account, by its role there. What that may do of EC2 is not asked; of keys it may use what they or
/// their grants let it, as the policy that AWS gives it says nothing of KMS.
pub(crate) fn auto_scaling(target: Target) -> Caller {
    let Target { account, region } = target;
    let arn = format!("arn:{}:iam::{account}:role/{AUTO_SCALING}", region.partition());
    Caller {
        target,
        access_key: arn.clone(),
        arn,
    }
}

impl World {
    /// Makes Auto Scaling's service-linked role in an account, as its first group would; its ARN.
    pub fn link_auto_scaling(&mut self, target: Target) -> String {
        let arn = auto_scaling(target).arn;
        // It is made, or is there: nothing else can be wrong with it.
        let partition = target.region.partition();
        self.create_role_in(partition, target.account, AUTO_SCALING, TRUST, &[])
            .unwrap_or(arn)
    }
}
