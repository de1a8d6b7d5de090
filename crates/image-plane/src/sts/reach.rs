//! Roles as a test reaches them, past IAM's API, which nothing here calls.

use std::time::Duration;

use super::roles::{RoleError, read_policies};
use crate::ids::AccountId;
use crate::world::World;

/// What IAM lets a role's longest session be.
const MAX_SESSION: std::ops::RangeInclusive<Duration> = Duration::from_hours(1)..=Duration::from_hours(12);

impl World {
    /// Creates a role (`name` or `/path/name`) from its trust policy and its permission policies, and says its ARN.
    /// A policy with anything in it that the model does not evaluate is refused.
    pub fn create_role(
        &mut self,
        account: AccountId,
        name_or_path: &str,
        trust: &str,
        policies: &[&str],
    ) -> Result<String, RoleError> {
        self.create_role_in("aws", account, name_or_path, trust, policies)
    }

    /// Creates a role in another partition, such as `aws-cn`.
    pub fn create_role_in(
        &mut self,
        partition: &str,
        account: AccountId,
        name_or_path: &str,
        trust: &str,
        policies: &[&str],
    ) -> Result<String, RoleError> {
        self.roles
            .create(partition, account, name_or_path, trust, policies, &mut self.random)
    }

    /// Deletes a role. Its sessions stay known, and may do nothing any more.
    pub fn delete_role(&mut self, arn: &str) -> Result<(), RoleError> {
        self.roles.delete(arn)
    }

    /// Replaces all of a role's permission policies; for its live sessions too.
    pub fn set_role_policies(&mut self, arn: &str, policies: &[&str]) -> Result<(), RoleError> {
        let policies = read_policies(policies)?;
        self.roles.get_mut(arn)?.policies = policies;
        Ok(())
    }

    /// Replaces a role's trust policy. The roles it names are looked up now, so this trusts one that was made anew.
    pub fn set_role_trust(&mut self, arn: &str, trust: &str) -> Result<(), RoleError> {
        let partition = self.roles.get_mut(arn)?.partition.clone();
        let trust = self.roles.read_trust(&partition, trust)?;
        self.roles.get_mut(arn)?.trust = trust;
        Ok(())
    }

    /// Sets how long a session of the role may last; an hour where nobody said.
    pub fn set_role_max_session(&mut self, arn: &str, most: Duration) -> Result<(), RoleError> {
        if !MAX_SESSION.contains(&most) {
            return Err(RoleError::MaxSession(most));
        }
        self.roles.get_mut(arn)?.max_session = most;
        Ok(())
    }
}
